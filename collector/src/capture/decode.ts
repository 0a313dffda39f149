// Samples of our own format, read straight from bytes. Every byte is checked: a line is either exactly a sample as the
// header announces it, or an error that names the column.
import {
  createLayout,
  offsetOf,
  sources as ownSources,
  type Devices,
  type Layout,
  type Sample,
  type Source,
} from "../sampling/layout.ts";

export interface SampleDecoder {
  /** Where the values lie, in this program's order of sources and fields. */
  layout: Layout;
  /**
   * Reads the sample between `start` and `end`; its values are overwritten by the next call.
   * @throws SyntaxError naming the column, counted in bytes from 1.
   */
  decode(bytes: Buffer, start: number, end: number): Sample;
}

/** One source as the capture has it: a row of targets per device; -1 is a value that this program does not know. */
interface Part {
  table: boolean;
  rows: Int32Array[];
}

const zero = 48;
const dot = 46;
const comma = 44;
const open = 91;
const close = 93;
const letterN = 110;
const prefix = Buffer.from('{"t":');
const monotonic = Buffer.from(',"m":');
const values = Buffer.from(',"s":[');
const suffix = Buffer.from("]}");
const absent = Buffer.from("null");

/** Digits that a double holds exactly. */
const exactDigits = 15;
const powersOfTen = Float64Array.from({ length: exactDigits + 1 }, (_, exponent) => 10 ** exponent);

export function createSampleDecoder(sources: readonly Source[], devices: Devices): SampleDecoder {
  const names = new Set(sources.map(({ name }) => name));
  const unsampled = ownSources.flatMap(({ name }) => (names.has(name) ? [] : [name]));
  const layout = createLayout(devices, new Set(unsampled));
  const parts = sources.map((source) => toPart(source, layout));
  const sample: Sample = { timeMs: 0, monotonicUs: 0, values: new Float64Array(layout.size) };
  const reader = new SampleReader();
  return {
    layout,
    decode(bytes, start, end) {
      reader.reset(bytes, start, end);
      sample.values.fill(Number.NaN);
      reader.expect(prefix);
      sample.timeMs = reader.readNumber();
      reader.expect(monotonic);
      sample.monotonicUs = reader.readNumber();
      reader.expect(values);
      for (let index = 0; index < parts.length; index += 1) {
        const part = parts[index];
        if (part === undefined) break;
        if (index > 0) reader.expectByte(comma);
        readPart(reader, part, sample.values);
      }
      reader.expect(suffix);
      reader.expectEnd();
      return sample;
    },
  };
}

/** The time alone of a line that begins as a sample does, in Unix milliseconds; null where there is none. */
export function decodeTime(bytes: Buffer, start: number, end: number): number | null {
  let timeMs = 0;
  let at = start + prefix.length;
  for (; at < end; at += 1) {
    const digit = (bytes[at] ?? 0) - zero;
    if (digit < 0 || digit > 9) break;
    timeMs = timeMs * 10 + digit;
  }
  const digits = at - start - prefix.length;
  return digits > 0 && digits <= exactDigits ? timeMs : null;
}

function toPart(source: Source, layout: Layout): Part {
  const known = ownSources.find(({ name, per }) => name === source.name && per === source.per);
  const names = source.per === null ? [""] : layout.devices[source.per];
  const fields: readonly string[] = known?.fields ?? [];
  return {
    table: source.per !== null,
    rows: names.map((_, row) =>
      Int32Array.from(source.fields, (field) => {
        const at = fields.indexOf(field);
        if (known === undefined || at === -1) return -1;
        return offsetOf(layout, known.name) + row * fields.length + at;
      }),
    ),
  };
}

function readPart(reader: SampleReader, part: Part, into: Float64Array): void {
  if (reader.skipAbsent()) return;
  if (part.table) reader.expectByte(open);
  for (let row = 0; row < part.rows.length; row += 1) {
    const targets = part.rows[row];
    if (targets === undefined) break;
    if (row > 0) reader.expectByte(comma);
    reader.expectByte(open);
    reader.readFields(targets, into);
    reader.expectByte(close);
  }
  if (part.table) reader.expectByte(close);
}

