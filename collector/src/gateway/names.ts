// Which batches were taken lately, so that one sent again gets the same answer and another one of the same name is told so, also after
// a restart. A file that is only appended to, a line a batch: agent epoch sequence machine rows digest
import {
  appendFileSync,
  closeSync,
  existsSync,
  openSync,
  readFileSync,
  renameSync,
  writeFileSync,
} from "node:fs";
import { messageOf } from "../message-of.ts";
import type { Batch, BatchName } from "./batch.ts";

/** What is answered to whoever sends the batch again. */
export type TakenBatch = Pick<Batch, "machineId" | "rowCount" | "digest">;

/** An agent sends one batch after the other, and again only those that were not answered. */
const rememberedSequences = 32;
const rememberedEpochs = 4096;
/** Lines that are no longer needed, before the file is written anew. */
const spareLines = 20_000;
const linePattern = /^([\w-]{1,64}) ([\w-]{1,64}) (\d{1,16}) ([\w-]{1,64}) (\d{1,9}) ([\w-]{22})$/;

export interface BatchNames {
  /** Null where no batch of this name was taken lately. */
  find(name: BatchName): TakenBatch | null;
  add(batch: Batch): void;
  /** It was not kept after all. */
  forget(name: BatchName): void;
  close(): void;
}

/**
 * The file is never synced: what a power cut takes of it is only that a repeated batch goes to the portal once more, which knows it.
 * @throws the system's errors where the file cannot be opened.
 */
export function openBatchNames(path: string, report: (message: string) => void): BatchNames {
  /** By agent and epoch, the least recently used first; sequences in the order in which they came. */
  const epochs = new Map<string, Map<number, TakenBatch>>();
  let lines = 0;
  let failing = false;
  for (const line of existsSync(path) ? readFileSync(path, "utf8").split("\n") : []) {
    const [, agent = "", epoch = "", sequence, machineId = "", rowCount, digest = ""] =
      linePattern.exec(line) ?? [];
    if (agent === "") continue;
    remember(
      { agent, epoch, sequence: Number(sequence) },
      { machineId, rowCount: Number(rowCount), digest },
    );
  }
  let descriptor = rewrite();
  return {
    find({ agent, epoch, sequence }) {
      return epochs.get(keyOf(agent, epoch))?.get(sequence) ?? null;
    },
    add(batch) {
      const { agent, epoch, sequence, machineId, rowCount, digest } = batch;
      remember(batch, { machineId, rowCount, digest });
      append(`${agent} ${epoch} ${sequence} ${machineId} ${rowCount} ${digest}\n`);
    },
    forget({ agent, epoch, sequence }) {
      epochs.get(keyOf(agent, epoch))?.delete(sequence);
    },
    close: () => closeSync(descriptor),
  };

  function remember({ agent, epoch, sequence }: BatchName, batch: TakenBatch): void {
    const key = keyOf(agent, epoch);
    const known = epochs.get(key) ?? new Map<number, TakenBatch>();
    known.delete(sequence);
    known.set(sequence, batch);
    dropOldest(known, rememberedSequences);
    epochs.delete(key);
    epochs.set(key, known);
    dropOldest(epochs, rememberedEpochs);
  }

  function append(line: string): void {
    try {
      if (lines > spareLines) {
        const full = descriptor;
        descriptor = rewrite();
        closeSync(full);
      } else {
        // Behind a line that was cut short, a new one begins.
        appendFileSync(descriptor, failing ? `\n${line}` : line);
        lines += 1;
      }
      failing = false;
    } catch (error) {
      if (!failing) report(`Cannot remember which batches were taken: ${messageOf(error)}`);
      failing = true;
    }
  }

  /** Writes down what is remembered, and nothing else. */
  function rewrite(): number {
    const text: string[] = [];
    for (const [key, known] of epochs) {
      for (const [sequence, { machineId, rowCount, digest }] of known)
        text.push(`${key} ${sequence} ${machineId} ${rowCount} ${digest}\n`);
    }
    writeFileSync(`${path}.new`, text.join(""), { mode: 0o640 });
    renameSync(`${path}.new`, path);
    lines = 0;
    return openSync(path, "a", 0o640);
  }
}

function keyOf(agent: string, epoch: string): string {
  return `${agent} ${epoch}`;
}

function dropOldest(map: Map<unknown, unknown>, most: number): void {
  for (const key of map.keys()) {
    if (map.size <= most) return;
    map.delete(key);
  }
}
