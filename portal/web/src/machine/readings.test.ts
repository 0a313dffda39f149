import { expect, test } from "vitest";
import { cpuBusyPercent, noReadings, toReadings } from "./readings.ts";

test("toReadings() sums outward interfaces and takes the busiest disk", () => {
  const readings = toReadings({
    cpu_idle: 70,
    cpu_iowait: 10,
    cpu0_idle: 60,
    cpu1_idle: 80,
    mem_total: 1000,
    mem_available: 400,
    disk_sda_busy: 5,
    disk_nvme0n1_busy: 30,
    disk_sdb_busy: null,
    net_eth0_rx_bytes: 100,
    net_eth1_rx_bytes: 50,
    net_lo_rx_bytes: 9999,
    net_docker0_rx_bytes: 9999,
    net_eth0_tx_bytes: null,
    load1: 0.5,
  });
  expect(readings).toEqual({
    cpuBusyPercent: 20,
    cpuCount: 2,
    memoryUsedBytes: 600,
    memoryTotalBytes: 1000,
    memoryUsedPercent: 60,
    diskBusyPercent: 30,
    busiestDisk: "nvme0n1",
    receivedBytesPerS: 150,
    sentBytesPerS: null,
    load1: 0.5,
  });
});

test("toReadings() leaves what was not measured as null, never 0", () => {
  expect(new Set(Object.values(noReadings))).toEqual(new Set([null]));
  expect(toReadings({ mem_total: 0, mem_used: 0 }).memoryUsedPercent).toBeNull();
});

test("cpuBusyPercent() is a gap when one of its parts is", () => {
  expect(cpuBusyPercent(null, 3)).toBeNull();
  expect(cpuBusyPercent(90, null)).toBeNull();
  expect(cpuBusyPercent(90, undefined)).toBe(10);
  expect(cpuBusyPercent(99.9, 0.2)).toBe(0);
});
