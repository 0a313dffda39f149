import { checkBlock, hourS, type SampleBlock } from "./block.ts";
import { HourBuilder } from "./hour-builder.ts";
import { decodeHour, encodeHour, mergeHours, type EncodedHour } from "./hour.ts";
import { rollUpHour } from "./minutes.ts";

/** Values that are held before they are encoded: 32 MB. */
const maxPendingValues = 4_000_000;

/** About 160 kB an hour for 80 columns. A longer import is decoded once more when it is stored. */
const maxHoursWithMinutes = 96;

/** Samples of one machine on their way into the store, held in memory as encoded hours. */
export class SampleImport {
  readonly #pending = new Map<number, HourBuilder>();
  readonly #encoded = new Map<number, EncodedHour>();
  #pendingValues = 0;
  /** The hour that the last rows belonged to. */
  #openHour = -1;
  #rowCount = 0;

  /** Rows that were added, those with a time of others included. */
  get rowCount(): number {
    return this.#rowCount;
  }

  /** Copies the rows; they may be in any order. Throws a RangeError for a time that cannot be stored. */
  add(block: SampleBlock): void {
    checkBlock(block);
    const { rowCount, timestampsS } = block;
    let from = 0;
    while (from < rowCount) {
      const hour = Math.floor((timestampsS[from] ?? NaN) / hourS);
      const endS = (hour + 1) * hourS;
      let to = from + 1;
      while (to < rowCount && inHour(timestampsS[to] ?? NaN, endS)) to++;
      const builder = this.#enter(hour);
      this.#pendingValues -= builder.capacity;
      builder.append(block, from, to);
      this.#pendingValues += builder.capacity;
      if (this.#pendingValues > maxPendingValues) this.#encodePending(() => true);
      from = to;
    }
    this.#rowCount += rowCount;
  }

  /** Hours in ascending order. Nothing may be added after that. */
  finish(): [hour: number, EncodedHour][] {
    this.#encodePending(() => true);
    return [...this.#encoded].toSorted(([a], [b]) => a - b);
  }

  #enter(hour: number): HourBuilder {
    if (hour !== this.#openHour) {
      this.#openHour = hour;
      // Rows come ascending as a rule: an hour that they have left is finished. Where they come back to it nevertheless, these
      // later rows wait until there are many.
      this.#encodePending((left) => left < hour && !this.#encoded.has(left));
    }
    const known = this.#pending.get(hour);
    if (known !== undefined) return known;
    const builder = new HourBuilder(hour);
    this.#pending.set(hour, builder);
    this.#pendingValues += builder.capacity;
    return builder;
  }

  #encodePending(select: (hour: number) => boolean): void {
    for (const [hour, builder] of this.#pending) {
      if (!select(hour)) continue;
      this.#pending.delete(hour);
      this.#pendingValues -= builder.capacity;
      const before = this.#encoded.get(hour);
      const own = builder.toRows();
      const rows = before === undefined ? own : mergeHours(decodeHour(before), own).rows;
      const encoded = encodeHour(rows);
      // Minutes take more memory than what they are made of takes encoded.
      const keep = this.#encoded.size < maxHoursWithMinutes;
      this.#encoded.set(hour, keep ? { ...encoded, minutes: rollUpHour(rows) } : encoded);
    }
  }
}

function inHour(timeS: number, endS: number): boolean {
  return timeS < endS && timeS >= endS - hourS;
}
