import { expect, test } from "vitest";
import { during, testContext, testDataset, type Course } from "../../testing/machine.ts";
import { smallRandomIo } from "./small-random-io.ts";

const judge = (columns: Record<string, Course | null>) =>
  smallRandomIo.judge(testDataset({ rows: 720, columns }), testContext({ disks: ["sda"] }));
const load = (requests: number, size: number) => ({
  disk_sda_busy: during(10, 30, { high: 95, low: 5 }),
  disk_sda_reads: () => requests / 2,
  disk_sda_writes: () => requests / 2,
  disk_sda_read_bytes: () => (requests * size) / 2,
  disk_sda_write_bytes: () => (requests * size) / 2,
});

test("small-random-io notices a disk that is busy with pages", () => {
  expect(judge(load(800, 4096))).toMatchObject({
    finding: {
      severity: "notice",
      title: "Disk sda was kept busy by small requests at times",
      evidence: [{ ranges: [{}] }, { sentence: expect.stringMatching(/800.\/s.*4\.00.KiB/) }],
    },
  });
});

test("small-random-io is silent on large requests, on few, and on an idle disk", () => {
  expect(judge(load(800, 65_536))).toMatchObject({ outcome: "clear" });
  expect(judge(load(100, 4096))).toMatchObject({ outcome: "clear" });
  expect(judge({ ...load(800, 4096), disk_sda_busy: () => 20 })).toMatchObject({
    outcome: "clear",
  });
});

test("small-random-io refuses data without the number of requests", () => {
  expect(judge({})).toMatchObject({ outcome: "refused" });
});
