import type { Unit } from "@perfanalysis/contract/metrics";

/** What stands where nothing was measured. */
export const gapText = "–";

const binaryPrefixes = ["", "Ki", "Mi", "Gi", "Ti", "Pi"];
const decimalPrefixes = ["", "k", "M", "G", "T", "P"];

const renderers: Record<Unit, (value: number) => string> = {
  percent: (value) => `${trimDigits(value, 1)} %`,
  bytes: (value) => scaled(value, 1024, binaryPrefixes, "B"),
  "bytes/s": (value) => scaled(value, 1024, binaryPrefixes, "B/s"),
  "1/s": (value) => scaled(value, 1000, decimalPrefixes, "/s"),
  ms: (value) => (value >= 1000 ? `${digits(value / 1000)} s` : `${digits(value)} ms`),
  count: (value) => (value >= 10_000 ? scaled(value, 1000, decimalPrefixes, "") : digits(value)),
};

/** Three significant digits and the unit, for example `1.25 GiB`, `340 KiB/s`, `12.5 %`; multiples are the report's. */
export function renderValue(value: number | null | undefined, unit: Unit): string {
  return value === null || value === undefined ? gapText : renderers[unit](value);
}

function scaled(value: number, base: number, prefixes: readonly string[], unit: string): string {
  let power = 0;
  let rest = value;
  // 999.5 would be shown as 1000 of the smaller unit.
  while (Math.abs(rest) >= base - 0.5 && power < prefixes.length - 1) {
    rest /= base;
    power += 1;
  }
  const symbol = `${prefixes[power] ?? ""}${unit}`;
  return symbol === "" ? digits(rest) : `${digits(rest)} ${symbol}`;
}

function digits(value: number): string {
  const size = Math.abs(value);
  return trimDigits(value, size >= 99.95 ? 0 : size >= 9.995 ? 1 : 2);
}

function trimDigits(value: number, decimals: number): string {
  return String(Number(value.toFixed(decimals)));
}
