import { expect, test } from "vitest";
import { testDataset, testStartS } from "../testing/machine.ts";
import { align, AlignmentError } from "./alignment.ts";

const hourS = 3600;
const long = testDataset({ rows: 720, intervalS: 10 });
const short = testDataset({
  machineId: "web-02",
  rows: 360,
  intervalS: 10,
  startS: testStartS + 5 * hourS,
});

test("align() by elapsed time compares what the shortest capture has", () => {
  const { startS, endS, positions, rows } = align([long, short], "elapsed");
  expect([startS, endS]).toEqual([0, hourS]);
  expect(
    positions.map((position, at) => position([long, short][at]?.timing.startS ?? NaN)),
  ).toEqual([0, 0]);
  expect(rows.map(({ length }) => length)).toEqual([360, 360]);
});

test("align() by time of day compares the minutes that every capture has, whatever the day", () => {
  const early = testDataset({
    rows: 720,
    intervalS: 10,
    startS: testStartS + 86_400 + 4.5 * hourS,
  });
  const { startS, endS, rows } = align([early, short], "time-of-day");
  expect([startS, endS]).toEqual([5 * hourS, 6 * hourS]);
  expect(rows.map(({ length }) => length)).toEqual([360, 360]);
  expect(rows[0]?.[0]).toBe(180);
});

test("align() by time of day goes on behind midnight where that is shorter than the day around", () => {
  const night = (hours: number, day: number) =>
    testDataset({ rows: 1440, intervalS: 10, startS: testStartS + (24 * day + hours) * hourS });
  const { startS, endS, positions, rows } = align([night(22, 0), night(21, 3)], "time-of-day");
  expect([startS, endS]).toEqual([22 * hourS, 25 * hourS]);
  expect(rows.map(({ length }) => length)).toEqual([1080, 1080]);
  expect(positions[0]?.(testStartS + 22 * hourS)).toBe(22 * hourS);
  expect(positions[0]?.(testStartS + 24.5 * hourS)).toBe(24.5 * hourS);
});

test("align() by time of day takes a sample for its whole interval", () => {
  const sparse = testDataset({ rows: 12, intervalS: 300 });
  expect(align([sparse, long], "time-of-day")).toMatchObject({ startS: 0, endS: hourS });
});

test("align() by marker compares the time around it that all have", () => {
  const markers = [testStartS + hourS, testStartS + 5.5 * hourS];
  const { startS, endS, rows } = align([long, short], "marker", markers);
  expect([startS, endS]).toEqual([-hourS / 2, hourS / 2]);
  expect(rows[0]?.[0]).toBe(180);
});

test("align() says why captures cannot be compared", () => {
  expect(() => align([long, short], "time-of-day")).toThrow(
    new AlignmentError("Cannot compare by the time of day: the captures share no minute of it"),
  );
  expect(() => align([long, short], "marker", [testStartS])).toThrow(
    /web-02 has none; give one for each/,
  );
  expect(() => align([long, short], "marker", [testStartS, testStartS])).toThrow(
    "2026-03-02T00:00:00Z lies outside of web-02's capture, 2026-03-02T05:00:00Z to 2026-03-02T05:59:50Z",
  );
  expect(() => align([long, short], "marker", [testStartS, testStartS + 6 * hourS])).toThrow(
    "around their markers the captures share no time",
  );
});

test("align() by elapsed time says that one sample lasts no time, and nothing of markers", () => {
  expect(() => align([long, testDataset({ rows: 1 })], "elapsed")).toThrow(
    new AlignmentError(
      "Cannot compare by the time since the start: a capture of one sample lasts no time",
    ),
  );
});
