import { describe, expect, test } from "vitest";
import { addToBuckets, bucketMeans, createBuckets } from "./buckets.ts";

describe("addToBuckets()", () => {
  test("addToBuckets() keeps count, minimum, maximum and sum of each bucket", () => {
    const buckets = createBuckets(100, 10, 3);
    addToBuckets(buckets, Float64Array.of(100, 105, 109, 120), Float64Array.of(4, -2, 1, 7));
    expect([...buckets.count]).toEqual([3, 0, 1]);
    expect([...buckets.min]).toEqual([-2, NaN, 7]);
    expect([...buckets.max]).toEqual([4, NaN, 7]);
    expect([...buckets.sum]).toEqual([3, 0, 7]);
    expect([...bucketMeans(buckets)]).toEqual([1, NaN, 7]);
  });

  test("addToBuckets() passes over gaps: a bucket of gaps stays empty, not zero", () => {
    const buckets = createBuckets(0, 2, 2);
    addToBuckets(buckets, Float64Array.of(0, 1, 2, 3), Float64Array.of(NaN, NaN, 5, NaN));
    expect([...buckets.count]).toEqual([0, 1]);
    expect([...bucketMeans(buckets)]).toEqual([NaN, 5]);
  });

  test("addToBuckets() passes over samples outside of the span", () => {
    const buckets = createBuckets(10, 5, 2);
    addToBuckets(buckets, Float64Array.of(9, 10, 19, 20), Float64Array.of(1, 2, 3, 4));
    expect([...buckets.sum]).toEqual([2, 3]);
  });

  test("addToBuckets() reads only the rows asked for, and adds up over calls", () => {
    const buckets = createBuckets(0, 10, 1);
    const times = Float64Array.of(0, 1, 2, 3);
    const values = Float64Array.of(100, 1, 2, 100);
    addToBuckets(buckets, times, values, 1, 2);
    addToBuckets(buckets, times, values, 2, 3);
    expect([buckets.count[0], buckets.min[0], buckets.max[0], buckets.sum[0]]).toEqual([
      2, 1, 2, 3,
    ]);
  });
});

describe("createBuckets()", () => {
  test.each([
    [0, 3],
    [-1, 3],
    [NaN, 3],
    [10, -1],
    [10, 1.5],
  ])("createBuckets() refuses buckets of %s s, %s of them", (bucketS, length) => {
    expect(() => createBuckets(0, bucketS, length)).toThrow(RangeError);
  });
});
