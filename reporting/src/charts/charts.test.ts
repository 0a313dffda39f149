import { fileURLToPath } from "node:url";
import { expect, test } from "vitest";
import { addToBuckets, createBuckets, type Buckets } from "../statistics/buckets.ts";
import type { Course } from "../testing/machine.ts";
import type { Chart } from "./frame.ts";
import { mirroredChart } from "./mirrored.ts";
import { stackedChart } from "./stacked.ts";
import { timeSeriesChart } from "./time-series.ts";

const startS = Date.UTC(2026, 2, 2) / 1000;

/** Three hours at 10 s in buckets of a minute, with a gap from 01:00 to 01:10 that holds one lone minute. */
function buckets(course: Course): Buckets {
  const made = createBuckets(startS, 60, 180);
  const seconds = Array.from({ length: 1080 }, (_, row) => 10 * row).filter(
    (s) => s < 3600 || s >= 4200 || Math.floor(s / 60) === 65,
  );
  addToBuckets(
    made,
    Float64Array.from(seconds, (s) => startS + s),
    Float64Array.from(seconds, course),
  );
  return made;
}

const text = { id: "chart-test", title: "Title <of> the chart", description: "What & it shows." };

const golden = (name: string) => fileURLToPath(new URL(`golden/${name}.svg`, import.meta.url));

test("timeSeriesChart() draws band, mean, gaps, a lone bucket and a threshold", async () => {
  const busy = buckets((s) => 50 + 40 * Math.sin(s / 900) + ((s / 10) % 3) * 4);
  const chart = timeSeriesChart({
    ...text,
    unit: "percent",
    series: [{ label: "Busy", color: "blue", buckets: busy }],
    thresholds: [{ value: 90, label: "limit 90 %" }],
    wholePercent: true,
  });
  await expect(`${chart.svg.toString()}\n`).toMatchFileSnapshot(golden("time-series"));
});

test("timeSeriesChart() draws the core of many samples within their band", async () => {
  const busy = buckets((s) => 50 + 40 * Math.sin(s / 900) + ((s / 10) % 6) ** 2);
  const core = { p5: busy.min.map((low) => low + 2), p95: busy.max.map((high) => high - 9) };
  const chart = timeSeriesChart({
    ...text,
    unit: "percent",
    series: [{ label: "Busy", color: "blue", buckets: busy, core }],
    wholePercent: true,
  });
  expect(chart.legend.map(({ label }) => label)).toEqual(["Busy, mean", "p5–p95", "min–max"]);
  await expect(`${chart.svg.toString()}\n`).toMatchFileSnapshot(golden("time-series-core"));
});

test("timeSeriesChart() leaves out a threshold far beyond the values", () => {
  const options = {
    ...text,
    unit: "count",
    thresholds: [{ value: 100, label: "limit 100" }],
  } as const;
  const draw = (high: number) =>
    timeSeriesChart({
      ...options,
      series: [{ label: "n", color: "blue", buckets: buckets(() => high) }],
    });
  expect(draw(2).svg.toString()).not.toContain("limit 100");
  expect(draw(60).svg.toString()).toContain("limit 100");
});

test("stackedChart() draws layers upon each other", async () => {
  const layer = (scale: number) => {
    const made = buckets((s) => scale * (1 + Math.sin(s / 1500)));
    return made.sum.map((sum, index) => sum / (made.count[index] || NaN));
  };
  const chart = stackedChart({
    ...text,
    unit: "percent",
    span: { startS, bucketS: 60, length: 180 },
    layers: [
      { label: "User", color: "blue", means: layer(20) },
      { label: "System", color: "orange", means: layer(8) },
    ],
    wholePercent: true,
  });
  await expect(`${chart.svg.toString()}\n`).toMatchFileSnapshot(golden("stacked"));
});

test("mirroredChart() draws two directions around zero", async () => {
  const chart = mirroredChart({
    ...text,
    unit: "bytes/s",
    up: { label: "Read", color: "blue", buckets: buckets((s) => 3e6 * (1 + Math.sin(s / 700))) },
    down: { label: "Written", color: "orange", buckets: buckets((s) => 1e6 * ((s / 10) % 4)) },
  });
  await expect(`${chart.svg.toString()}\n`).toMatchFileSnapshot(golden("mirrored"));
});

test("timeSeriesChart() and mirroredChart() have no band where every point is one value", () => {
  const flat = (scale: number) => buckets((s) => scale * Math.floor(s / 60));
  const up = { label: "Read", color: "blue", buckets: flat(1) } as const;
  const down = { label: "Written", color: "orange", buckets: flat(2) } as const;
  const labelsOf = (chart: Chart) => chart.legend.map(({ label }) => label);
  const line = timeSeriesChart({ ...text, unit: "count", series: [up] });
  expect(labelsOf(line)).toEqual(["Read"]);
  expect(line.svg.toString()).not.toContain('data-shape="band"');
  const both = mirroredChart({ ...text, unit: "bytes/s", up, down });
  expect(labelsOf(both)).toEqual(["Read (up)", "Written (down)"]);
  const moving = { ...down, buckets: buckets((s) => s) };
  const one = mirroredChart({ ...text, unit: "bytes/s", up, down: moving });
  expect(labelsOf(one)).toEqual(["Read (up), mean", "Written (down), mean", "Written, min–max"]);
});

test("charts escape what they are told", () => {
  const chart = timeSeriesChart({
    id: "a",
    title: "</title><script>alert(1)</script>",
    description: "x",
    unit: "count",
    series: [{ label: `"><img onerror=alert(1)>`, color: "blue", buckets: buckets(() => 1) }],
  });
  expect(chart.svg.toString()).not.toMatch(/<script|<img/);
});
