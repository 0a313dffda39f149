import { expect, test } from "vitest";
import { heatMapChart } from "../charts/heat-map.ts";
import { timeSeriesChart } from "../charts/time-series.ts";
import type { Chart } from "../charts/frame.ts";
import { svg, trusted } from "../markup.ts";
import { addToBuckets, createBuckets } from "../statistics/buckets.ts";
import { toPaper } from "./paper-chart.ts";

function chart(label = "Busy"): Chart {
  const buckets = createBuckets(0, 60, 100);
  const times = Float64Array.from({ length: 100 }, (_, index) => 60 * index);
  addToBuckets(
    buckets,
    times,
    times.map((_, index) => (index === 50 ? NaN : index)),
  );
  return timeSeriesChart({
    id: "chart-test",
    title: "Title",
    description: "Text",
    layout: "fluid",
    unit: "percent",
    series: [{ label, color: "blue", buckets }],
    thresholds: [{ value: 90, label: "limit 90 %" }],
    wholePercent: true,
  });
}

test("toPaper() leaves nothing that only a browser's style sheet would settle", () => {
  const paper = toPaper(chart(), { fontFamily: "Inter" });
  expect(paper).not.toMatch(/var\(|system-ui|preserveAspectRatio="none"|class="halo"/);
  expect(paper).toMatch(/^<svg xmlns="[^"]+" width="\d+" height="250">/);
  expect(paper).toContain('stroke="#0b62a8"');
});

test("toPaper() stretches the points of marks and not the breadth of their lines", () => {
  const marks = (path: string) =>
    svg`<svg height="250"><svg class="marks" y="24" width="100%" height="180" viewBox="-0.5 0 100 600" preserveAspectRatio="none" data-low="0"><path stroke-width="1.5" d="${trusted(path)}"/></svg></svg>`;
  const paper = toPaper(
    { svg: marks("M0 600l1 -300 1 0M49.5 0h1V300h-1z") },
    { fontFamily: "Inter" },
  );
  // 636 × 180 pixels, four steps each: 25.44 steps a unit across, 1.2 down.
  expect(paper).toContain('viewBox="0 0 2544 720"');
  expect(paper).toContain('stroke-width="6" d="M13 720l25-360 26 0M1272 0h25V360h-25z"');
});

test("toPaper() leaves out minor ticks where a chart is narrow", () => {
  const ticks = (width: number) =>
    toPaper(chart(), { fontFamily: "Inter", width }).match(/>\d\d:\d\d</g)?.length ?? 0;
  expect(ticks(340)).toBeGreaterThan(2);
  expect(ticks(340)).toBeLessThan(ticks(700));
});

test("toPaper() draws the lines between cells as thin as in the page", () => {
  const values = Float64Array.from({ length: 24 }, (_, hour) => hour);
  const { svg: drawn } = heatMapChart({
    id: "chart-test",
    title: "Title",
    description: "Text",
    layout: "fluid",
    unit: "percent",
    days: [{ dayS: 0, hours: values }],
    zoneText: "UTC",
  });
  const paper = toPaper({ svg: drawn }, { fontFamily: "Inter" });
  expect(paper).toContain('stroke="#fff" stroke-width="4"');
  expect(paper).not.toContain("var(");
});

test("toPaper() does not take a text from the data for its own marks", () => {
  const label = '="var(--blue,#0b62a8)" font-family="system-ui,sans-serif" class="halo"';
  expect(toPaper(chart(label), { fontFamily: "Inter" })).toContain(
    "=&quot;var(--blue,#0b62a8)&quot; font-family=&quot;system-ui,sans-serif&quot; class=&quot;halo&quot;",
  );
});

test("toPaper() refuses a path that it cannot stretch, and a chart without a height", () => {
  const marks = svg`<svg height="250"><svg class="marks" y="24" width="100%" height="180" viewBox="0 0 1 600" preserveAspectRatio="none"><path d="M0 0c1 1 1 1 1 1"/></svg></svg>`;
  expect(() => toPaper({ svg: marks }, { fontFamily: "Inter" })).toThrow('the command "c"');
  expect(() => toPaper({ svg: svg`<svg></svg>` }, { fontFamily: "Inter" })).toThrow("no height");
});
