import { expect, test } from "vitest";
import { noReadings } from "../machine/readings.ts";
import type { FleetMachine } from "./machines.ts";
import { filterMachines, nextSort, sortMachines } from "./order.ts";

const web2 = machine("web-2", { cpuBusyPercent: 10 });
const web10 = machine("web-10", { cpuBusyPercent: 90 });
const silent = machine("db", { cpuBusyPercent: null });

test("sortMachines() orders names as people count", () => {
  const byName = { key: "name", descending: false } as const;
  expect(sortMachines([web10, silent, web2], byName)).toEqual([silent, web2, web10]);
});

test("sortMachines() puts machines without a value last in both directions", () => {
  const machines = [silent, web2, web10];
  expect(sortMachines(machines, { key: "cpu", descending: true })).toEqual([web10, web2, silent]);
  expect(sortMachines(machines, { key: "cpu", descending: false })).toEqual([web2, web10, silent]);
});

test("sortMachines() adds both directions of the network, and takes one where only one is known", () => {
  const both = machine("a", { receivedBytesPerS: 5, sentBytesPerS: 5 });
  const one = machine("b", { sentBytesPerS: 7 });
  const byNetwork = { key: "network", descending: true } as const;
  expect(sortMachines([silent, one, both], byNetwork)).toEqual([both, one, silent]);
});

test("nextSort() starts figures from the largest and names from A, then turns round", () => {
  const byCpu = nextSort({ key: "name", descending: false }, "cpu");
  expect(byCpu).toEqual({ key: "cpu", descending: true });
  expect(nextSort(byCpu, "cpu")).toEqual({ key: "cpu", descending: false });
  expect(nextSort(byCpu, "name")).toEqual({ key: "name", descending: false });
});

test("filterMachines() finds every word in name or id", () => {
  const machines = [web2, web10, silent];
  expect(filterMachines(machines, " WEB 1")).toEqual([web10]);
  expect(filterMachines(machines, "")).toEqual(machines);
  expect(filterMachines(machines, "mail")).toEqual([]);
});

function machine(name: string, readings: Partial<FleetMachine["readings"]>): FleetMachine {
  return {
    machineId: `id-of-${name}`,
    name,
    readings: { ...noReadings, ...readings },
    lastSeenS: null,
    latestS: null,
  };
}
