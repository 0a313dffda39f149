import { expect, test } from "vitest";
import { testDataset } from "../testing/machine.ts";
import { listDevices, principalOf, rankDisks, rankInterfaces } from "./devices.ts";

const names = (devices: { name: string }[]) => devices.map(({ name }) => name);

test("rankDisks() puts the disk that moved the most bytes first, and layers and loop devices last", () => {
  const dataset = testDataset({
    rows: 10,
    columns: {
      disk_nvme0n1_read_bytes: () => 1e6,
      disk_nvme0n1_write_bytes: () => 0,
      disk_loop0_read_bytes: () => 1e9,
      disk_loop0_write_bytes: () => 0,
      disk_sdb_reads: () => 5,
      "disk_dm-0_read_bytes": () => 2e9,
    },
  });
  expect(names(rankDisks(dataset))).toEqual(["nvme0n1", "sda", "sdb", "dm-0", "loop0"]);
});

test("rankInterfaces() puts the interface with the most traffic first, and the machine's own talk last", () => {
  const dataset = testDataset({
    rows: 10,
    columns: {
      net_lo_rx_bytes: () => 1e9,
      net_lo_tx_bytes: () => 1e9,
      net_veth12_rx_bytes: () => 1e8,
      net_veth12_tx_bytes: () => 1e8,
      net_ens5_rx_bytes: () => 1e7,
      net_ens5_tx_bytes: () => NaN,
    },
  });
  expect(names(rankInterfaces(dataset))).toEqual(["ens5", "eth0", "lo", "veth12"]);
});

test("listDevices() names mounts and containers in order, whatever the file's", () => {
  const dataset = testDataset({
    rows: 3,
    columns: {
      "fs_/var_used": () => 1,
      "fs_/_used": () => 1,
      "container_web-10_cpu": () => 1,
      "container_web-9_cpu": () => 1,
    },
  });
  expect(listDevices(dataset, "fs_")).toEqual(["/", "/var"]);
  expect(listDevices(dataset, "container_")).toEqual(["web-9", "web-10"]);
});

test("principalOf() leaves out layers of other disks and near ends, unless there is nothing else", () => {
  expect(principalOf(["sda", "nvme0n1", "dm-0", "loop1"])).toEqual(["sda", "nvme0n1"]);
  expect(principalOf(["eth0", "bond0", "lo", "veth1"])).toEqual(["eth0", "bond0"]);
  expect(principalOf(["sda", "zd16", "bcache0", "drbd1"])).toEqual(["sda"]);
  expect(principalOf(["eth0", "eth0.100", "vnet3", "lxc9f1b", "wlan0"])).toEqual(["eth0", "wlan0"]);
  expect(principalOf(["lo", "docker0"])).toEqual(["lo"]);
  expect(principalOf([])).toEqual([]);
});
