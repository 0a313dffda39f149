import type { Database } from "../db/database.ts";

const intervalMs = 5_000;

interface Batch {
  /** Last use by key id. */
  uses: Map<string, Date>;
  timer: NodeJS.Timeout | undefined;
}

const batches = new WeakMap<Database, Batch>();

/** Remembers that the key was used now. Some seconds later one statement writes what has come together. */
export function recordKeyUse(database: Database, keyId: string): void {
  const batch = batches.get(database) ?? { uses: new Map(), timer: undefined };
  batches.set(database, batch);
  batch.uses.set(keyId, new Date());
  // A failure is no reason to refuse anybody: the next use tries again.
  batch.timer ??= setTimeout(() => {
    flushKeyUse(database).catch(() => undefined);
  }, intervalMs).unref();
}

/** Writes what is not yet written; before the database is closed. */
export async function flushKeyUse(database: Database): Promise<void> {
  const batch = batches.get(database);
  if (batch === undefined) return;
  clearTimeout(batch.timer);
  batches.delete(database);
  await database.control.query(
    `UPDATE key k SET last_used_at = greatest(k.last_used_at, u.used_at)
       FROM unnest($1::uuid[], $2::timestamptz[]) AS u (id, used_at) WHERE k.id = u.id`,
    [[...batch.uses.keys()], [...batch.uses.values()]],
  );
}
