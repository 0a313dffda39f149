// Batches of samples that agents stream, each stored once: (agent, epoch, sequence) names it.
import type { TenantDb } from "../db/tenant-db.ts";
import { ensureMachine, touchMachine } from "../machines/machines.ts";
import type { SampleBlock } from "../samples/block.ts";
import { appendSamples } from "../samples/write.ts";

export interface BatchName {
  agent: string;
  /** Chosen anew whenever the agent starts with an empty spool. */
  epoch: string;
  sequence: number;
}

export interface BatchReceipt {
  machineId: string;
  rowsImported: number;
  rowsDuplicate: number;
}

export interface BatchInput {
  name: BatchName;
  /** SHA-256 of the CSV. */
  digest: Buffer;
  machineId: string;
  blocks: readonly SampleBlock[];
}

/** The receipt of this batch, or of the same batch before it. */
export type StoredBatch =
  | { kind: "new" | "repeated"; receipt: BatchReceipt }
  /** There is another batch of that name. */
  | { kind: "conflict" };

/**
 * How many batches of an epoch are remembered. An older one that is sent again adds nothing either, since its rows are there:
 * only its receipt is another.
 */
const remembered = 1024;
const forgetEpochsAfter = "30 days";

/** Of the same batch sent twice at once, the second waits for the first's transaction to end. */
export async function storeBatch(
  db: TenantDb,
  { name, digest, machineId, blocks }: BatchInput,
): Promise<StoredBatch> {
  const key = [name.agent, name.epoch, name.sequence];
  const claimed = await db.query(
    `INSERT INTO stream_batch (agent, epoch, sequence, digest, machine_id, rows_imported, rows_duplicate)
     VALUES ($1, $2, $3, $4, $5, 0, 0) ON CONFLICT (agent, epoch, sequence) DO NOTHING RETURNING sequence`,
    [...key, digest, machineId],
  );
  if (claimed.length === 0) return await readBatch(db, key, digest);
  const machine = await ensureMachine(db, { machineId });
  const receipt = { machineId, rowsImported: 0, rowsDuplicate: 0 };
  for (const block of blocks) {
    const stored = await appendSamples(db, machine, block);
    receipt.rowsImported += stored.rowsImported;
    receipt.rowsDuplicate += stored.rowsDuplicate;
  }
  await touchMachine(db, machine);
  await db.query(
    "UPDATE stream_batch SET rows_imported = $4, rows_duplicate = $5 WHERE agent = $1 AND epoch = $2 AND sequence = $3",
    [...key, receipt.rowsImported, receipt.rowsDuplicate],
  );
  if (name.sequence % remembered === 0) await forgetBatches(db, name);
  return { kind: "new", receipt };
}

async function readBatch(
  db: TenantDb,
  key: readonly unknown[],
  digest: Buffer,
): Promise<StoredBatch> {
  const [row] = await db.query<BatchRow>(
    `SELECT digest, machine_id, rows_imported, rows_duplicate FROM stream_batch
      WHERE agent = $1 AND epoch = $2 AND sequence = $3`,
    key,
  );
  if (row === undefined || !row.digest.equals(digest)) return { kind: "conflict" };
  const { machine_id: machineId, rows_imported: rowsImported, rows_duplicate: rowsDuplicate } = row;
  return { kind: "repeated", receipt: { machineId, rowsImported, rowsDuplicate } };
}

async function forgetBatches(db: TenantDb, { agent, epoch, sequence }: BatchName): Promise<void> {
  await db.query(
    `DELETE FROM stream_batch WHERE agent = $1
        AND (epoch = $2 AND sequence < $3 OR created_at < now() - $4::interval)`,
    [agent, epoch, sequence - remembered, forgetEpochsAfter],
  );
}

interface BatchRow {
  digest: Buffer;
  machine_id: string;
  rows_imported: number;
  rows_duplicate: number;
}
