import { expect, test } from "vitest";
import { testDataset } from "../testing/machine.ts";
import { measureHeadroom } from "./headroom.ts";

const dataset = testDataset({
  rows: 1000,
  columns: {
    cpu_idle: (s) => (s < 9000 ? 60 : 20),
    cpu_iowait: () => 0,
    mem_available: () => 4 * 2 ** 30,
    disk_sda_busy: () => 100,
    net_eth0_rx_bytes: () => 5e6,
    net_eth0_tx_bytes: () => 0,
  },
});
const devices = { disks: ["sda", "sdb"], interfaces: ["eth0"], speeds: new Map() };

test("measureHeadroom() tells what was left of CPU, memory, disks and interfaces", () => {
  const found = measureHeadroom(dataset, devices).map(({ label, limitKind, ...use }) => [
    label,
    limitKind,
    use.freeRatioP95,
    use.freeRatioP99,
  ]);
  expect(found).toEqual([
    ["CPU", "whole", expect.closeTo(0.2), expect.closeTo(0.2)],
    ["Memory", "whole", 0.25, 0.25],
    ["Disk sda", "whole", 0, 0],
    ["eth0 received", "peak", 0, 0],
  ]);
});

test("measureHeadroom() takes the speed of an interface where it is known", () => {
  const speeds = new Map([["eth0", { bytesPerS: 125e6, from: "user" as const }]]);
  const found = measureHeadroom(dataset, { ...devices, speeds });
  expect(found.at(-1)).toMatchObject({ limitKind: "speed", limit: 125e6, freeRatioP95: 0.96 });
});

test("measureHeadroom() knows nothing of what is not in the data", () => {
  const columns = { cpu_idle: null, mem_available: null };
  expect(
    measureHeadroom(testDataset({ rows: 9, columns }), {
      disks: [],
      interfaces: [],
      speeds: new Map(),
    }),
  ).toEqual([]);
});
