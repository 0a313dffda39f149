import type { Series } from "@perfanalysis/contract/api";
import { expect, test } from "vitest";
import { withLiveSamples } from "./live-series.ts";

const sample = (time: number, load1: number | null) => ({ time, values: { load1 } });

test("withLiveSamples() appends one sample a bucket and cuts the window's start", () => {
  const grown = withLiveSamples(answer(1, 100, [1, 2, 3]), [sample(103, 9)], 3);
  expect(grown.time).toEqual([101, 102, 103]);
  expect(load(grown).mean).toEqual([2, 3, 9]);
});

test("withLiveSamples() ignores samples that the portal's answer holds already", () => {
  const before = answer(1, 100, [1, 2, 3]);
  expect(withLiveSamples(before, [sample(102, 50)], 3)).toBe(before.series);
});

test("withLiveSamples() leaves a hole where seconds are missing", () => {
  const grown = withLiveSamples(answer(1, 100, [1, 2, 3]), [sample(105, 4)], null);
  expect(grown.time).toEqual([100, 101, 102, 103, 104, 105]);
  expect(load(grown).mean).toEqual([1, 2, 3, null, null, 4]);
});

test("withLiveSamples() keeps a gap inside a sample a gap", () => {
  const grown = withLiveSamples(answer(1, 100, [1]), [sample(101, null), sample(102, 2)], null);
  expect(load(grown).mean).toEqual([1, null, 2]);
});

test("withLiveSamples() gathers minimum, mean and maximum of a new bucket exactly", () => {
  const samples = [sample(110, 4), sample(111, 10), sample(112, 1), sample(120, 7)];
  const grown = withLiveSamples(answer(10, 90, [1, 2]), samples, null);
  expect(grown.time).toEqual([90, 100, 110, 120]);
  expect(load(grown)).toMatchObject({
    min: [1, 2, 1, 7],
    mean: [1, 2, 5, 7],
    max: [1, 2, 10, 7],
  });
});

test("withLiveSamples() goes on with the portal's unfinished bucket, weighing it by its seconds", () => {
  const { series } = answer(10, 100, [2]);
  const grown = withLiveSamples({ series, toS: 103 }, [sample(103, 10), sample(104, 1)], null);
  expect(load(grown)).toMatchObject({ min: [1], mean: [(3 * 2 + 10 + 1) / 5], max: [10] });
});

test("withLiveSamples() starts a grid where the portal had no sample", () => {
  const { series } = answer(5, 0, []);
  const grown = withLiveSamples({ series, toS: 0 }, [sample(33, 1), sample(39, 2)], 60);
  expect(grown.time).toEqual([33, 38]);
  expect(load(grown).mean).toEqual([1, 2]);
});

test("withLiveSamples() forgets everything old after an absence longer than the window", () => {
  const grown = withLiveSamples(answer(1, 100, [1, 2, 3]), [sample(100_000, 4)], 3);
  expect(grown.time).toEqual([99_998, 99_999, 100_000]);
  expect(load(grown).mean).toEqual([null, null, 4]);
});

function answer(bucketS: number, startS: number, values: number[]) {
  const toS = startS + values.length * bucketS;
  const series: Series = {
    machine_id: "web-01",
    timestamp_range: {
      start: new Date(startS * 1000).toISOString(),
      end: new Date(toS * 1000).toISOString(),
    },
    bucket_seconds: bucketS,
    resolution: "sample",
    time: values.map((_, index) => startS + index * bucketS),
    series: [{ column: "load1", unit: "count", min: values, mean: values, max: values }],
  };
  return { series, toS };
}

function load(series: Series) {
  const column = series.series.find((each) => each.column === "load1");
  if (column === undefined) throw new RangeError("The series has no load1");
  return column;
}
