import { mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { isMachineId } from "@perfanalysis/contract/machine-id";
import { expect, test } from "vitest";
import { createFolder } from "./fake-procfs.ts";
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

test("readHost() in a container finds the machine's own id below its root", () => {
  const rootfs = createFolder();
  mkdirSync(join(rootfs, "etc"));
  writeFileSync(join(rootfs, "etc/machine-id"), "0123456789abcdef0123456789abcdef\n");
  expect(readHost({ procfs: "/proc", machineId: null, rootfs }).machineId).toBe(
    "0123456789abcdef0123456789abcdef",
  );
});
