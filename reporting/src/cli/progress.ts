// How far a report is, for a person who waits and for a program that started this one.
import { writeSync } from "node:fs";
import { printable } from "../format.ts";

/** reading: the samples. judging: statistics, findings and charts. writing: the files. */
export type Stage = "reading" | "judging" | "writing";

export interface Progress {
  begin(stage: Stage): void;
  /** What is going on, while it goes on. */
  show(text: string): void;
  end(): void;
}

const [patienceMs, everyMs] = [1000, 200];

/**
 * Shows a line on a terminal to people who have waited for a second already. With a file descriptor, says each stage that
 * begins there as a line of JSON, `{"stage":"reading"}`.
 */
export function createProgress(descriptor: number | null): Progress {
  const startMs = performance.now();
  let shownMs = 0;
  const clear = (): void => {
    if (shownMs > 0) process.stderr.write("\r\u{1b}[K");
    shownMs = 0;
  };
  return {
    begin(stage) {
      clear();
      if (descriptor === null) return;
      try {
        writeSync(descriptor, `${JSON.stringify({ stage })}\n`);
      } catch {
        // Whoever wanted to know has gone away, or is busy; the report does not depend on it.
      }
    },
    show(text) {
      const nowMs = performance.now();
      const isSoon = nowMs - startMs < patienceMs || nowMs - shownMs < everyMs;
      if (!process.stderr.isTTY || isSoon) return;
      shownMs = nowMs;
      process.stderr.write(`\r\u{1b}[K${printable(text)}`);
    },
    end: clear,
  };
}

export function describeBytesRead(bytes: number): string {
  return `Reading … ${Math.round(bytes / 2 ** 20)} MiB`;
}
