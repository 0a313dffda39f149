// Names of batches are good for one boot: after a power cut a spool may give ids again whose records were sent and then lost.
import { randomUUID } from "node:crypto";
import { lstatSync, readFileSync, renameSync, writeFileSync } from "node:fs";
import { join } from "node:path";

/** The part of a batch's name within which a sequence means one batch only. */
export interface Epoch {
  readonly id: string;
  /** From now on another one: the portal knows other batches under these names. */
  renew(): void;
}

/** Of a spool that ends with the process. */
export function createEpoch(): Epoch {
  let id: string = randomUUID();
  return {
    get id() {
      return id;
    },
    renew() {
      id = randomUUID();
    },
  };
}

/** The epoch of this boot, remembered in the spool's folder. `bootId` null: the kernel does not tell, and so each start has its own. */
export function openEpoch(folder: string, bootId: string | null): Epoch {
  const path = join(folder, "epoch.json");
  let id = readEpoch(path, bootId) ?? write();
  return {
    get id() {
      return id;
    },
    renew() {
      id = write();
    },
  };

  function write(): string {
    const epoch = randomUUID();
    const draft = `${path}.new`;
    try {
      writeFileSync(draft, JSON.stringify({ boot_id: bootId, epoch }), { mode: 0o600 });
      renameSync(draft, path);
    } catch {
      // Without room for it, a restart sends its first batch under another name: its rows are there already and add nothing.
    }
    return epoch;
  }
}

function readEpoch(path: string, bootId: string | null): string | null {
  try {
    if (bootId === null || !lstatSync(path).isFile()) return null;
    const json: unknown = JSON.parse(readFileSync(path, "utf8"));
    if (typeof json !== "object" || json === null) return null;
    const { boot_id: boot, epoch } = json as Record<string, unknown>;
    return boot === bootId && typeof epoch === "string" ? epoch : null;
  } catch {
    // There is none yet, or a power cut left half of it.
    return null;
  }
}
