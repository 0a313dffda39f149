import { mkdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";
import { maxHostFactsBytes, renderHostFacts } from "@perfanalysis/contract/host-facts";
import { createFakeProcfs, createFolder } from "./fake-procfs.ts";
import { createInterface } from "./fake-sysfs.ts";
import { readHostFacts } from "./host-facts.ts";
import { readInterfaceSpeeds } from "./interface-speeds.ts";

const now = new Date("2026-01-07T15:42:02.500Z");

test("readHostFacts() tells of this machine what a portal takes", () => {
  expect(readHostFacts({ procfs: "/proc", rootfs: "/", interfaceSpeeds: {}, now })).toMatchObject({
    host_name: expect.any(String) as string,
    kernel: expect.any(String) as string,
    cpu_count: expect.any(Number) as number,
    memory_bytes: expect.any(Number) as number,
    boot_id: expect.stringMatching(/^[0-9a-f-]{36}$/) as string,
    boot_time: expect.any(String) as string,
    read_at: "2026-01-07T15:42:02.500Z",
  });
});

test("readHostFacts() leaves out what is not told, and characters that no fact has", () => {
  const procfs = createFakeProcfs();
  procfs.write("sys/kernel/osrelease", "6.1.0-\u0007\u{1f427}own\n");
  const rootfs = createFolder();
  mkdirSync(join(rootfs, "etc"));
  writeFileSync(join(rootfs, "etc/os-release"), `PRETTY_NAME="${"Ünix ".repeat(20)}"\n`);
  const facts = readHostFacts({ procfs: procfs.path, rootfs, interfaceSpeeds: {}, now });
  expect(facts.kernel).toBe("6.1.0-own");
  expect(facts.distribution).toBe("Ünix ".repeat(13).slice(0, 64));
  expect(facts).not.toHaveProperty("boot_id");
  expect(facts).not.toHaveProperty("interface_speeds_mbps");
});

test("readHostFacts() does not fail where there is nothing", () => {
  const nowhere = {
    procfs: "/nonexistent",
    rootfs: "/nonexistent",
    interfaceSpeeds: {},
    now,
  };
  expect(readHostFacts(nowhere)).toMatchObject({ host_name: expect.any(String) as string });
});

test("readHostFacts() has room for all facts beside the speeds of as many interfaces as are told", async () => {
  const rootfs = createFolder();
  const names = Array.from({ length: 300 }, (_, index) => `enp0s${index}f0npf0vf1`.slice(0, 15));
  for (const name of new Set(names)) createInterface(rootfs, name, { speed: "100000\n" });
  mkdirSync(join(rootfs, "etc"));
  writeFileSync(join(rootfs, "etc/os-release"), `PRETTY_NAME="${"Ü".repeat(64)}"\n`);
  const interfaceSpeeds = await readInterfaceSpeeds({ rootfs, filter: {} });
  const facts = readHostFacts({ procfs: "/proc", rootfs, interfaceSpeeds, now });
  expect(facts.interface_speeds_mbps).toMatchObject({ enp0s0f0npf0vf1: 100_000 });
  expect(Object.keys(facts.interface_speeds_mbps ?? {})).toHaveLength(32);
  expect(renderHostFacts(facts).length).toBeLessThan(maxHostFactsBytes / 2);
});
