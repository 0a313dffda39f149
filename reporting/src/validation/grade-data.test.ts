import { expect, test } from "vitest";
import type { Corrections, Samples } from "../data/samples.ts";
import { createDataset } from "../statistics/dataset.ts";
import { noCorrections } from "../testing/corrections.ts";
import { testSamples, testStartS, type TestMachine } from "../testing/machine.ts";
import { gradeData, type DataGrade } from "./grade-data.ts";

const steady: TestMachine = { rows: 8640 };

function grade(samples: Samples, corrections: Partial<Corrections> = {}): DataGrade {
  const none = noCorrections(samples.timestampsS.length);
  const input = { corrections: { ...none, ...corrections }, machines: new Map(), captures: [] };
  return gradeData(input, createDataset(samples));
}

const gradesOf = ({ checks }: DataGrade) =>
  Object.fromEntries(
    checks.filter((check) => check.grade !== "A").map((check) => [check.name, check.grade]),
  );

/** A day without the rows of the given minutes. */
function without(fromMinute: number, toMinute: number): Samples {
  const samples = testSamples(steady);
  const kept = [...samples.timestampsS.keys()].filter(
    (row) => row * 10 < fromMinute * 60 || row * 10 >= toMinute * 60,
  );
  const pick = (array: Float64Array) => Float64Array.from(kept, (row) => array[row] ?? NaN);
  return { ...samples, timestampsS: pick(samples.timestampsS), values: samples.values.map(pick) };
}

test("gradeData() gives an A, and forbids nothing, to a day without fault", () => {
  expect(grade(testSamples(steady))).toMatchObject({ grade: "A", limits: [] });
});

test.each([
  [0, 60, {}],
  [600, 630, { Coverage: "B", Gaps: "B" }],
  [600, 720, { Coverage: "C", Gaps: "C" }],
  [600, 1020, { Coverage: "D", Gaps: "D" }],
])(
  "gradeData() judges the coverage of a day without the minutes %i to %i",
  (from, to, expected) => {
    expect(gradesOf(grade(without(from, to)))).toEqual(expected);
  },
);

test.each([
  [{ duplicates: 1 }, {}],
  [{ duplicates: 50 }, { Duplicates: "B" }],
  [{ duplicates: 4000 }, { Duplicates: "D" }],
  [{ outOfOrder: 5 }, { Order: "B" }],
  [{ outOfOrder: 2000 }, { Order: "D" }],
])("gradeData() judges the corrections %j", (corrections, expected) => {
  expect(gradesOf(grade(testSamples(steady), corrections))).toEqual(expected);
});

test("gradeData() names the columns that are missing, or hold nothing", () => {
  const columns = { disk_sda_busy: null, disk_sda_queue: () => NaN, disk_sda_await_ms: null };
  const { checks } = grade(testSamples({ ...steady, columns }));
  expect(checks.find(({ name }) => name === "Columns")).toMatchObject({
    grade: "B",
    sentence:
      "Missing: a disk's busy share, a disk's queue or await. Rules that lack others say so themselves.",
  });
});

test("gradeData() counts empty cells, but not columns of what the machine does not have", () => {
  const absent = {
    vm_oom_kills: () => NaN,
    disk_sda_await_ms: (s: number) => (s % 20 === 0 ? NaN : s % 7),
  };
  expect(gradesOf(grade(testSamples({ ...steady, columns: absent })))).toEqual({});
  const half = { cpu_user: (s: number) => (s % 20 === 0 ? NaN : s % 7) };
  expect(gradesOf(grade(testSamples({ ...steady, columns: half })))).toEqual({ Cells: "B" });
});

test("gradeData() sees a sender that repeats itself, and not a machine that is idle", () => {
  const samples = testSamples(steady);
  expect(gradesOf(grade(samples))).toEqual({});
  for (const column of samples.values) column.fill(column[100] ?? NaN, 100, 400);
  expect(gradesOf(grade(samples))).toEqual({ "Stuck values": "C" });
});

test("gradeData() takes samples without a value for empty ones, not for repetitions", () => {
  const samples = testSamples(steady);
  for (const column of samples.values) column.fill(NaN, 100, 400);
  expect(gradesOf(grade(samples))).toEqual({ Cells: "B" });
  for (const column of samples.values) column.fill(NaN);
  const { grade: worst, checks } = grade(samples);
  expect(worst).toBe("F");
  expect(checks.map(({ sentence }) => sentence)).toContain("No cell holds a value.");
});

test.each([
  ["slower", 600, 200],
  ["faster", 200, 600],
])("gradeData() finds no fault with a collector that was set to a %s interval", (_, at, behind) => {
  const samples = testSamples({ ...steady, rows: at + behind });
  const [first, second] = at > behind ? [10, 60] : [60, 10];
  const timestampsS = samples.timestampsS.map((_time, row) =>
    row < at ? testStartS + row * first : testStartS + at * first + (row - at) * second,
  );
  expect(gradesOf(grade({ ...samples, timestampsS }))).toEqual({});
});

test("gradeData() says what a short capture does not support", () => {
  const short = grade(testSamples({ rows: 12 }));
  expect(short.grade).toBe("D");
  expect(short.limits.join(" ")).toMatch(/low confidence.*below 24 h/);
  expect(grade(testSamples({ rows: 2 }))).toMatchObject({ grade: "F" });
  expect(
    grade({ ...testSamples({ rows: 1 }), timestampsS: Float64Array.of(testStartS) }).grade,
  ).toBe("F");
});

test("gradeData() finds the longest of more gaps than a call takes arguments", () => {
  const timestampsS = Float64Array.from(
    { length: 450_000 },
    (_, row) => testStartS + Math.floor(row / 3) * 9 + (row % 3),
  );
  const samples = { ...testSamples({ rows: 0 }), timestampsS, columns: [], values: [] };
  const gaps = grade(samples).checks.find(({ name }) => name === "Gaps");
  expect(gaps?.sentence).toMatch(/149,999.gaps, the longest 7.s/);
});

test("gradeData() forbids what a fault takes away, and names the fault", () => {
  const columns = { mem_total: (s: number) => (s % 20 === 0 ? 16 : 32) * 2 ** 30 };
  const { forbids, limits } = grade(testSamples({ ...steady, columns }));
  expect(forbids).toEqual({
    rightSizing: "No right-sizing: samples of more than one machine are mixed.",
    dailyProfile: "Nothing about the daily course: samples of more than one machine are mixed.",
    trend: "No trend: samples of more than one machine are mixed.",
  });
  expect(limits).toEqual(expect.arrayContaining(Object.values(forbids)));
});

test("gradeData() forbids what needs more time than there is, in numbers", () => {
  const { forbids } = grade(testSamples({ rows: 3960 }));
  expect(forbids).toEqual({
    rightSizing: expect.stringMatching(/^11.h captured: no right-sizing below 24.h\.$/),
    dailyProfile: expect.stringMatching(/^11.h captured: nothing about the daily course below/),
    trend: null,
  });
});
