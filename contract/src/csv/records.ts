// Splits a stream of bytes into lines and quoted records. RFC 4180, and line feeds alone.
// https://www.rfc-editor.org/rfc/rfc4180#section-2
import { carriageReturn, comma, lineFeed, quote } from "./cells.ts";

export interface RecordReader {
  /** Whole lines without any quote; the last byte is a line feed. Gives back how many lines they were. */
  readPlain(bytes: Uint8Array, from: number, to: number, firstLine: number): number;
  /** One record with a quote somewhere, its line end included. */
  readQuoted(bytes: Uint8Array, from: number, to: number, line: number): void;
  /** Whether a line feed inside quotes belongs to the record; if not, it ends the record as any other does. */
  spansLines(): boolean;
  /** A record is longer than `maxRecordBytes`; it is passed over up to the next line feed. */
  refuseLong(line: number): void;
  /** The stream ends inside quotes. */
  refuseOpen(line: number): void;
  /** What follows is the last record, and has no line end. */
  expectTail(): void;
}

export interface RecordSplitter {
  write(bytes: Uint8Array): void;
  end(): void;
  /** From now on everything is ignored. */
  stop(): void;
}

/** Where in a record a scan is; a quote opens only at the start of a cell. */
const cellStart = 0;
const unquoted = 1;
const quoted = 2;
const quoteInQuoted = 3;

const byteOrderMark = [0xef, 0xbb, 0xbf];
/** Larger than most chunks, and smaller than `maxRecordBytes`: only a record kept between slices can be too long. */
const sliceBytes = 256 * 1024;
export const maxRecordBytes = 1024 * 1024;

export function splitRecords(reader: RecordReader): RecordSplitter {
  let line = 1;
  let markBytes = 0;
  let stopped = false;
  /** The start of a record whose end has not come yet. */
  let pending = new Uint8Array(0);
  let pendingBytes = 0;
  let state = cellStart;
  /** In a record that is too long. */
  let passing = false;

  return {
    write(bytes) {
      let rest = bytes;
      while (markBytes < byteOrderMark.length && rest.length > 0) {
        if (rest[0] === byteOrderMark[markBytes]) {
          markBytes++;
          rest = rest.subarray(1);
        } else {
          const torn = byteOrderMark.slice(0, markBytes);
          markBytes = byteOrderMark.length;
          writeSlice(Uint8Array.from(torn));
        }
      }
      for (let at = 0; at < rest.length; at += sliceBytes) {
        writeSlice(rest.subarray(at, at + sliceBytes));
      }
    },
    end() {
      if (markBytes < byteOrderMark.length)
        writeSlice(Uint8Array.from(byteOrderMark.slice(0, markBytes)));
      if (stopped || pendingBytes === 0) return;
      if (state === quoted && reader.spansLines()) {
        reader.refuseOpen(line);
        return;
      }
      reader.expectTail();
      writeSlice(Uint8Array.of(lineFeed));
    },
    stop() {
      stopped = true;
    },
  };

  function writeSlice(bytes: Uint8Array): void {
    if (stopped) return;
    let at = passing ? passOver(bytes) : 0;
    if (pendingBytes > 0) {
      const end = findRecordEnd(bytes, 0);
      keep(bytes.subarray(0, end === -1 ? bytes.length : end));
      if (stopped || (end === -1 && !passing)) return;
      if (passing) {
        at = passOver(bytes);
      } else {
        readPending();
        at = end;
      }
    }
    // The reader calls stop().
    // oxlint-disable-next-line eslint/no-unmodified-loop-condition
    while (at < bytes.length && !stopped) {
      const quoteAt = bytes.indexOf(quote, at);
      const plainEnd = bytes.lastIndexOf(lineFeed, quoteAt === -1 ? bytes.length - 1 : quoteAt) + 1;
      if (plainEnd > at) {
        line += reader.readPlain(bytes, at, plainEnd, line);
        at = plainEnd;
        continue;
      }
      state = cellStart;
      const end = findRecordEnd(bytes, at);
      if (end === -1) {
        keep(bytes.subarray(at));
        return;
      }
      readQuoted(bytes, at, end);
      at = end;
    }
  }

  /** Behind the line feed that ends the record which is too long, or behind the bytes. */
  function passOver(bytes: Uint8Array): number {
    const end = bytes.indexOf(lineFeed);
    passing = end === -1;
    if (!passing) line++;
    return passing ? bytes.length : end + 1;
  }

  /** Behind the line feed that ends the record in which the scan is, or -1 where the bytes end before it. */
  function findRecordEnd(bytes: Uint8Array, from: number): number {
    for (let at = from; at < bytes.length; at++) {
      const byte = bytes[at];
      if (byte === lineFeed && (state !== quoted || !reader.spansLines())) {
        return at + 1;
      } else if (state === quoted) {
        if (byte === quote) state = quoteInQuoted;
      } else if (byte === quote && state !== unquoted) {
        state = quoted;
      } else {
        state = byte === comma ? cellStart : unquoted;
      }
    }
    return -1;
  }

  function keep(bytes: Uint8Array): void {
    const needed = pendingBytes + bytes.length;
    if (needed > pending.length) {
      const grown = new Uint8Array(Math.max(needed, 2 * pending.length));
      grown.set(pending.subarray(0, pendingBytes));
      pending = grown;
    }
    pending.set(bytes, pendingBytes);
    pendingBytes = needed;
    const lineEnd = pending[needed - 1] === lineFeed && state !== quoted ? 1 : 0;
    if (needed - lineEnd > maxRecordBytes) {
      pendingBytes = 0;
      passing = true;
      reader.refuseLong(line);
    }
  }

  function readPending(): void {
    const record = pending.subarray(0, pendingBytes);
    pendingBytes = 0;
    if (record.includes(quote)) readQuoted(record, 0, record.length);
    else line += reader.readPlain(record, 0, record.length, line);
  }

  function readQuoted(bytes: Uint8Array, from: number, to: number): void {
    reader.readQuoted(bytes, from, to, line);
    for (
      let at = bytes.indexOf(lineFeed, from);
      at !== -1 && at < to;
      at = bytes.indexOf(lineFeed, at + 1)
    )
      line++;
  }
}

