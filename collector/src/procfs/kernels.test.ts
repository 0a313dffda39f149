// What each kernel's files look like, read by hand from the fixtures; and every parser on damaged texts of every kernel.
import * as fc from "fast-check";
import { describe, expect, test } from "vitest";
import { kernelFiles, listKernelFiles } from "../sampling/readings.ts";
import { parseDiskstats } from "./diskstats.ts";
import { listFixtures, readFixture } from "./fixtures.ts";
import { damaged, findFault } from "./fuzz.ts";
import { parseLoadavg } from "./loadavg.ts";
import { parseMeminfo } from "./meminfo.ts";
import { parseNetDev } from "./net-dev.ts";
import { parsePressure } from "./pressure.ts";
import { parseStat } from "./stat.ts";
import { parseVmstat } from "./vmstat.ts";

const kernels = [
  {
    machine: "rhel-7-3.10",
    cpus: ["cpu", "cpu0", "cpu1"],
    lastCpu: { user: 515_711, iowait: 21_755, steal: 650, guest: 0 },
    counters: { intr: 198_450_213, ctxt: 371_902_288, btime: 1_700_000_042, processes: 402_177 },
    load: { load1: 0.42, load5: 0.57, load15: 0.61 },
    // Red Hat has ported MemAvailable back.
    memory: {
      MemTotal: 3_880_296,
      MemAvailable: 2_710_052,
      Slab: 211_904,
      Committed_AS: 2_480_116,
    },
    paging: { pgpgin: 9_120_455, pswpout: 1920, pgmajfault: 20_117, oom_kill: null },
    disks: ["sda", "sda1", "sda2", "sr0", "dm-0", "dm-1"],
    disk: {
      reads: 201_455,
      write_sectors: 96_423_812,
      weighted_ms: 8_520_119,
      discards: null,
      flushes: null,
    },
    interface: { name: "eth0", rx_bytes: 9_120_445_018, rx_drops: 214, tx_packets: 15_002_118 },
  },
  {
    machine: "rhel-8-4.18",
    // CPU 2 is offline.
    cpus: ["cpu", "cpu0", "cpu1", "cpu3"],
    lastCpu: { user: 200_885, iowait: 4010, irq: 10_937, guest: 590, guest_nice: 18 },
    counters: { intr: 90_112_204, ctxt: 180_220_455, procs_running: 1, procs_blocked: 0 },
    load: { load1: 1.08, load5: 0.94, load15: 0.9 },
    memory: { MemTotal: 16_165_712, MemAvailable: 13_044_120, SwapFree: 8_388_604, Slab: 602_118 },
    paging: { pgpgin: 5_012_044, pswpout: 0, pgmajfault: 10_233, oom_kill: 3 },
    disks: ["nvme0n1", "nvme0n1p1", "nvme0n1p2", "dm-0"],
    disk: {
      reads: 120_455,
      discards: 8120,
      discard_sectors: 16_240_440,
      discard_ms: 1204,
      flushes: null,
    },
    interface: { name: "ens192", rx_bytes: 40_112_044_558, rx_multicast: 20_114, tx_drops: 0 },
  },
  {
    machine: "ubuntu-22.04-5.15",
    cpus: ["cpu", "cpu0", "cpu1"],
    lastCpu: { user: 45_101, softirq: 302, steal: 1509, guest_nice: 0 },
    counters: { intr: 12_044_558, btime: 1_720_000_031, processes: 20_455, procs_running: 3 },
    load: { load1: 2.13, load5: 1, load15: 0.39 },
    memory: { MemTotal: 4_015_892, MemAvailable: 3_012_044, Dirty: 208, AnonPages: 412_044 },
    paging: { pgpgin: 1_802_113, pgpgout: 5_011_880, pgfault: 30_112_044, oom_kill: 0 },
    disks: ["loop0", "loop1", "xvda", "xvda1", "xvda15"],
    disk: { reads: 102, discards: 0, flushes: 0, flush_ms: 0 },
    interface: { name: "ens5", rx_bytes: 802_118_440, tx_bytes: 120_455_880, tx_packets: 602_118 },
  },
];

describe.each(kernels)("the files of $machine", (kernel) => {
  const read = (file: string): string => readFixture(`${kernel.machine}/${file}`);

  test("stat and loadavg", () => {
    const { cpus, counters } = parseStat(read("stat"));
    expect([...cpus.keys()]).toEqual(kernel.cpus);
    expect(cpus.get(kernel.cpus.at(-1) ?? "")).toMatchObject(kernel.lastCpu);
    expect(counters).toMatchObject(kernel.counters);
    expect(parseLoadavg(read("loadavg"))).toEqual(kernel.load);
  });

  test("meminfo and vmstat", () => {
    expect(parseMeminfo(read("meminfo"))).toMatchObject(kernel.memory);
    expect(parseVmstat(read("vmstat"))).toMatchObject(kernel.paging);
  });

  test("diskstats and net/dev", () => {
    const disks = parseDiskstats(read("diskstats"));
    expect([...disks.keys()]).toEqual(kernel.disks);
    expect(disks.get(kernel.disks[0] ?? "")).toMatchObject(kernel.disk);
    const { name, ...counters } = kernel.interface;
    expect(parseNetDev(read("net-dev")).get(name)).toMatchObject(counters);
  });
});

test("parseMeminfo() reads the file of kernel 3.10 as it was before distributions changed it", () => {
  expect(parseMeminfo(readFixture("linux-3.10/meminfo"))).toMatchObject({
    MemTotal: 1_019_452,
    MemFree: 88_120,
    MemAvailable: null,
    Cached: 612_044,
    Committed_AS: 301_244,
  });
});

test("parsePressure() reads the file of kernel 5.15, whose CPUs have a full that stays 0", () => {
  expect(parsePressure(readFixture("ubuntu-22.04-5.15/pressure/cpu"), "cpu")).toEqual({
    some_total_us: 30_112_044,
    full_total_us: 0,
  });
  expect(parsePressure(readFixture("ubuntu-22.04-5.15/pressure/io"), "io")).toEqual({
    some_total_us: 8_120_455,
    full_total_us: 6_011_204,
  });
});

const captured = listKernelFiles().flatMap((file) =>
  listFixtures(file).map(({ machine, text }) => ({ file, machine, text })),
);

test.each(captured)(
  "the parser of $file gives numbers or a SyntaxError for any damaged text of $machine",
  ({ file, text }) => {
    fc.assert(
      fc.property(damaged(text), (other) => {
        const parse = (): unknown =>
          kernelFiles[file](other).map((reading) =>
            reading.per === null ? reading.fields : reading.rows,
          );
        expect(findFault(parse, `/proc/${file}`)).toBeNull();
      }),
    );
  },
);
