// Numbers for people: dots, thin groups, binary byte units, UTC. No locale, so the same number always reads the same.
import type { Unit } from "@perfanalysis/contract/metrics";
import type { TimeZone } from "./time-zone.ts";

/** Keeps number and unit on one line. */
const space = "\u{a0}";

/** A unit's multiple: a value divided by `divisor` reads in `suffix`. */
export interface Scale {
  divisor: number;
  /** "" for a plain count. */
  suffix: string;
}

/** The multiple in which a quantity of the size `magnitude` reads best. */
export function unitScale(unit: Unit, magnitude: number): Scale {
  const size = Math.abs(magnitude);
  switch (unit) {
    case "percent":
      return { divisor: 1, suffix: "%" };
    case "bytes":
      return binaryScale(size, "");
    case "bytes/s":
      return binaryScale(size, "/s");
    case "1/s": {
      const { divisor, suffix } = decimalScale(size);
      return { divisor, suffix: `${suffix}/s` };
    }
    case "count":
      return decimalScale(size);
    case "ms":
      if (size >= 1000) return { divisor: 1000, suffix: "s" };
      return { divisor: 1, suffix: "ms" };
  }
}

/** For example "1.24 GiB", "37.5 %", "1,200 /s", "45.3 k/s"; "–" for a gap. */
export function formatValue(value: number, unit: Unit): string {
  if (Number.isNaN(value)) return "–";
  const { divisor, suffix } = unitScale(unit, value);
  const number = formatNumber(value / divisor);
  return suffix === "" ? number : `${number}${space}${suffix}`;
}

/** Three significant digits, more only before the point. What is there and too small for three decimals is not told as zero. */
export function formatNumber(value: number): string {
  if (Number.isNaN(value)) return "–";
  if (value > 0 && value < tooSmall) return "<0.001";
  return formatFixed(value, decimalsFor(value));
}

/** Of lines, which are sold by the bit: "2.5 Gbit/s". */
export function formatBitRate(bytesPerS: number): string {
  const mbps = (8 * bytesPerS) / 1e6;
  const [number, unit] = mbps < 999.5 ? [mbps, "Mbit/s"] : [mbps / 1000, "Gbit/s"];
  return `${formatNumber(number).replace(/\.0+$|(\.\d*[1-9])0+$/, "$1")}${space}${unit}`;
}

/** Rounds to 0.000. */
const tooSmall = 0.0005;

/** Decimals that show three significant digits of a number of this size, at most three. */
export function decimalsFor(magnitude: number): number {
  const size = Math.abs(magnitude);
  if (size === 0 || size >= 99.95) return 0;
  if (size >= 9.995) return 1;
  return size >= 0.0995 ? 2 : 3;
}

/** For example "12,345.60". A number that rounds to zero has no sign. */
export function formatFixed(value: number, decimals: number): string {
  if (Number.isNaN(value)) return "–";
  const [whole = "", fraction] = Math.abs(value).toFixed(decimals).split(".");
  const grouped = whole.replace(/\B(?=(\d{3})+$)/g, ",");
  const digits = fraction === undefined ? grouped : `${grouped}.${fraction}`;
  const sign = value < 0 && /[1-9]/.test(digits) ? "−" : "";
  return sign + digits;
}

/** Share 0–1 as a percentage that never rounds up to a whole that is not reached: 99.97 %, not 100 %. */
export function formatShare(ratio: number): string {
  const percent = 100 * ratio;
  const shown = percent >= 100 ? 100 : Math.floor(percent * 100) / 100;
  return `${formatFixed(shown, shown === Math.round(shown) ? 0 : 2)}${space}%`;
}

/** The two largest parts: "3 d 4 h", "1 min 5 s". Days only from three on: "27 h" says more than "1 d 3 h". */
export function formatDuration(durationS: number): string {
  const whole = Math.round(durationS);
  const days = whole < 3 * 86_400 ? 0 : Math.floor(whole / 86_400);
  const parts: [number, string][] = [
    [days, "d"],
    [Math.floor((whole - days * 86_400) / 3600), "h"],
    [Math.floor(whole / 60) % 60, "min"],
    [whole % 60, "s"],
  ];
  const first = parts.findIndex(([count]) => count > 0);
  if (first < 0) return `0${space}s`;
  return parts
    .slice(first, first + 2)
    .filter(([count]) => count > 0)
    .map(([count, name]) => `${count}${space}${name}`)
    .join(" ");
}

