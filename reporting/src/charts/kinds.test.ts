// Golden pictures of the kinds of chart that are not lines over time; those are in charts.test.ts.
import { fileURLToPath } from "node:url";
import { describe, expect, test } from "vitest";
import { ecdfChart } from "./ecdf.ts";
import type { Chart } from "./frame.ts";
import { heatMapChart } from "./heat-map.ts";
import { histogramChart } from "./histogram.ts";
import { overlayChart } from "./overlay.ts";
import { percentileBarsChart } from "./percentile-bars.ts";
import { radarChart } from "./radar.ts";
import { stripsChart } from "./strips.ts";

const startS = Date.UTC(2026, 2, 30) / 1000;
const text = { id: "chart-test", title: "Title <of> the chart", description: "What & it shows." };

const golden = (name: string) => fileURLToPath(new URL(`golden/${name}.svg`, import.meta.url));
const drawing = ({ svg }: Chart) => `${svg.toString()}\n`;

describe("heatMapChart()", () => {
  /** Busy by day, idle by night; a day off; nothing measured before the first noon and behind the last. */
  const days = [0, 1, 2, 3, 4].map((day) => ({
    dayS: startS + 86_400 * day,
    hours: Float64Array.from({ length: 24 }, (_, hour) => {
      if ((day === 0 && hour < 12) || (day === 4 && hour >= 12)) return NaN;
      const atWork = hour >= 8 && hour < 18 && day !== 2;
      return (atWork ? 60 : 8) + 4 * ((hour * 7 + day) % 5);
    }),
  }));
  const options = { ...text, unit: "percent", zoneText: "UTC" } as const;

  test("heatMapChart() draws hours by day, names months where they begin, and hatches gaps", async () => {
    const chart = heatMapChart({ ...options, days, high: 100 });
    await expect(drawing(chart)).toMatchFileSnapshot(golden("heat-map"));
    expect(chart.svg.toString()).toMatch(/>30 Mar<[^]*>Tue 31<[^]*>1 Apr<[^]*no data/);
  });
  test("heatMapChart() has no colour for an hour without a value", () => {
    const hours = Float64Array.from({ length: 24 }, (_, hour) => (hour === 5 ? 1 : NaN));
    const drawn = heatMapChart({ ...options, days: [{ dayS: startS, hours }] }).svg.toString();
    expect(drawn.match(/V1h-1z/g)).toEqual(["V1h-1z"]);
    expect(drawn).toContain("M5 0h1V1h-1z");
  });
  test("heatMapChart() names every so manieth of very many days", () => {
    const many = Array.from({ length: 120 }, (_, day) => ({
      dayS: startS + 86_400 * day,
      hours: new Float64Array(24).fill(day),
    }));
    const drawn = heatMapChart({ ...options, days: many }).svg.toString();
    expect(drawn).not.toContain("no data");
    expect(drawn.match(/<text x="-8"/g)).toHaveLength(24);
    expect(drawn.match(/h24V/g)).toHaveLength(120);
  });
});

describe("stripsChart()", () => {
  const span = { startS, bucketS: 60, length: 180 };
  const strip = (cpu: number) => ({
    label: `CPU ${cpu}`,
    values: Float64Array.from({ length: 180 }, (_, minute) =>
      minute > 90 && minute < 100 ? NaN : 50 + 50 * Math.sin((minute + 40 * cpu) / 30),
    ),
  });

  test("stripsChart() draws a row a CPU, gaps hatched", async () => {
    const rows = [0, 1, 2, 3].map(strip);
    await expect(
      drawing(stripsChart({ ...text, unit: "percent", span, rows, high: 100 })),
    ).toMatchFileSnapshot(golden("strips"));
  });
  test("stripsChart() of 256 CPUs stays a picture that fits a page", () => {
    const rows = Array.from({ length: 256 }, (_, cpu) => strip(cpu));
    const drawn = stripsChart({ ...text, unit: "percent", span, rows, high: 100 }).svg.toString();
    expect(Number(/ height="(\d+)"/.exec(drawn)?.[1])).toBeLessThan(700);
    expect(drawn.match(/>CPU \d+</g)).toHaveLength(32);
  });
});

