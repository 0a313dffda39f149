import { expect, test } from "vitest";
import { createDataset } from "../../statistics/dataset.ts";
import { noCorrections } from "../../testing/corrections.ts";
import { testSamples, type Course } from "../../testing/machine.ts";
import { mostPlaces } from "../check.ts";
import { scanSamples } from "../scan.ts";
import { stuck } from "./stuck.ts";

const disks = Array.from({ length: 40 }, (_, number) => `disk_sd${number}_reads`);
/** Those of the test machine's own disk, which would go on moving. */
const quietDisk = ["read_bytes", "write_bytes", "busy", "queue", "await_ms"].map(
  (field) => `disk_sda_${field}`,
);
const rows = 720;
const moving: Course = (s) => 100 + ((s * 7919) % 97);

/** Of disks whose figures stay as they are for the second hour; and how often columns were read by the check. */
function judge(columns: Record<string, Course>) {
  const samples = testSamples({ rows, columns });
  const { values } = samples;
  let reads = 0;
  const counted: Float64Array[] = [];
  for (const [index, column] of values.entries()) {
    const get = (): Float64Array => {
      reads++;
      return column;
    };
    Object.defineProperty(counted, index, { get, enumerable: true });
  }
  const dataset = createDataset({ ...samples, values: counted });
  const corrections = noCorrections(rows);
  const input = { corrections, machines: new Map([["web-01", rows]]), captures: [] };
  const scan = scanSamples(dataset);
  reads = 0;
  const result = stuck.judge({ input, dataset, scan });
  return { result, reads, columnCount: values.length };
}

const frozen: Course = (s) => moving(Math.min(s, 3600));

test("stuck-column reads each column once, however many are stuck", () => {
  const columns = Object.fromEntries(disks.map((name) => [name, frozen]));
  const alone = judge({
    ...columns,
    ...Object.fromEntries(quietDisk.map((name) => [name, frozen])),
  });
  expect(alone.result.grade).toBe("A");
  expect(alone.reads).toBeLessThanOrEqual(alone.columnCount);
  const beside = judge({ ...columns, disk_sdz_reads: moving });
  expect(beside.result).toMatchObject({
    grade: "D",
    sentence: expect.stringMatching(/^40.columns stood still/),
  });
  expect(beside.reads).toBeLessThanOrEqual(beside.columnCount + mostPlaces);
});
