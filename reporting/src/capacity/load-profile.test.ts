import type { LineSpeed } from "./line-speeds.ts";
import { expect, test } from "vitest";
import { createDataset } from "../statistics/dataset.ts";
import {
  testDataset,
  testSamples,
  testStartS,
  type Course,
  type TestMachine,
} from "../testing/machine.ts";
import { findTimeZone, utc } from "../time-zone.ts";
import { parseBusinessHours } from "./calendar.ts";
import { profileLoad } from "./load-profile.ts";

const businessHours = parseBusinessHours("Mon-Fri 08:00-18:00");
/** By 5 min, from a Monday on. */
const profile = (
  columns: Record<string, Course | null>,
  {
    days = 7,
    timeZone = utc,
    ...machine
  }: Partial<TestMachine> & { days?: number; timeZone?: typeof utc } = {},
) =>
  profileLoad(
    testDataset({
      rows: 288 * days,
      intervalS: 300,
      ...machine,
      columns: { cpu_iowait: () => 0, ...columns },
    }),
    { disks: ["sda"], interfaces: ["eth0"], speeds: new Map() },
    { businessHours, timeZone },
  );
const hourOf = (s: number) => (s / 3600) % 24;
const dayOf = (s: number) => Math.floor(s / 86_400);
const busy = (course: Course) => ({ cpu_idle: (s: number) => 100 - course(s) });
const cpuOf = ({ resources }: ReturnType<typeof profile>) =>
  resources.find(({ use }) => use.kind === "cpu");

test("profileLoad() tells business hours from nights and weekends", () => {
  const course: Course = (s) => (dayOf(s) > 4 ? 5 : hourOf(s) >= 8 && hourOf(s) < 18 ? 60 : 10);
  const found = cpuOf(profile(busy(course)));
  expect(found?.periods).toEqual([
    { period: "business", measuredS: 5 * 10 * 3600, mean: 60, p95: 60 },
    { period: "night", measuredS: 5 * 14 * 3600, mean: 10, p95: 10 },
    { period: "weekend", measuredS: 2 * 24 * 3600, mean: 5, p95: 5 },
  ]);
});

test("profileLoad() reads the hours on the reader's clock", () => {
  const course: Course = (s) => (hourOf(s) >= 13 && hourOf(s) < 23 ? 60 : 10);
  const found = cpuOf(
    profile(busy(course), { days: 5, timeZone: findTimeZone("America/New_York") }),
  );
  expect(found?.periods[0]).toMatchObject({ period: "business", mean: 60 });
  expect(found?.hours?.[8]).toBe(60);
});

test("profileLoad() names the busiest hour, and leaves gaps out", () => {
  const course: Course = (s) => (s < 7200 ? NaN : Math.floor(s / 3600) === 50 ? 70 : 20);
  expect(cpuOf(profile(busy(course), { days: 3 }))?.busiestHour).toEqual({
    startS: Date.UTC(2026, 2, 4, 2) / 1000,
    mean: 70,
  });
  expect(cpuOf(profile({}, { rows: 20 }))?.busiestHour).toBeNull();
});

test("profileLoad() finds a trend with its confidence, and none in noise", () => {
  const rising = cpuOf(profile(busy((s) => 10 + s / 86_400 + Math.sin(s))))?.trend;
  expect(rising?.perDay).toBeCloseTo(1, 1);
  expect(rising?.lowPerDay).toBeGreaterThan(0.9);
  const noise = cpuOf(profile(busy((s) => 20 + 5 * Math.sin(s * s))))?.trend;
  expect(noise?.lowPerDay).toBeLessThan(0);
  expect(noise?.highPerDay).toBeGreaterThan(0);
  expect(
    cpuOf(
      profile(
        busy(() => 20),
        { rows: 5 },
      ),
    )?.trend,
  ).toBeNull();
});

test("profileLoad() finds work that recurs at night, with what it keeps busy", () => {
  const night = (s: number): boolean => hourOf(s) >= 2 && hourOf(s) < 3.5;
  const { batchWindows } = profile({
    ...busy((s) => (night(s) ? 40 : 10)),
    disk_sda_busy: (s) => (night(s) ? 90 : 5),
  });
  expect(batchWindows).toHaveLength(1);
  expect(batchWindows[0]).toMatchObject({
    startMinute: 120,
    lengthS: 5400,
    dayCount: 7,
    overrunS: 0,
    busy: [
      { load: { label: "Disk sda" }, mean: 90 },
      { load: { label: "CPU" }, mean: 40 },
    ],
  });
});

test("profileLoad() takes no weekend for a change of level, and finds one that lasts", () => {
  const atWork = (s: number): boolean => dayOf(s) % 7 < 5 && hourOf(s) >= 8 && hourOf(s) < 18;
  const changesOf = (extra: Course) =>
    cpuOf(
      profile(
        busy((s) => (atWork(s) ? 45 : 8) + extra(s) + ((s / 300) % 3)),
        { days: 28 },
      ),
    )?.changes.map(({ atS }) => Math.round((atS - testStartS) / 86_400));
  expect(changesOf(() => 0)).toEqual([]);
  expect(changesOf((s) => s / 86_400)).toEqual([]);
  expect(changesOf((s) => s / 86_400 + (dayOf(s) < 15 ? 0 : 20))).toEqual([15]);
  expect(changesOf((s) => (dayOf(s) < 15 ? 0 : 20))).toEqual([15]);
});

