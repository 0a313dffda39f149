import type { Series } from "@perfanalysis/contract/api";
import { findTimeZone, utc } from "@perfanalysis/reporting/time-zone";
import { expect, test } from "vitest";
import { isOfDays, listPictures } from "./pictures.ts";

const text = { id: "picture", title: "", description: "" };
const cpus = ["cpu0_idle", "cpu0_iowait", "cpu1_idle", "cpu1_iowait"];
const hourS = 3600;
const dayS = 24 * hourS;
const mondayS = Date.UTC(2026, 2, 2) / 1000;

test("listPictures() shows each CPU where there are several, and hours where there are days", () => {
  const ids = (columns: string[], ofDays: boolean) =>
    listPictures(columns, { ofDays }).map(({ id }) => id);
  expect(ids([...cpus, "cpu_idle"], true)).toEqual(["cpus", "hours"]);
  expect(ids([...cpus, "cpu_idle"], false)).toEqual(["cpus"]);
  expect(ids(["cpu_user", "cpu0_idle"], true)).toEqual([]);
});

test("isOfDays() takes spans from a day to what the portal gives in quarters of an hour", () => {
  const ofDays = (days: number) => isOfDays({ fromS: 100, toS: 100 + days * dayS });
  expect([0.9, 1, 30, 52, 53].map(ofDays)).toEqual([false, true, true, true, false]);
});

test("the strips ask for each CPU in numbers' order, of very many the first", () => {
  const columns = Array.from({ length: 100 }, (_, cpu) => `cpu${99 - cpu}_idle`);
  const [picture] = listPictures(columns, { ofDays: false });
  expect(picture?.title).toBe("Each CPU, how busy over time (the first 64 of 100)");
  expect(picture?.columns.slice(0, 3)).toEqual(["cpu0_idle", "cpu1_idle", "cpu2_idle"]);
  expect(picture?.columns).toHaveLength(64);
});

test("the strips show CPU time that neither idles nor waits, and hatch what was not measured", () => {
  const drawn = draw("cpus", {
    bucketS: 10,
    cpu0_idle: [95, 95, null],
    cpu0_iowait: [0, 0, null],
    cpu1_idle: [5, 50, 5],
    cpu1_iowait: [0, 45, 0],
  });
  expect(cellsOf(drawn)).toEqual([
    ["0–10 %", "M0 0h2V1h-2zM1 1h1V2h-1z"],
    ["90–100 %", "M0 1h1V2h-1zM2 1h1V2h-1z"],
  ]);
  expect(drawn).toContain("no data");
});

test("the hours stand in rows of days on the reader's clocks, gaps for hours of which half is missing", () => {
  const quarters = Array.from({ length: 8 }, (_, index) => (index < 4 ? 95 : 5));
  const values = { bucketS: 900, cpu_idle: [...quarters, null, null, null, 5] };
  expect(cellsOf(draw("hours", values))).toEqual([
    ["0–10 %", "M0 0h1V1h-1z"],
    ["90–100 %", "M1 0h1V1h-1z"],
  ]);
  // Midnight in UTC is half past five there: those quarters of an hour go to two hours.
  expect(cellsOf(draw("hours", values, "Asia/Kolkata"))).toEqual([
    ["0–10 %", "M5 0h1V1h-1z"],
    ["50–60 %", "M6 0h1V1h-1z"],
    ["90–100 %", "M7 0h1V1h-1z"],
  ]);
});

test("the hours are asked for in quarters of an hour, at which the clocks of all zones agree", () => {
  const [, picture] = listPictures([...cpus, "cpu_idle"], { ofDays: true });
  expect(picture?.toGrid({ fromS: mondayS + 1, toS: mondayS + dayS + 1 })).toEqual({
    span: { fromS: mondayS, toS: mondayS + dayS + 900 },
    points: 97,
  });
});

test("a picture of nothing but gaps is none", () => {
  const [, picture] = listPictures([...cpus, "cpu_idle"], { ofDays: true });
  const empty = toSeries({ bucketS: 900, cpu_idle: [null, null] });
  expect(picture?.draw(empty, { text, zone: utc })).toBeNull();
});

type Values = { bucketS: number } & Record<string, number | (number | null)[]>;

function draw(id: string, values: Values, zone = "UTC"): string {
  const picture = listPictures([...cpus, "cpu_idle"], { ofDays: true }).find(
    (each) => each.id === id,
  );
  const chart = picture?.draw(toSeries(values), { text, zone: findTimeZone(zone) });
  return `${chart?.svg.toString()}`;
}

function toSeries({ bucketS, ...columns }: Values): Series {
  const entries = Object.entries(columns).flatMap(([column, values]) =>
    typeof values === "number" ? [] : [{ column, values }],
  );
  const length = entries[0]?.values.length ?? 0;
  return {
    machine_id: "web-01",
    timestamp_range: { start: "2026-03-02T00:00:00Z", end: "2026-03-02T12:00:00Z" },
    bucket_seconds: bucketS,
    resolution: "sample",
    time: Array.from({ length }, (_, index) => mondayS + index * bucketS),
    series: entries.map(({ column, values }) => ({
      column,
      unit: "percent",
      min: values,
      mean: values,
      max: values,
    })),
  };
}

/** Of each level that there is: its name and its path. */
function cellsOf(svg: string): (string | undefined)[][] {
  return [...svg.matchAll(/data-label="([^"]*)"[^>]* d="([^"]*)"/g)].map(([, label, path]) => [
    label,
    path,
  ]);
}
