// Ends pcd by SIGTERM at 200 random moments while agents send and the portal is now there, now away: it must end with exit code 0 within
// 10 s each time, and everything that was answered must be in the portal at the end, once.
import { execFile } from "node:child_process";
import { once } from "node:events";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout } from "node:timers/promises";
import { promisify } from "node:util";
import { binaries, makeRow, send, startPcd, startPortal, type Target } from "./pcd-agents.ts";

const moments = 200;
const agents = 8;
const endsWithinMs = 10_000;

export async function run(): Promise<void> {
  const folder = mkdtempSync(join(tmpdir(), "bench-pcd-sigterm-"));
  const portal = await startPortal({ cutRatio: 0.05 });
  const target: Target = { url: null, key: "" };
  const stop = new AbortController();
  try {
    const keys = join(folder, "keys.json");
    const create = ["key", "create", "bench", "--upstream", "portal", "--keys", keys];
    target.key = (await promisify(execFile)(join(binaries, "pcd"), create)).stdout.trim();
    const listen = ["--listen", "127.0.0.1:0"];
    const args = [
      "--portal",
      portal.url,
      "--state",
      join(folder, "state"),
      "--keys",
      keys,
      ...listen,
    ];
    const acknowledged: string[] = [];
    const sending = Array.from({ length: agents }, (_, at) =>
      send(`bench-${at}`, {
        target,
        acknowledged,
        signal: stop.signal,
        makeBody: makeRow,
        pauseMs: 5,
        epoch: "e1",
      }),
    );
    const tookMs: number[] = [];
    let badEnds = 0;
    for (let moment = 0; moment < moments; moment += 1) {
      portal.isAway = moment % 4 === 3;
      const pcd = await startPcd(args, target);
      await setTimeout(Math.random() * 200);
      const startMs = performance.now();
      pcd.kill("SIGTERM");
      // An exit event has a code or a signal.
      const [code] = (await once(pcd, "exit")) as [number | null];
      tookMs.push(performance.now() - startMs);
      if (code !== 0) badEnds += 1;
    }
    stop.abort();
    await Promise.all(sending);
    portal.isAway = false;
    const last = await startPcd(args, target);
    const listLost = (): string[] => acknowledged.filter((name) => !portal.stored.has(name));
    for (let tries = 0; tries < 300 && listLost().length > 0; tries += 1) await setTimeout(100);
    last.kill("SIGTERM");
    await once(last, "exit");
    const slowestMs = Math.max(...tookMs);
    const lost = listLost().length;
    console.log(
      `${moments - badEnds} of ${moments} ended with exit code 0, the slowest after ${slowestMs.toFixed(0)} ms; ` +
        `${acknowledged.length} batches were answered, ${lost} of them lost, ${portal.conflicts} stored with other content`,
    );
    const isMet = badEnds === 0 && slowestMs < endsWithinMs && lost === 0 && portal.conflicts === 0;
    console.log(
      `all within ${endsWithinMs / 1000} s and nothing lost: ${isMet ? "met" : "missed"}`,
    );
    if (!isMet) process.exitCode = 1;
  } finally {
    stop.abort();
    portal.server.close();
    portal.server.closeAllConnections();
    rmSync(folder, { recursive: true });
  }
}
