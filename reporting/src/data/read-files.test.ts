import { cp, mkdtemp, mkdir, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { gzipSync } from "node:zlib";
import { afterAll, beforeAll, expect, test } from "vitest";
import { testSamples, toCsv } from "../testing/machine.ts";
import { NoInputError } from "../files.ts";
import { DataError, type Input } from "./input.ts";
import { unknownMachine } from "./machine-facts.ts";
import { readFiles } from "./read-files.ts";

const fixtures = join(import.meta.dirname, "fixtures");
/** Of pcc, and what pcprocess makes of it. */
const capture = join(fixtures, "own-format.json");
const converted = join(fixtures, "own-format.csv");

let folder: string;
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), "read-files-"));
});
afterAll(() => rm(folder, { recursive: true }));

async function put(name: string, content: string | Uint8Array): Promise<string> {
  const path = join(folder, name);
  await mkdir(join(path, ".."), { recursive: true });
  await writeFile(path, content);
  return path;
}

/** As values that a comparison looks at. */
const seriesOf = ({ samples }: Input) => ({
  ...samples,
  timestampsS: [...samples.timestampsS],
  values: samples.values.map((values) => [...values]),
});

/** perfcollector2's format: a line per file and tick. `bootS` is beside the times' own beginning. */
const raw = (times: readonly number[], bootS = -86_400): string =>
  times
    .flatMap((second) => [
      [
        second,
        "/proc/stat",
        `cpu  ${second * 10} 0 ${second * 5} ${second * 85} 0 0 0 0 0 0\nctxt ${second * 100}\nbtime ${1_700_000_000 + bootS}\n`,
      ],
      [second, "/proc/meminfo", "MemTotal: 1000 kB\nMemFree: 400 kB\nMemAvailable: 600 kB\n"],
      [second, "/proc/cpuinfo", "processor\t: 0\nmodel name\t: Test CPU\n\nprocessor\t: 1\n"],
    ])
    .map(([second, subsystem, measurement]) =>
      JSON.stringify({ timestamp: 1_700_000_000 + Number(second), subsystem, measurement }),
    )
    .join("\n")
    .concat("\n");

test("readFiles() makes of a capture what pcprocess' CSV gives, and knows the machine", async () => {
  const fromCapture = await readFiles([capture]);
  expect(seriesOf(fromCapture)).toEqual(seriesOf(await readFiles([converted])));
  expect(fromCapture.facts).toEqual({ ...unknownMachine, hostName: "web-01.example" });
  expect(fromCapture.warnings.join()).toContain("2 ticks were missed");
  expect([...fromCapture.machines]).toEqual([["web-01", fromCapture.samples.timestampsS.length]]);
});

