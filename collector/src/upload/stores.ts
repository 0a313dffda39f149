import { openSpool } from "../spool/disk-spool.ts";
import { createLateSpool } from "../spool/late-spool.ts";
import { createMemorySpool } from "../spool/memory-spool.ts";
import type { Spool } from "../spool/spool.ts";
import { createEpoch, openEpoch, type Epoch } from "./epoch.ts";

/** Where rows wait. */
export interface RowStore {
  spool: Spool;
  epoch: Epoch;
  /** On disk; null: in memory. */
  folder: string | null;
}

export interface StoreOptions {
  /** null: rows wait in memory only. */
  folder: string | null;
  maxBytes: number;
  bootId: string | null;
  /** For people. */
  report: (message: string) => void;
}

/** More than an hour of samples at one a second. */
const memoryBytes = 4 * 1024 * 1024;

/**
 * Where rows wait for the portal: in the folder, and in memory where the disk takes none. A disk that takes none already now is no
 * reason not to measure, and is tried again with each row.
 * @throws LockedError and the system's errors.
 */
export function openStores({
  folder,
  maxBytes,
  bootId,
  report,
}: StoreOptions): [RowStore, ...RowStore[]] {
  const memory: RowStore = {
    spool: createMemorySpool({ maxBytes: memoryBytes }),
    epoch: createEpoch(),
    folder: null,
  };
  if (folder === null) return [memory];
  const open = (): RowStore => {
    const spool = openSpool(folder, { maxBytes, report });
    return { spool, epoch: openEpoch(folder, bootId), folder };
  };
  try {
    return [open(), memory];
  } catch (error) {
    if (!isDiskTrouble(error)) throw error;
    // The first row tells.
    return [openLater(folder, open), memory];
  }
}

function openLater(folder: string, open: () => RowStore): RowStore {
  let epoch = createEpoch();
  const spool = createLateSpool(() => {
    const opened = open();
    ({ epoch } = opened);
    return opened.spool;
  });
  return {
    spool,
    get epoch() {
      return epoch;
    },
    folder,
  };
}

function isDiskTrouble(error: unknown): boolean {
  const code = error instanceof Error && "code" in error ? error.code : null;
  return code === "ENOSPC" || code === "EDQUOT" || code === "EIO" || code === "EROFS";
}
