import type { CaptureSummary } from "../capture/read.ts";
import type { DeviceFilters } from "../sampling/devices.ts";
import type { ImportedRow } from "./imported-row.ts";
import type { TimeZone } from "./time-zone.ts";

/** Who gets what another tool measured, in the file's order. */
export interface ImportVisitor {
  /** The machine's name, as the file has it. */
  host(name: string): void;
  row(row: ImportedRow): void;
}

export interface ImportOptions {
  visitor: ImportVisitor;
  /** Which disks and interfaces are read. */
  filters: DeviceFilters;
  /** Of times that the file gives without one. */
  timeZone: TimeZone;
  summary: CaptureSummary;
}

/** Says once per file what a reader of the result must know. */
export function note(summary: CaptureSummary, text: string): void {
  if (!summary.notes.includes(text)) summary.notes.push(text);
}

/** What must be known of times without a zone. */
export function noteZone(summary: CaptureSummary, { name }: TimeZone): void {
  note(
    summary,
    `its times do not say their zone and are taken as ${name}; --time-zone says another`,
  );
}