test("profileLoad() takes two pieces of work of one night for two, each with its own time", () => {
  const course: Course = (s) => {
    const hour = hourOf(s);
    return (hour >= 2 && hour < 2.25) || (hour >= 2.5 && hour < 3) ? 60 : 10;
  };
  for (const days of [1, 7]) {
    const { batchWindows } = profile(busy(course), { days });
    expect(batchWindows).toMatchObject([
      { startMinute: 120, lengthS: 900, dayCount: days },
      { startMinute: 150, lengthS: 1800, dayCount: days },
    ]);
  }
});

test("profileLoad() takes work around midnight for one window", () => {
  const start = (s: number) => (dayOf(s + 3600) % 2 === 0 ? 23.75 : 24.25);
  const course: Course = (s) => {
    const hour = (hourOf(s) + 12) % 24;
    return hour >= start(s) - 12 && hour < start(s) - 11 ? 60 : 10;
  };
  const { batchWindows } = profile(busy(course));
  expect(batchWindows).toHaveLength(1);
  expect(batchWindows[0]?.lengthS).toBe(3600);
  const minute = batchWindows[0]?.startMinute ?? NaN;
  expect(Math.min(minute, 1440 - minute)).toBeLessThanOrEqual(15);
});

const onDays = (days: number[], from: number, to: number): Course => {
  return (s) => (days.includes(dayOf(s)) && hourOf(s) >= from && hourOf(s) < to ? 60 : 5);
};
const windowsOf = (course: Course, days = 14) =>
  profile(
    { ...busy(course), net_eth0_rx_bytes: null, net_eth0_tx_bytes: null },
    { days },
  ).batchWindows.map(({ startMinute, dayCount }) => ({ startMinute, dayCount }));

test("profileLoad() takes people's day at a weekend for no batch, and short work that recurs there for one", () => {
  expect(windowsOf(onDays([5], 9, 17), 7)).toEqual([]);
  expect(windowsOf(onDays([5, 6, 12, 13], 9, 17))).toEqual([]);
  expect(windowsOf(onDays([5, 6, 12, 13], 7.75, 17))).toEqual([]);
  expect(windowsOf(onDays([5], 10, 12), 7)).toEqual([]);
  expect(windowsOf(onDays([5, 12], 10, 12))).toEqual([{ startMinute: 600, dayCount: 2 }]);
});

test("profileLoad() takes what was seen in one night for a batch unless the same night of another week is without", () => {
  expect(windowsOf(onDays([2], 2, 4), 7)).toEqual([{ startMinute: 120, dayCount: 1 }]);
  expect(windowsOf(onDays([5], 2, 4), 7)).toEqual([{ startMinute: 120, dayCount: 1 }]);
  expect(windowsOf(onDays([2], 2, 4))).toEqual([]);
  expect(windowsOf(onDays([9], 2, 4))).toEqual([]);
  expect(windowsOf(onDays([2, 9], 2, 4))).toEqual([{ startMinute: 120, dayCount: 2 }]);
});

test("profileLoad() sees no batch in a quiet night, in steady load, or in bursts", () => {
  const windows = (course: Course) =>
    profile({ ...busy(course), net_eth0_rx_bytes: null, net_eth0_tx_bytes: null }).batchWindows;
  expect(windows(() => 10)).toEqual([]);
  expect(windows(() => 70)).toEqual([]);
  expect(windows((s) => (s % 3600 < 300 ? 90 : 10))).toEqual([]);
});

test("profileLoad() asks of a batch window to be well above what is usual outside of business hours", () => {
  const seen = (usual: number, high: number) =>
    windowsOf((s) => (hourOf(s) >= 2 && hourOf(s) < 4 ? high : usual), 3).length;
  // A quarter of the limit; twice the usual; the usual and a quarter of the limit.
  expect([seen(5, 24), seen(5, 26)]).toEqual([0, 1]);
  expect([seen(15, 29), seen(15, 31)]).toEqual([0, 1]);
  expect([seen(40, 64), seen(40, 66)]).toEqual([0, 1]);
});

test("profileLoad() sees a batch end on a machine that works all night, too", () => {
  const course: Course = (s) => (hourOf(s) >= 2 && hourOf(s) < 4 ? 90 : 40);
  const { batchWindows } = profile(busy(course), { days: 3 });
  expect(batchWindows).toMatchObject([{ startMinute: 120, lengthS: 7200, dayCount: 3 }]);
});

test("profileLoad() asks of a batch window to last for ten minutes", () => {
  const seen = (lengthS: number) =>
    profile(
      busy((s) => (s % 86_400 >= 7200 && s % 86_400 < 7200 + lengthS ? 60 : 5)),
      { rows: 1440 * 3, intervalS: 60 },
    ).batchWindows.length;
  expect([seen(540), seen(660)]).toEqual([0, 1]);
});

