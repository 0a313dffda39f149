import { readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";
import { utc } from "../import/time-zone.ts";
import { createFolder } from "../sampling/fake-procfs.ts";
import { noDevices } from "../sampling/layout.ts";
import type { TopProcess } from "../sampling/top-processes.ts";
import { testRun } from "../testing/run.ts";
import { createRunHeader, parseRecord, renderRecord } from "./format.ts";
import { convertToProcesses } from "./to-processes.ts";

const shell: TopProcess = {
  pid: 4711,
  startTicks: 90,
  name: "bash",
  cpuTicks: 50,
  memoryBytes: 4096,
  threads: 1,
  readBytes: 1000,
  writeBytes: 0,
};
const header = renderRecord({
  kind: "header",
  header: createRunHeader({ ...testRun, devices: noDevices }),
});

function record(second: number, elapsedMs: number | null, ...top: TopProcess[]): string {
  const timeMs = (1_700_000_000 + second) * 1000;
  return renderRecord({ kind: "processes", processes: { timeMs, elapsedMs, count: 9, top } });
}

async function convert(...records: string[]): Promise<string[]> {
  const folder = createFolder();
  const path = join(folder, "pcc.json");
  const output = join(folder, "processes.csv");
  writeFileSync(path, header + records.join(""));
  const { lines } = await convertToProcesses(output, {
    inputs: [{ name: path, path }],
    inputFormat: null,
    from: null,
    to: null,
    timeZone: utc,
    statistic: null,
    skipDamaged: false,
    filters: {},
    onProgress: () => Promise.resolve(),
  });
  const text = readFileSync(output, "utf8");
  const [first, ...rest] = text.trimEnd().split("\n");
  expect(first).toBe(
    "timestamp,pid,name,cpu_percent,memory_bytes,threads,read_bytes,write_bytes,processes",
  );
  expect(rest).toHaveLength(lines);
  return rest.map((line) => line.replace(/^17000000/, ""));
}

test("convertToProcesses() gives CPU in percent of one, and bytes per second where the record before has the same process", async () => {
  expect(
    await convert(
      record(10, null, { ...shell, cpuTicks: null }),
      record(12, 2000, { ...shell, readBytes: 5000 }),
      // Another process of this pid.
      record(14, 2000, { ...shell, startTicks: 95, readBytes: 9000 }),
      // Nothing was read for a while.
      record(60, 2000, { ...shell, startTicks: 95, readBytes: 10_000, writeBytes: null }),
    ),
  ).toEqual([
    "10,4711,bash,,4096,1,,,9",
    "12,4711,bash,25,4096,1,2000,0,9",
    "14,4711,bash,25,4096,1,,,9",
    "60,4711,bash,25,4096,1,,,9",
  ]);
});

test("convertToProcesses() writes any name as one cell that no spreadsheet runs", async () => {
  const names = ['=cmd|" /C calc"!A0', "a,b", "-x", "@x"];
  expect(await convert(record(10, null, ...names.map((name) => ({ ...shell, name }))))).toEqual([
    `10,4711,"'=cmd|"" /C calc""!A0",,4096,1,,,9`,
    '10,4711,"a,b",,4096,1,,,9',
    "10,4711,'-x,,4096,1,,,9",
    "10,4711,'@x,,4096,1,,,9",
  ]);
});

test.each([
  ['{"processes":{"t":1,"ms":null,"count":1}}', "top is missing, not a list"],
  ['{"processes":{"t":1,"ms":null,"count":1,"top":[{"pid":1}]}}', "start is missing, not a number"],
  ['{"processes":{"t":1,"ms":"1","count":1,"top":[]}}', 'ms is "1", not a number'],
])("parseRecord() says what is wrong with %s", (line, message) => {
  expect(() => parseRecord(line)).toThrow(new SyntaxError(message));
});
