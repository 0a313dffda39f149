import { metrics } from "@perfanalysis/contract/metrics";
import { describe, expect, test } from "vitest";
import {
  createLayout,
  noDevices,
  offsetOf,
  sources,
  type Devices,
  type SourceName,
} from "../sampling/layout.ts";
import { createRates } from "./rates.ts";

const devices: Devices = {
  ...noDevices,
  cpu: ["cpu", "cpu3"],
  disk: ["sda"],
  interface: ["eth0"],
  mount: ["/"],
  container: ["942b476921d8"],
};
const layout = createLayout(devices);
type Reading = Partial<Record<SourceName, Record<string, number>>>;

/** Values of the named fields in every row of their source; others were not measured. */
function toValues(reading: Reading): Float64Array {
  const values = new Float64Array(layout.size).fill(Number.NaN);
  for (const { name, per, fields } of sources) {
    const names: readonly string[] = fields;
    for (const [field, value] of Object.entries(reading[name] ?? {})) {
      expect(names).toContain(field);
      const rows = per === null ? 1 : devices[per].length;
      for (let row = 0; row < rows; row += 1) {
        values[offsetOf(layout, name) + row * names.length + names.indexOf(field)] = value;
      }
    }
  }
  return values;
}

function compute(before: Reading, after: Reading, elapsedS = 2): Record<string, number> {
  const rates = createRates(layout);
  const row = new Float64Array(rates.columns.length);
  rates.compute({ before: toValues(before), after: toValues(after), elapsedS }, row);
  return Object.fromEntries(rates.columns.map((name, index) => [name, row[index] ?? Number.NaN]));
}

/** The cells of the only container, without its name. */
function cellsOfContainer(row: Record<string, number>): Record<string, number> {
  const start = "container_942b476921d8_";
  return Object.fromEntries(
    Object.entries(row).flatMap(([name, value]) =>
      name.startsWith(start) ? [[name.slice(start.length), value]] : [],
    ),
  );
}