test("profileLoad() takes work that begins at other times for other work", () => {
  const twice: Course = (s) => Math.max(onDays([1], 1, 2)(s), onDays([3], 4, 5)(s));
  expect(windowsOf(twice, 7)).toEqual([
    { startMinute: 60, dayCount: 1 },
    { startMinute: 240, dayCount: 1 },
  ]);
});

test("profileLoad() tells how far a batch runs into business hours, unless it is the day's own load", () => {
  const overrun = (toHour: number) =>
    profile(
      busy((s) => (hourOf(s) >= 5 && hourOf(s) < toHour ? 60 : 5)),
      { days: 4 },
    ).batchWindows.map(({ overrunS }) => overrunS);
  expect([overrun(8), overrun(10), overrun(13)]).toEqual([[0], [7200], [0]]);
});

test("profileLoad() takes work on a day off for people's where most of it is by day", () => {
  expect(windowsOf(onDays([5], 6, 9), 7)).toEqual([{ startMinute: 360, dayCount: 1 }]);
  expect(windowsOf(onDays([5], 7, 10), 7)).toEqual([]);
});

test("profileLoad() names what rises and falls together, and nothing of noise", () => {
  const wave: Course = (s) => 30 + 20 * Math.sin(s / 9000);
  const { correlations } = profile({
    ...busy(wave),
    net_eth0_tx_bytes: (s) => 1000 * wave(s) ** 2,
    context_switches: (s) => 90_000 - 1000 * wave(s),
    disk_sda_busy: (s) => 5 + Math.sin(s * s),
  });
  const pairs = correlations.map(({ one, other, coefficient }) => [one, other, coefficient]);
  expect(pairs).toEqual([
    ["CPU", "eth0 sent", expect.closeTo(1)],
    ["CPU", "Context switches", expect.closeTo(-1)],
    ["eth0 sent", "Context switches", expect.closeTo(-1)],
  ]);
});

test("profileLoad() makes no correlation of a few minutes", () => {
  const wave: Course = (s) => 30 + 20 * Math.sin(s / 900);
  const columns = { ...busy(wave), context_switches: wave };
  expect(profile(columns, { rows: 20 }).correlations).toEqual([]);
});

test("profileLoad() has nothing to say of a file without resources", () => {
  const none = Object.fromEntries(
    ["cpu_idle", "mem_available", "disk_sda_busy", "net_eth0_rx_bytes", "net_eth0_tx_bytes"].map(
      (name) => [name, null],
    ),
  );
  expect(profile(none)).toMatchObject({ resources: [], batchWindows: [], correlations: [] });
});

test("profileLoad() does not take the day that begins early and ends late for a batch", () => {
  const course: Course = (s) => (hourOf(s) >= 7 && hourOf(s) < 20 ? 50 : 5);
  expect(profile(busy(course), { days: 5 }).batchWindows).toEqual([]);
});

test("profileLoad() names the busiest hour of the reader's clock, as the resource's own section does", () => {
  const course: Course = (s) => (dayOf(s) === 1 && hourOf(s) >= 10 && hourOf(s) < 12 ? 90 : 10);
  const timeZone = findTimeZone("Asia/Kathmandu");
  const { startS = NaN, mean } = cpuOf(profile(busy(course), { timeZone }))?.busiestHour ?? {};
  // Clocks there are 5 h 45 min ahead: hours begin at a quarter past.
  expect(new Date(startS * 1000).toISOString()).toBe("2026-03-03T10:15:00.000Z");
  expect(mean).toBe(90);
});

test("profileLoad() weighs minutes by what was measured of them, so that its means are those of the samples", () => {
  const startS = Date.UTC(2026, 2, 2, 19, 10, 15) / 1000;
  // From 15 s into a minute to 10 s into another, without the minutes from 3 to 5 min 20 s.
  const course: Course = (s) => (s < 45 ? 20 : s < 180 ? 90 : 60);
  const samples = testSamples({ rows: 131, intervalS: 5, startS, columns: busy(course) });
  const kept = Array.from(samples.timestampsS, (timeS, row) => ({ s: timeS - startS, row })).filter(
    ({ s }) => s < 180 || s >= 320,
  );
  const dataset = createDataset({
    ...samples,
    timestampsS: Float64Array.from(kept, ({ s }) => startS + s),
    values: samples.values.map((values) =>
      Float64Array.from(kept, ({ row }) => values[row] ?? NaN),
    ),
  });
  const devices = { disks: [], interfaces: [], speeds: new Map<string, LineSpeed>() };
  const found = cpuOf(profileLoad(dataset, devices, { businessHours, timeZone: utc }));
  const measure = dataset.measure("cpu_busy");
  expect(found?.periods).toMatchObject([{ period: "night", measuredS: 5 * kept.length }]);
  expect(found?.periods[0]?.mean).toBeCloseTo(
    measure === null ? NaN : dataset.summary(measure).mean,
    9,
  );
});
