import { expect, test } from "vitest";
import { during, testContext, testDataset, type Course } from "../../testing/machine.ts";
import { diskImbalance } from "./disk-imbalance.ts";

const disks = ["sdb", "sda", "sdc", "dm-0"];
const judge = (columns: Record<string, Course | null>, names = disks) =>
  diskImbalance.judge(testDataset({ rows: 720, columns }), testContext({ disks: names }));
const busy = during(20, 40, { high: 90, low: 10 });
const bytes = (sdb: number) => ({
  disk_sda_write_bytes: () => 1e5,
  disk_sdb_write_bytes: () => sdb,
  disk_sdb_busy: busy,
  disk_sdc_write_bytes: () => 1e5,
});

test("disk-imbalance notices one busy disk beside two that stand by", () => {
  expect(judge(bytes(5e7))).toMatchObject({
    finding: {
      severity: "notice",
      title: "Disk sdb carried the load of 3 disks",
      evidence: [{ chartId: "chart-disk-busy-sdb" }, { sentence: expect.stringContaining("99.") }],
    },
  });
});

test("disk-imbalance is silent where the load is spread, and where the disk is not busy", () => {
  expect(judge(bytes(2e5))).toMatchObject({ outcome: "clear" });
  expect(judge({ ...bytes(5e7), disk_sdb_busy: () => 30 })).toMatchObject({ outcome: "clear" });
});

test("disk-imbalance refuses two disks, and disks that moved nothing", () => {
  expect(judge(bytes(5e7), ["sda", "sdb"])).toMatchObject({ outcome: "refused" });
  const nothing = () => 0;
  const still = {
    disk_sda_read_bytes: nothing,
    disk_sda_write_bytes: nothing,
    disk_sdb_write_bytes: nothing,
    disk_sdc_write_bytes: nothing,
  };
  expect(judge(still)).toMatchObject({ outcome: "refused" });
});
