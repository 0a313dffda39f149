import { hourS, type SampleBlock } from "./block.ts";
import { unite, type HourRows } from "./hour.ts";

/** Small, since a file may touch many hours once. */
const firstCapacity = 8;

/** Collects rows of one hour, in any order. */
export class HourBuilder {
  readonly #startS: number;
  #length = 0;
  #seconds = new Float64Array(firstCapacity);
  readonly #columns = new Map<string, Float64Array<ArrayBuffer>>();

  constructor(hour: number) {
    this.#startS = hour * hourS;
  }

  /** Values that there is room for, which is what memory is spent on. */
  get capacity(): number {
    return this.#seconds.length * (1 + this.#columns.size);
  }

  /** Rows `from` (inclusive) to `to` (exclusive) of the block, all of them within the hour. */
  append({ columns, timestampsS, values }: SampleBlock, from: number, to: number): void {
    const start = this.#length;
    this.#length += to - from;
    this.#seconds = grow(this.#seconds, this.#length);
    for (let row = from; row < to; row++) {
      this.#seconds[start + row - from] = (timestampsS[row] ?? NaN) - this.#startS;
    }
    columns.forEach((name, index) => {
      const own = grow(this.#columns.get(name) ?? gaps(this.#seconds.length), this.#length);
      own.set((values[index] ?? own).subarray(from, to), start);
      this.#columns.set(name, own);
    });
  }

  /**
   * Of rows with the same time the first stays, and the later ones fill its gaps. The rows share the builder's memory: nothing
   * may be appended after that.
   */
  toRows(): HourRows {
    const columns = new Map<string, Float64Array>();
    for (const [name, values] of this.#columns) {
      columns.set(name, grow(values, this.#length).subarray(0, this.#length));
    }
    const rows = { seconds: this.#seconds.subarray(0, this.#length), columns };
    return isAscending(rows.seconds) ? rows : sortRows(rows);
  }
}

function grow(array: Float64Array<ArrayBuffer>, length: number): Float64Array<ArrayBuffer> {
  if (array.length >= length) return array;
  const larger = gaps(Math.max(length, array.length * 4));
  larger.set(array);
  return larger;
}

function gaps(length: number): Float64Array<ArrayBuffer> {
  return new Float64Array(length).fill(NaN);
}

function isAscending(seconds: Float64Array): boolean {
  for (let row = 1; row < seconds.length; row++) {
    if (!((seconds[row - 1] ?? NaN) < (seconds[row] ?? NaN))) return false;
  }
  return true;
}

function sortRows({ seconds: unsorted, columns }: HourRows): HourRows {
  const { seconds, rowOf } = unite(unsorted);
  const sorted = new Map<string, Float64Array>();
  for (const [name, values] of columns) {
    const own = gaps(seconds.length);
    values.forEach((value, index) => {
      const row = rowOf[unsorted[index] ?? 0] ?? 0;
      if (Number.isNaN(own[row])) own[row] = value;
    });
    sorted.set(name, own);
  }
  return { seconds, columns: sorted };
}