/** "2 Mar 2026 06:05:07", in UTC; seconds only where they are not 0, or are asked for. */
export function formatTime(timeS: number, { seconds = false } = {}): string {
  const time = new Date(timeS * 1000);
  const clock = `${two(time.getUTCHours())}:${two(time.getUTCMinutes())}`;
  const isShown = seconds || time.getUTCSeconds() !== 0;
  return `${formatDate(timeS)} ${clock}${isShown ? `:${two(time.getUTCSeconds())}` : ""}`;
}

/** "2 Mar 2026", in UTC. */
function formatDate(timeS: number): string {
  const time = new Date(timeS * 1000);
  return `${time.getUTCDate()} ${monthName(time)} ${time.getUTCFullYear()}`;
}

/** "2 Mar 2026 06:05 – 07:30 UTC"; the date once where both ends have the same, seconds at both where one has some. */
export function formatRange(fromS: number, toS: number): string {
  const sameDay = formatDate(fromS) === formatDate(toS);
  const seconds = [fromS, toS].some((timeS) => new Date(timeS * 1000).getUTCSeconds() !== 0);
  const end = formatTime(toS, { seconds });
  return `${formatTime(fromS, { seconds })} – ${sameDay ? end.slice(formatDate(toS).length + 1) : end} UTC`;
}

/** The same, on the clock of a time zone. */
export function formatLocalRange(fromS: number, toS: number, zone: TimeZone): string {
  const local = formatRange(fromS + zone.offsetAt(fromS), toS + zone.offsetAt(toS));
  return local.replace(/UTC$/, zone.name);
}

export function formatCount(count: number, singular: string, plural = `${singular}s`): string {
  return `${formatFixed(count, 0)}${space}${count === 1 ? singular : plural}`;
}

/** Texts that are written as they are: a number and its unit stay on one line. */
export function keepUnits(text: string): string {
  return text.replaceAll(/(\d) (?=(?:%|ms|s|min|h|d|[KMGT]iB)(?!\w))/g, `$1${space}`);
}

/** A title within a sentence; acronyms and names stay as they are. */
export function lowerFirst(text: string): string {
  return /^[A-Z](?![A-Z/])/.test(text) ? text.charAt(0).toLowerCase() + text.slice(1) : text;
}

/** Without what no font draws, PDF does not allow, and terminals obey: control characters, halves of surrogate pairs. */
export function printable(text: string): string {
  return text.toWellFormed().replaceAll(undrawable, "\u{fffd}");
}

// oxlint-disable-next-line no-control-regex -- they are what is looked for
const undrawable = /[\u0000-\u0008\u000b\u000c\u000e-\u001f\u007f-\u009f\ufffe\uffff]/g;

export function monthName(time: Date): string {
  return months[time.getUTCMonth()] ?? "";
}

export function two(number: number): string {
  return String(number).padStart(2, "0");
}

const months = ["Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"];

function binaryScale(size: number, per: string): Scale {
  const names = ["B", "KiB", "MiB", "GiB", "TiB", "PiB"];
  let step = 0;
  // What would be written as 1,024 of one is 1.00 of the next.
  while (step < names.length - 1 && size / 1024 ** step >= 1023.5) step++;
  return { divisor: 1024 ** step, suffix: `${names[step] ?? ""}${per}` };
}

/** Four digits stay in full: "1,230" reads better than "1.23 k". */
function decimalScale(size: number): Scale {
  if (size >= 1e10) return { divisor: 1e9, suffix: "G" };
  if (size >= 1e7) return { divisor: 1e6, suffix: "M" };
  if (size >= 1e4) return { divisor: 1e3, suffix: "k" };
  return { divisor: 1, suffix: "" };
}

/** Of a trend, to follow it: ", with 95 % confidence between 2.10 GiB and 2.30 GiB"; without them where both read the same. */
export function formatBounds(low: string, high: string): string {
  const sure = ", with 95 % confidence";
  return low === high ? sure : `${sure} between ${low} and ${high}`;
}
