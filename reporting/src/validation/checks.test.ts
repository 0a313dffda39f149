// For each check data that has its fault, and that nothing else is said of; and healthy data of several kinds, of which nothing is said.
import { describe, expect, test } from "vitest";
import type { CaptureOrigin } from "../data/input.ts";
import type { Corrections, Samples } from "../data/samples.ts";
import { createDataset } from "../statistics/dataset.ts";
import { noCorrections } from "../testing/corrections.ts";
import {
  during,
  testSamples,
  testStartS,
  type Course,
  type TestMachine,
} from "../testing/machine.ts";
import { checks } from "./checks.ts";
import { gradeData, type DataGrade } from "./grade-data.ts";

function grade(
  samples: Samples,
  corrections: Partial<Corrections> = {},
  machines: string[] = [],
  captures: CaptureOrigin[] = [],
): DataGrade {
  const rowsRead = samples.timestampsS.length;
  return gradeData(
    {
      corrections: { ...noCorrections(rowsRead), ...corrections },
      machines: new Map(["web-01", ...machines].map((id) => [id, rowsRead])),
      captures,
    },
    createDataset(samples),
  );
}

const alarms = ({ checks: results }: DataGrade) =>
  Object.fromEntries(
    results.filter((result) => result.grade !== "A").map((result) => [result.id, result.grade]),
  );
const resultOf = ({ checks: results }: DataGrade, id: string) =>
  results.find((result) => result.id === id);

/** A value between 0 and 1 that no other second has. */
const restless: Course = (s) => {
  const x = Math.sin(s * 78.233 + 1) * 43_758.5453;
  return x - Math.floor(x);
};

const day: TestMachine = {
  rows: 8640,
  columns: {
    cpu_user: (s) => 12 + restless(s),
    cpu_system: (s) => 4 + restless(s + 1),
    cpu_iowait: (s) => 1 + restless(s + 2),
    cpu_idle: (s) => 83 - restless(s) - restless(s + 1) - restless(s + 2),
    ...Object.fromEntries(
      ["nice", "irq", "softirq", "steal"].map((mode) => [`cpu_${mode}`, () => 0]),
    ),
    mem_used: (s) => 2 ** 32 + 4096 * Math.round(1e5 * restless(s)),
    context_switches: (s) => 9000 + Math.round(9000 * restless(s + 3)),
  },
};
const samplesWith = (columns: TestMachine["columns"]) =>
  testSamples({ ...day, columns: { ...day.columns, ...columns } });

/** The day's samples at other times, in seconds since the start. */
function at(timesS: number[]): Samples {
  const samples = testSamples({ ...day, rows: timesS.length });
  return { ...samples, timestampsS: Float64Array.from(timesS, (time) => testStartS + time) };
}
const steps = Array.from({ length: 8640 }, (_, row) => 10 * row);

function change(samples: Samples, name: string, row: number, value: number): Samples {
  const index = samples.columns.findIndex((column) => column.name === name);
  samples.values[index]?.fill(value, row, row + 1);
  return samples;
}

function emptied(samples: Samples, pattern: RegExp, rows: readonly number[]): Samples {
  for (const [index, { name }] of samples.columns.entries()) {
    if (pattern.test(name)) for (const row of rows) samples.values[index]?.fill(NaN, row, row + 1);
  }
  return samples;
}

/** Without a parsed line: what a reader says of a damaged cell. */
const fault = { line: 42, column: "load1", value: "banana", message: "no number" };
const gib = 2 ** 30;

/** The first half of the day and the second, of one boot. */
const halves: [CaptureOrigin, CaptureOrigin] = [
  {
    name: "a.json",
    firstS: testStartS,
    lastS: testStartS + 43_190,
    hostName: null,
    bootTimeS: testStartS - 86_400,
    cpuModel: "Test CPU",
    cpuCount: 4,
    memoryBytes: 16 * gib,
  },
  {
    name: "b.json",
    firstS: testStartS + 43_200,
    lastS: testStartS + 86_390,
    hostName: null,
    bootTimeS: testStartS - 86_400,
    cpuModel: "Test CPU",
    cpuCount: 4,
    memoryBytes: 16 * gib,
  },
];

interface Faulty {
  data: () => DataGrade;
  /** Every check that says something. */
  says: Record<string, string>;
  sentence: RegExp;
  /** Of the first place: seconds since the start, column, value. */
  place?: [secondS: number | null, column: string | null, value: RegExp];
}

