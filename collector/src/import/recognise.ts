// What a file is that is no capture, by its beginning.

type ImportFormat = "csv" | "sadf" | "pmrep" | "collectl" | "nmon";

/** Which format begins like this, of bytes as Latin-1; null where it is none of them. */
export function recogniseImport(start: string): ImportFormat | null {
  if (/^\s*\{\s*"sysstat"\s*:/.test(start)) return "sadf";
  if (/^(?:"?Host"?,"?Interval"?,)?"?Time"?,/.test(start)) return "pmrep";
  if (/^(?:#Date\W|#UTC\W|#{40}|# [A-Z]\w+: |waiting for \d)/.test(start)) return "collectl";
  if (start.startsWith("AAA,")) return "nmon";
  return csvHeader.test(start) ? "csv" : null;
}

/** A cell that is called timestamp, in a line that is no JSON; before it may stand a byte order mark. */
const csvHeader = /^(?:\xEF\xBB\xBF)?(?:[^{]*,)?"?timestamp"?(?:,|\r?$)/;

const magic = 0xd596;

/** Whether a file that begins like this is sar's, of either byte order. */
export function isSarFile(start: Buffer): boolean {
  return start.length >= 2 && (start.readUInt16LE() === magic || start.readUInt16BE() === magic);
}
