import * as fc from "fast-check";
import { expect, test } from "vitest";
import { parseDiskstats } from "./diskstats.ts";
import { readFixture } from "./fixtures.ts";
import { damaged, findFault } from "./fuzz.ts";

const base = {
  reads: 223_632,
  reads_merged: 8904,
  read_sectors: 49_365_154,
  read_ms: 886_229,
  writes: 2_403_972,
  writes_merged: 665_386,
  write_sectors: 95_023_890,
  write_ms: 12_387_075,
  in_flight: 0,
  io_ms: 2_635_045,
  weighted_ms: 14_644_442,
};
const line =
  "   8       0 sda 223632 8904 49365154 886229 2403972 665386 95023890 12387075 0 2635045 14644442";

test("parseDiskstats() reads the 20 columns of kernel 5.5 and later", () => {
  const disks = parseDiskstats(readFixture("azure-ubuntu/diskstats"));
  expect(disks.get("sda")).toEqual({
    ...base,
    discards: 108_184,
    discards_merged: 1287,
    discard_sectors: 165_358_356,
    discard_ms: 306_404,
    flushes: 1_311_862,
    flush_ms: 1_064_734,
  });
});

test("parseDiskstats() gives null for discards and flushes in the 14 columns of kernel 3.10", () => {
  expect(parseDiskstats(`${line}\n`).get("sda")).toEqual({
    ...base,
    discards: null,
    discards_merged: null,
    discard_sectors: null,
    discard_ms: null,
    flushes: null,
    flush_ms: null,
  });
});

test("parseDiskstats() gives null for flushes in the 18 columns of kernel 4.18", () => {
  expect(parseDiskstats(`${line} 1 2 3 4\n`).get("sda")).toMatchObject({
    ...base,
    discards: 1,
    discard_ms: 4,
    flushes: null,
    flush_ms: null,
  });
});

test.each([
  ["   8 0 sda 1 2 3\n", 'line 1: "   8 0 sda 1 2 3" has 3 columns behind the name, not 11'],
  [line.replace("886229", "-886229"), 'line 1: read_ms of sda is "-886229", not a whole number'],
  [`${line}\n${line}\n`, 'line 2: device "sda" stands twice'],
  ["eight 0 sda\n", 'line 1: the major number is "eight", not a whole number'],
])("parseDiskstats() names line and value of %j", (text, message) => {
  expect(() => parseDiskstats(text)).toThrow(
    new SyntaxError(`Cannot parse /proc/diskstats: ${message}`),
  );
});

test("parseDiskstats() gives numbers or a SyntaxError for any damaged text", () => {
  fc.assert(
    fc.property(damaged(readFixture("oci-oraclelinux/diskstats")), (text) => {
      expect(findFault(() => parseDiskstats(text), "/proc/diskstats")).toBeNull();
    }),
  );
});
