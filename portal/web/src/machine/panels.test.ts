import { expect, test } from "vitest";
import {
  listDevices,
  listDiskPanels,
  listMachinePanels,
  listNetworkPanels,
  listUseColumns,
  orderByUse,
  panelColumns,
} from "./panels.ts";

const required = ["cpu_user", "cpu_system", "cpu_idle", "mem_total", "mem_free"];

test("listMachinePanels() shows only what the machine has columns for", () => {
  const panels = listMachinePanels(required);
  expect(panels.map(({ id }) => id)).toEqual(["cpu"]);
  expect(panels.flatMap(panelColumns)).toEqual(["cpu_user", "cpu_system", "cpu_idle"]);
});

test("listMachinePanels() takes the scale of memory from the machine's memory", () => {
  const memory = listMachinePanels([...required, "mem_used"]).find(({ id }) => id === "memory");
  expect(memory).toMatchObject({ unit: "bytes", maxColumn: "mem_total" });
  expect(memory?.lines).toEqual([{ column: "mem_used", label: "Used memory", colour: 0 }]);
});

test("listDiskPanels() compares the busiest disks and always the chosen one", () => {
  const devices = Array.from({ length: 20 }, (_, index) => `sd${index}`);
  const columns = devices.flatMap((device) => [`disk_${device}_busy`, `disk_${device}_reads`]);
  const panels = listDiskPanels(columns, { device: "sd15", devices });
  expect(panels.map(({ id }) => id)).toEqual(["disk-busy", "disk-requests"]);
  const labels = panels[0]?.lines.map(({ label }) => label);
  expect(labels).toEqual(["sd15", "sd0", "sd1", "sd2", "sd3", "sd4", "sd5", "sd6"]);
  expect(panels[1]?.lines.map(({ column }) => column)).toEqual(["disk_sd15_reads"]);
});

test("listNetworkPanels() takes device names with underscores", () => {
  const panels = listNetworkPanels(["net_br_lan_rx_bytes"], "br_lan");
  expect(panels.map(({ id, unit, lines }) => [id, unit, lines.length])).toEqual([
    ["net-bytes", "bytes/s", 1],
  ]);
});

test("orderByUse() puts the busiest device first and the unmeasured last", () => {
  const columns = ["a", "b", "c"].flatMap((device) => [
    `net_${device}_rx_bytes`,
    `net_${device}_tx_bytes`,
    `net_${device}_rx_drops`,
  ]);
  const devices = listDevices(columns, "interface");
  const use = listUseColumns(columns, "interface");
  expect(use).toHaveLength(6);
  const means = new Map<string, number | null>([
    ["net_b_rx_bytes", 0],
    ["net_c_rx_bytes", 5],
    ["net_c_tx_bytes", 5],
    ["net_a_rx_bytes", null],
  ]);
  expect(orderByUse(devices, use, means)).toEqual(["c", "b", "a"]);
});

test("listUseColumns() tells disks apart by what they move where none says how busy it is", () => {
  const bytes = ["disk_a_read_bytes", "disk_b_write_bytes"];
  expect(listUseColumns([...bytes, "disk_a_reads"], "disk")).toEqual(bytes);
  expect(listUseColumns([...bytes, "disk_b_busy"], "disk")).toEqual(["disk_b_busy"]);
  expect(listUseColumns(["disk_a_reads"], "disk")).toEqual([]);
});

test("orderByUse() puts loopback behind interfaces that reach outside, however busy it is", () => {
  const use = ["net_lo_rx_bytes", "net_eth0_rx_bytes"];
  const means = new Map([
    ["net_lo_rx_bytes", 900],
    ["net_eth0_rx_bytes", 1],
  ]);
  expect(orderByUse(["lo", "eth0"], use, means)).toEqual(["eth0", "lo"]);
});
