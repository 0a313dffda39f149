import { expect, test } from "vitest";
import { during, testContext, testDataset, type Course } from "../../testing/machine.ts";
import type { Rule } from "../finding.ts";
import { filesystemFilling } from "./filesystem-filling.ts";
import { filesystemInodes } from "./filesystem-inodes.ts";
import { filesystemSpace } from "./filesystem-space.ts";

const gibibyte = 2 ** 30;
const judge = (
  rule: Rule,
  columns: Record<string, Course>,
  { rows = 720, intervalS = 60, mounts = ["/data"] } = {},
) => rule.judge(testDataset({ rows, intervalS, columns }), testContext({ mounts }));
/** Of 100 GiB, by how many are available. */
const space = (available: Course, mount = "/data"): Record<string, Course> => ({
  [`fs_${mount}_size_bytes`]: () => 100 * gibibyte,
  [`fs_${mount}_free_bytes`]: (s) => available(s) * gibibyte,
  [`fs_${mount}_available_bytes`]: (s) => available(s) * gibibyte,
  [`fs_${mount}_used`]: (s) => 100 - available(s),
});

test("filesystem-space warns below 5 % left, and is critical below 3 %", () => {
  expect(
    judge(
      filesystemSpace,
      space(() => 4),
    ),
  ).toMatchObject({
    finding: {
      severity: "warning",
      title: "File system /data is nearly full",
      sentence: expect.stringMatching(
        /left in file system \/data: 4\.00.% at the least, 4\.00.GiB/,
      ),
      evidence: [{ chartId: "chart-fs-_47_data" }],
    },
  });
  const dip = during(60, 90, { high: 2, low: 20 });
  expect(judge(filesystemSpace, space(dip))).toMatchObject({
    finding: { severity: "critical", title: "File system /data was nearly full at times" },
  });
});

test("filesystem-space is silent where there is room, and on images that are made full", () => {
  expect(
    judge(
      filesystemSpace,
      space(() => 30),
    ),
  ).toMatchObject({ outcome: "clear" });
  const both = { ...space(() => 30), ...space(() => 0, "/snap/core") };
  expect(judge(filesystemSpace, both, { mounts: ["/data", "/snap/core"] })).toMatchObject({
    outcome: "clear",
  });
  expect(judge(filesystemSpace, {})).toMatchObject({ outcome: "refused" });
});

test("filesystem-space takes size and what is available where the used share was not recorded", () => {
  const bytesAlone = (left: number) => {
    const { "fs_/data_used": used, ...columns } = space(() => left);
    expect(used).toBeDefined();
    return judge(filesystemSpace, columns);
  };
  expect(bytesAlone(2)).toMatchObject({ finding: { severity: "critical" } });
  expect(bytesAlone(30)).toMatchObject({ outcome: "clear" });
  const size = { "fs_/data_size_bytes": () => 100 * gibibyte };
  expect(judge(filesystemSpace, size)).toMatchObject({ outcome: "refused" });
});

test("filesystem-inodes warns below 5 % left, is critical below 3 %, and silent else", () => {
  const inodes = (free: number) => ({
    ...space(() => 50),
    "fs_/data_inodes": () => 1e6,
    "fs_/data_inodes_free": () => free,
  });
  expect(judge(filesystemInodes, inodes(40_000))).toMatchObject({
    finding: { severity: "warning" },
  });
  expect(judge(filesystemInodes, inodes(9000))).toMatchObject({
    finding: { severity: "critical" },
  });
  expect(judge(filesystemInodes, inodes(500_000))).toMatchObject({ outcome: "clear" });
  expect(
    judge(
      filesystemInodes,
      space(() => 50),
    ),
  ).toMatchObject({ outcome: "refused" });
});

test("filesystem-filling tells the hours until a file system is full", () => {
  // 1 GiB an hour, with a log that is rotated in between; 8 GiB left at the end of 12 h.
  const verdict = judge(
    filesystemFilling,
    space((s) => 20 - s / 3600 - (s % 3600 < 600 ? 0.2 : 0) + 0.3 * Math.sin(s)),
  );
  expect(verdict).toMatchObject({
    finding: {
      severity: "warning",
      confidence: "low",
      title: expect.stringMatching(/^File system \/data will be full in 8.h$/),
      evidence: [{ sentence: expect.stringMatching(/2[34]\.\d.GiB less a day.*95 % confidence/) }],
    },
  });
});

