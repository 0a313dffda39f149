import { describe, expect, test } from "vitest";
import { createResampler } from "./resample.ts";
import type { StatisticName } from "./statistics.ts";
import type { TimeWindow } from "./time-window.ts";

type Given = [timestampS: number, elapsedS: number | null, ...values: number[]];

const gap = Number.NaN;

/** Rows of a resampler: their time and values. */
function resample(
  columns: string[],
  given: Given[],
  options: { intervalS?: number; statistic?: StatisticName; window?: TimeWindow } = {},
): number[][] {
  const rows: number[][] = [];
  const sink = createResampler(
    {
      setColumns: (names) => expect(names).toEqual(columns),
      add: (timestampS, _, values) => rows.push([timestampS, ...values]),
      end: () => {},
    },
    { intervalS: 60, ...options },
  );
  sink.setColumns(columns);
  for (const [timestampS, elapsedS, ...values] of given) {
    sink.add(timestampS, elapsedS, Float64Array.from(values));
  }
  sink.end();
  return rows;
}

describe("createResampler()", () => {
  test("createResampler() gives a row per interval, at its end: rates by time, readings by count", () => {
    const rows = resample(
      ["context_switches", "load1"],
      [
        [30, 30, 100, 1],
        [40, 10, 400, 2],
        [60, 20, 100, 6],
        [120, 60, 7, 8],
      ],
    );
    // 30 s at 100, 10 s at 400 and 20 s at 100.
    expect(rows).toEqual([
      [60, 150, 3],
      [120, 7, 8],
    ]);
  });

  test("createResampler() parts a row's rates between the intervals that it reaches into", () => {
    const rows = resample(
      ["context_switches", "load1"],
      [
        [50, 50, 10, 1],
        [80, 30, 40, 3],
        [120, 40, 10, 5],
      ],
    );
    // 50 s at 10 and 10 s at 40; 20 s at 40 and 40 s at 10.
    expect(rows).toEqual([
      [60, 15, 1],
      [120, 20, 4],
    ]);
  });

  test("createResampler() gives no row where there is none, and a mean over what was measured", () => {
    const rows = resample(
      ["context_switches", "load1"],
      [
        [10, 10, 5, 1],
        [20, 10, gap, gap],
        // Three minutes were missed: nobody knows how it was within them.
        [250, 230, 2, 9],
      ],
    );
    expect(rows).toEqual([
      // 10 s at 5 and 40 s at 2.
      [60, 2.6, 1],
      [300, 2, 9],
    ]);
    expect(resample(["load1"], [[10, 10, gap]])).toEqual([[60, gap]]);
  });

  test("createResampler() counts the first row's readings, and the rates of a file that tells no interval as of a second", () => {
    const rows = resample(
      ["context_switches", "load1"],
      [
        [10, gap, gap, 1],
        [11, null, 30, 3],
        [20, 9, 20, 5],
      ],
    );
    expect(rows).toEqual([[60, 21, 3]]);
  });

  test("createResampler() means the time of a request over requests", () => {
    const columns = ["disk_sda_reads", "disk_sda_writes", "disk_sda_await_ms", "disk_sdb_await_ms"];
    const rows = resample(columns, [
      [30, 30, 9, 1, 2, 4],
      [60, 30, 1, gap, 13, 4],
    ]);
    // 300 requests of 2 ms and 30 of 13 ms; of sdb nobody knows how many there were.
    expect(rows).toEqual([[60, 5, 1, 3, gap]]);
  });

  test("createResampler() counts only time in the window", () => {
    const given: Given[] = [
      [60, 60, 90, 1],
      [90, 60, 10, 3],
      [120, 30, 20, 5],
    ];
    const window = { fromS: 60, toS: 120 };
    expect(resample(["context_switches", "load1"], given, { window })).toEqual([[120, 15, 4]]);
  });

  test("createResampler() gives the least of least and the greatest of greatest values", () => {
    const given: Given[] = [
      [20, 20, 3, 4],
      [40, 20, gap, 2],
      [60, 20, 9, 3],
    ];
    const columns = ["context_switches", "load1"];
    expect(resample(columns, given, { statistic: "min" })).toEqual([[60, 3, 2]]);
    expect(resample(columns, given, { statistic: "max" })).toEqual([[60, 9, 4]]);
  });

  test("createResampler() keeps what it knows when columns come and go", () => {
    const rows: Record<string, number>[] = [];
    let columns: readonly string[] = [];
    const sink = createResampler(
      {
        setColumns: (names) => {
          columns = names;
        },
        add: (_, __, values) =>
          rows.push(Object.fromEntries(columns.map((name, at) => [name, values[at] ?? gap]))),
        end: () => {},
      },
      { intervalS: 60 },
    );
    sink.setColumns(["load1"]);
    sink.add(10, 10, Float64Array.of(1));
    sink.setColumns(["disk_sda_reads", "load1"]);
    sink.add(20, 10, Float64Array.of(5, 3));
    sink.end();
    expect(rows).toEqual([{ load1: 2, disk_sda_reads: 5 }]);
  });
});
