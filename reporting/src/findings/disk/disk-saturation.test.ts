import { expect, test } from "vitest";
import { during, testContext, testDataset, type Course } from "../../testing/machine.ts";
import { diskSaturation } from "./disk-saturation.ts";

const judge = (columns: Record<string, Course | null>, { rows = 720, disks = ["sda"] } = {}) =>
  diskSaturation.judge(testDataset({ rows, columns }), testContext({ disks }));
const course = (high: number, low: number, [from, to] = [20, 30]) =>
  during(from, to, { high, low });

test("disk-saturation says in numbers that nothing is wrong on a quiet machine", () => {
  const verdict = judge({});
  expect(verdict).toMatchObject({ outcome: "clear", confidence: "high" });
  expect(JSON.stringify(verdict)).toMatch(/sda busy 8\.\d+.%, queue 0\.2/);
});

test("disk-saturation warns of a busy disk whose queue grew", () => {
  const verdict = judge({ disk_sda_busy: course(99, 5), disk_sda_queue: course(4, 0.2) });
  expect(verdict).toMatchObject({
    finding: {
      severity: "warning",
      confidence: "medium",
      title: "Disk sda was saturated at times",
      evidence: [{ chartId: "chart-disk-busy-sda", ranges: [{}] }],
    },
  });
});

test("disk-saturation says where all of it was outside of business hours, and speaks of no such thing else", () => {
  const night = "All of it was outside of business hours (Mon-Fri 08:00-18:00, UTC)";
  const backup = (hour: number) =>
    JSON.stringify(
      judge(
        {
          disk_sda_busy: course(99, 5, [60 * hour, 60 * hour + 20]),
          disk_sda_queue: course(4, 0.2, [60 * hour, 60 * hour + 20]),
        },
        { rows: 8640 },
      ),
    );
  expect(backup(2)).toContain(night);
  for (const hour of [7.9, 9, 17.9]) expect(backup(hour)).not.toContain(night);
});

test("disk-saturation is silent on a busy disk that serves as fast as ever", () => {
  const verdict = judge({
    disk_sda_busy: course(100, 30, [10, 100]),
    disk_sda_queue: () => 3,
    disk_sda_await_ms: () => 0.2,
  });
  expect(verdict).toMatchObject({ outcome: "clear" });
});

test("disk-saturation is silent on a busy disk with hardly a queue", () => {
  expect(judge({ disk_sda_busy: course(99, 5), disk_sda_queue: course(0.9, 0.1) })).toMatchObject({
    outcome: "clear",
  });
});

test("disk-saturation is critical after half an hour of a long queue, and sure with both signs", () => {
  const span: [number, number] = [20, 60];
  const verdict = judge({
    disk_sda_busy: course(100, 5, span),
    disk_sda_queue: course(40, 0.2, span),
    disk_sda_await_ms: course(80, 2, span),
  });
  expect(verdict).toMatchObject({ finding: { severity: "critical", confidence: "high" } });
});

test("disk-saturation does not take requests under way for requests that wait", () => {
  const many = { disk_sda_busy: () => 100, disk_sda_queue: () => 32 };
  expect(judge({ ...many, disk_sda_await_ms: () => 0.2 })).toMatchObject({ outcome: "clear" });
  expect(judge({ ...many, disk_sda_await_ms: () => 8 })).toMatchObject({
    finding: { evidence: [{ sentence: expect.stringMatching(/8\.00.ms a request/) }] },
  });
  // A disk that answers nothing at all.
  expect(judge({ ...many, disk_sda_await_ms: () => NaN })).toMatchObject({ outcome: "finding" });
});

test("disk-saturation sees a slow disk that was never quiet", () => {
  const full = { disk_sda_busy: () => 100, disk_sda_queue: () => 8 };
  expect(judge({ ...full, disk_sda_await_ms: () => 90 })).toMatchObject({
    finding: { title: "Disk sda was saturated throughout" },
  });
  expect(judge({ ...full, disk_sda_await_ms: () => 9 })).toMatchObject({ outcome: "clear" });
});

test("disk-saturation speaks of the worst disk first and of the others in its evidence", () => {
  const verdict = judge(
    {
      disk_sda_queue: course(20, 0, [10, 20]),
      disk_sdb_queue: course(20, 0, [10, 50]),
      disk_sdc_queue: () => 0.1,
    },
    { disks: ["sda", "sdb", "sdc"] },
  );
  expect(verdict).toMatchObject({
    finding: {
      title: "Disk sdb was saturated at times",
      evidence: [{ chartId: "chart-disk-queue-sdb" }, { chartId: "chart-disk-queue-sda" }],
      devices: ["sdb", "sda"],
    },
  });
});

test("disk-saturation names a layer only where no disk below it is full", () => {
  const disks = ["sda", "dm-0"];
  const layer = { "disk_dm-0_queue": course(20, 0, [10, 51]) };
  expect(judge({ ...layer, disk_sda_queue: course(20, 0, [10, 50]) }, { disks })).toMatchObject({
    finding: { title: "Disk sda was saturated at times", evidence: [{}], devices: ["sda"] },
  });
  expect(judge(layer, { disks })).toMatchObject({ finding: { devices: ["dm-0"] } });
  // At another time.
  const later = judge({ ...layer, disk_sda_queue: course(20, 0, [70, 90]) }, { disks });
  expect(later).toMatchObject({ finding: { devices: ["dm-0", "sda"] } });
});

test("disk-saturation is as severe as its worst disk, whatever another's shorter periods add up to", () => {
  const bursts = (s: number) => (s < 7200 && s % 1800 < 1500 ? 20 : 0);
  const verdict = judge(
    { disk_sda_queue: bursts, disk_sdb_queue: course(20, 0, [10, 45]) },
    { disks: ["sda", "sdb"] },
  );
  expect(verdict).toMatchObject({
    finding: { severity: "critical", title: "Disk sdb was saturated at times" },
  });
});

test("disk-saturation is silent on a queue of four minutes", () => {
  expect(judge({ disk_sda_queue: course(40, 0, [10, 14]) })).toMatchObject({ outcome: "clear" });
});

test("disk-saturation refuses to judge by throughput, without a disk, or four minutes", () => {
  const columns = { disk_sda_busy: null, disk_sda_queue: null, disk_sda_await_ms: null };
  expect(judge(columns)).toMatchObject({
    outcome: "refused",
    reason: expect.stringContaining("throughput alone"),
  });
  expect(judge({}, { disks: [] })).toMatchObject({
    outcome: "refused",
    reason: expect.stringContaining("no disk in"),
  });
  expect(judge({}, { rows: 24 })).toMatchObject({ outcome: "refused" });
});
