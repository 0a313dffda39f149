// Each rule a little beyond its limit, where it speaks, and a little within, where it must not.
import { expect, test } from "vitest";
import { during, judgeMachine, type Course } from "../testing/machine.ts";
import type { RuleContext } from "./finding.ts";
import { rules } from "./rules.ts";

const gibibyte = 2 ** 30;
/** From the 10th minute of an hour to the 50th. */
const held = (high: number, low: number): Course => during(10, 50, { high, low });
const devices: Partial<RuleContext> = {
  disks: ["sda"],
  interfaces: ["eth0"],
  mounts: ["/data"],
  containers: ["web", "db"],
  speeds: new Map([["eth0", { bytesPerS: 1e8, from: "user" }]]),
};

type Columns = Record<string, Course>;
type Limit = [id: string, quantity: string, limit: number, columns: (value: number) => Columns];
const limits: Limit[] = [
  [
    "cpu-saturation",
    "percent busy",
    90,
    (busy) => ({ cpu_idle: held(100 - busy, 83), cpu_iowait: () => 0 }),
  ],
  [
    "cpu-saturation",
    "runnable tasks beside the one that counts, of two CPUs",
    4,
    (tasks) => ({ cpu_idle: () => 20, cpu_iowait: () => 0, procs_running: held(tasks + 1, 1) }),
  ],
  ["cpu-steal", "percent", 10, (steal) => ({ cpu_steal: held(steal, 0.1) })],
  [
    "cpu-iowait",
    "percent",
    40,
    (share) => ({ cpu_iowait: held(share, 1), procs_blocked: () => 5 }),
  ],
  [
    "cpu-iowait",
    "tasks blocked",
    0.5,
    (tasks) => ({ cpu_iowait: held(60, 1), procs_blocked: held(tasks, 0) }),
  ],
  [
    "cpu-system-share",
    "percent of the time worked",
    60,
    (share) => ({ cpu_system: held(0.8 * share, 4), cpu_user: held(80 - 0.8 * share, 20) }),
  ],
  [
    "cpu-system-share",
    "percent worked",
    50,
    (worked) => ({ cpu_system: held(0.8 * worked, 4), cpu_user: held(0.2 * worked, 20) }),
  ],
  ["cpu-imbalance", "percent busy", 95, (busy) => ({ cpu0_idle: held(100 - busy, 83) })],
  [
    "cpu-interrupts",
    "percent",
    50,
    (share) => ({ cpu0_softirq: held(share, 1), cpu1_softirq: () => 1 }),
  ],
  [
    "load-high",
    "tasks of two CPUs",
    4,
    (load1) => ({ load1: held(load1, 1), procs_running: () => 9 }),
  ],
  [
    "fork-storm",
    "tasks a second, of 100",
    500,
    (forks) => ({ forks: during(10, 30, { high: forks, low: 100 }) }),
  ],
  [
    "memory-exhaustion",
    "percent not available",
    90,
    (used) => ({ mem_available: held((16 * gibibyte * (100 - used)) / 100, 9 * gibibyte) }),
  ],
  ["swapping-thrash", "pages a second", 64, (pages) => ({ vm_swapin_pages: held(pages, 0) })],
  [
    "swap-used-idle",
    "percent of swap",
    25,
    (share) => ({
      swap_total: () => gibibyte,
      swap_free: () => gibibyte * (1 - share / 100),
      vm_swapin_pages: () => 0,
    }),
  ],
  [
    "swap-used-idle",
    "page a second fewer than two",
    1,
    (pages) => ({
      swap_total: () => gibibyte,
      swap_free: () => gibibyte / 2,
      vm_swapin_pages: () => 2 - pages,
    }),
  ],
  ["major-faults", "a second", 500, (faults) => ({ vm_major_faults: held(faults, 0) })],
  [
    "commit-overload",
    "percent of all memory",
    150,
    (share) => ({ mem_committed: held((16 * gibibyte * share) / 100, gibibyte) }),
  ],
  [
    "dirty-pages",
    "percent of available memory",
    15,
    (share) => ({
      mem_available: () => 8 * gibibyte,
      mem_dirty: held((8 * gibibyte * share) / 100, 0),
    }),
  ],
  ["psi-cpu", "percent", 60, (share) => ({ psi_cpu_some: held(share, 1) })],
  ["psi-io", "percent", 40, (share) => ({ psi_io_full: held(share, 1) })],
  ["psi-memory", "percent", 2, (share) => ({ psi_memory_some: held(share, 0) })],
  [
    "disk-saturation",
    "percent busy, with a queue",
    95,
    (busy) => ({ disk_sda_busy: held(busy, 5), disk_sda_queue: held(8, 0.1) }),
  ],
  [
    "disk-saturation",
    "requests outstanding",
    10,
    (queue) => ({ disk_sda_queue: held(queue, 0.1), disk_sda_await_ms: () => 5 }),
  ],
  [
    "disk-saturation",
    "milliseconds of each of many requests",
    1,
    (ms) => ({ disk_sda_queue: held(30, 0.1), disk_sda_await_ms: () => ms }),
  ],
  [
    "disk-slow",
    "times the median",
    5,
    (times) => ({
      disk_sda_await_ms: during(10, 30, { high: 5 * times, low: 5 }),
      disk_sda_busy: () => 60,
    }),
  ],
  [
    "disk-slow",
    "percent busy",
    25,
    (busy) => ({
      disk_sda_await_ms: during(10, 30, { high: 90, low: 5 }),
      disk_sda_busy: () => busy,
    }),
  ],
  [
    "small-random-io",
    "percent busy",
    70,
    (busy) => ({
      disk_sda_busy: held(busy, 5),
      disk_sda_reads: () => 300,
      disk_sda_writes: () => 0,
      disk_sda_read_bytes: () => 300 * 4096,
      disk_sda_write_bytes: () => 0,
    }),
  ],
  [
    "network-errors",
    "percent of packets",
    1,
    (share) => ({ net_eth0_rx_errors: held(share, 0), net_eth0_rx_packets: () => 100 - share }),
  ],
  [
    "network-errors",
    "packets a second",
    10,
    (packets) => ({
      net_eth0_rx_errors: held(0.1 * packets, 0),
      net_eth0_rx_packets: () => 0.9 * packets,
    }),
  ],
  [
    "network-saturation",
    "percent of the speed",
    85,
    (share) => ({ net_eth0_tx_bytes: held(1e6 * share, 9) }),
  ],
  [
    "network-drops",
    "percent of packets",
    2,
    (share) => ({ net_eth0_tx_drops: held(share, 0), net_eth0_tx_packets: () => 100 - share }),
  ],
  [
    "tcp-retransmits",
    "percent of segments",
    2,
    (share) => ({ tcp_retransmits: held(share, 0), tcp_out_segments: () => 100 }),
  ],
  [
    "tcp-retransmits",
    "segments a second",
    10,
    (segments) => ({
      tcp_retransmits: held(0.1 * segments, 0),
      tcp_out_segments: () => segments,
    }),
  ],
  ["listen-drops", "a second", 1, (drops) => ({ tcp_listen_drops: held(drops, 0) })],
  ["socket-pileup", "sockets", 20_000, (sockets) => ({ tcp_time_wait: held(sockets, 9) })],
  ["filesystem-space", "percent used", 95, (used) => ({ "fs_/data_used": held(used, 40) })],
  [
    "filesystem-inodes",
    "percent used",
    95,
    (used) => ({
      "fs_/data_inodes": () => 100,
      "fs_/data_inodes_free": held(100 - used, 60),
    }),
  ],
  [
    "container-memory-limit",
    "percent of the limit",
    90,
    (share) => ({
      container_web_memory_limit_bytes: () => gibibyte,
      container_web_memory_anonymous_bytes: held((gibibyte * share) / 100, 9),
    }),
  ],
  [
    "container-throttling",
    "percent of periods",
    25,
    (share) => ({ container_web_throttled: held(share, 0) }),
  ],
  [
    "noisy-container",
    "percent of the time in use",
    50,
    (share) => ({
      cpu_idle: held(5, 83),
      cpu_iowait: () => 0,
      container_web_cpu: held(0.01 * share * 95 * 2, 1),
      container_db_cpu: () => 5,
    }),
  ],
  ["collector-cost", "percent of a CPU", 5, (share) => ({ collector_cpu: held(share, 0.1) })],
];

test.each(limits)(
  "%s speaks of more than its limit of %s, %d, and not of less",
  (id, _, limit, columns) => {
    const rule = rules.find((one) => one.id === id);
    const outcomes = [1.02, 0.98].map(
      (times) => rule && judgeMachine(rule, columns(times * limit), devices).outcome,
    );
    expect(outcomes).toEqual(["finding", "clear"]);
  },
);