class SampleReader {
  private bytes: Buffer = Buffer.alloc(0);
  private start = 0;
  private end = 0;
  private at = 0;

  reset(bytes: Buffer, start: number, end: number): void {
    this.bytes = bytes;
    this.start = start;
    this.end = end;
    this.at = start;
  }

  expectByte(byte: number): void {
    if (this.at >= this.end || this.bytes[this.at] !== byte) {
      this.fail(JSON.stringify(String.fromCharCode(byte)));
    }
    this.at += 1;
  }

  expect(text: Buffer): void {
    for (let index = 0; index < text.length; index += 1) {
      if (this.at + index >= this.end || this.bytes[this.at + index] !== text[index]) {
        this.fail(text.toString());
      }
    }
    this.at += text.length;
  }

  expectEnd(): void {
    if (this.at !== this.end) this.fail("the end of the line");
  }

  skipAbsent(): boolean {
    if (this.bytes[this.at] !== letterN || this.at >= this.end) return false;
    this.expect(absent);
    return true;
  }

  /** Numbers and gaps between commas. Most of a capture's bytes are read here: whole numbers are read without a call. */
  readFields(targets: Int32Array, into: Float64Array): void {
    const { bytes, end } = this;
    let at = this.at;
    for (let field = 0; field < targets.length; field += 1) {
      if (field > 0) {
        this.at = at;
        if (bytes[at] !== comma) this.expectByte(comma);
        at += 1;
      }
      const start = at;
      let value = 0;
      let digit = (bytes[at] ?? 0) - zero;
      // Behind the line there is no digit.
      while (digit >= 0 && digit <= 9) {
        value = value * 10 + digit;
        at += 1;
        digit = (bytes[at] ?? 0) - zero;
      }
      const digits = at - start;
      if (digits === 0 || digits > exactDigits || digit === dot - zero || at > end) {
        this.at = start;
        value = this.skipAbsent() ? Number.NaN : this.readNumber();
        at = this.at;
      }
      const target = targets[field] ?? -1;
      if (target >= 0) into[target] = value;
    }
    this.at = at;
  }

  /** A number as JSON writes it, without sign and exponent. */
  readNumber(): number {
    const { bytes, end } = this;
    const start = this.at;
    let at = start;
    let value = 0;
    while (at < end) {
      const digit = (bytes[at] ?? 0) - zero;
      if (digit < 0 || digit > 9) break;
      value = value * 10 + digit;
      at += 1;
    }
    this.at = at;
    if (at === start) this.fail("a number");
    if (at < end && bytes[at] === dot) return this.readFraction(start, value);
    return at - start > exactDigits ? Number(bytes.toString("latin1", start, at)) : value;
  }

  private readFraction(start: number, whole: number): number {
    const { bytes, end } = this;
    let at = this.at + 1;
    let value = whole;
    while (at < end) {
      const digit = (bytes[at] ?? 0) - zero;
      if (digit < 0 || digit > 9) break;
      value = value * 10 + digit;
      at += 1;
    }
    const decimals = at - this.at - 1;
    this.at = at;
    if (decimals === 0) this.fail("a decimal");
    const digits = at - start - 1;
    // A quotient of two exact doubles is the double nearest to the decimal.
    return digits > exactDigits
      ? Number(bytes.toString("latin1", start, at))
      : value / (powersOfTen[decimals] ?? Number.NaN);
  }

  private fail(expected: string): never {
    const found =
      this.at >= this.end
        ? "the line ends"
        : `found ${JSON.stringify(this.bytes.toString("latin1", this.at, Math.min(this.end, this.at + 20)))}`;
    throw new SyntaxError(`column ${this.at - this.start + 1}: expected ${expected}, ${found}`);
  }
}
