// Batches that were refused for good: the CSV as it was received, and why, beside it. Somebody mends the cause and uploads them.
import {
  closeSync,
  fsyncSync,
  openSync,
  readdirSync,
  renameSync,
  rmSync,
  statSync,
  writeSync,
} from "node:fs";
import { join } from "node:path";
import { makeFolder } from "@perfanalysis/contract/make-folder";
import { isZipped, type Batch } from "./batch.ts";

export interface DeadLetterCounts {
  /** In the folder. */
  batches: number;
  bytes: number;
  /** Set aside since the start. */
  added: number;
  /** Removed since the start, the oldest first, because there were too many. */
  dropped: number;
}

export interface DeadLetters {
  /** @throws the system's error; then nothing was kept. */
  add(id: number, batch: Batch, why: string): void;
  counts(): DeadLetterCounts;
}

interface Letter {
  name: string;
  bytes: number;
}

/** @throws the system's errors where the folder cannot be used. */
export function openDeadLetters(
  folder: string,
  { maxBytes, now }: { maxBytes: number; now: () => number },
): DeadLetters {
  makeFolder(folder, { mode: 0o750 });
  /** Oldest first. */
  const letters = listLetters(folder);
  const counts = { added: 0, dropped: 0 };
  let bytes = letters.reduce((sum, letter) => sum + letter.bytes, 0);
  return {
    add(id, { body, agent, epoch, sequence, machineId, rowCount }, why) {
      const time = new Date(now());
      const start = time.toISOString().replaceAll(/[-:]|\.\d+/g, "");
      const name = `${start}-${String(id).padStart(12, "0")}-${machineId}.csv${isZipped(body) ? ".gz" : ""}`;
      const reason = {
        refused: time.toISOString(),
        why,
        machine_id: machineId,
        rows: rowCount,
        agent,
        epoch,
        sequence,
      };
      const text = Buffer.from(`${JSON.stringify(reason, null, 2)}\n`);
      // The reason first: whoever finds a CSV finds it, too.
      writeWhole(join(folder, `${name}.json`), text);
      writeWhole(join(folder, name), body);
      letters.push({ name, bytes: body.length + text.length });
      bytes += body.length + text.length;
      counts.added += 1;
      while (bytes > maxBytes && letters.length > 1) dropOldest();
    },
    counts: () => ({ batches: letters.length, bytes, ...counts }),
  };

  function dropOldest(): void {
    const oldest = letters.shift();
    if (oldest === undefined) return;
    rmSync(join(folder, oldest.name), { force: true });
    rmSync(join(folder, `${oldest.name}.json`), { force: true });
    bytes -= oldest.bytes;
    counts.dropped += 1;
  }
}

function listLetters(folder: string): Letter[] {
  const names = readdirSync(folder);
  for (const name of names.filter((one) => one.endsWith(".partial"))) rmSync(join(folder, name));
  return names
    .filter((name) => /\.csv(?:\.gz)?$/.test(name))
    .toSorted()
    .map((name) => ({ name, bytes: sizeOf(folder, name) + sizeOf(folder, `${name}.json`) }));
}

function sizeOf(folder: string, name: string): number {
  return statSync(join(folder, name), { throwIfNoEntry: false })?.size ?? 0;
}

function writeWhole(path: string, bytes: Uint8Array): void {
  const partial = `${path}.partial`;
  try {
    const descriptor = openSync(partial, "w", 0o640);
    try {
      for (let written = 0; written < bytes.length;) {
        written += writeSync(descriptor, bytes, written);
      }
      fsyncSync(descriptor);
    } finally {
      closeSync(descriptor);
    }
    renameSync(partial, path);
  } catch (error) {
    rmSync(partial, { force: true });
    throw error;
  }
}
