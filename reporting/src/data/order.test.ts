import { expect, test } from "vitest";
import { toOrderedSamples } from "./order.ts";

const rows = (timestampsS: number[], ...values: number[][]) => ({
  machineId: "a",
  columns: [],
  timestampsS: Float64Array.from(timestampsS),
  values: values.map((column) => Float64Array.from(column)),
});

test("toOrderedSamples() leaves rows in order as they are", () => {
  const given = rows([1, 2, 3], [4, 5, 6]);
  const { samples, corrections } = toOrderedSamples(given);
  expect(samples).toBe(given);
  expect(corrections).toEqual({ rowsRead: 3, duplicates: 0, outOfOrder: 0 });
});

test("toOrderedSamples() sorts rows and counts those that stood behind a later one", () => {
  const { samples, corrections } = toOrderedSamples(rows([1, 4, 2, 3], [10, 40, 20, 30]));
  expect([...samples.timestampsS]).toEqual([1, 2, 3, 4]);
  expect(samples.values.map((column) => [...column])).toEqual([[10, 20, 30, 40]]);
  expect(corrections).toEqual({ rowsRead: 4, duplicates: 0, outOfOrder: 2 });
});

test("toOrderedSamples() merges rows of one time: the first stays, later ones fill its gaps", () => {
  const { samples, corrections } = toOrderedSamples(
    rows([1, 1, 2, 1], [NaN, 5, 7, 6], [8, 9, NaN, 3]),
  );
  expect([...samples.timestampsS]).toEqual([1, 2]);
  expect(samples.values.map((column) => [...column])).toEqual([
    [5, 7],
    [8, NaN],
  ]);
  expect(corrections).toEqual({ rowsRead: 4, duplicates: 2, outOfOrder: 1 });
});
