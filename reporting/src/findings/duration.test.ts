import { expect, test } from "vitest";
import type { Condition, Span } from "../statistics/episodes.ts";
import {
  describeStrictly,
  findStrictEpisodes,
  howOften,
  severityOf,
  tooShort,
} from "./duration.ts";

const condition: Condition = { direction: "above", enter: 90, leave: 80, minimumS: 300 };
/** Minute by minute; the data may go on, quiet, until `length` minutes. */
function find(values: number[], length = values.length) {
  const means = Float64Array.from({ length }, (_, minute) => values[minute] ?? 10);
  const window = { startS: 0, endS: 60 * length };
  const series = { startS: 0, bucketS: 60, means, window, edges: new Map<number, Span>() };
  return { window, episodes: findStrictEpisodes(series, condition) };
}
const plain = (text: string) => text.replaceAll("\u{a0}", " ");
const minutes = (count: number, value: number) => Array.from({ length: count }, () => value);

test("findStrictEpisodes() passes over a state that was hardly beyond the threshold", () => {
  expect(find([95, 95, 95, ...minutes(33, 86)]).episodes).toEqual([]);
  expect(find([...minutes(5, 95), ...minutes(33, 86)]).episodes).toMatchObject([
    { endS: 38 * 60, beyondS: 300 },
  ]);
});

/** As sar takes samples: one in ten minutes. */
const tenMinutes = (values: number[]) => ({
  startS: 0,
  bucketS: 600,
  means: Float64Array.from(values),
  window: { startS: 0, endS: 600 * values.length },
  edges: new Map<number, Span>(),
});

test("findStrictEpisodes() believes no state of which fewer than three values are beyond the threshold", () => {
  expect(findStrictEpisodes(tenMinutes([10, 95, 86, 85, 95, 10]), condition)).toEqual([]);
  expect(findStrictEpisodes(tenMinutes([10, 95, 86, 95, 95, 10]), condition)).toMatchObject([
    { startS: 600, endS: 3000, beyondS: 1800 },
  ]);
});

test("tooShort() refuses two values, however much time they stand for", () => {
  expect(plain(tooShort(tenMinutes([95, 95, NaN])) ?? "")).toBe(
    "2 values in 20 min; the rule needs 3.",
  );
  expect(tooShort(tenMinutes([95, 95, 95]))).toBeNull();
});

test("severityOf() does not count what lies between the thresholds", () => {
  const { episodes, window } = find([...minutes(14, 95), ...minutes(30, 86)]);
  expect(severityOf(episodes, window)).toBe("warning");
  const longer = find([...minutes(15, 95), ...minutes(30, 86)]);
  expect(severityOf(longer.episodes, longer.window)).toBe("critical");
});

test("severityOf() only warns of a hundredth of the window that is over", () => {
  const { episodes, window } = find(minutes(20, 95), 2001);
  expect(severityOf(episodes, window)).toBe("warning");
  expect(severityOf(episodes, { ...window, endS: 120_000 })).toBe("critical");
  const lasting = find([...minutes(1981, 10), ...minutes(20, 95)], 2001);
  expect(severityOf(lasting.episodes, lasting.window)).toBe("critical");
});

test.each([
  [minutes(100, 95), " throughout"],
  [[...minutes(98, 95), 10, 10], " most of the time"],
  [[...minutes(49, 95), ...minutes(51, 86)], " at times"],
])("howOften() tells the share of the window, case %#", (values, words) => {
  const { episodes, window } = find(values);
  expect(howOften(episodes, window)).toBe(words);
});

test("describeStrictly() tells the time beyond the threshold, and what ends a period", () => {
  const partly = [...minutes(6, 95), 86, 86];
  const say = (values: number[]) => plain(describeStrictly(find(values).episodes, "below 80 %"));
  expect(say(minutes(6, 95))).toBe("for 6 min (1 Jan 1970 00:00 – 00:06 UTC)");
  expect(say(partly)).toBe(
    "for 6 min within 8 min (1 Jan 1970 00:00 – 00:08 UTC); a period lasts until below 80 %",
  );
  expect(say([...partly, 10, ...partly])).toBe(
    "for 12 min within 2 periods of 16 min in all, the longest 1 Jan 1970 00:00 – 00:08 UTC; a period lasts until below 80 %",
  );
  expect(say([...minutes(6, 95), 10, ...minutes(6, 95)])).toBe(
    "in 2 periods, 12 min in all, the longest 1 Jan 1970 00:00 – 00:06 UTC",
  );
});
