import { expect, test } from "vitest";
import { testSamples } from "../testing/machine.ts";
import { releaseSamples } from "./samples.ts";

test("releaseSamples() empties what is in memory, and does not load what is not", () => {
  const samples = testSamples({ rows: 100 });
  let loads = 0;
  const get = (): Float64Array => {
    loads++;
    return new Float64Array(100);
  };
  Object.defineProperty(samples.values, 0, { get, enumerable: true });
  releaseSamples(samples);
  expect(samples.timestampsS).toHaveLength(0);
  expect(samples.values[1]).toHaveLength(0);
  expect(loads).toBe(0);
});
