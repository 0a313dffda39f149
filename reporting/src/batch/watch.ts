import { watch } from "chokidar";
import { once } from "node:events";
import { basename } from "node:path";

export interface WatchOptions {
  /** Whether a file of this name is one to make a report of. */
  isInput: (name: string) => boolean;
  /** A file counts as whole when it has not changed for so long. */
  settleMs: number;
  /** Ends the watch; what is being made is made. */
  signal: AbortSignal;
  /** Makes the report of one file; must not throw. One file at a time, one call a state of the file. */
  make: (path: string) => Promise<void>;
}

/** Calls `make` for every input of the folder, and again when it has changed. Resolves when the signal has come and nothing is under way. */
export async function watchFolder(
  folder: string,
  { isInput, settleMs, signal, make }: WatchOptions,
): Promise<void> {
  const waiting = new Set<string>();
  let working = Promise.resolve();

  /** A set that grows while it is walked through is walked to its end. */
  async function work(): Promise<void> {
    for (const path of waiting) {
      waiting.delete(path);
      if (!signal.aborted) await make(path);
    }
  }
  function enqueue(path: string): void {
    if (!isInput(basename(path))) return;
    // One that waits already will be read as it is then.
    waiting.add(path);
    working = working.then(work);
  }

  const watcher = watch(folder, {
    depth: 0,
    awaitWriteFinish: { stabilityThreshold: settleMs, pollInterval: Math.min(200, settleMs / 2) },
  });
  const failed = new Promise<never>((_, fail) => {
    watcher.on("error", (error) => fail(error));
  });
  try {
    watcher.on("add", enqueue).on("change", enqueue);
    if (!signal.aborted) await Promise.race([once(signal, "abort"), failed]);
  } finally {
    await watcher.close();
    await working;
  }
}
