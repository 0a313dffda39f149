// What each kernel's files look like, read by hand from the fixtures; and every parser on damaged texts of every kernel.
import * as fc from "fast-check";
import { expect, test } from "vitest";
import { kernelFiles, listKernelFiles } from "../sampling/readings.ts";
import { parseCpuinfo } from "./cpuinfo.ts";
import { parseDiskstats } from "./diskstats.ts";
import { listFixtures, readFixture } from "./fixtures.ts";
import { damaged, findFault } from "./fuzz.ts";
import { parseLoadavg } from "./loadavg.ts";
import { parseMeminfo } from "./meminfo.ts";
import { parseNetDev } from "./net-dev.ts";
import { parsePidIo } from "./pid-io.ts";
import { parsePidStat } from "./pid-stat.ts";
import { parsePressure } from "./pressure.ts";
import { parseStat } from "./stat.ts";
import { parseVmstat } from "./vmstat.ts";

test.each([
  {
    machine: "centos-7-3.10",
    cpuCount: 32,
    lastCpu: { name: "cpu31", user: 64_242, iowait: 2490, softirq: 2, steal: 0, guest: 0 },
    counters: { intr: 1_195_032_732, ctxt: 788_867_871, btime: 1_615_180_075, procs_running: 1 },
  },
  {
    // Its guests' time is part of user.
    machine: "kvm-host-3.x",
    cpuCount: 32,
    lastCpu: { name: "cpu31", user: 26_164, nice: 108, guest: 8448, guest_nice: 0 },
    counters: { intr: 60_503_593_998, ctxt: 9_485_934_380, processes: 3_934_792 },
  },
  {
    machine: "linux-3.x",
    cpuCount: 4,
    lastCpu: { name: "cpu3", user: 150_101, idle: 37_929_612, irq: 3, softirq: 283, guest: 0 },
    counters: { intr: 33_022_296, btime: 1_421_206_647, procs_blocked: 0 },
  },
  {
    machine: "rhcos-4.2-4.18",
    cpuCount: 2,
    lastCpu: { name: "cpu1", user: 6245, system: 6081, irq: 2293, softirq: 1312, guest_nice: 0 },
    counters: { intr: 1_164_323, ctxt: 5_562_073, processes: 5959, procs_running: 3 },
  },
  {
    machine: "written-rhel-8-4.18",
    // CPU 2 is offline.
    cpuCount: 3,
    lastCpu: { name: "cpu3", user: 200_885, iowait: 4010, irq: 10_937, guest: 590, guest_nice: 18 },
    counters: { intr: 90_112_204, ctxt: 180_220_455, procs_running: 1, procs_blocked: 0 },
  },
  {
    machine: "ubuntu-20.10-5.8",
    cpuCount: 2,
    lastCpu: { name: "cpu1", user: 3218, nice: 15, softirq: 953, steal: 0 },
    counters: { intr: 2_496_709, ctxt: 4_622_716, btime: 1_662_154_781, processes: 9831 },
  },
  {
    machine: "arm64-5.15",
    cpuCount: 128,
    lastCpu: { name: "cpu127", user: 0, system: 2, idle: 21_757, iowait: 0 },
    counters: { intr: 1_765_717, btime: 1_636_312_915, procs_running: 49, procs_blocked: 0 },
  },
  {
    machine: "written-ubuntu-22.04-5.15",
    cpuCount: 2,
    lastCpu: { name: "cpu1", user: 45_101, softirq: 302, steal: 1509, guest_nice: 0 },
    counters: { intr: 12_044_558, btime: 1_720_000_031, processes: 20_455, procs_running: 3 },
  },
])("parseStat() reads the file of $machine", ({ machine, cpuCount, lastCpu, counters }) => {
  const stat = parseStat(readFixture(`${machine}/stat`));
  expect(stat.cpus.size).toBe(1 + cpuCount);
  const { name, ...ticks } = lastCpu;
  expect([...stat.cpus.keys()].at(-1)).toBe(name);
  expect(stat.cpus.get(name)).toMatchObject(ticks);
  expect(stat.counters).toMatchObject(counters);
});

