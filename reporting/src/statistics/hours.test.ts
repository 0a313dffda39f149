import { expect, test } from "vitest";
import { testSamples, testStartS } from "../testing/machine.ts";
import { findTimeZone, utc } from "../time-zone.ts";
import { createDataset } from "./dataset.ts";
import { busiestHour, hoursOf, toDays, toHours } from "./hours.ts";

const at = (text: string) => Date.parse(text) / 1000;

/** A sample a minute, its value the hour of the day in UTC. */
function minutes(from: string, count: number) {
  const times = Float64Array.from({ length: count }, (_, index) => at(from) + 60 * index);
  return { times, values: times.map((time) => Math.floor(time / 3600) % 24) };
}

test("toHours() gives every hour from the first to the last, and none for what was hardly measured", () => {
  const { times, values } = minutes("2026-03-02T10:40:00Z", 140);
  const hours = toHours(times, values, { intervalS: 60, zone: utc });
  expect(hours.map(({ mean }) => mean)).toEqual([NaN, 11, 12]);
  expect(hours[0]?.startS).toBe(at("2026-03-02T10:00:00Z"));
});

test("toHours() takes gaps as gaps", () => {
  const { times, values } = minutes("2026-03-02T10:00:00Z", 180);
  values.fill(NaN, 60, 120);
  const hours = toHours(times, values, { intervalS: 60, zone: utc });
  expect(hours.map(({ mean }) => mean)).toEqual([10, NaN, 12]);
  expect(toHours(new Float64Array(), new Float64Array(), { intervalS: 60, zone: utc })).toEqual([]);
});

test("hoursOf() knows the hours of samples that come less often than most", () => {
  const samples = testSamples({ rows: 840, columns: { load1: (s) => (s < 7200 ? 1 : 3) } });
  // Two hours at 10 s, then two at a minute.
  const timestampsS = samples.timestampsS.map((time, row) =>
    row < 720 ? time : testStartS + 7200 + 60 * (row - 720),
  );
  const dataset = createDataset({ ...samples, timestampsS });
  const load = dataset.measure("load1");
  const { timing } = dataset;
  const hours = load === null ? [] : hoursOf(dataset.minutes(load), { timing, zone: utc });
  expect(hours.map(({ mean }) => mean)).toEqual([1, 1, 3, 3]);
});

test("hoursOf() weighs minutes by what was measured of them, also beside gaps", () => {
  // Half of the first hour is there, in turns of 5 s and 95 s, beginning at the third second of a minute; the second is whole.
  const inPieces = (s: number): boolean => s >= 3600 || s % 200 < 100;
  const course = (s: number): number => (s >= 3600 ? 20 : s % 200 < 5 ? 100 : 10);
  const rows = Array.from({ length: 7200 }, (_, s) => s).filter(inPieces);
  const samples = testSamples({ rows: rows.length, intervalS: 1, columns: { load1: () => 0 } });
  const at3 = testStartS + 3;
  const index = samples.columns.findIndex(({ name }) => name === "load1");
  samples.values[index] = Float64Array.from(rows, course);
  const dataset = createDataset({
    ...samples,
    timestampsS: Float64Array.from(rows, (s) => at3 + s),
  });
  const load = dataset.measure("load1");
  const { timing } = dataset;
  const hours = load === null ? [] : hoursOf(dataset.minutes(load), { timing, zone: utc });
  const inHour = (hour: number): number[] =>
    rows.filter((s) => Math.floor((s + 3) / 3600) === hour).map(course);
  const means = [0, 1].map(
    (hour) => inHour(hour).reduce((sum, v) => sum + v, 0) / inHour(hour).length,
  );
  expect(hours[0]?.mean).toBeCloseTo(means[0] ?? NaN, 9);
  expect(hours[1]?.mean).toBeCloseTo(means[1] ?? NaN, 9);
});

test("toHours() begins where hours begin on the reader's clock", () => {
  const { times, values } = minutes("2026-03-02T10:20:00Z", 60);
  const hours = toHours(times, values, { intervalS: 60, zone: findTimeZone("Asia/Kathmandu") });
  expect(hours.map(({ startS }) => startS)).toEqual([
    at("2026-03-02T10:15:00Z"),
    at("2026-03-02T11:15:00Z"),
  ]);
});

test("busiestHour() finds the highest, gaps apart", () => {
  const hours = [NaN, 3, 9, NaN, 1].map((mean, index) => ({ startS: 3600 * index, mean }));
  expect(busiestHour(hours)?.startS).toBe(7200);
  expect(busiestHour([{ startS: 0, mean: NaN }])).toBeNull();
});

test("toDays() sorts hours by the reader's date, also when summer begins and ends", () => {
  const zone = findTimeZone("Europe/Berlin");
  const { times, values } = minutes("2026-03-28T23:00:00Z", 23 * 60);
  const days = toDays(toHours(times, values, { intervalS: 60, zone }), zone);
  expect(days).toHaveLength(1);
  expect(Array.from(days[0]?.hours ?? []).slice(0, 5)).toEqual([23, 0, NaN, 1, 2]);
  const autumn = minutes("2026-10-24T22:00:00Z", 25 * 60);
  const whole = toDays(toHours(autumn.times, autumn.values, { intervalS: 60, zone }), zone);
  expect(whole).toHaveLength(1);
  expect(Array.from(whole[0]?.hours ?? []).slice(0, 5)).toEqual([22, 23, 1, 2, 3]);
});
