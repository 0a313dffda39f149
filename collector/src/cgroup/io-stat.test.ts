import { mkdirSync, symlinkSync } from "node:fs";
import { join } from "node:path";
import * as fc from "fast-check";
import { expect, test } from "vitest";
import { damaged, findFault } from "../procfs/fuzz.ts";
import { createFolder } from "../sampling/fake-procfs.ts";
import { BlockDevices } from "./block-devices.ts";
import { cgroups, readCgroupFixture } from "./fixtures.ts";
import { parseIoStat, sumIo } from "./io-stat.ts";

test("parseIoStat() reads a line a device", () => {
  expect([...parseIoStat(readCgroupFixture("limited/io.stat"))]).toEqual([
    ["253:0", { rbytes: 50_331_648, wbytes: 11_239_424, rios: 88, wios: 15 }],
    ["8:0", { rbytes: 50_896_896, wbytes: 11_239_424, rios: 95, wios: 15 }],
    ["7:3", { rbytes: 4096, wbytes: 0, rios: 1, wios: 0 }],
  ]);
});

test("parseIoStat() passes over devices without counters, also where the kernel does not end their lines", () => {
  expect([...parseIoStat(readCgroupFixture("unlimited/io.stat")).keys()]).toEqual(["259:0"]);
  expect(parseIoStat("").size).toBe(0);
});

test.each([
  ["rbytes=1 wbytes=2 rios=3 wios=4\n", '"rbytes=1 wbytes=2 rios=3 wios=4" has no device'],
  ["8:0 rbytes=1 wbytes=2 rios=3\n", "wios of 8:0 is missing, not a whole number"],
  ["8:0 rbytes=-1 wbytes=2 rios=3 wios=4\n", 'rbytes of 8:0 is "-1", not a whole number'],
])("parseIoStat() names line and value of %j", (text, message) => {
  expect(() => parseIoStat(text)).toThrow(
    new SyntaxError(`Cannot parse io.stat: line 1: ${message}`),
  );
});

test("parseIoStat() refuses a device that stands twice", () => {
  const line = "8:0 rbytes=1 wbytes=2 rios=3 wios=4\n";
  expect(() => parseIoStat(`${line}${line}`)).toThrow(
    'Cannot parse io.stat: line 2: device "8:0" stands twice',
  );
});

test.each(cgroups)(
  "parseIoStat() gives numbers or a SyntaxError for any damaged text (%s)",
  (name) => {
    fc.assert(
      fc.property(damaged(readCgroupFixture(`${name}/io.stat`)), (text) => {
        expect(findFault(() => parseIoStat(text), "io.stat")).toBeNull();
      }),
    );
  },
);

test("sumIo() counts a request once: at the disk, not at the device mapper, md and loop devices above it", () => {
  const sysfs = createSysfs([
    { device: "8:0", name: "sda", slaves: [] },
    { device: "253:0", name: "dm-0", slaves: ["sda"] },
    { device: "9:0", name: "md0", slaves: ["sda", "sdb"] },
    { device: "251:0", name: "zram0", slaves: [] },
  ]);
  const devices = new BlockDevices(sysfs);
  const line = (device: string): string => `${device} rbytes=512 wbytes=1024 rios=1 wios=2\n`;
  const text = ["8:0", "253:0", "9:0", "251:0", "7:0", "1:0", "259:0"].map(line).join("");
  expect(sumIo(parseIoStat(text), (device) => devices.counts(device))).toEqual({
    rbytes: 1024,
    wbytes: 2048,
    rios: 2,
    wios: 4,
  });
});

test("sumIo() counts no request of podman's pods twice: their disk's are those of the three devices of LVM on it", () => {
  const devices = new BlockDevices(
    createSysfs([
      { device: "8:0", name: "sda", slaves: [] },
      { device: "253:0", name: "dm-0", slaves: ["sda"] },
      { device: "253:1", name: "dm-1", slaves: ["sda"] },
      { device: "253:2", name: "dm-2", slaves: ["sda"] },
    ]),
  );
  const io = parseIoStat(readCgroupFixture("machine-slice-5.x/io.stat"));
  const sum = { rbytes: 250_761_216, wbytes: 270_336, rios: 8081, wios: 66 };
  expect(sumIo(io, (device) => devices.counts(device))).toEqual(sum);
  expect(sumIo(io, (device) => device.startsWith("253:"))).toEqual(sum);
});

/** A tree like /sys with these block devices. */
function createSysfs(disks: { device: string; name: string; slaves: string[] }[]): string {
  const sysfs = join(createFolder(), "sys");
  mkdirSync(join(sysfs, "dev/block"), { recursive: true });
  for (const { device, name, slaves } of disks) {
    const folder = join(sysfs, "block", name);
    mkdirSync(join(folder, "slaves"), { recursive: true });
    for (const slave of slaves) mkdirSync(join(folder, "slaves", slave));
    symlinkSync(`../../block/${name}`, join(sysfs, "dev/block", device));
  }
  return sysfs;
}