const faults: Record<string, Faulty> = {
  amount: {
    data: () => grade(testSamples({ ...day, rows: 12 })),
    says: { amount: "D" },
    sentence: /12.samples over 2.min\./,
  },
  coverage: {
    data: () => grade(at(steps.filter((time) => Math.floor(time / 10) % 25 !== 7))),
    says: { coverage: "B" },
    sentence: /95\.99.%: 8,294 of 8,640/,
  },
  gaps: {
    data: () => grade(at(steps.filter((time) => time < 36_000 || time >= 37_800))),
    says: { coverage: "B", gaps: "B" },
    sentence: /1.gap, the longest 30.min/,
    place: [35_990, null, /30.min 10.s without a sample/],
  },
  jitter: {
    data: () => grade(at(steps.map((time, row) => time + (row % 9 === 4 ? 3 : 0)))),
    says: { jitter: "C" },
    sentence: /1,920.samples \(22\.22.%\) came off the interval of 10.s, by up to 3.s/,
    place: [43, null, /13 s after/],
  },
  "clock-steps": {
    data: () => grade(at(steps.map((time) => time + (time > 40_000 ? 3664 : 0)))),
    says: { coverage: "B", gaps: "B", "clock-steps": "B" },
    sentence: /1.time the samples left their rhythm/,
    place: [43_674, null, /1.h 1.min after the sample before, 4.s off/],
  },
  "stray-times": {
    data: () =>
      grade(testSamples(day), {
        strays: { count: 3, firstS: testStartS - 1e9, lastS: testStartS },
      }),
    says: { "stray-times": "B" },
    sentence: /3.samples of 8,643 are of quite another time/,
    place: [-1e9, null, /–.* UTC$/],
  },
  contradictions: {
    data: () =>
      grade(testSamples(day), { duplicates: 50, contradictions: { rows: 50, otherMemory: 3 } }),
    says: { duplicates: "B", contradictions: "B" },
    sentence: /^50.rows of 8,640 say something else than another row of the same time/,
  },
  duplicates: {
    data: () => grade(testSamples(day), { duplicates: 50 }),
    says: { duplicates: "B" },
    sentence: /50.rows of 8,640/,
  },
  order: {
    data: () => grade(testSamples(day), { outOfOrder: 50 }),
    says: { order: "B" },
    sentence: /50.rows of 8,640/,
  },
  "damaged-rows": {
    data: () =>
      grade(testSamples(day), {
        droppedRows: [{ kind: "torn", count: 1, first: [{ line: 8642, message: "cut off" }] }],
      }),
    says: { "damaged-rows": "B" },
    sentence: /1.row of 8,641 had to be dropped: 1 cut off/,
    place: [null, null, /cut off/],
  },
  "missing-columns": {
    data: () =>
      grade(samplesWith({ cpu_iowait: null, mem_available: () => NaN, mem_used: () => NaN })),
    says: { "missing-columns": "B" },
    sentence: /Missing: cpu_iowait, mem_available or mem_used\./,
  },
  "wrong-types": {
    data: () =>
      grade(testSamples(day), {
        damagedCells: [{ column: "load1", kind: "type", count: 5000, first: [fault] }],
      }),
    says: { "wrong-types": "C" },
    sentence: /5,000.cells of [\d,]+ held no number/,
    place: [null, "load1", /"banana"/],
  },
  "out-of-range": {
    data: () => grade(change(testSamples(day), "disk_sda_busy", 30, 150)),
    says: { "out-of-range": "B" },
    sentence: /1.cell of/,
    place: [300, "disk_sda_busy", /150.%/],
  },
  "empty-cells": {
    data: () => grade(samplesWith({ load1: (s) => (s % 30 === 0 ? s : NaN) })),
    says: { "empty-cells": "B" },
    sentence: /5,760.cells of/,
    place: [null, "load1", /66\.66.% empty/],
  },
  "cpu-sum": {
    data: () => grade(samplesWith({ cpu_user: (s) => 12 + restless(s) + (s === 500 ? 5 : 0) })),
    says: { "cpu-sum": "B" },
    sentence: /1.sample of 8,640/,
    place: [500, null, /add up to 105\.0 %/],
  },
  "counter-resets": {
    data: () => grade(emptied(testSamples(day), /^(cpu|disk|context)/, [700, 900])),
    says: { "counter-resets": "B" },
    sentence: /2.times/,
    place: [7000, null, /no rates of \/proc\/stat, \/proc\/diskstats/],
  },
  "repeated-samples": {
    data: () => {
      const samples = testSamples(day);
      for (const column of samples.values) column.fill(column[100] ?? NaN, 100, 400);
      return grade(samples);
    },
    says: { "repeated-samples": "C" },
    sentence: /299.samples equal the one before .* 299 of them in a row/,
    place: [1000, null, /299.repetitions follow/],
  },
  "stuck-column": {
    data: () =>
      grade(
        samplesWith({ mem_used: (s) => (s > 9000 && s < 12_000 ? gib : gib * (1 + restless(s))) }),
      ),
    says: { "stuck-column": "C" },
    sentence: /1.column stood still while others moved, mem_used for 299.samples/,
    place: [9010, "mem_used", /1\.00.GiB for 49.min 40.s/],
  },
  "raw-counters": {
    data: () => grade(samplesWith({ disk_sda_reads: (s) => 1e6 + 7 * s })),
    says: { "raw-counters": "D" },
    sentence: /1.column only ever rise/,
    place: [0, "disk_sda_reads", /rises throughout/],
  },
  outliers: {
    data: () => grade(change(testSamples(day), "net_eth0_rx_bytes", 60, 1.8e13)),
    says: { outliers: "B" },
    sentence: /1.sample cannot be/,
    place: [600, "net_eth0_rx_bytes", /16\.4.TiB/],
  },
  jumps: {
    data: () => grade(samplesWith({ mem_total: (s) => (s < 5000 ? 16 : 32) * gib })),
    says: { jumps: "B" },
    sentence: /1.change of memory or CPUs/,
    place: [5000, "mem_total", /32\.0.GiB/],
  },
  "mixed-machines": {
    data: () => grade(samplesWith({ mem_total: (s) => (s % 20 === 0 ? 16 : 32) * gib })),
    says: { "mixed-machines": "D" },
    sentence: /back and forth between 16\.0.GiB of memory and 32\.0.GiB/,
    place: [10, "mem_total", /32\.0.GiB/],
  },
};