test.each([
  ["written-rhel-7-3.10", [0.42, 0.57, 0.61]],
  ["written-rhel-8-4.18", [1.08, 0.94, 0.9]],
  ["ubuntu-20.10-5.8", [0, 0.01, 0.03]],
  ["written-ubuntu-22.04-5.15", [2.13, 1, 0.39]],
])("parseLoadavg() reads the file of %s", (machine, [load1, load5, load15]) => {
  expect(parseLoadavg(readFixture(`${machine}/loadavg`))).toEqual({ load1, load5, load15 });
});

test.each([
  {
    // Red Hat has ported MemAvailable back.
    machine: "centos-7-3.10",
    memory: {
      MemTotal: 97_445_600,
      MemAvailable: 83_337_000,
      Active: 37_189_452,
      SwapFree: 8_388_604,
      Dirty: 1556,
      Slab: 2_076_156,
      Committed_AS: 1_690_036,
    },
  },
  {
    machine: "rhcos-4.2-4.18",
    memory: {
      MemTotal: 8_164_548,
      MemAvailable: 1_950_080,
      Inactive: 1_019_712,
      SwapTotal: 0,
      Dirty: 17_460,
      AnonPages: 328_748,
      Slab: 199_948,
    },
  },
  {
    machine: "ubuntu-20.10-5.8",
    memory: { MemFree: 2_760_316, MemAvailable: 3_386_876, Cached: 684_856, Slab: 288_096 },
  },
  {
    machine: "arm64-5.15",
    memory: {
      MemTotal: 527_031_224,
      MemAvailable: 478_155_232,
      AnonPages: 45_048_440,
      Slab: 300_208,
      Committed_AS: 166_953_976,
    },
  },
])("parseMeminfo() reads the file of $machine", ({ machine, memory }) => {
  expect(parseMeminfo(readFixture(`${machine}/meminfo`))).toMatchObject(memory);
});

test.each([
  ["kvm-host-3.x", { pgpgin: 6_503_076, pswpout: 0, pgmajfault: 1209, oom_kill: null }],
  ["rhcos-4.2-4.18", { pgpgin: 445_563, pgpgout: 1_127_556, pgfault: 1_677_493, oom_kill: 0 }],
  ["ubuntu-20.10-5.8", { pgpgin: 625_466, pgpgout: 706_252, pgmajfault: 1713, oom_kill: 0 }],
  ["written-ubuntu-22.04-5.15", { pgpgin: 1_802_113, pgpgout: 5_011_880, pgfault: 30_112_044 }],
])("parseVmstat() reads the file of %s", (machine, paging) => {
  expect(parseVmstat(readFixture(`${machine}/vmstat`))).toMatchObject(paging);
});

test.each([
  {
    machine: "linux-3.x",
    count: 16,
    name: "sda7",
    disk: {
      reads: 409_775,
      read_sectors: 40_594_874,
      write_ms: 123_401_708,
      in_flight: 1,
      weighted_ms: 127_433_292,
      discards: null,
      flushes: null,
    },
  },
  {
    machine: "rhcos-4.2-4.18",
    count: 5,
    name: "sda",
    disk: { reads: 8933, writes_merged: 21_952, io_ms: 8217, discards: 0, flushes: null },
  },
  {
    machine: "written-rhel-8-4.18",
    count: 4,
    name: "nvme0n1",
    disk: {
      reads: 120_455,
      discards: 8120,
      discard_sectors: 16_240_440,
      discard_ms: 1204,
      flushes: null,
    },
  },
  {
    machine: "ubuntu-20.10-5.8",
    count: 15,
    name: "dm-0",
    disk: { reads: 10_298, writes: 31_994, io_ms: 18_220, discard_ms: 0, flushes: 0, flush_ms: 0 },
  },
  {
    machine: "written-ubuntu-22.04-5.15",
    count: 5,
    name: "loop0",
    disk: { reads: 102, discards: 0, flushes: 0, flush_ms: 0 },
  },
])("parseDiskstats() reads the file of $machine", ({ machine, count, name, disk }) => {
  const disks = parseDiskstats(readFixture(`${machine}/diskstats`));
  expect(disks.size).toBe(count);
  expect(disks.get(name)).toMatchObject(disk);
});

