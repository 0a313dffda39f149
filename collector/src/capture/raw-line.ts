// A line of perfcollector2's format, taken apart where it lies: as perfcollector2 and pcc write it, and nothing else. What is
// written otherwise – other white space or order, escapes of characters – is left to JSON.parse.
import { textStart, type ByteText } from "../procfs/in-place/byte-text.ts";

const zero = 48;
const quote = 34;
const backslash = 92;
const newline = 10;
const timestampStart = Buffer.from('{"timestamp":');
const subsystemStart = Buffer.from(',"subsystem":"');
const measurementStart = Buffer.from('","measurement":"');
const end = Buffer.from('"}');
const maxTimestampDigits = 12;

/** What a backslash and this character mean; 0 where they mean something else than one byte. */
const escaped = new Uint8Array(128);
for (const [letter, character] of [
  ['"', '"'],
  ["\\", "\\"],
  ["/", "/"],
  ["n", "\n"],
  ["t", "\t"],
  ["r", "\r"],
] as const) {
  escaped[letter.charCodeAt(0)] = character.charCodeAt(0);
}

export class RawLine {
  timestampS = Number.NaN;
  private bytes: Buffer = Buffer.alloc(0);
  private subsystemAt = 0;
  private subsystemEnd = 0;
  private measurementAt = 0;
  private measurementEnd = 0;
  /** Subsystems come in the same order at each tick: the one behind the last is looked at first. */
  private expected = 0;
  private readonly names: readonly string[];
  private readonly nameBytes: readonly Buffer[];

  /** For lines of subsystems with these names. */
  constructor(names: readonly string[]) {
    this.names = names;
    this.nameBytes = names.map((name) => Buffer.from(name));
  }

  /** Takes the line between `start` and `lineEnd` apart; false where it is not written as this understands it. */
  read(bytes: Buffer, start: number, lineEnd: number): boolean {
    this.bytes = bytes;
    let at = start;
    if (!isAt(bytes, at, timestampStart)) return false;
    at += timestampStart.length;
    const digitsAt = at;
    let timestampS = 0;
    for (; at < lineEnd; at += 1) {
      const digit = (bytes[at] ?? 0) - zero;
      if (digit < 0 || digit > 9) break;
      timestampS = timestampS * 10 + digit;
    }
    const digits = at - digitsAt;
    if (digits === 0 || digits > maxTimestampDigits) return false;
    // JSON has no leading zeros.
    if (digits > 1 && bytes[digitsAt] === zero) return false;
    this.timestampS = timestampS;
    if (!isAt(bytes, at, subsystemStart)) return false;
    at += subsystemStart.length;
    this.subsystemAt = at;
    while (at < lineEnd && bytes[at] !== quote && bytes[at] !== backslash) at += 1;
    this.subsystemEnd = at;
    if (!isAt(bytes, at, measurementStart)) return false;
    this.measurementAt = at + measurementStart.length;
    this.measurementEnd = lineEnd - end.length;
    return this.measurementEnd >= this.measurementAt && isAt(bytes, this.measurementEnd, end);
  }

  /** The subsystem, where it is one of the names. */
  findName(): string | null {
    const { names, nameBytes } = this;
    for (let tried = 0; tried < names.length; tried += 1) {
      const index = (this.expected + tried) % names.length;
      const name = nameBytes[index];
      if (name === undefined || name.length !== this.subsystemEnd - this.subsystemAt) continue;
      if (!isAt(this.bytes, this.subsystemAt, name)) continue;
      this.expected = index + 1;
      return names[index] ?? null;
    }
    return null;
  }

  /** Puts the measurement into `text`; false where it is not ASCII, or no JSON text. */
  copyMeasurement(text: ByteText): boolean {
    const { bytes, measurementEnd } = this;
    while (text.bytes.length < textStart + measurementEnd - this.measurementAt) text.grow();
    const into = text.bytes;
    let length = textStart;
    let at = this.measurementAt;
    while (at < measurementEnd) {
      const code = bytes[at] ?? 0;
      at += 1;
      if (code === backslash) {
        // The line's last quote must not be the second half of an escape.
        const meant = at < measurementEnd ? (escaped[bytes[at] ?? 0] ?? 0) : 0;
        if (meant === 0) return false;
        into[length] = meant;
        at += 1;
      } else if (code < 32 || code > 126 || code === quote) {
        return false;
      } else {
        into[length] = code;
      }
      length += 1;
    }
    // Texts without a newline at their end are cut off, or not of the kernel.
    if (length === textStart || into[length - 1] !== newline) return false;
    text.reset(length);
    return true;
  }
}

function isAt(bytes: Buffer, at: number, text: Buffer): boolean {
  for (let index = 0; index < text.length; index += 1) {
    if (bytes[at + index] !== text[index]) return false;
  }
  return true;
}