describe("histogramChart()", () => {
  const options = { ...text, unit: "ms" } as const;
  const edges = Array.from({ length: 21 }, (_, index) => index);
  const counts = edges.slice(1).map((edge) => (edge === 19 ? 1 : Math.round(900 / edge ** 2)));

  test("histogramChart() draws shares of all samples and marks percentiles", async () => {
    const markers = [
      { value: 1.2, label: "p50 1.2 ms", dash: "solid" },
      { value: 5.5, label: "p95 5.5 ms", dash: "dashed" },
      { value: 18, label: "p99 18 ms", dash: "dotted" },
      { value: 99, label: "beyond", dash: "solid" },
    ] as const;
    const chart = histogramChart({ ...options, edges, counts, markers });
    await expect(drawing(chart)).toMatchFileSnapshot(golden("histogram"));
    expect(chart.legend.map(({ label }) => label)).toEqual([
      "p50 1.2 ms",
      "p95 5.5 ms",
      "p99 18 ms",
    ]);
    // Texts beside the lines would cover one another where percentiles are near.
    expect(chart.svg.toString()).not.toMatch(/p50|p95|p99|beyond/);
  });
  test("histogramChart() shows what occurred once in a million", () => {
    const drawn = histogramChart({ ...options, edges: [0, 1, 2], counts: [1e6, 1] });
    expect(drawn.svg.toString()).toContain("M1 400V397h1V400z");
  });
});

test("ecdfChart() climbs by steps from 0 to 100 % and marks percentiles", async () => {
  const values = Float64Array.from({ length: 101 }, (_, index) => 100 * (index / 100) ** 3);
  const chart = ecdfChart({
    ...text,
    unit: "percent",
    values,
    shares: values.map((_, index) => index / 100),
    markers: [
      { value: 12.5, label: "p50 12.5 %", dash: "solid" },
      { value: 85.7, label: "p95 85.7 %", dash: "dashed" },
      { value: 97, label: "p99 97.0 %", dash: "dotted" },
    ],
  });
  await expect(drawing(chart)).toMatchFileSnapshot(golden("ecdf"));
});

test("percentileBarsChart() draws a bar a device, and words for one without data", async () => {
  const chart = percentileBarsChart({
    ...text,
    unit: "percent",
    high: 100,
    rows: [
      { label: "sda", p50: 12, p90: 40, p95: 55, p99: 80, max: 98 },
      { label: "nvme0n1", p50: 0, p90: 1, p95: 2, p99: 4, max: 7 },
      { label: "sdb", p50: NaN, p90: NaN, p95: NaN, p99: NaN, max: NaN },
    ],
  });
  await expect(drawing(chart)).toMatchFileSnapshot(golden("percentile-bars"));
  expect(chart.svg.toString()).toContain("no data");
});

describe("radarChart()", () => {
  const axes = ["CPU busy", "Memory used", "Disk busy", "Network", "CPU pressure", "I/O pressure"];

  test("radarChart() draws machines upon each other and breaks where nothing was measured", async () => {
    const chart = radarChart({
      ...text,
      axes,
      series: [
        { label: "web-01", percents: [88, 60, 20, 35, 40, 5] },
        { label: "web-02", percents: [40, 75, NaN, 30, 12, 8] },
      ],
    });
    await expect(drawing(chart)).toMatchFileSnapshot(golden("radar"));
  });
  test("radarChart() refuses fewer than three axes", () => {
    expect(() => radarChart({ ...text, axes: axes.slice(0, 2), series: [] })).toThrow(RangeError);
  });
});

describe("overlayChart()", () => {
  const options = { ...text, unit: "percent", bucketS: 600, length: 144 } as const;
  const course = (shift: number, until = 144) =>
    Float64Array.from({ length: 144 }, (_, index) =>
      index < until ? 50 + 40 * Math.sin(index / 20 + shift) : NaN,
    );
  const series = [
    { label: "before", means: course(0) },
    { label: "after", means: course(1, 100) },
  ];

  test("overlayChart() aligns captures by the time since their start", async () => {
    const axisTitle = "since the start";
    await expect(
      drawing(
        overlayChart({ ...options, align: "elapsed", axisTitle, series, wholePercent: true }),
      ),
    ).toMatchFileSnapshot(golden("overlay-elapsed"));
  });
  test("overlayChart() aligns captures by a marker, with a line where it lies", async () => {
    const axis = { align: "elapsed", startS: -20_100, axisTitle: "since each marker" } as const;
    await expect(drawing(overlayChart({ ...options, ...axis, series }))).toMatchFileSnapshot(
      golden("overlay-marker"),
    );
  });
  test("overlayChart() aligns captures by time of day", async () => {
    await expect(
      drawing(overlayChart({ ...options, align: "clock", axisTitle: "UTC", series })),
    ).toMatchFileSnapshot(golden("overlay-clock"));
  });
  test("overlayChart() refuses more series than it can tell apart", () => {
    const many = Array.from({ length: 9 }, (_, index) => ({
      label: `n${index}`,
      means: course(0),
    }));
    expect(() =>
      overlayChart({ ...options, align: "elapsed", axisTitle: "", series: many }),
    ).toThrow("Cannot draw series 9");
  });
});