test("every check has data that it is tried on", () => {
  expect(Object.keys(faults).toSorted()).toEqual(checks.map(({ id }) => id).toSorted());
});

describe.each(Object.entries(faults))("%s", (id, { data, says, sentence, place }) => {
  test(`${id} speaks of its fault, with numbers and place, and no other check does`, () => {
    const result = data();
    expect(alarms(result)).toEqual(says);
    const own = resultOf(result, id);
    expect(own?.sentence).toMatch(sentence);
    if (place === undefined) return;
    const [secondS, column, value] = place;
    const timeS = secondS === null ? null : testStartS + secondS;
    expect(own?.places[0]).toMatchObject({ timeS, column });
    expect(own?.places[0]?.value).toMatch(value);
  });
});

test.each<[string, () => DataGrade, Record<string, string>]>([
  [
    "a few rows that go back in time to times that were there",
    () => grade(testSamples(day), { outOfOrder: 60, duplicates: 60 }),
    { order: "B", duplicates: "B", "clock-steps": "B" },
  ],
  [
    "many rows that go back in time to times that were there",
    () => grade(testSamples(day), { outOfOrder: 200, duplicates: 200 }),
    { order: "C", duplicates: "C", "clock-steps": "C" },
  ],
  [
    "two machines that write at the same times",
    () =>
      grade(testSamples(day), {
        duplicates: 4000,
        contradictions: { rows: 4000, otherMemory: 4000 },
      }),
    { duplicates: "D", contradictions: "D", "mixed-machines": "D" },
  ],
  [
    "two series that interleave for an hour",
    () =>
      grade(
        at([...steps, ...steps.slice(0, 360).map((time) => time + 3)].toSorted((a, b) => a - b)),
      ),
    { "clock-steps": "C", jitter: "B" },
  ],
  [
    "a clock that was set back by less than an interval",
    () => grade(at(steps.map((time) => time - (time > 40_000 ? 4 : 0)))),
    { "clock-steps": "B" },
  ],
  [
    "a part larger than its whole",
    () => grade(change(testSamples(day), "mem_available", 60, 17 * gib)),
    { outliers: "B" },
  ],
  [
    "a moment without any free memory",
    () => grade(change(testSamples(day), "mem_free", 60, 0)),
    { outliers: "B" },
  ],
  [
    "memory that is another for a moment",
    () => grade(change(testSamples(day), "mem_total", 60, 48 * gib)),
    { jumps: "C" },
  ],
  [
    "memory that is another for a quarter of an hour",
    () => grade(samplesWith({ mem_total: (s) => (s >= 5000 && s < 5900 ? 48 : 16) * gib })),
    { jumps: "B" },
  ],
  [
    "traffic a thousand times further from the others than these are from one another",
    () => grade(samplesWith({ net_eth0_rx_bytes: (s) => (s === 600 ? 5e10 : 2e7 * restless(s)) })),
    { outliers: "B" },
  ],
  [
    "a CPU that was taken away",
    () => grade(emptied(testSamples(day), /^cpu1_/, [...steps.keys()].slice(8600))),
    { jumps: "B" },
  ],
  [
    "numbers of CPUs that go back and forth",
    () =>
      grade(
        emptied(
          testSamples(day),
          /^cpu1_/,
          [...steps.keys()].filter((row) => row % 3 === 0),
        ),
      ),
    { "mixed-machines": "D", "empty-cells": "B" },
  ],
  [
    "captures of two machines that take turns, with one of memory and CPUs",
    () =>
      grade(testSamples(day), {}, [], [halves[0], { ...halves[1], bootTimeS: testStartS - 9e6 }]),
    { "mixed-machines": "D" },
  ],
])("checks speak of %s", (_title, data, says) => {
  expect(alarms(data())).toEqual(says);
});

