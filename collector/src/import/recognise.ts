// What a file of another tool is, by its beginning.

type ImportFormat = "sadf" | "pmrep" | "collectl" | "nmon";

/** Which tool's file begins like this; null where it is none of theirs. */
export function recogniseImport(firstLine: string): ImportFormat | null {
  // No capture has its first bracket alone in a line, as rewritten JSON has.
  if (/^\s*\{\s*(?:"sysstat"\s*:|$)/.test(firstLine)) return "sadf";
  if (/^(?:"?Host"?,"?Interval"?,)?"?Time"?,/.test(firstLine)) return "pmrep";
  if (/^(?:#Date\W|#UTC\W|#{40}|# [A-Z]\w+: |waiting for \d)/.test(firstLine)) return "collectl";
  return firstLine.startsWith("AAA,") ? "nmon" : null;
}

const magic = 0xd596;

/** Whether a file that begins like this is sar's, of either byte order. */
export function isSarFile(start: Buffer): boolean {
  return start.length >= 2 && (start.readUInt16LE() === magic || start.readUInt16BE() === magic);
}