test("readFiles() keeps the samples of a capture whose clock was set back, however far", async () => {
  const lines = (await readFile(capture, "utf8")).split("\n");
  const whole = await readFiles([capture]);
  /** As if the clock had been so far ahead for the first of the samples. */
  const ahead = (samples: number, byMs: number): string => {
    let left = samples;
    return lines
      .map((line) => {
        if (!line.startsWith('{"t"')) return line;
        if (left-- > 0) return line.replace(/\d+/, (timeMs) => String(Number(timeMs) + byMs));
        if (left > -2)
          return `{"clock":{"t":${/\d+/.exec(line)?.[0] ?? ""},"step_ms":${-byMs}}}\n${line}`;
        return line;
      })
      .join("\n");
  };
  const hour = await readFiles([await put("hour-ahead.json", ahead(2, 3_600_000))]);
  const [first = NaN, second = NaN, ...others] = whole.samples.timestampsS;
  expect([...hour.samples.timestampsS]).toEqual([...others, first + 3600, second + 3600]);
  expect(hour.corrections).toMatchObject({ outOfOrder: 2, duplicates: 0, strays: null });
  // The time that really passed is told by another clock.
  const rates = (input: Input) =>
    input.samples.columns.findIndex(({ name }) => name === "context_switches");
  expect(hour.samples.values[rates(hour)]?.[0]).toBe(whole.samples.values[rates(whole)]?.[2]);
  const year = await readFiles([await put("year-ahead.json", ahead(1, 365 * 86_400_000))]);
  expect([...year.samples.timestampsS]).toEqual([second, ...others]);
  expect(year.corrections.strays).toMatchObject({ count: 1 });
  // Together with another, whose samples lie within the year.
  const dayMs = 86_400_000;
  const next = lines.map((line) =>
    line.replace(/^\{"t":(\d+)/, (_, timeMs) => `{"t":${Number(timeMs) + dayMs}`),
  );
  await put("both/a.json", ahead(1, 365 * dayMs));
  await put("both/b.json", next.join("\n"));
  const both = await readFiles([join(folder, "both")]);
  expect(both.samples.timestampsS).toHaveLength(11);
  expect(both.corrections.strays).toMatchObject({ count: 1 });
});

test("readFiles() knows the speeds of lines that captures tell, the latest of each interface", async () => {
  const text = await readFile(capture, "utf8");
  const told = (speeds: object, byMs: number): string =>
    text
      .replace(
        '"devices"',
        `"machine":${JSON.stringify({ interface_speeds_mbps: speeds })},"devices"`,
      )
      .replaceAll(/"t":(\d+)/g, (_, timeMs) => `"t":${Number(timeMs) + byMs}`);
  const dayMs = 86_400_000;
  // By its name the later one comes first; the last was begun before links were up.
  await put("speeds/b.json", told({ eth0: 1000, eth1: 2500 }, 0));
  await put("speeds/a.json", told({ eth0: 10_000 }, dayMs));
  await put("speeds/c.json", told({}, 2 * dayMs));
  const { facts } = await readFiles([join(folder, "speeds")]);
  expect(facts.interfaceSpeedsMbps).toEqual({ eth0: 10_000, eth1: 2500 });
});

test("readFiles() knows captures and CSV by their content, gzipped or not, whatever their names", async () => {
  const packed = await put("data.csv", gzipSync(await readFile(capture)));
  expect(seriesOf(await readFiles([packed]))).toEqual(seriesOf(await readFiles([capture])));
  const csv = toCsv(testSamples({ rows: 3 }));
  const named = await put("capture.json", gzipSync(csv));
  expect((await readFiles([named])).samples.timestampsS).toHaveLength(3);
});

test("readFiles() reads perfcollector2's captures, and what they tell of the processors", async () => {
  const path = await put("old-host.json", raw([1, 2, 3]));
  const { samples, facts } = await readFiles([path]);
  expect(samples.machineId).toBe("old-host");
  expect(facts).toEqual({ ...unknownMachine, cpuModel: "Test CPU", cpuCount: 2 });
  const column = (name: string) => {
    const index = samples.columns.findIndex((one) => one.name === name);
    return [...(samples.values[index] ?? [])];
  };
  expect(column("cpu_user")).toEqual([NaN, 10, 10]);
  expect(column("mem_free")).toEqual([409_600, 409_600, 409_600]);
});

test("readFiles() makes one series of a folder of captures, in any order, and leaves other files alone", async () => {
  await put("many/b.json", raw([4, 5, 6]));
  await put("many/a.json.gz", gzipSync(raw([1, 2, 3])));
  await put("many/notes.txt", "not a capture");
  const { samples } = await readFiles([join(folder, "many")], { machineId: "web-01" });
  expect(samples.machineId).toBe("web-01");
  expect([...samples.timestampsS].map((timeS) => timeS - 1_700_000_000)).toEqual([
    1, 2, 3, 4, 5, 6,
  ]);
});

test("readFiles() tells of each capture by what its machine is known, in the order of time", async () => {
  await put("turns/b.json", raw([4, 5, 6], -9000));
  await put("turns/a.json.gz", gzipSync(raw([1, 2, 3])));
  const { captures } = await readFiles([join(folder, "turns")]);
  const machine = { hostName: null, cpuModel: "Test CPU", memoryBytes: 1_024_000 };
  expect(captures).toMatchObject([
    { name: "a.json.gz", firstS: 1_700_000_001, lastS: 1_700_000_003, ...machine },
    { name: "b.json", firstS: 1_700_000_004, lastS: 1_700_000_006, ...machine },
  ]);
  expect(captures.map(({ bootTimeS }) => bootTimeS)).toEqual([1_699_913_600, 1_699_991_000]);
  const [own] = (await readFiles([capture])).captures;
  expect(own).toMatchObject({ name: "own-format.json", hostName: "web-01.example" });
  expect((await readFiles([converted])).captures).toEqual([]);
});

test("readFiles() takes the captures of the machine that is named, and asks which where none is", async () => {
  const text = await readFile(capture, "utf8");
  await put("two/web.json", text);
  await put("two/db.json", text.replaceAll("web-01", "db-01"));
  const both = [join(folder, "two")];
  await expect(readFiles(both)).rejects.toThrow(/db-01, web-01; name one with --machine/);
  expect((await readFiles(both, { machineId: "db-01" })).samples.machineId).toBe("db-01");
  await expect(readFiles(both, { machineId: "x" })).rejects.toThrow(/"x".*db-01, web-01/);
  await expect(readFiles([capture], { machineId: "x" })).rejects.toThrow(/"x".*web-01/);
});

test("readFiles() passes over damaged lines of a capture, and counts them with their places", async () => {
  const lines = (await readFile(capture, "utf8")).split("\n");
  lines.splice(2, 0, '{"t":17000000,"s":[[5', "rubbish");
  const path = await put("damaged.json", lines.join("\n").trimEnd().slice(0, -30));
  const { corrections } = await readFiles([path]);
  expect(corrections.droppedRows).toMatchObject([
    { kind: "line", count: 2, first: [{ message: expect.stringContaining("line 3") }, {}] },
    { kind: "torn", count: 1 },
  ]);
});

test.each([
  ["no-capture.json", '{"a":1}\n', DataError],
  ["empty.json", "", DataError],
])("readFiles() refuses %s", async (name, content, error) => {
  const path = await put(name, content);
  await expect(readFiles([path])).rejects.toThrow(error);
});

test("readFiles() refuses a folder without captures, and a CSV among captures", async () => {
  const empty = join(await put("none/notes.txt", "nothing"), "..");
  await expect(readFiles([empty])).rejects.toThrow(NoInputError);
  const csv = join(folder, "rows.csv");
  await cp(converted, csv);
  await expect(readFiles([capture, csv])).rejects.toThrow(/rows\.csv together with others/);
});

test("readFiles() makes one series of a machine's days of CSV, such as pcd's store has them, and refuses those of two machines", async () => {
  const [header = "", ...rows] = (await readFile(converted, "utf8")).trimEnd().split("\n");
  const half = rows.length >> 1;
  const days = join(
    await put("days/2026-01-08.csv.gz", gzipSync([header, ...rows.slice(half), ""].join("\n"))),
    "..",
  );
  const first = await put("days/2026-01-07.csv", [header, ...rows.slice(0, half), ""].join("\n"));
  await put("days/machine-facts.json", "{}");
  const whole = seriesOf(await readFiles([converted]));
  expect(seriesOf(await readFiles([days]))).toEqual(whole);
  expect(seriesOf(await readFiles([join(days, "2026-01-08.csv.gz"), first]))).toEqual(whole);
  await put("days/other.csv", [header, ...rows, ""].join("\n").replaceAll(",web-01,", ",db-01,"));
  await expect(readFiles([days])).rejects.toThrow("the captures are of");
});