describe("createRates()", () => {
  test("createRates() has a column for every metric of the catalogue, and no other", () => {
    const names = new Set(
      createRates(layout).columns.map((name) =>
        name
          .replace(/^cpu3_/, "cpu<cpu>_")
          .replace("disk_sda_", "disk_<device>_")
          .replace("net_eth0_", "net_<interface>_")
          .replace("fs_/_", "fs_<mount>_")
          .replace("container_942b476921d8_", "container_<container>_"),
      ),
    );
    expect(names).toEqual(new Set(metrics.map(({ name }) => name)));
  });

  const container = {
    usage_usec: 2_000_000,
    user_usec: 1_500_000,
    system_usec: 500_000,
    nr_periods: 100,
    nr_throttled: 10,
    throttled_usec: 5000,
    rbytes: 4096,
    wbytes: 8192,
    rios: 1,
    wios: 2,
    oom_kill: 0,
    memory_current: 58_802_176,
    memory_max: 536_870_912,
    anon: 110_592,
    file: 57_663_488,
    pids_current: 4,
    quota_usec: 50_000,
    period_usec: 100_000,
  };

  test("createRates() gives a container's CPU in percent of one, its throttled periods, memory and I/O", () => {
    const after = {
      ...container,
      usage_usec: 7_000_000,
      nr_periods: 120,
      nr_throttled: 15,
      rbytes: 4096 + 20_480,
      wbytes: 8192 + 2048,
      rios: 6,
      wios: 3,
      oom_kill: 1,
    };
    const row = compute({ containers: container }, { containers: after });
    expect(cellsOfContainer(row)).toEqual({
      cpu: 250,
      cpu_limit: 50,
      throttled: 25,
      memory_bytes: 58_802_176,
      memory_limit_bytes: 536_870_912,
      memory_anonymous_bytes: 110_592,
      memory_file_bytes: 57_663_488,
      read_bytes: 10_240,
      write_bytes: 1024,
      reads: 2.5,
      writes: 0.5,
      pids: 4,
      oom_kills: 0.5,
    });
  });

  test("createRates() gives gaps for a container's limits where there are none, and its throttling while no period passes", () => {
    const { quota_usec: _1, memory_max: _2, ...unlimited } = container;
    const row = cellsOfContainer(compute({ containers: unlimited }, { containers: unlimited }));
    expect(row["cpu"]).toBe(0);
    expect([row["cpu_limit"], row["memory_limit_bytes"], row["throttled"]]).toEqual([
      Number.NaN,
      Number.NaN,
      Number.NaN,
    ]);
  });

  test.each(["usage_usec", "rbytes", "oom_kill"])(
    "createRates() gives gaps for all rates of a container whose %s went backwards, and its readings of now",
    (field) => {
      const grown = Object.fromEntries(
        Object.entries(container).map(([name, value]) => [name, value * 2]),
      );
      const before = { ...container, [field]: 2 ** 40 };
      const row = cellsOfContainer(compute({ containers: before }, { containers: grown }));
      const rates = Object.entries(row).filter(([, value]) => !Number.isNaN(value));
      expect(rates.map(([name]) => name)).toEqual([
        "cpu_limit",
        "memory_bytes",
        "memory_limit_bytes",
        "memory_anonymous_bytes",
        "memory_file_bytes",
        "pids",
      ]);
    },
  );

  test("createRates() gives the collector's cost, and a gap where another process took over", () => {
    const before = { started_ms: 5, cpu_us: 1000, missed_ticks: 1, dropped_samples: 0 };
    const after = { started_ms: 5, cpu_us: 5000, missed_ticks: 4, dropped_samples: 8 };
    expect(compute({ self: before }, { self: { ...after, resident_bytes: 4096 } })).toMatchObject({
      collector_cpu: 0.2,
      collector_memory_bytes: 4096,
      collector_missed_ticks: 1.5,
      collector_dropped_samples: 4,
    });
    const next = compute({ self: before }, { self: { ...after, started_ms: 6 } });
    expect(next["collector_cpu"]).toBeNaN();
    expect(next["collector_missed_ticks"]).toBeNaN();
  });

  test("createRates() gives bytes of a file system, and the share in use as df does", () => {
    // df -B1 and df -i of an ext4 file system that keeps 5 % for root: 1,000 blocks, 300 free, 250 of them for all.
    const after = {
      block_bytes: 4096,
      blocks: 1000,
      blocks_free: 300,
      blocks_available: 250,
      inodes: 64,
      inodes_free: 14,
    };
    expect(compute({}, { mounts: after })).toMatchObject({
      "fs_/_size_bytes": 4_096_000,
      "fs_/_free_bytes": 1_228_800,
      "fs_/_available_bytes": 1_024_000,
      "fs_/_used": 73.6842,
      "fs_/_inodes": 64,
      "fs_/_inodes_free": 14,
    });
    // btrfs has no number of inodes.
    const btrfs = compute({}, { mounts: { ...after, inodes: 0, inodes_free: 0 } });
    expect(btrfs["fs_/_inodes"]).toBeNaN();
    expect(btrfs["fs_/_inodes_free"]).toBeNaN();
    expect(compute({}, {})["fs_/_used"]).toBeNaN();
  });

  test("createRates() gives shares of the CPU time of all modes, guests apart", () => {
    const zero = {
      user: 0,
      nice: 0,
      system: 0,
      idle: 0,
      iowait: 0,
      irq: 0,
      softirq: 0,
      steal: 0,
      guest: 0,
      guest_nice: 0,
    };
    const cpu = {
      user: 30,
      nice: 10,
      system: 20,
      idle: 80,
      iowait: 20,
      irq: 10,
      softirq: 20,
      steal: 10,
      guest: 6,
      guest_nice: 4,
    };
    const row = compute({ cpu: zero }, { cpu });
    expect(row).toMatchObject({
      cpu_user: 15,
      cpu_nice: 5,
      cpu_system: 10,
      cpu_idle: 40,
      cpu_iowait: 10,
      cpu_irq: 5,
      cpu_softirq: 10,
      cpu_steal: 5,
      cpu_guest: 5,
      cpu3_user: 15,
      cpu3_guest: 5,
    });
  });

  test("createRates() gives gaps for a CPU of which a counter went backwards or nothing passed", () => {
    const before = {
      user: 5,
      nice: 5,
      system: 5,
      idle: 5,
      iowait: 5,
      irq: 5,
      softirq: 5,
      steal: 5,
      guest: 0,
      guest_nice: 0,
    };
    const back = compute({ cpu: before }, { cpu: { ...before, user: 90, idle: 4 } });
    const still = compute({ cpu: before }, { cpu: before });
    for (const row of [back, still]) {
      expect(row["cpu_user"]).toBeNaN();
      expect(row["cpu_idle"]).toBeNaN();
      expect(row["cpu_guest"]).toBeNaN();
    }
  });

  test("createRates() gives a gap for iowait alone where the kernel moved some of it to idle", () => {
    const before = {
      user: 100,
      nice: 0,
      system: 0,
      idle: 500,
      iowait: 80,
      irq: 0,
      softirq: 0,
      steal: 0,
      guest: 0,
      guest_nice: 0,
    };
    const after = { ...before, user: 120, idle: 610, iowait: 50 };
    const row = compute({ cpu: before }, { cpu: after });
    // 100 ticks passed: 20 of user, and 110 of idle of which 30 were shown as iowait before.
    expect(row).toMatchObject({ cpu_user: 20, cpu_idle: 100, cpu_system: 0, cpu3_user: 20 });
    expect(row["cpu_iowait"]).toBeNaN();
  });

  test("createRates() gives gauges as they are, memory in bytes", () => {
    const row = compute(
      {},
      {
        loadavg: { load1: 0.25, load5: 0.11, load15: 1.5 },
        stat: { procs_running: 3, procs_blocked: 1 },
        meminfo: {
          MemTotal: 1000,
          MemFree: 100,
          MemAvailable: 400,
          Dirty: 7,
          SwapTotal: 0,
          SwapFree: 0,
        },
      },
    );
    expect(row).toMatchObject({
      load1: 0.25,
      load15: 1.5,
      procs_running: 3,
      procs_blocked: 1,
      mem_total: 1_024_000,
      mem_free: 102_400,
      mem_available: 409_600,
      mem_used: 614_400,
      mem_dirty: 7168,
      swap_total: 0,
    });
    expect(row["mem_slab"]).toBeNaN();
  });

  test("createRates() gives a gap for used memory where the kernel has no MemAvailable", () => {
    expect(compute({}, { meminfo: { MemTotal: 10, MemFree: 5 } })["mem_used"]).toBeNaN();
  });

  test("createRates() divides growth by the time that really passed", () => {
    const row = compute(
      {
        stat: { ctxt: 1000, intr: 10, processes: 5 },
        vmstat: { pgpgin: 0, pgfault: 7, oom_kill: 1 },
      },
      {
        stat: { ctxt: 4000, intr: 10, processes: 6 },
        vmstat: { pgpgin: 3, pgfault: 8, oom_kill: 2 },
      },
      1.5,
    );
    expect(row).toMatchObject({
      context_switches: 2000,
      interrupts: 0,
      forks: 0.666667,
      vm_pgin_bytes: 2048,
      vm_faults: 0.666667,
      vm_oom_kills: 0.666667,
    });
  });

  test("createRates() gives pressure as percent of the time, never above 100", () => {
    const before = { "pressure/io": { some_total_us: 1_000_000, full_total_us: 0 } };
    const after = { "pressure/io": { some_total_us: 1_500_000, full_total_us: 2_000_300 } };
    const row = compute(before, after);
    expect(row).toMatchObject({ psi_io_some: 25, psi_io_full: 100 });
    expect(row["psi_cpu_some"]).toBeNaN();
  });

  const disk = {
    reads: 100,
    reads_merged: 0,
    read_sectors: 800,
    read_ms: 50,
    writes: 10,
    writes_merged: 0,
    write_sectors: 80,
    write_ms: 5,
    in_flight: 9,
    io_ms: 40,
    weighted_ms: 60,
    discards: 1,
    discards_merged: 0,
    discard_sectors: 8,
    discard_ms: 1,
    flushes: 0,
    flush_ms: 0,
  };
  const later = {
    ...disk,
    reads: 130,
    read_sectors: 1200,
    read_ms: 110,
    writes: 20,
    write_sectors: 90,
    write_ms: 25,
    in_flight: 0,
    io_ms: 1040,
    weighted_ms: 3060,
    discards: 11,
    discard_ms: 21,
  };

  test("createRates() gives a disk's rates, await, queue and busy share", () => {
    expect(compute({ diskstats: disk }, { diskstats: later })).toMatchObject({
      disk_sda_reads: 15,
      disk_sda_writes: 5,
      disk_sda_read_bytes: 102_400,
      disk_sda_write_bytes: 2560,
      disk_sda_discards: 5,
      disk_sda_await_ms: 2,
      disk_sda_queue: 1.5,
      disk_sda_busy: 50,
    });
  });

  test("createRates() gives await without discards where the kernel does not count them, and a gap where nothing was completed", () => {
    const { discards: _1, discard_ms: _2, ...old } = disk;
    const { discards: _3, discard_ms: _4, ...oldLater } = later;
    const row = compute({ diskstats: old }, { diskstats: oldLater });
    expect(row["disk_sda_await_ms"]).toBe(2);
    expect(row["disk_sda_discards"]).toBeNaN();
    const idle = compute({ diskstats: disk }, { diskstats: disk });
    expect(idle["disk_sda_await_ms"]).toBeNaN();
    expect(idle["disk_sda_reads"]).toBe(0);
  });

  test("createRates() keeps busy at 100 where the kernel's clock says more", () => {
    const row = compute({ diskstats: disk }, { diskstats: { ...later, io_ms: 2050 } });
    expect(row["disk_sda_busy"]).toBe(100);
  });

  test.each(["reads", "weighted_ms", "flushes"])(
    "createRates() gives gaps for all of a disk whose %s went backwards",
    (field) => {
      const row = compute(
        { diskstats: { ...disk, [field]: 4_294_967_290 } },
        { diskstats: { ...later, [field]: 3 } },
      );
      const cells = Object.entries(row).filter(([name]) => name.startsWith("disk_"));
      expect(cells).toHaveLength(8);
      expect(cells.every(([, value]) => Number.isNaN(value))).toBe(true);
    },
  );

  test("createRates() gives an interface's rates, and gaps for all of them after a reset", () => {
    const names = sources.find(({ name }) => name === "net/dev")?.fields ?? [];
    const before = Object.fromEntries(names.map((name) => [name, 1000]));
    const after = Object.fromEntries(names.map((name, index) => [name, 1000 + 2 * index]));
    expect(compute({ "net/dev": before }, { "net/dev": after })).toMatchObject({
      net_eth0_rx_bytes: 0,
      net_eth0_rx_packets: 1,
      net_eth0_tx_bytes: 8,
      net_eth0_tx_drops: 11,
    });
    const reset = compute({ "net/dev": before }, { "net/dev": { ...after, rx_multicast: 0 } });
    expect(reset["net_eth0_tx_bytes"]).toBeNaN();
  });

  test("createRates() gives gaps for what was not there before, counters beyond 2^53, and no time passed", () => {
    expect(compute({}, { stat: { ctxt: 5 } })["context_switches"]).toBeNaN();
    expect(
      compute({ stat: { ctxt: 2 ** 60 } }, { stat: { ctxt: 2 ** 61 } })["context_switches"],
    ).toBeNaN();
    for (const elapsedS of [0, -1, Number.NaN]) {
      expect(
        compute({ stat: { ctxt: 1 } }, { stat: { ctxt: 5 } }, elapsedS)["context_switches"],
      ).toBeNaN();
    }
  });
});
