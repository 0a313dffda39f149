// Notes are records that the spool writes for itself, between those that it keeps for others.
import type { StoredRecord } from "./record.ts";

/** Kinds of others are below. */
export const firstNoteKind = 0x1_0000;
export const stateKind = 0x1_0000;
export const headKind = 0x1_0001;

/** What a spool knows besides its records. Stands at the start of each segment, and again when it has changed: the last one holds. */
export interface SpoolState {
  /** All records up to this one are done with. */
  acknowledgedId: number;
  /** The batch that was sent last ends with this record. */
  sealedId: number;
  droppedRecords: number;
  damagedRecords: number;
}

export const emptyState: SpoolState = {
  acknowledgedId: 0,
  sealedId: 0,
  droppedRecords: 0,
  damagedRecords: 0,
};

/** Four numbers of 48 bits. */
export function renderState(state: SpoolState): Buffer {
  const bytes = Buffer.allocUnsafe(24);
  bytes.writeUIntLE(state.acknowledgedId, 0, 6);
  bytes.writeUIntLE(state.sealedId, 6, 6);
  bytes.writeUIntLE(state.droppedRecords, 12, 6);
  bytes.writeUIntLE(state.damagedRecords, 18, 6);
  return bytes;
}

/** null where it is no state, or of a later version. */
export function parseState({ kind, payload }: StoredRecord): SpoolState | null {
  if (kind !== stateKind || payload.length !== 24) return null;
  return {
    acknowledgedId: payload.readUIntLE(0, 6),
    sealedId: payload.readUIntLE(6, 6),
    droppedRecords: payload.readUIntLE(12, 6),
    damagedRecords: payload.readUIntLE(18, 6),
  };
}

const mostRecordsBetweenCopies = 64;
const maxHeads = 0xffff;

/**
 * Where heads are written: once before the first record that needs it, and again after 1, 2, 4 … 64 and then every 64 records, so that
 * no single damage costs more than one record. Numbers are those of one segment.
 */
export class HeadPlan {
  private number: number;
  private head: Buffer | null = null;
  private recordsSince = 0;
  private nextCopyAfter = 1;

  constructor(lastNumber = 0) {
    this.number = lastNumber;
  }

  /** Numbers are used up: a new segment has to begin. */
  get full(): boolean {
    return this.number >= maxHeads;
  }

  next(head: Buffer | null): { number: number; copy: boolean } {
    if (head === null) return { number: 0, copy: false };
    if (this.head === null || (head !== this.head && !head.equals(this.head)))
      return { number: this.number + 1, copy: true };
    return { number: this.number, copy: this.recordsSince >= this.nextCopyAfter };
  }

  /** What next() said has been written. */
  wrote(head: Buffer | null, { number, copy }: { number: number; copy: boolean }): void {
    if (head === null) return;
    if (number !== this.number) this.nextCopyAfter = 1;
    else if (copy) this.nextCopyAfter = Math.min(mostRecordsBetweenCopies, 2 * this.nextCopyAfter);
    this.recordsSince = copy ? 1 : this.recordsSince + 1;
    this.number = number;
    this.head = head;
  }
}
