import { readFileSync } from "node:fs";
import { isMachineId } from "@perfanalysis/contract/machine-id";
import { expect, test } from "vitest";
import { readHost, toMachineId } from "./host.ts";

test("readHost() takes the machine id that is given, and the kernel's boot id", () => {
  expect(readHost({ procfs: "/proc", machineId: "web-01" })).toMatchObject({
    machineId: "web-01",
    bootId: readFileSync("/proc/sys/kernel/random/boot_id", "utf8").trim(),
  });
});

test("readHost() finds a valid machine id by itself, and null for a boot id that is not told", () => {
  const host = readHost({ procfs: "/nonexistent", machineId: null });
  expect(isMachineId(host.machineId)).toBe(true);
  expect(host.bootId).toBeNull();
});

test.each([
  ["web-01.example.org", "web-01-example-org"],
  ["größe", "gr--e"],
  ["x".repeat(90), "x".repeat(64)],
  ["", "unnamed"],
])("toMachineId() makes %j a valid machine id", (text, id) => {
  expect(toMachineId(text)).toBe(id);
});
