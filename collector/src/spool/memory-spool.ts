import type { Spool, SpoolRecord } from "./spool.ts";

/** A spool that ends with the process: for who has no folder to keep one in. */
export function createMemorySpool({ maxBytes }: { maxBytes: number }): Spool {
  const records: SpoolRecord[] = [];
  const counts = { bytes: 0, droppedRecords: 0 };
  let nextId = 1;
  let acknowledgedId = 0;
  let sealedId = 0;
  const removeOldest = (): void => {
    const oldest = records.shift();
    if (oldest === undefined) return;
    counts.bytes -= oldest.payload.length;
    acknowledgedId = oldest.id;
  };
  return {
    get acknowledgedId() {
      return acknowledgedId;
    },
    get sealedId() {
      return sealedId;
    },
    append(kind, payload, head = null) {
      const id = nextId;
      nextId += 1;
      records.push({ id, kind, payload, head });
      counts.bytes += payload.length;
      while (counts.bytes > maxBytes && records.length > 1) {
        removeOldest();
        counts.droppedRecords += 1;
      }
      return id;
    },
    sync() {
      // It is not there to survive anything.
    },
    syncInBackground: () => Promise.resolve(),
    read(afterId, { maxRecords, maxBytes: bytesWanted }) {
      const start = Math.max(0, afterId - acknowledgedId);
      const read: SpoolRecord[] = [];
      let left = bytesWanted;
      for (const record of records.slice(start, start + maxRecords)) {
        if (left <= 0) break;
        read.push(record);
        left -= record.payload.length;
      }
      return read;
    },
    seal(id) {
      sealedId = id;
    },
    acknowledge(id) {
      while ((records[0]?.id ?? Number.POSITIVE_INFINITY) <= id) removeOldest();
    },
    counts: () => ({ records: records.length, ...counts, damagedRecords: 0 }),
    close() {
      records.length = 0;
    },
  };
}
