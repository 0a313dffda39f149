import { countThat } from "../count-of.ts";
import { SegmentReader } from "./segment-reader.ts";
import type { Segment } from "./segment.ts";
import type { ReadLimits, SpoolRecord } from "./spool.ts";

export interface SpoolReaderOptions {
  /** Oldest first; those who write add to it and take away. */
  segments: readonly Segment[];
  /** Of the record to come. */
  nextId: () => number;
  acknowledgedId: () => number;
  /** For people. */
  report: (message: string) => void;
}

/** Reads from segment to segment, and remembers what was found to be damaged. */
export class SpoolReader {
  private readonly options: SpoolReaderOptions;
  private current: SegmentReader | null = null;
  /** Numbers of damaged records that are not acknowledged yet, by the id behind them. */
  private readonly damage = new Map<number, number>();

  constructor(options: SpoolReaderOptions) {
    this.options = options;
  }

  read(afterId: number, { maxRecords, maxBytes }: ReadLimits): SpoolRecord[] {
    const records: SpoolRecord[] = [];
    const left = { maxRecords, maxBytes };
    let reader = this.find(afterId);
    while (reader !== null) {
      for (const record of reader.read(afterId, left)) {
        records.push(record);
        left.maxRecords -= 1;
        left.maxBytes -= record.payload.length;
      }
      if (left.maxRecords <= 0 || left.maxBytes <= 0) break;
      const next = this.behind(reader.segment);
      if (next === null) break;
      reader = this.open(next);
    }
    return records;
  }

  /** Damaged records that are not acknowledged yet. */
  countDamaged(): number {
    let damaged = 0;
    for (const count of this.damage.values()) damaged += count;
    return damaged;
  }

  /** Answers how many damaged records there are up to this one, and forgets them. */
  takeDamaged(upToId: number): number {
    let damaged = 0;
    for (const [behindId, count] of this.damage) {
      if (behindId - 1 > upToId) continue;
      damaged += count;
      this.damage.delete(behindId);
    }
    return damaged;
  }

  /** The segment is about to be removed. */
  leave(segment: Segment): void {
    if (this.current?.segment === segment) this.close();
  }

  close(): void {
    this.current?.close();
    this.current = null;
  }

  private find(afterId: number): SegmentReader | null {
    if (this.current?.standsAt(afterId) === true) return this.current;
    const { segments } = this.options;
    const segment = segments.findLast(({ firstId }) => firstId <= afterId + 1) ?? segments[0];
    return segment === undefined ? null : this.open(segment);
  }

  private open(segment: Segment): SegmentReader {
    this.close();
    this.current = new SegmentReader(segment, {
      endId: () => this.behind(segment)?.firstId ?? this.options.nextId(),
      onDamage: (behindId, count, why) => {
        // It was told before.
        if (behindId - 1 <= this.options.acknowledgedId() || this.damage.has(behindId)) return;
        this.damage.set(behindId, count);
        this.options.report(`${segment.path}: ${why}; ${countThat(count, "record")} lost`);
      },
    });
    return this.current;
  }

  private behind(segment: Segment): Segment | null {
    const { segments } = this.options;
    return segments[segments.indexOf(segment) + 1] ?? null;
  }
}
