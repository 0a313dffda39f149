import { expect, test } from "vitest";
import { during, testContext, testDataset, type Course } from "../../testing/machine.ts";
import { diskSlow } from "./disk-slow.ts";

const judge = (columns: Record<string, Course | null>, rows = 720) =>
  diskSlow.judge(
    testDataset({ rows, columns: { disk_sda_busy: () => 40, ...columns } }),
    testContext({ disks: ["sda"] }),
  );
const slow = (high: number, low = 2) => during(20, 30, { high, low });

test("disk-slow warns of requests that take many times their usual time", () => {
  const verdict = judge({ disk_sda_await_ms: slow(60) });
  expect(verdict).toMatchObject({
    finding: {
      severity: "warning",
      title: "Disk sda answered slowly at times",
      evidence: [
        { chartId: "chart-disk-await-sda", ranges: [{}] },
        { sentence: expect.stringMatching(/took 60\.0.ms.*median is 2\.00.ms/) },
      ],
    },
  });
});

test("disk-slow warns of a disk that was always slow, and not of one that is merely slower", () => {
  expect(judge({ disk_sda_await_ms: () => 150 })).toMatchObject({ outcome: "finding" });
  expect(judge({ disk_sda_await_ms: () => 60 })).toMatchObject({ outcome: "clear" });
  // Ten times as long as usual, and still fast.
  expect(judge({ disk_sda_await_ms: slow(5, 0.5) })).toMatchObject({ outcome: "clear" });
});

test("disk-slow does not count the time of hardly any requests", () => {
  const columns = { disk_sda_await_ms: slow(60), disk_sda_writes: () => 0.2 };
  expect(judge(columns)).toMatchObject({ outcome: "clear" });
  expect(judge({ ...columns, disk_sda_writes: () => 20 })).toMatchObject({ outcome: "finding" });
});

test("disk-slow does not count bursts of writes on a disk that is hardly used", () => {
  expect(judge({ disk_sda_await_ms: slow(160), disk_sda_busy: () => 6 })).toMatchObject({
    outcome: "clear",
  });
  expect(judge({ disk_sda_await_ms: slow(160), disk_sda_busy: null })).toMatchObject({
    outcome: "finding",
  });
});

test("disk-slow is silent on a quiet machine, and refuses data without await", () => {
  expect(judge({})).toMatchObject({ outcome: "clear" });
  expect(judge({ disk_sda_await_ms: null })).toMatchObject({ outcome: "refused" });
});
