import { expect, test } from "vitest";
import { priceWork } from "./price.ts";

const nothing = {
  cpuBusyPercent: NaN,
  cpuCount: null,
  bytesPerS: NaN,
  requestsPerS: NaN,
  connectionsPerS: NaN,
};

test("priceWork() relates the cost of an hour to what was done in it", () => {
  const done = {
    cpuBusyPercent: 50,
    cpuCount: 2,
    bytesPerS: 2 ** 20,
    requestsPerS: 1000,
    connectionsPerS: 10,
  };
  expect(priceWork(0.5, done)).toEqual([
    { kind: "cpu", perHour: 1, price: 0.5 },
    { kind: "traffic", perHour: 3600 / 1024, price: 0.5 / (3600 / 1024) },
    { kind: "requests", perHour: 3.6, price: 0.5 / 3.6 },
    { kind: "connections", perHour: 36, price: 0.5 / 36 },
  ]);
});

test("priceWork() has no price of what was not measured, or did not take place", () => {
  expect(priceWork(0.5, nothing)).toEqual([]);
  expect(priceWork(0.5, { ...nothing, cpuBusyPercent: 20, bytesPerS: 0 })).toEqual([]);
});
