import { expect, test } from "vitest";
import { bucketPercentiles } from "./bucket-percentiles.ts";
import { addToBuckets, createBuckets } from "./buckets.ts";
import { percentiles } from "./percentiles.ts";

/** A sample a second; a bucket of `bucketS` seconds. */
function made(values: Float64Array, bucketS: number) {
  const times = values.map((_, second) => second);
  const buckets = createBuckets(0, bucketS, Math.ceil(values.length / bucketS));
  addToBuckets(buckets, times, values);
  return bucketPercentiles(buckets, times, values);
}

/** Uniform in 0–1, always the same. */
function noise(length: number): Float64Array {
  let state = 1;
  return Float64Array.from({ length }, () => {
    state = (state * 48_271) % 2_147_483_647;
    return state / 2_147_483_647;
  });
}

test("bucketPercentiles() is exact for buckets of up to 100 samples", () => {
  const values = noise(1000);
  const { p5, p95 } = made(values, 100) ?? { p5: [], p95: [] };
  expect(p5).toHaveLength(10);
  for (let bucket = 0; bucket < 10; bucket++) {
    const own = values.subarray(100 * bucket, 100 * bucket + 100);
    const [low = NaN, high = NaN] = percentiles(own, [0.05, 0.95]);
    expect([p5[bucket], p95[bucket]]).toEqual([expect.closeTo(low, 12), expect.closeTo(high, 12)]);
  }
});

test("bucketPercentiles() comes near where buckets hold thousands of samples", () => {
  const { p5, p95 } = made(noise(200_000), 5000) ?? { p5: [], p95: [] };
  const mean = (list: ArrayLike<number>) =>
    Array.from(list).reduce((sum, value) => sum + value, 0) / list.length;
  expect(mean(p5)).toBeCloseTo(0.05, 1.5);
  expect(mean(p95)).toBeCloseTo(0.95, 1.5);
  expect(Array.from(p95).every((value) => value > 0.85 && value < 1)).toBe(true);
});

test("bucketPercentiles() does not fall into step with what repeats", () => {
  // Every tenth second is busy: a sample of every tenth second would see all of it, or nothing.
  const values = Float64Array.from({ length: 10_000 }, (_, second) =>
    second % 10 === 0 ? 100 : 0,
  );
  const { p5, p95 } = made(values, 1000) ?? { p5: [], p95: [] };
  expect(Array.from(p5)).toEqual(Array.from({ length: 10 }, () => 0));
  expect(Array.from(p95).filter((value) => value === 100).length).toBeGreaterThanOrEqual(8);
});

test("bucketPercentiles() leaves gaps out, and buckets that hold next to nothing", () => {
  const values = noise(300);
  values.fill(NaN, 100, 195);
  const { p5, p95 } = made(values, 100) ?? { p5: [], p95: [] };
  expect(Array.from(p5, Number.isNaN)).toEqual([false, true, false]);
  expect(Array.from(p95, Number.isNaN)).toEqual([false, true, false]);
});

test("bucketPercentiles() is null where buckets hold few samples", () => {
  expect(made(noise(300), 10)).toBeNull();
  expect(made(new Float64Array(300).fill(NaN), 100)).toBeNull();
});
