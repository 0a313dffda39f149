import type { Spool } from "./spool.ts";

/**
 * A spool that cannot be opened yet, the disk being full or faulty: each record tries again. Until then it is empty and takes none; what
 * was lost in it before is not counted.
 */
export function createLateSpool(open: () => Spool): Spool {
  let spool: Spool | null = null;
  let [droppedBefore, damagedBefore] = [0, 0];
  const openNow = (): Spool => {
    const opened = open();
    const { droppedRecords, damagedRecords } = opened.counts();
    [droppedBefore, damagedBefore] = [droppedRecords, damagedRecords];
    return opened;
  };
  return {
    get acknowledgedId() {
      return spool?.acknowledgedId ?? 0;
    },
    get sealedId() {
      return spool?.sealedId ?? 0;
    },
    append(kind, payload, head) {
      spool ??= openNow();
      return spool.append(kind, payload, head);
    },
    sync: () => spool?.sync(),
    syncInBackground: () => spool?.syncInBackground() ?? Promise.resolve(),
    read: (afterId, limits) => spool?.read(afterId, limits) ?? [],
    seal: (id) => spool?.seal(id),
    acknowledge: (id) => spool?.acknowledge(id),
    counts() {
      if (spool === null) return { records: 0, bytes: 0, droppedRecords: 0, damagedRecords: 0 };
      const { droppedRecords, damagedRecords, ...now } = spool.counts();
      return {
        ...now,
        droppedRecords: droppedRecords - droppedBefore,
        damagedRecords: damagedRecords - damagedBefore,
      };
    },
    close: () => spool?.close(),
  };
}
