// How pcctl's facts read.
import type { Style } from "./terminal.ts";

/** `12.3 MB`, in powers of ten as disks are sold. */
export function formatBytes(bytes: number): string {
  const units = ["bytes", "kB", "MB", "GB", "TB", "PB"];
  let value = bytes;
  let unit = 0;
  while (value >= 999.5 && unit < units.length - 1) {
    value /= 1000;
    unit += 1;
  }
  const digits = unit === 0 || value >= 99.95 ? 0 : 1;
  return `${value.toFixed(digits)} ${units[unit] ?? ""}`;
}

/** `3 h 12 min`: the two largest units. */
export function formatDuration(durationS: number): string {
  const seconds = Math.max(0, Math.round(durationS));
  const parts: [number, string][] = [
    [Math.floor(seconds / 86_400), "d"],
    [Math.floor(seconds / 3600) % 24, "h"],
    [Math.floor(seconds / 60) % 60, "min"],
    [seconds % 60, "s"],
  ];
  const first = parts.findIndex(([count]) => count > 0);
  if (first === -1) return "0 s";
  return parts
    .slice(first, first + 2)
    .filter(([count]) => count > 0)
    .map(([count, unit]) => `${count} ${unit}`)
    .join(" ");
}

/** `12 s ago` of a time in RFC 3339. */
export function formatAge(time: string, nowMs: number): string {
  return `${formatDuration((nowMs - Date.parse(time)) / 1000)} ago`;
}

/** A line a field: the names in one column, what they say in the next. */
export function renderFields(fields: readonly (readonly [string, string])[], style: Style): string {
  const width = Math.max(0, ...fields.map(([name]) => name.length));
  return fields
    .map(([name, value]) => `  ${style.dim(name.padEnd(width))}  ${value}`.trimEnd())
    .join("\n");
}

/** Columns as wide as their widest cell, the last one as it is; the first row is the heading. */
export function renderTable(rows: readonly (readonly string[])[], style: Style): string {
  const widths: number[] = [];
  for (const row of rows) {
    for (const [column, cell] of row.entries()) {
      widths[column] = Math.max(widths[column] ?? 0, cell.length);
    }
  }
  return rows
    .map((row, index) => {
      const line = row
        .map((cell, column) =>
          column === row.length - 1 ? cell : cell.padEnd(widths[column] ?? 0),
        )
        .join("  ")
        .trimEnd();
      return index === 0 ? style.dim(line) : line;
    })
    .join("\n");
}

/** What a terminal must not run, and what would break a line, as spaces. */
export function toPlainText(value: unknown): string {
  const text = typeof value === "string" ? value : (JSON.stringify(value) ?? "");
  return text.replaceAll(/\p{Cc}/gu, " ");
}