test.each([
  ["written-rhel-7-3.10", "eth0", { rx_bytes: 9_120_445_018, rx_drops: 214, tx_drops: 0 }],
  ["linux-4.15", "tun0", { rx_packets: 251_484, tx_bytes: 120_529_230, tx_drops: 46 }],
  ["linux-4.15", "enp0s25", { rx_bytes: 18_690_974_820, rx_multicast: 236_404 }],
  ["rhcos-4.2-4.18", "eth0", { rx_bytes: 281_233_043, rx_multicast: 3424, tx_packets: 175_179 }],
  ["ubuntu-20.10-5.8", "ens33", { rx_bytes: 60_600_053, tx_packets: 121_425, tx_errors: 0 }],
  ["written-ubuntu-22.04-5.15", "ens5", { rx_bytes: 802_118_440, tx_packets: 602_118 }],
])("parseNetDev() reads the file of %s (%s)", (machine, name, counters) => {
  expect(parseNetDev(readFixture(`${machine}/net-dev`)).get(name)).toMatchObject(counters);
});

test.each([
  // Which processors are packages: two, of eight cores and two threads each; the fixture has three of the 32.
  [
    "centos-7-3.10",
    {
      vendorId: "GenuineIntel",
      modelName: "Intel(R) Xeon(R) Silver 4108 CPU @ 1.80GHz",
      coresPerPackage: 8,
      siblings: 16,
      mhz: 802.99,
      cacheSize: "11264 KB",
      packageCount: 2,
      cpuCount: 3,
    },
  ],
  // One block lists all processors.
  ["aarch64-3.17", { cpuCount: 8, vendorId: null, modelName: null, packageCount: null }],
  ["arm64-5.15", { cpuCount: 2, vendorId: null, modelName: null, mhz: null, flags: null }],
  ["s390x-2.6.32", { cpuCount: 2, vendorId: "IBM/S390", packageCount: null, mhz: null }],
])("parseCpuinfo() reads the file of %s", (machine, cpu) => {
  expect(parseCpuinfo(readFixture(`${machine}/cpuinfo`))).toMatchObject(cpu);
});

test.each([
  // Prometheus in a container of podman.
  [
    "linux-4.18",
    {
      pid: 25_951,
      name: "prometheus",
      cpuTicks: 20_078 + 2097,
      threads: 27,
      startTicks: 25_903_720,
      residentPages: 6782,
    },
    { read_bytes: 33_030_144, write_bytes: 92_430_336 },
  ],
  [
    "ubuntu-20.10-5.8",
    {
      pid: 1,
      name: "systemd",
      cpuTicks: 107 + 461,
      threads: 1,
      startTicks: 128,
      residentPages: 3313,
    },
    { read_bytes: 168_468_480, write_bytes: 27_357_184 },
  ],
])("parsePidStat() and parsePidIo() read the files of %s", (machine, stat, io) => {
  expect(parsePidStat(readFixture(`${machine}/pid-stat`))).toEqual(stat);
  expect(parsePidIo(readFixture(`${machine}/pid-io`))).toEqual(io);
});

test("parseMeminfo() reads the file of kernel 3.10 as it was before distributions changed it", () => {
  expect(parseMeminfo(readFixture("written-linux-3.10/meminfo"))).toMatchObject({
    MemTotal: 1_019_452,
    MemFree: 88_120,
    MemAvailable: null,
    Cached: 612_044,
    Committed_AS: 301_244,
  });
});

test("parsePressure() reads the file of kernel 5.15, whose CPUs have a full that stays 0", () => {
  expect(parsePressure(readFixture("written-ubuntu-22.04-5.15/pressure/cpu"), "cpu")).toEqual({
    some_total_us: 30_112_044,
    full_total_us: 0,
  });
  expect(parsePressure(readFixture("written-ubuntu-22.04-5.15/pressure/io"), "io")).toEqual({
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
