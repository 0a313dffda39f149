import { checkBlock, hourS, type SampleBlock } from "./block.ts";
import { HourBuilder } from "./hour-builder.ts";
import { decodeHour, encodeHour, mergeHours, type EncodedHour } from "./hour.ts";

/** Values that are held before they are encoded: 32 MB. */
const maxPendingValues = 4_000_000;

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
    const builder = this.#pending.get(hour) ?? new HourBuilder(hour);
    this.#pending.set(hour, builder);
    return builder;
  }

  #encodePending(select: (hour: number) => boolean): void {
    for (const [hour, builder] of this.#pending) {
      if (!select(hour)) continue;
      this.#pending.delete(hour);
      this.#pendingValues -= builder.capacity;
      const before = this.#encoded.get(hour);
      const rows = builder.toRows();
      this.#encoded.set(
        hour,
        encodeHour(before === undefined ? rows : mergeHours(decodeHour(before), rows).rows),
      );
    }
  }
}

function inHour(timeS: number, endS: number): boolean {
  return timeS < endS && timeS >= endS - hourS;
}
