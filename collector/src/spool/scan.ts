import { parseState, type SpoolState } from "./notes.ts";
import { findRecord, isWholeButDamaged } from "./record.ts";

export interface ScannedSegment {
  /** The last that it holds; null: none. */
  state: SpoolState | null;
  /** The highest; 0: none. */
  lastHead: number;
  /** The highest that is given away. */
  lastId: number;
  /** Where the last record ends. Behind it are bytes that a killed process or a power cut left, or a damaged record. */
  end: number;
  /** Whether those bytes are a record that once was whole. */
  endIsDamaged: boolean;
}

/** What a spool has to know of its last segment. */
export function scanSegment(
  bytes: Buffer,
  { firstId, mark }: { firstId: number; mark: number },
): ScannedSegment {
  let state: SpoolState | null = null;
  let lastHead = 0;
  let lastId = firstId - 1;
  let end = 0;
  let record = findRecord(bytes, end, mark);
  while (record !== null) {
    state = parseState(record) ?? state;
    lastHead = Math.max(lastHead, record.head);
    lastId = Math.max(lastId, record.id);
    end = record.end;
    record = findRecord(bytes, end, mark);
  }
  return {
    state,
    lastHead,
    lastId: Math.max(lastId, state?.acknowledgedId ?? 0, state?.sealedId ?? 0),
    end,
    endIsDamaged: isWholeButDamaged(bytes, end, mark),
  };
}
