// Cells of the CSV standard as numbers and times, straight from bytes.
// Numbers: https://www.rfc-editor.org/rfc/rfc8259#section-6, also with leading zeros, plus signs and bare dots.
// Times: Unix seconds, Unix milliseconds, https://www.rfc-editor.org/rfc/rfc3339

export const lineFeed = 10;
export const carriageReturn = 13;
export const quote = 34;
export const comma = 44;
export const dot = 46;
const zero = 48;

/** 10 to the power of the index, as far as a quotient of two exact doubles is the correctly rounded decimal. */
export const powersOfTen = Float64Array.from({ length: 16 }, (_, exponent) => 10 ** exponent);

/** Digits up to which a decimal's mantissa is exact in a double. */
export const exactDigits = 15;

const decimalPattern = /^[+-]?(?:\d+\.?\d*|\.\d+)(?:[eE][+-]?\d+)?$/;
const text = new TextDecoder();

/** The decimal's nearest double; infinite where it is too large for one, NaN where the cell is no decimal. */
export function parseDecimal(bytes: Uint8Array, from: number, to: number): number {
  let mantissa = 0;
  let decimals = 0;
  let at = from;
  for (; at < to; at++) {
    const digit = digitAt(bytes, at);
    if (digit > 9) break;
    mantissa = mantissa * 10 + digit;
  }
  if (at < to && bytes[at] === dot) {
    const fraction = ++at;
    for (; at < to; at++) {
      const digit = digitAt(bytes, at);
      if (digit > 9) break;
      mantissa = mantissa * 10 + digit;
    }
    decimals = at - fraction;
  }
  const digits = at - from - (decimals > 0 ? 1 : 0);
  if (at === to && digits > 0 && digits <= exactDigits && bytes[to - 1] !== dot) {
    return mantissa / (powersOfTen[decimals] ?? Number.NaN);
  }
  const cell = text.decode(bytes.subarray(from, to));
  return decimalPattern.test(cell) ? Number(cell) : Number.NaN;
}

const shortestTime = "2026-01-31T12:00:00Z";
const millisecondsFrom = 1e11;

/** Unix seconds with their fraction from Unix seconds, Unix milliseconds (1e11 and more) or RFC 3339; NaN where it is none of them. */
export function parseTime(bytes: Uint8Array, from: number, to: number): number {
  // No number of seconds is written with a dash there.
  if (to - from >= shortestTime.length && isByte(bytes, from + 4, "-"))
    return parseRfc3339(bytes, from, to);
  const number = parseDecimal(bytes, from, to);
  return Number.isNaN(number) ? parseRfc3339(bytes, from, to) : unixSeconds(number);
}

function unixSeconds(number: number): number {
  return number >= millisecondsFrom ? number / 1000 : number;
}

function parseRfc3339(bytes: Uint8Array, from: number, to: number): number {
  const shapely =
    to - from >= shortestTime.length &&
    isByte(bytes, from + 4, "-") &&
    isByte(bytes, from + 7, "-") &&
    (isByte(bytes, from + 10, "T") ||
      isByte(bytes, from + 10, "t") ||
      isByte(bytes, from + 10, " ")) &&
    isByte(bytes, from + 13, ":") &&
    isByte(bytes, from + 16, ":");
  if (!shapely) return Number.NaN;
  const century = twoDigits(bytes, from);
  const year = twoDigits(bytes, from + 2);
  const month = twoDigits(bytes, from + 5);
  const day = twoDigits(bytes, from + 8);
  const hour = twoDigits(bytes, from + 11);
  const minute = twoDigits(bytes, from + 14);
  const second = twoDigits(bytes, from + 17);
  // Second 60 is a leap second.
  if (century > 99 || year > 99 || hour > 23 || minute > 59 || second > 60) return Number.NaN;
  const dayS = startOfDay(century * 100 + year, month, day);
  let at = from + 19;
  let fraction = 0;
  if (bytes[at] === dot) {
    const digits = at + 1;
    at = digits;
    while (at < to && digitAt(bytes, at) <= 9) at++;
    if (at === digits) return Number.NaN;
    fraction = Number(text.decode(bytes.subarray(digits - 1, at)));
  }
  const offsetS = parseOffset(bytes, at, to);
  return dayS + hour * 3600 + minute * 60 + second + fraction - offsetS;
}

/** The day of the time before, which most times share: nearly half of what each costs. */
const known = { date: Number.NaN, startS: Number.NaN };

/** Unix seconds; NaN where there is no such day. */
function startOfDay(year: number, month: number, day: number): number {
  const date = (year * 100 + month) * 100 + day;
  if (date === known.date) return known.startS;
  const isDay = month >= 1 && month <= 12 && day >= 1 && day <= daysOfMonth(year, month);
  if (!isDay) return Number.NaN;
  known.date = date;
  known.startS = Date.UTC(year, month - 1, day) / 1000;
  return known.startS;
}

/** Seconds east of Greenwich. */
function parseOffset(bytes: Uint8Array, from: number, to: number): number {
  if (to - from === 1) return isByte(bytes, from, "Z") || isByte(bytes, from, "z") ? 0 : Number.NaN;
  const east = isByte(bytes, from, "+");
  if (to - from !== 6 || (!east && !isByte(bytes, from, "-")) || !isByte(bytes, from + 3, ":"))
    return Number.NaN;
  const hours = twoDigits(bytes, from + 1);
  const minutes = twoDigits(bytes, from + 4);
  if (hours > 23 || minutes > 59) return Number.NaN;
  return (east ? 1 : -1) * (hours * 3600 + minutes * 60);
}

function daysOfMonth(year: number, month: number): number {
  if (month === 2) return year % 4 === 0 && (year % 100 !== 0 || year % 400 === 0) ? 29 : 28;
  return month === 4 || month === 6 || month === 9 || month === 11 ? 30 : 31;
}

/** 0–99, or something greater where they are no digits. */
function twoDigits(bytes: Uint8Array, at: number): number {
  const tens = digitAt(bytes, at);
  const ones = digitAt(bytes, at + 1);
  return tens <= 9 && ones <= 9 ? tens * 10 + ones : 100;
}

/** 0–9, or something greater where there is no digit. */
function digitAt(bytes: Uint8Array, at: number): number {
  return (bytes[at] ?? 0) ^ zero;
}

function isByte(bytes: Uint8Array, at: number, character: string): boolean {
  return bytes[at] === character.charCodeAt(0);
}

const shownCharacters = 80;
const bytesOfCharacter = 4;
/** U+2400, ␀; the pictures of the other control characters follow. */
const firstPicture = 0x2400;

/** The cell for people: at most 80 characters, control characters as pictures (␀ for NUL). */
export function renderCell(bytes: Uint8Array, from: number, to: number): string {
  const end = Math.min(to, from + shownCharacters * bytesOfCharacter);
  return renderText(text.decode(bytes.subarray(from, end)));
}

export function renderText(value: string): string {
  const pictures = Array.from(value.slice(0, 2 * shownCharacters), (character) => {
    const code = character.codePointAt(0) ?? 0;
    if (code < 0x20) return String.fromCharCode(firstPicture + code);
    return code >= 0x7f && code < 0xa0 ? "\ufffd" : character;
  });
  return pictures.slice(0, shownCharacters).join("").toWellFormed();
}
