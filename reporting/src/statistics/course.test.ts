import { expect, test } from "vitest";
import { joinBuckets } from "./buckets.ts";
import { courseSpan } from "./course.ts";
import { createDataset } from "./dataset.ts";
import { createRowGrid, toBuckets } from "./row-grid.ts";
import { testSamples } from "../testing/machine.ts";
import { measureTiming } from "../data/timing.ts";

function timing(startS: number, intervalS: number, rows: number) {
  return measureTiming(Float64Array.from({ length: rows }, (_, row) => startS + row * intervalS));
}

test("courseSpan() begins its buckets at full minutes and hours where each holds many samples", () => {
  const day = courseSpan(timing(1_700_000_123, 1, 86_400));
  expect(day).toEqual({ startS: 1_700_000_040, bucketS: 120, length: 721 });
  const week = courseSpan(timing(1_700_000_123, 60, 7 * 1440));
  expect(week).toEqual({ startS: 1_700_000_100, bucketS: 900, length: 672 });
});

test("courseSpan() puts edges beside the samples where each bucket holds few", () => {
  expect(courseSpan(timing(1_700_000_123, 10, 360))).toEqual({
    startS: 1_700_000_118,
    bucketS: 10,
    length: 360,
  });
  expect(courseSpan(timing(1_700_000_123, 300, 288))).toMatchObject({ bucketS: 300, length: 288 });
});

test.each([2, 10, 300, 901, 5400, 86_400])(
  "courseSpan() of %i samples has at most 900 buckets",
  (rows) => {
    for (const intervalS of [1, 7, 60]) {
      const span = courseSpan(timing(1_700_000_123, intervalS, rows));
      expect(span.length).toBeLessThanOrEqual(900);
      expect(span.startS + span.length * span.bucketS).toBeGreaterThan(
        1_700_000_123 + (rows - 1) * intervalS,
      );
    }
  },
);

test("joinBuckets() gives what the samples themselves give, with gaps, empty and half-filled buckets", () => {
  const times = Float64Array.from(
    { length: 4000 },
    (_, row) => 10_017 + row + (row > 1500 ? 900 : 0),
  );
  const values = times.map((_, row) => (row % 7 === 0 ? NaN : (row * 37) % 101));
  const span = { startS: 9900, bucketS: 300, length: 17 };
  const minutes = createRowGrid(times, { startS: 9960, bucketS: 60, length: 84 });
  expect(joinBuckets(toBuckets(minutes, values), span)).toEqual(
    toBuckets(createRowGrid(times, span), values),
  );
});

test("dataset.course() is of the samples whether minutes make it up or not, and of each kind of measure", () => {
  for (const rows of [50, 9000]) {
    const dataset = createDataset(testSamples({ rows }));
    const grid = createRowGrid(dataset.timestampsS, dataset.span);
    for (const name of ["cpu_busy", "cpu0_idle", "mem_available"]) {
      const measure = dataset.measure(name);
      if (measure === null) throw new Error(`${name} is missing`);
      const course = dataset.course(measure);
      const expected = toBuckets(grid, measure.values);
      expect(course.count).toEqual(expected.count);
      expect(course.max).toEqual(expected.max);
      for (const [bucket, sum] of course.sum.entries()) {
        expect(sum).toBeCloseTo(expected.sum[bucket] ?? NaN, 3);
      }
    }
  }
});