/** The cells of one record without their quotes: cell i lies in `bytes` from `ends[i - 1]` (or 0) to `ends[i]`. */
export interface UnquotedRecord {
  bytes: Uint8Array;
  ends: number[];
  /** What breaks RFC 4180, in which cell, or null. */
  fault: { cell: number; message: string } | null;
}

/** `from` to `to` is one record, its line end included. */
export function unquoteRecord(bytes: Uint8Array, from: number, to: number): UnquotedRecord {
  const cells = new Uint8Array(to - from);
  const ends: number[] = [];
  let fault: UnquotedRecord["fault"] = null;
  let length = 0;
  let state = cellStart;
  const end = recordEnd(bytes, from, to);
  for (let at = from; at < end; at++) {
    const byte = bytes[at] ?? lineFeed;
    if (state === quoted) {
      if (byte === quote) state = quoteInQuoted;
      else cells[length++] = byte;
    } else if (byte === comma) {
      ends.push(length);
      state = cellStart;
    } else if (byte === quote && state === cellStart) {
      state = quoted;
    } else if (byte === quote && state === quoteInQuoted) {
      cells[length++] = byte;
      state = quoted;
    } else {
      fault ??= strayFault(state, byte, ends.length);
      cells[length++] = byte;
      state = unquoted;
    }
  }
  if (state === quoted) {
    fault ??= { cell: ends.length, message: "has a quote that is never closed" };
  }
  ends.push(length);
  return { bytes: cells, ends, fault };
}

function recordEnd(bytes: Uint8Array, from: number, to: number): number {
  const end = to - 1;
  return end > from && bytes[end - 1] === carriageReturn ? end - 1 : end;
}

function strayFault(state: number, byte: number, cell: number): UnquotedRecord["fault"] {
  if (state === quoteInQuoted) {
    return {
      cell,
      message: "has text behind the closing quote: double the quotes inside a quoted cell",
    };
  }
  if (byte === quote) {
    return {
      cell,
      message: "has a quote in the middle: quote the whole cell and double the quotes inside",
    };
  }
  return null;
}
