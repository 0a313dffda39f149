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

test("disk-slow tells a disk with more to do from one that is slower at the same", () => {
  const at = (reads: Course) => ({
    disk_sda_await_ms: slow(60),
    disk_sda_reads: reads,
    disk_sda_writes: () => 10,
    disk_sda_read_bytes: (s: number) => 8192 * reads(s),
    disk_sda_write_bytes: () => 81_920,
  });
  const busier = JSON.stringify(judge(at(slow(500, 20))));
  expect(busier).toMatch(
    /served 510 requests a second and 3\.98.MiB\/s .* other times 30\.0 requests/,
  );
  expect(busier).toContain("sda had more to do than at any other time");
  const usual = at((s) => (s % 600 < 120 ? 300 : 20));
  expect(JSON.stringify(judge(usual))).toContain("sda does as much at other times");
  // Where it was slow most of the time, that is what is usual.
  const lasting = judge({ ...at(() => 20), disk_sda_await_ms: () => 150 });
  expect(JSON.stringify(lasting)).toContain("See whether sda had more to do");
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
