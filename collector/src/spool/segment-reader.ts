import { closeSync } from "node:fs";
import { messageOf } from "../message-of.ts";
import { firstNoteKind, headKind } from "./notes.ts";
import { findRecord } from "./record.ts";
import { openSegment, readBytes, type Segment } from "./segment.ts";
import type { ReadLimits, SpoolRecord } from "./spool.ts";

export interface SegmentReaderOptions {
  /** No record of the segment has this id, or one above it. */
  endId: () => number;
  /** So many records in front of this id cannot be read any more. */
  onDamage: (behindId: number, count: number, why: string) => void;
}

/** Reads a segment from its start, also while it grows. */
export class SegmentReader {
  readonly segment: Segment;
  private readonly options: SegmentReaderOptions;
  private readonly heads = new Map<number, Buffer>();
  private descriptor: number | null = null;
  private offset = 0;
  /** Of the record that was read last. */
  private lastId: number;
  /** Records up to here were read, or are damaged. */
  private passedId: number;

  constructor(segment: Segment, options: SegmentReaderOptions) {
    this.segment = segment;
    this.options = options;
    this.lastId = segment.firstId - 1;
    this.passedId = this.lastId;
  }

  /** Whether it goes on behind this record. */
  standsAt(id: number): boolean {
    return this.lastId <= id && id <= this.passedId;
  }

  /** The next records with ids above `afterId`. */
  read(afterId: number, { maxRecords, maxBytes }: ReadLimits): SpoolRecord[] {
    const records: SpoolRecord[] = [];
    let bytesLeft = maxBytes;
    const bytes = this.readRest();
    let at = 0;
    while (records.length < maxRecords && bytesLeft > 0) {
      const found = findRecord(bytes, at, this.segment.mark);
      if (found === null) {
        if (at < bytes.length) this.passDamage(this.options.endId());
        at = bytes.length;
        break;
      }
      const isNote = found.kind >= firstNoteKind;
      if (found.start > at) this.passDamage(isNote ? found.id + 1 : found.id);
      at = found.end;
      if (found.kind === headKind) this.heads.set(found.head, Buffer.from(found.payload));
      if (isNote) continue;
      if (found.id > afterId) {
        const head = this.findHead(found.head, bytes, at);
        if (head === undefined) {
          this.passDamage(found.id + 1);
          continue;
        }
        const { id, kind } = found;
        records.push({ id, kind, payload: Buffer.from(found.payload), head });
        bytesLeft -= found.payload.length;
      }
      this.lastId = found.id;
      this.passedId = found.id;
    }
    this.offset += at;
    return records;
  }

  close(): void {
    if (this.descriptor !== null) closeSync(this.descriptor);
    this.descriptor = null;
  }

  private readRest(): Buffer {
    const { path, bytes } = this.segment;
    try {
      this.descriptor ??= openSegment(path, "read");
      return readBytes(this.descriptor, this.offset, bytes - this.offset);
    } catch (error) {
      // A bad sector, or somebody took the file away: what is behind it can still be read.
      this.offset = bytes;
      this.passDamage(this.options.endId(), messageOf(error));
      return Buffer.alloc(0);
    }
  }

  private passDamage(behindId: number, why = "damaged"): void {
    const count = behindId - 1 - this.passedId;
    // Only a note was damaged.
    if (count <= 0) return;
    this.options.onDamage(behindId, count, why);
    this.passedId = behindId - 1;
  }

  /** Where the copy before the record is damaged, there is one behind it. undefined: there is not. */
  private findHead(number: number, bytes: Buffer, from: number): Buffer | null | undefined {
    if (number === 0) return null;
    const known = this.heads.get(number);
    if (known !== undefined) return known;
    let record = findRecord(bytes, from, this.segment.mark);
    while (record !== null) {
      if (record.kind === headKind && record.head === number) {
        const head = Buffer.from(record.payload);
        this.heads.set(number, head);
        return head;
      }
      record = findRecord(bytes, record.end, this.segment.mark);
    }
    return undefined;
  }
}
