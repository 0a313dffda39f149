// What a file of another tool is, by its beginning.

type ImportFormat = "sadf" | "pmrep" | "collectl" | "nmon";

/** Which tool's file begins like this; null where it is none of theirs. */
export function recogniseImport(start: string): ImportFormat | null {
  if (/^\s*\{\s*"sysstat"\s*:/.test(start)) return "sadf";
  if (/^(?:"?Host"?,"?Interval"?,)?"?Time"?,/.test(start)) return "pmrep";
  if (/^(?:#Date\W|#UTC\W|#{40}|# [A-Z]\w+: |waiting for \d)/.test(start)) return "collectl";
  return start.startsWith("AAA,") ? "nmon" : null;
}

const magic = 0xd596;

/** Whether a file that begins like this is sar's, of either byte order. */
export function isSarFile(start: Buffer): boolean {
  return start.length >= 2 && (start.readUInt16LE() === magic || start.readUInt16BE() === magic);
}
