// What the store does by itself now and then: days that are over are zipped, and those that nobody wants any more removed.
import { open, readdir, rename, stat, unlink } from "node:fs/promises";
import { join } from "node:path";
import { promisify } from "node:util";
import { gzip } from "node:zlib";
import { zipPieces } from "../capture/compress.ts";
import { messageOf } from "../message-of.ts";
import { dayS, listMachines, listParts, toDate, type StorePart } from "./store-files.ts";

export interface HousekeepingOptions {
  retentionDays: number;
  now: () => number;
  report: (message: string) => void;
  /** Runs the work while nobody else writes the machine's files, and whoever does looks at those of that date anew. */
  alone: (machineId: string, date: string, work: () => Promise<void>) => Promise<void>;
}

const zipPiece = promisify(gzip);

const everyMs = 3_600_000;
const firstMs = 10_000;
/** Machines that were cut off send what they have spooled; a file that is still written to is left for later. */
const restMs = 2 * 3_600_000;

/** Begins some seconds after the start, and goes on once an hour. */
export function createHousekeeping(
  folder: string,
  options: HousekeepingOptions,
): { close(): void } {
  let closed = false;
  let timer = setTimeout(run, firstMs);
  timer.unref();
  return {
    close() {
      closed = true;
      clearTimeout(timer);
    },
  };

  function run(): void {
    void tidyStore(folder, options)
      .catch((error: unknown) => {
        options.report(`Cannot tidy ${folder}: ${messageOf(error)}`);
      })
      .finally(() => {
        if (closed) return;
        timer = setTimeout(run, everyMs);
        timer.unref();
      });
  }
}

/** Once through all machines. */
export async function tidyStore(
  folder: string,
  { retentionDays, now, alone }: Omit<HousekeepingOptions, "report">,
): Promise<void> {
  const today = toDate(now() / 1000);
  const first = retentionDays === 0 ? "" : toDate(now() / 1000 - retentionDays * dayS);
  for (const machineId of await listMachines(folder)) {
    const own = join(folder, machineId);
    for (const part of listParts(await readdir(own))) {
      const path = join(own, part.name);
      if (part.date < first) await alone(machineId, part.date, () => unlink(path));
      else if (await isOver(path, part, { today, now }))
        await alone(machineId, part.date, () => zip(path));
    }
  }
}

async function isOver(
  path: string,
  { date, isZipped }: StorePart,
  { today, now }: { today: string; now: () => number },
): Promise<boolean> {
  if (isZipped || date >= today) return false;
  return (await stat(path)).mtimeMs < now() - restMs;
}

/**
 * In pieces, as captures are, so that damage costs one of them. The zipped file appears when it is whole; where both are there, the
 * process was killed in between.
 */
async function zip(path: string): Promise<void> {
  const partial = `${path}.gz.partial`;
  const source = await open(path);
  try {
    const target = await open(partial, "w", 0o640);
    try {
      await zipPieces(source, target, (piece) => zipPiece(piece));
      await target.sync();
    } finally {
      await target.close();
    }
  } finally {
    await source.close();
  }
  await rename(partial, `${path}.gz`);
  await unlink(path);
}
