// The hot path: kernel text parsed where it lies, without making a string or an object. A collector that samples every
// second runs mostly uncompiled code, so what counts is the number of steps: lines are found by the buffer's own
// search and comparison, and only the digits that are wanted are looked at.
//
// Each parser of this folder answers whether it understood the text, and then has set exactly the values that the
// plain parser beside this folder gives. Where it answers false – a new device, another kernel's format, malformed
// text – the plain parser decides; what it left in the values is then overwritten.

const newline = 10;
const space = 32;
const zero = 48;

/** 15 digits always fit a double exactly. */
const maxDigits = 15;

/** Where the text starts in the buffer: the byte before it is a newline, so that every line is found by its start. */
export const textStart = 1;

/** One lasting buffer with the text of one kernel file and a place in it. */
export class ByteText {
  bytes: Buffer;
  /** Where the text ends in the buffer. */
  end = textStart;
  at = textStart;

  constructor(capacity: number) {
    this.bytes = Buffer.alloc(capacity);
    this.bytes[0] = newline;
  }

  /** Makes room for longer texts and keeps what is there. */
  grow(): void {
    const larger = Buffer.alloc(this.bytes.length * 2);
    this.bytes.copy(larger);
    this.bytes = larger;
  }

  /** Says that a new text ends before `end`. */
  reset(end: number): void {
    this.end = end;
    this.at = textStart;
  }

  /** The whole text, for the plain parsers. Kernel files are bytes; names outside ASCII stay distinct. */
  toString(): string {
    return this.bytes.toString("latin1", textStart, this.end);
  }

  get atEnd(): boolean {
    return this.at >= this.end;
  }

  /** Whether a line or the text ends here. */
  get atLineEnd(): boolean {
    return this.at >= this.end || this.bytes[this.at] === newline;
  }

  /** Skips spaces and reads a whole number up to the next space or line end; -1 where there is none. */
  readCounter(): number {
    const { bytes, end } = this;
    let at = this.at;
    while (at < end && bytes[at] === space) at += 1;
    const start = at;
    let value = 0;
    while (at < end) {
      const digit = (bytes[at] ?? 0) - zero;
      if (digit < 0 || digit > 9) break;
      value = value * 10 + digit;
      at += 1;
    }
    if (at === start || at - start > maxDigits) return -1;
    this.at = at;
    const next = at < end ? bytes[at] : newline;
    return next === space || next === newline ? value : -1;
  }

  /** Skips spaces and whatever stands behind them up to the next space or line end. */
  skipWord(): void {
    const { bytes, end } = this;
    let at = this.at;
    while (at < end && bytes[at] === space) at += 1;
    while (at < end && bytes[at] !== space && bytes[at] !== newline) at += 1;
    this.at = at;
  }

  /** Whether `expected` stands here; moves behind it if so. */
  skip(expected: Buffer): boolean {
    const end = this.at + expected.length;
    if (end > this.end) return false;
    if (this.bytes.compare(expected, 0, expected.length, this.at, end) !== 0) return false;
    this.at = end;
    return true;
  }

  /** Moves behind the next line end, or to the end of the text. */
  skipLine(): void {
    const at = this.bytes.indexOf(newline, this.at);
    this.at = at === -1 || at >= this.end ? this.end : at + 1;
  }

  /** Moves behind the first line start `key`, given with its newline; stays and answers false if there is none. */
  findLine(key: Buffer): boolean {
    return this.moveBehind(this.bytes.indexOf(key), key);
  }

  /** The same, but for a `word` anywhere behind the present place. */
  findNext(word: Buffer): boolean {
    return this.moveBehind(this.bytes.indexOf(word, this.at), word);
  }

  private moveBehind(at: number, word: Buffer): boolean {
    if (at === -1 || at + word.length > this.end) return false;
    this.at = at + word.length;
    return true;
  }
}
