// The hot path of cgroup files; see procfs/in-place/byte-text.ts for what its parsers promise.
import type { ByteText } from "../procfs/in-place/byte-text.ts";
import type { ScalarsParser } from "../procfs/in-place/keyed-lines.ts";
import { ioStatFields } from "./io-stat.ts";

const space = 32;
const zero = 48;
const colon = 58;

/** 15 digits always fit a double exactly. */
const maxDigits = 15;
const maxDevices = 64;
/** The kernel's numbers of devices have 12 and 20 bits. */
const minorCount = 2 ** 20;
const keys = ioStatFields.map((field) => Buffer.from(` ${field}=`));

/** Sets the number of a file that holds nothing else. */
export function parseNumberInPlace(text: ByteText, values: Float64Array, offset: number): boolean {
  const value = readDigits(text);
  if (value < 0 || !text.atLineEnd) return false;
  text.skipLine();
  values[offset] = value;
  return text.atEnd;
}

/** Makes the parser of io.stat, which sums over the devices that count, given by their two numbers. */
export function createIoStatParser(
  counts: (major: number, minor: number) => boolean,
): ScalarsParser {
  const seen = new Float64Array(maxDevices);
  return (text, values, offset) => {
    values.fill(0, offset, offset + keys.length);
    for (let line = 0; !text.atEnd; line += 1) {
      const device = readDevice(text);
      if (line === maxDevices || device < 0 || isAmong(seen, line, device)) return false;
      seen[line] = device;
      const counted = counts(Math.floor(device / minorCount), device % minorCount);
      for (let field = 0; field < keys.length; field += 1) {
        const key = keys[field];
        if (key === undefined || !text.skip(key)) return false;
        const value = readDigits(text);
        if (value < 0 || !(text.atLineEnd || text.bytes[text.at] === space)) return false;
        if (counted) values[offset + field] = (values[offset + field] ?? 0) + value;
      }
      text.skipLine();
    }
    return true;
  };
}

function isAmong(numbers: Float64Array, length: number, number: number): boolean {
  for (let index = 0; index < length; index += 1) {
    if (numbers[index] === number) return true;
  }
  return false;
}

/** The line's device as one number; moves behind it. -1 where something else stands there. */
function readDevice(text: ByteText): number {
  const major = readDigits(text);
  if (major < 0 || text.bytes[text.at] !== colon) return -1;
  text.at += 1;
  const minor = readDigits(text);
  return minor < 0 || minor >= minorCount ? -1 : major * minorCount + minor;
}

/** A whole number without zeros before it; -1 where there is none. */
function readDigits(text: ByteText): number {
  const { bytes, end, at: start } = text;
  let at = start;
  let value = 0;
  while (at < end) {
    const digit = (bytes[at] ?? 0) - zero;
    if (digit < 0 || digit > 9) break;
    value = value * 10 + digit;
    at += 1;
  }
  const length = at - start;
  if (length === 0 || length > maxDigits) return -1;
  if (length > 1 && bytes[start] === zero) return -1;
  text.at = at;
  return value;
}
