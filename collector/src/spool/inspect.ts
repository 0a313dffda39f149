import { existsSync, readFileSync } from "node:fs";
import { scanSegment } from "./scan.ts";
import { listSegments } from "./segment.ts";
import type { SpoolCounts } from "./spool.ts";

/**
 * What a spool holds that nobody has open; nothing of it is changed. null where there is none.
 * @throws the system's errors.
 */
export function inspectSpool(folder: string): SpoolCounts | null {
  if (!existsSync(folder)) return null;
  const segments = listSegments(folder);
  const last = segments.at(-1);
  if (last === undefined) return null;
  const { state, lastId } = scanSegment(readFileSync(last.path), last);
  return {
    records: Math.max(0, lastId - (state?.acknowledgedId ?? 0)),
    bytes: segments.reduce((sum, { bytes }) => sum + bytes, 0),
    droppedRecords: state?.droppedRecords ?? 0,
    damagedRecords: state?.damagedRecords ?? 0,
  };
}