test("filesystem-filling is critical within hours, and sees a month ahead from a week", () => {
  expect(
    judge(
      filesystemFilling,
      space((s) => 14 - s / 3600),
    ),
  ).toMatchObject({
    finding: { severity: "critical" },
  });
  // As soon, of one with a quarter left.
  const quarter = judge(
    filesystemFilling,
    space((s) => 67 - (7 * s) / 3600),
    { rows: 361 },
  );
  expect(quarter).toMatchObject({ finding: { severity: "warning" } });
  const week = { rows: 1008, intervalS: 600 };
  expect(
    judge(
      filesystemFilling,
      space((s) => 30 - s / 86_400),
      week,
    ),
  ).toMatchObject({
    finding: { severity: "notice", title: expect.stringMatching(/23.days$/) },
  });
});

test("filesystem-filling sees no further than a month, and that only from a week", () => {
  const outcomeOf = (days: number, perDay: number) =>
    judge(
      filesystemFilling,
      space((s) => 35 - (perDay * s) / 86_400),
      { rows: 144 * days, intervalS: 600 },
    ).outcome;
  // Full in 28 days, in 63, and in 14.
  expect([outcomeOf(7, 1), outcomeOf(7, 0.5), outcomeOf(3, 2)]).toEqual([
    "finding",
    "clear",
    "clear",
  ]);
});

test("filesystem-filling sees a pace of the last hours that the days before hide", () => {
  // Three days at 10 min: nothing for long, then 4 GiB an hour in the last six.
  const lastS = 66 * 3600;
  const late = space((s) => 38 - (Math.max(0, s - lastS) / 3600) * 4 + 0.1 * Math.sin(s));
  expect(judge(filesystemFilling, late, { rows: 432, intervalS: 600 })).toMatchObject({
    finding: {
      severity: "critical",
      confidence: "low",
      sentence: expect.stringMatching(/as in the last 6.h, file system \/data has no room/),
      evidence: [{ sentence: expect.stringMatching(/14\.\d.GiB available at the end/) }],
    },
  });
});

test("filesystem-filling foretells nothing of a disk that is mounted for an hour", () => {
  const backup = (s: number) => (s >= 9 * 3600 && s < 10 * 3600 ? 30 - s / 3600 : NaN);
  expect(judge(filesystemFilling, space(backup))).toMatchObject({ outcome: "clear" });
});

test("filesystem-filling is silent on what does not grow, grows slowly, or has much room", () => {
  const noise = (s: number) => 20 + Math.sin(s);
  expect(judge(filesystemFilling, space(noise))).toMatchObject({ outcome: "clear" });
  expect(
    judge(
      filesystemFilling,
      space((s) => 20 - s / 360_000),
    ),
  ).toMatchObject({
    outcome: "clear",
  });
  expect(
    judge(
      filesystemFilling,
      space((s) => 90 - s / 3600),
    ),
  ).toMatchObject({ outcome: "clear" });
  // Full in 15 h, but not half full yet.
  expect(
    judge(
      filesystemFilling,
      space((s) => 81 - (3 * s) / 3600),
    ),
  ).toMatchObject({ outcome: "clear" });
  // Filled once, in a step, and not since.
  expect(
    judge(
      filesystemFilling,
      space((s) => (s < 3600 ? 20 : 10)),
    ),
  ).toMatchObject({
    outcome: "clear",
  });
});

test("filesystem-filling refuses below six hours, and without available space", () => {
  expect(
    judge(
      filesystemFilling,
      space((s) => 20 - s / 3600),
      { rows: 300 },
    ),
  ).toMatchObject({
    outcome: "refused",
    reason: expect.stringMatching(/^5.h of data/),
  });
  expect(judge(filesystemFilling, {})).toMatchObject({ outcome: "refused" });
});
