import { readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, test } from "vitest";
import { createFolder } from "../sampling/fake-procfs.ts";
import { createLayout, noDevices, offsetOf, type Layout, type Sample } from "../sampling/layout.ts";
import { testRun } from "../testing/run.ts";
import { createSampleEncoder } from "./encode.ts";
import { createRunHeader, renderRecord } from "./format.ts";
import { StatisticsCollector, type StatisticName, type Statistics } from "./statistics.ts";
import { convertToCsv, type CsvSummary } from "./to-csv.ts";

const layout = createLayout({ ...noDevices, interface: ["eth0"] });

function sampleAt(
  second: number,
  { load, contextSwitches = Number.NaN }: { load: number; contextSwitches?: number },
  of: Layout = layout,
): Sample {
  const values = new Float64Array(of.size).fill(Number.NaN);
  values[offsetOf(of, "loadavg")] = load;
  values[offsetOf(of, "stat") + 1] = contextSwitches;
  values.fill(second * 1000, offsetOf(of, "net/dev"));
  return { timeMs: second * 1000, monotonicUs: second * 1e6, values };
}

function read(statistics: Statistics, name: string): (number | undefined)[] {
  const column = statistics.columns.indexOf(name);
  const { min, mean, max } = statistics;
  return [min[column], mean[column], max[column]];
}

describe("StatisticsCollector", () => {
  test("StatisticsCollector.take() gives least, mean and greatest values of gauges and of rates", () => {
    const collector = new StatisticsCollector();
    const loads = [1, 4, 1];
    for (const [second, load] of loads.entries()) {
      collector.add(sampleAt(second, { load, contextSwitches: second ** 2 * 10 }), layout, 0);
    }
    const statistics = collector.take(2000);
    expect(statistics).toMatchObject({ timeMs: 2000, samples: 3, missed: 0 });
    expect(read(statistics, "load1")).toEqual([1, 2, 4]);
    // Before the first sample there is no rate.
    expect(read(statistics, "context_switches")).toEqual([10, 20, 30]);
    expect(read(statistics, "mem_total")).toEqual([Number.NaN, Number.NaN, Number.NaN]);
  });

  test("StatisticsCollector.take() begins anew, and rates go on from the last sample", () => {
    const collector = new StatisticsCollector();
    collector.add(sampleAt(0, { load: 9, contextSwitches: 0 }), layout, 0);
    collector.take(0);
    collector.add(sampleAt(2, { load: 1, contextSwitches: 10 }), layout, 1);
    const statistics = collector.take(2000);
    expect(statistics).toMatchObject({ samples: 1, missed: 1 });
    expect(read(statistics, "load1")).toEqual([1, 1, 1]);
    expect(read(statistics, "context_switches")).toEqual([5, 5, 5]);
    expect(collector.take(3000)).toMatchObject({ samples: 0, missed: 0 });
  });

  test("StatisticsCollector.take() counts no sample in which a column was not measured", () => {
    const collector = new StatisticsCollector();
    for (const [second, load] of [1, Number.NaN, 4].entries()) {
      collector.add(sampleAt(second, { load }), layout, 0);
    }
    expect(read(collector.take(2000), "load1")).toEqual([1, 2.5, 4]);
  });

  test("StatisticsCollector.add() keeps what was counted when a device comes", () => {
    const collector = new StatisticsCollector();
    collector.add(sampleAt(0, { load: 4 }), layout, 0);
    collector.add(sampleAt(1, { load: 4 }), layout, 0);
    const before = collector.take(1000).columns;
    collector.add(sampleAt(2, { load: 4 }), layout, 0);
    const next = createLayout({ ...noDevices, interface: ["eth1", "eth0"] });
    collector.add(sampleAt(3, { load: 2 }, next), next, 0);
    collector.add(sampleAt(4, { load: 3 }, next), next, 0);
    const statistics = collector.take(4000);
    expect(statistics.columns).not.toBe(before);
    expect(read(statistics, "load1")).toEqual([2, 3, 4]);
    expect(read(statistics, "net_eth0_rx_bytes")).toEqual([1000, 1000, 1000]);
    expect(read(statistics, "net_eth1_rx_bytes")).toEqual([1000, 1000, 1000]);
    expect(statistics.columns.length).toBeGreaterThan(before.length);
  });
});