const idleColumns: Record<string, Course> = Object.fromEntries(
  testSamples(day).columns.map(({ name }): [string, Course] => [
    name,
    name === "mem_total"
      ? () => 16 * gib
      : name.endsWith("_idle")
        ? () => 100
        : name.startsWith("mem_")
          ? () => 9 * gib
          : () => 0,
  ]),
);

test.each<[string, () => DataGrade]>([
  ["a steady day", () => grade(testSamples(day))],
  ["two captures of one boot", () => grade(testSamples(day), {}, [], halves)],
  ["a file that has other machines, too", () => grade(testSamples(day), {}, ["db-01"])],
  [
    "a machine under full load for hours",
    () =>
      grade(
        samplesWith({
          cpu_user: during(300, 900, { high: 100, low: 10 }),
          cpu_idle: during(300, 900, { high: 0, low: 90 }),
          cpu_system: () => 0,
          cpu_iowait: () => 0,
          disk_sda_busy: during(300, 900, { high: 100, low: 3 }),
        }),
      ),
  ],
  [
    "short bursts among zeros",
    () =>
      grade(
        samplesWith({
          vm_swapin_pages: (s) => (s === 5000 ? 20_000 : 0),
          disk_sda_write_bytes: (s) => (s % 9000 === 0 ? 2e9 : 0),
        }),
      ),
  ],
  [
    "a burst of traffic that varies much anyway",
    () => grade(samplesWith({ net_eth0_rx_bytes: (s) => (s === 600 ? 9e10 : 4e8 * restless(s)) })),
  ],
  [
    "shares that were rounded",
    () =>
      grade(
        samplesWith({
          cpu_user: (s) => 12.4 + restless(s),
          disk_sda_busy: (s) => (s === 600 ? 100.3 : 5 + restless(s)),
        }),
      ),
  ],
  [
    "a disk that has no requests for most of the time",
    () => grade(samplesWith({ disk_sda_await_ms: (s) => (s % 600 === 0 ? 0.5 : NaN) })),
  ],
  [
    "a machine that is busy by day and idle by night",
    () => {
      const samples = testSamples(day);
      const idle = testSamples({ ...day, columns: idleColumns });
      for (const [index, column] of samples.values.entries()) {
        column.set((idle.values[index] ?? column).subarray(8000), 8000);
      }
      return grade(samples);
    },
  ],
  [
    "timestamps that wander by a second",
    () => grade(at(steps.map((time) => time + Math.floor(2 * restless(time))))),
  ],
  [
    "a file system that grows, and is extended",
    () =>
      grade(
        samplesWith({
          "fs_/_size_bytes": (s) => (s < 40_000 ? 100 : 200) * gib,
          "fs_/_available_bytes": (s) => (s < 40_000 ? 50 : 150) * gib - 4096 * s,
        }),
      ),
  ],
])("no check speaks of %s", (_title, data) => {
  expect(alarms(data())).toEqual({});
});

test("no check speaks of an idle machine, whether something moves in it or not", () => {
  expect(alarms(grade(testSamples({ ...day, columns: idleColumns })))).toEqual({});
  const breathing = {
    ...idleColumns,
    context_switches: (s: number) => 30 + Math.round(9 * restless(s)),
  };
  expect(alarms(grade(testSamples({ ...day, columns: breathing })))).toEqual({});
  // Counted in ticks, 1 % of a CPU is 1 % for minutes.
  const ticks: Course = (s) => 1 + (Math.floor(s / 600) % 2);
  const ticking = { ...idleColumns, cpu_user: ticks, cpu_idle: (s: number) => 100 - ticks(s) };
  expect(alarms(grade(testSamples({ ...day, columns: ticking })))).toEqual({});
});

test("outliers are none beside one that is as large, with a gap on the other side", () => {
  const samples = testSamples(day);
  for (const [row, value] of [
    [60, NaN],
    [61, 5e10],
    [62, 6e10],
  ] as const) {
    change(samples, "net_eth0_rx_bytes", row, value);
  }
  expect(grade(samples).checks.find(({ id }) => id === "outliers")).toMatchObject({ grade: "A" });
});
