import { expect, test } from "vitest";
import { toSpans } from "./spans.ts";

const minutes = (startS: number, ...means: number[]) => ({
  startS,
  bucketS: 60,
  means: Float64Array.from(means),
  window: { startS, endS: startS + 60 * means.length },
  edges: new Map<number, { startS: number; endS: number }>(),
});

test("toSpans() takes means over whole multiples of the span", () => {
  const { startsS, spanS, means } = toSpans(minutes(600, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10), 300);
  expect(spanS).toBe(300);
  expect([...startsS]).toEqual([600, 900]);
  expect([...means]).toEqual([3, 8]);
});

test("toSpans() leaves a gap where less than four fifths of a span were measured", () => {
  const { means } = toSpans(minutes(660, 2, 3, 4, 5, 6, NaN, NaN, 9, 10), 300);
  expect([...means]).toEqual([3.5, NaN]);
});

test("toSpans() takes a span that is no multiple of the minutes up to the next", () => {
  expect(toSpans(minutes(0, 1, 1, 1, 1), 61).spanS).toBe(120);
});