describe("convertToCsv() of statistics", () => {
  const startS = 1_700_000_000;
  const header = renderRecord({
    kind: "header",
    header: createRunHeader({ ...testRun, intervalMs: 60_000, devices: layout.devices }),
  });
  const columns = renderRecord({ kind: "columns", columns: ["load1", "cpu_user"] });
  const line = (second: number): string => {
    const sample = sampleAt(second, { load: 9 });
    return createSampleEncoder(layout)({
      ...sample,
      timeMs: (startS + second) * 1000,
    }).toString();
  };
  const statistics = (second: number, value: number): string =>
    renderRecord({
      kind: "statistics",
      statistics: {
        timeMs: (startS + second) * 1000,
        samples: 60,
        missed: 0,
        min: Float64Array.of(value, Number.NaN),
        mean: Float64Array.of(value + 1, 50),
        max: Float64Array.of(value + 2, 100),
      },
    });

  async function convert(
    lines: string[],
    { statistic, skipDamaged = false }: { statistic: StatisticName | null; skipDamaged?: boolean },
  ): Promise<{ csv: string[]; summary: CsvSummary }> {
    const folder = createFolder();
    const [path, output] = [join(folder, "capture"), join(folder, "csv")];
    writeFileSync(path, lines.join(""));
    const summary = await convertToCsv(output, {
      inputs: [{ name: "capture", path }],
      machineId: null,
      statistic,
      skipDamaged,
      filters: {},
      onProgress: () => Promise.resolve(),
      report: () => {},
    });
    return { csv: readFileSync(output, "utf8").trimEnd().split("\n"), summary };
  }

  const lines = [
    header,
    columns,
    statistics(0, 1),
    line(0),
    statistics(60, 3),
    line(60),
    line(120),
  ];

  test.each([
    ["min", "1,", "3,"],
    ["mean", "2,50", "4,50"],
    ["max", "3,100", "5,100"],
  ] as const)("convertToCsv() writes the %s of each interval", async (statistic, first, second) => {
    const { csv, summary } = await convert(lines, { statistic });
    const names = csv[0]?.split(",") ?? [];
    const rows = csv.slice(1).map((row) => {
      const cells = row.split(",");
      const cell = (name: string): string => cells[names.indexOf(name)] ?? "not there";
      return [cell("timestamp"), `${cell("load1")},${cell("cpu_user")}`];
    });
    expect(rows).toEqual([
      [`${startS}`, first],
      [`${startS + 60}`, second],
    ]);
    expect(names).not.toContain("load5");
    expect(summary).toMatchObject({ rows: 2, samplesWithoutStatistics: 1 });
  });

  test("convertToCsv() writes the samples' own values where no statistic is asked for", async () => {
    const { csv, summary } = await convert(lines, { statistic: null });
    expect(csv).toHaveLength(4);
    const load = csv[0]?.split(",").indexOf("load1") ?? -1;
    expect(csv.slice(1).map((row) => row.split(",")[load])).toEqual(["9", "9", "9"]);
    expect(summary.samplesWithoutStatistics).toBe(0);
  });

  test("convertToCsv() gives no sample the statistics of one that was not written", async () => {
    const killed = [
      header,
      columns,
      statistics(0, 1),
      header.replace(/^\{"format".*?"pcc"/, '{"restart":{"pcc"').replace("\n", "}\n"),
      line(60),
    ];
    const { summary } = await convert(killed, { statistic: "max" });
    expect(summary).toMatchObject({ rows: 0, samplesWithoutStatistics: 1 });
    expect(summary.inputs[0]).toMatchObject({ restarts: 1, damagedLines: 0 });
  });

  test("convertToCsv() says that there are no statistics", async () => {
    await expect(convert([header, line(0)], { statistic: "max" })).rejects.toThrow(
      "the captures hold no statistics; pcc writes them with --fast",
    );
  });

  test.each([
    [columns.replace('["', '["load1","'), "columns is"],
    [statistics(0, 1).replace("null", "null,0"), "min has 3 values for 2 columns"],
    [statistics(0, 1).replace('"mean":[', '"mean":["'), '"{\\"statistics'],
    [
      statistics(0, 1).replace('"mean":[2', '"mean":[true'),
      "mean is [true,50], not a list of numbers",
    ],
    [statistics(0, 1).replace('"t":', '"T":'), "t is missing, not a number"],
  ])("convertToCsv() names the line of the damage in %s", async (damaged, why) => {
    const all = [header, columns, damaged, line(0), line(60)];
    await expect(convert(all, { statistic: "max" })).rejects.toThrow(`line 3: ${why}`);
  });

  test("convertToCsv() gives no values to columns that are damaged", async () => {
    const all = [...lines.slice(0, 4), columns.replace("[", "("), ...lines.slice(4)];
    const { csv, summary } = await convert(all, { statistic: "min", skipDamaged: true });
    expect(csv).toHaveLength(2);
    expect(summary.inputs[0]?.damagedLines).toBe(2);
  });
});
