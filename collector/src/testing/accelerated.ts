// pcc on a clock of its own, which passes as fast as samples are taken or so many times as fast as others: for measuring in minutes what
// becomes of it in days. Says on standard output, now and then, how many ticks there were.
import { writeSync } from "node:fs";
import { setImmediate, setTimeout } from "node:timers/promises";
import { collect } from "../collect.ts";
import { readSettings } from "../config.ts";
import type { Clock } from "../sampling/clock.ts";
import { pccProgram } from "../settings.ts";
import { releaseUnusedPages } from "../unused-pages.ts";

/** What the one argument holds, as JSON. */
interface Acceleration {
  /** Settings by their variables. */
  environment: Record<string, string>;
  samples: number;
  /** Wall clock of the start, Unix milliseconds. */
  startMs: number;
  /** null: as fast as it can. */
  speed: number | null;
  /** Ticks between two words of it. */
  reportEvery: number;
}

// The one who runs it wrote it.
const given = JSON.parse(process.argv[2] ?? "") as Acceleration;
const stop = new AbortController();
process.on("SIGTERM", () => stop.abort());
await collect({
  settings: await readSettings(pccProgram, {
    configPath: "/dev/null",
    environment: given.environment,
  }),
  count: given.samples,
  version: "0.0.0",
  clock: createClock(given),
  signal: stop.signal,
  report: (message) => writeSync(2, `${message}\n`),
});

function createClock({ startMs, speed, reportEvery }: Acceleration): Clock {
  let passedMs = 0;
  let ticks = 0;
  return {
    wallMs: () => startMs + passedMs,
    monotonicUs: () => 1e9 + passedMs * 1000,
    async sleep(durationMs, signal) {
      await (speed === null
        ? setImmediate()
        : // Ended by the signal or not, the time has come.
          setTimeout(durationMs / speed, undefined, { signal }).catch(() => {}));
      passedMs += durationMs;
      ticks += 1;
      if (ticks % reportEvery !== 0) return;
      // As the packaged pcc does; in Node where it is told to be there.
      await releaseUnusedPages();
      await globalThis.gc?.({ type: "major", execution: "async" });
      writeSync(1, `${ticks}\n`);
    },
  };
}
