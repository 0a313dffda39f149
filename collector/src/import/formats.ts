import type { FormatReader } from "../capture/read.ts";
import { createCollectlReader } from "./collectl.ts";
import type { ImportOptions } from "./import-reader.ts";
import { createNmonReader } from "./nmon.ts";
import { createPmrepReader } from "./pmrep.ts";
import { createSadfReader } from "./sadf.ts";

/** Readers of what other tools write. */
export const importFormats = {
  sadf: createSadfReader,
  pmrep: createPmrepReader,
  collectl: createCollectlReader,
  nmon: createNmonReader,
} as const satisfies Record<string, (options: ImportOptions) => FormatReader>;

export type ImportFormat = keyof typeof importFormats;

/** Which tool's file begins like this; null where it is none of theirs. */
export function recogniseImport(firstLine: string): ImportFormat | null {
  // No capture has its first bracket alone in a line, as rewritten JSON has.
  if (/^\s*\{\s*(?:"sysstat"\s*:|$)/.test(firstLine)) return "sadf";
  if (/^(?:"?Host"?,"?Interval"?,)?"?Time"?,/.test(firstLine)) return "pmrep";
  if (/^(?:#Date\W|#UTC\W|#{40}|# [A-Z]\w+: |waiting for \d)/.test(firstLine)) return "collectl";
  return firstLine.startsWith("AAA,") ? "nmon" : null;
}
