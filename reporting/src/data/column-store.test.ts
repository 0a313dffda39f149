import { mkdtempSync, readdirSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { parseColumn, type MetricColumn } from "@perfanalysis/contract/columns";
import * as fc from "fast-check";
import { expect, test } from "vitest";
import { createColumnStore, type ColumnStoreOptions } from "./column-store.ts";
import { openScratchFile } from "./scratch-file.ts";

const columns = ["cpu_user", "mem_free"].map(column);

function column(name: string): MetricColumn {
  const known = parseColumn(name);
  if (known === null) throw new RangeError(`"${name}" is unknown`);
  return known;
}

type Row = [timeS: number, first: number, second: number];

/** Rows in blocks of seven, whose arrays are overwritten as a parser's are. */
function store(rows: readonly Row[], options: ColumnStoreOptions = {}) {
  const kept = createColumnStore(options);
  for (const one of columns) kept.addColumn(one);
  const [timestampsS, first, second] = [0, 1, 2].map(() => new Float64Array(7));
  if (timestampsS === undefined || first === undefined || second === undefined) throw new Error();
  for (let from = 0; from < rows.length; from += 7) {
    const block = rows.slice(from, from + 7);
    for (const [index, [timeS, one, other]] of block.entries()) {
      timestampsS[index] = timeS;
      first[index] = one;
      second[index] = other;
    }
    kept.append({ rowCount: block.length, timestampsS, values: [first, second] });
  }
  return kept.finish("web-01");
}

const ascending = (count: number): Row[] =>
  Array.from({ length: count }, (_, row) => [row, row / 4, row % 5 === 0 ? NaN : -row]);

/** What the rows should become, the slow way. */
function merged(rows: readonly Row[]): Row[] {
  const byTime = new Map<number, Row>();
  for (const row of rows) {
    const before = byTime.get(row[0]) ?? [row[0], NaN, NaN];
    byTime.set(row[0], [
      row[0],
      Number.isNaN(before[1]) ? row[1] : before[1],
      Number.isNaN(before[2]) ? row[2] : before[2],
    ]);
  }
  return [...byTime.values()].toSorted((a, b) => a[0] - b[0]);
}

const toRows = ({ samples }: ReturnType<typeof store>): Row[] =>
  Array.from(samples.timestampsS, (timeS, row) => [
    timeS,
    samples.values[0]?.[row] ?? NaN,
    samples.values[1]?.[row] ?? NaN,
  ]);

const setAside = { memoryBytes: 0 };

test.each([[{}], [{ estimateRows: () => 5000 }], [setAside]])(
  "createColumnStore(%j) gives back what was put in, in memory or not",
  (options) => {
    const rows = ascending(5000);
    const kept = store(rows, options);
    expect(toRows(kept)).toEqual(rows);
    expect(kept.samples.columns).toEqual(columns);
    expect(kept.corrections).toEqual({
      rowsRead: 5000,
      duplicates: 0,
      outOfOrder: 0,
      contradictions: { rows: 0, otherMemory: 0 },
      strays: null,
    });
  },
);

test("createColumnStore() leaves no name of what it set aside behind, and reads it more than once", () => {
  const folder = mkdtempSync(join(tmpdir(), "column-store-"));
  const rows = ascending(3000);
  const kept = store(rows, { ...setAside, openFile: () => openScratchFile(folder) });
  expect(readdirSync(folder)).toEqual([]);
  rmSync(folder, { recursive: true });
  expect(toRows(kept)).toEqual(rows);
  expect(kept.samples.values.map((values) => values.length)).toEqual([3000, 3000]);
});

test("createColumnStore() keeps everything in memory where the disk is full, also from the middle on", () => {
  for (const room of [0, 4]) {
    const file = openScratchFile();
    let appended = 0;
    const full = Object.assign(new Error("no space"), { syscall: "write" });
    const append = (values: Float64Array): number => {
      if (appended++ >= room) throw full;
      return file.append(values);
    };
    const rows = ascending(5000);
    expect(toRows(store(rows, { ...setAside, openFile: () => ({ ...file, append }) }))).toEqual(
      rows,
    );
  }
});

test("createColumnStore() has gaps in what came before a column was there", () => {
  for (const memoryBytes of [0, 1e6]) {
    const kept = createColumnStore({ memoryBytes });
    const ones = new Float64Array(1500).fill(1);
    const times = Float64Array.from({ length: 1500 }, (_, row) => row);
    kept.addColumn(column("cpu_user"));
    kept.append({ rowCount: 1500, timestampsS: times, values: [ones] });
    kept.addColumn(column("load1"));
    kept.append({ rowCount: 1500, timestampsS: times.map((s) => s + 1500), values: [ones, ones] });
    const { samples } = kept.finish("a");
    const sums = samples.values.map((values) => values.reduce((sum, v) => sum + (v || 0), 0));
    expect(sums).toEqual([3000, 1500]);
    expect(samples.values[1]?.subarray(0, 1500).every((value) => Number.isNaN(value))).toBe(true);
    expect(samples.values[1]?.[1500]).toBe(1);
  }
});

test("createColumnStore() sorts rows and merges those of one time, in memory or not", () => {
  const value = fc.constantFrom(NaN, 1, 2, 3);
  const row = fc.tuple(fc.integer({ min: 0, max: 12 }), value, value);
  fc.assert(
    fc.property(fc.array(row, { minLength: 1, maxLength: 40 }), (rows) => {
      const kept = store(rows);
      expect(toRows(kept)).toEqual(merged(rows));
      expect(kept.corrections.duplicates).toBe(rows.length - merged(rows).length);
    }),
  );
  // Enough of them that some are set aside.
  const many = Array.from({ length: 4000 }, (_, index): Row => {
    const timeS = index % 9 === 0 ? index - 5 : index - (index % 3);
    return [timeS, index % 2 === 0 ? NaN : index, index];
  });
  expect(toRows(store(many, setAside))).toEqual(merged(many));
  expect(store(many, setAside).corrections).toEqual(store(many).corrections);
});

test("columns in a file can be read into one and the same array", () => {
  const rows = ascending(5000);
  const { samples } = store(rows, { memoryBytes: 1 });
  const room = new Float64Array(rows.length);
  const read = [0, 1].map((index) => {
    samples.readColumn?.(index, room);
    return [...room];
  });
  expect(read).toEqual(samples.values.map((values) => [...values]));
  expect(store(rows).samples.readColumn).toBeUndefined();
  // What has to be put in order first is not read so.
  expect(store(rows.toReversed(), { memoryBytes: 1 }).samples.readColumn).toBeUndefined();
});

test("some rows of a column in a file can be read alone, wherever they lie", () => {
  const rows = ascending(5000);
  // The second has its last rows in memory.
  let appended = 0;
  const file = openScratchFile();
  const full = Object.assign(new Error("no space"), { syscall: "write" });
  const append = (values: Float64Array): number => {
    if (appended++ >= 9) throw full;
    return file.append(values);
  };
  for (const openFile of [openScratchFile, () => ({ ...file, append })]) {
    const { samples } = store(rows, { ...setAside, openFile });
    const [, whole = new Float64Array()] = samples.values;
    fc.assert(
      fc.property(fc.nat(4999), fc.nat(3000), (from, length) => {
        const room = new Float64Array(Math.min(length, rows.length - from));
        samples.readColumn?.(1, room, from);
        expect([...room]).toEqual([...whole.subarray(from, from + room.length)]);
      }),
    );
    expect(samples.readColumn).toBeDefined();
  }
});

test("createColumnStore() tells of rows that contradict one of the same time, in memory or not, in order or not", () => {
  const rows = ascending(3000);
  const other = rows.map(([timeS, one, two]): Row => [timeS, one + 1, two]);
  const interleaved = rows.flatMap((row, at) => [row, other[at] ?? row]);
  for (const options of [{}, setAside]) {
    for (const given of [interleaved, [...rows, ...other]]) {
      const { corrections } = store(given, options);
      expect(corrections).toMatchObject({ duplicates: 3000, contradictions: { rows: 3000 } });
    }
    const { corrections } = store([...rows, ...rows], options);
    expect(corrections).toMatchObject({ duplicates: 3000, contradictions: { rows: 0 } });
  }
});

test("createColumnStore() leaves out what is of quite another time, in memory or not, in order or not", () => {
  const late = 1e9;
  const rows = ascending(5000).map(([timeS, ...values]): Row => [timeS + late, ...values]);
  const mixed: Row[] = [[5, 1, 1], ...rows, [3 * late, 2, 2]];
  const strays = { count: 2, firstS: 5, lastS: 3 * late };
  for (const options of [{}, setAside]) {
    for (const given of [mixed, mixed.toReversed()]) {
      const kept = store(given, options);
      expect(toRows(kept)).toEqual(rows);
      expect(kept.corrections).toMatchObject({ rowsRead: 5002, duplicates: 0, strays });
      const room = kept.samples.values[0]?.slice(20, 30) ?? new Float64Array();
      kept.samples.readColumn?.(0, room, 20);
      expect(room[0]).toBe(20 / 4);
    }
  }
});

test("createColumnStore() counts one row where one stands before all that it belongs behind", () => {
  const [last, ...others] = ascending(100).toReversed();
  const rows = others.toReversed();
  if (last !== undefined) rows.splice(20, 0, last);
  expect(store(rows).corrections).toMatchObject({ rowsRead: 100, duplicates: 0, outOfOrder: 1 });
});
