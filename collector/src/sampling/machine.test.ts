import { mkdirSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { expect, test } from "vitest";
import { createFakeProcfs, createFolder } from "./fake-procfs.ts";
import { machineFields, readMachine, toMachine } from "./machine.ts";

function createTree(files: Record<string, string>): string {
  const folder = createFolder();
  for (const [name, text] of Object.entries(files)) {
    mkdirSync(dirname(join(folder, name)), { recursive: true });
    writeFileSync(join(folder, name), text);
  }
  return folder;
}

const cpuinfo = [0, 1]
  .map(
    (processor) =>
      `processor\t: ${processor}\nvendor_id\t: GenuineIntel\nmodel name\t: Intel(R) Xeon(R) CPU\nphysical id\t: 0\nsiblings\t: 2\ncpu cores\t: 1\ncache size\t: 36608 KB\nflags\t\t: fpu hypervisor\n`,
  )
  .join("\n");

test("readMachine() tells what the machine is from its files", () => {
  const procfs = createFakeProcfs();
  procfs.write("cpuinfo", cpuinfo);
  procfs.write("sys/kernel/osrelease", "5.15.0-105-generic\n");
  const rootfs = createTree({
    "etc/os-release": 'NAME="Ubuntu"\nPRETTY_NAME="Ubuntu 22.04.4 LTS"\nID=ubuntu\n',
  });
  const sysfs = createTree({
    "class/dmi/id/sys_vendor": "Amazon EC2\n",
    "class/dmi/id/product_name": "m5.large\n",
  });
  const interfaceSpeeds = { eth0: 10_000 };
  expect(readMachine({ procfs: procfs.path, rootfs, sysfs, interfaceSpeeds })).toEqual({
    architecture: expect.stringMatching(/^[a-z]\w+$/) as string,
    kernel: "5.15.0-105-generic",
    distribution: "Ubuntu 22.04.4 LTS",
    cpu_vendor: "GenuineIntel",
    cpu_model: "Intel(R) Xeon(R) CPU",
    cpu_count: 2,
    cpu_packages: 1,
    cpu_cores_per_package: 1,
    cpu_threads_per_package: 2,
    cpu_cache: "36608 KB",
    memory_bytes: 24_684_092 * 1024,
    boot_time: expect.any(Number) as number,
    vendor: "Amazon EC2",
    product: "m5.large",
    virtualisation: "kvm",
    cloud: "aws",
    instance_type: "m5.large",
    interface_speeds_mbps: { eth0: 10_000 },
  });
});

test.each([
  ["PRETTY_NAME='Alpine Linux v3.20'\n", "Alpine Linux v3.20"],
  ["PRETTY_NAME=Arch\n", "Arch"],
  // As on Red Hat Enterprise Linux 7.6 and on openSUSE.
  [
    'VERSION_ID="7.6"\nPRETTY_NAME="Red Hat Enterprise Linux Server 7.6 (Maipo)"\nANSI_COLOR="0;31"\n',
    "Red Hat Enterprise Linux Server 7.6 (Maipo)",
  ],
  [
    'NAME="openSUSE Tumbleweed"\n# VERSION="20230108"\nPRETTY_NAME="openSUSE Tumbleweed"\n',
    "openSUSE Tumbleweed",
  ],
  ['PRETTY_NAME=""\n', ""],
  ["NAME=Nameless\n", null],
])("readMachine() reads os-release %j", (text, distribution) => {
  const rootfs = createTree({ "usr/lib/os-release": text });
  const { path: procfs } = createFakeProcfs();
  const machine = readMachine({ procfs, rootfs, sysfs: rootfs, interfaceSpeeds: {} });
  expect(machine.distribution).toBe(distribution);
});

test("readMachine() gives null for everything that a machine does not tell", () => {
  const nothing = createFolder();
  const { architecture, ...rest } = readMachine({
    procfs: nothing,
    rootfs: nothing,
    sysfs: nothing,
    interfaceSpeeds: {},
  });
  expect(architecture).not.toBe("");
  expect(new Set(Object.values(rest))).toEqual(new Set([null]));
});

test("toMachine() takes the fields that it knows, whatever else a capture says", () => {
  const machine = toMachine({ kernel: "6.1", cpu_count: 2, cloud: { name: "x" }, later: 1 });
  expect(machine).toMatchObject({ kernel: "6.1", cpu_count: 2, cloud: null, product: null });
  expect(Object.keys(machine ?? {})).toEqual([...machineFields, "interface_speeds_mbps"]);
  for (const json of [undefined, null, "x", []]) expect(toMachine(json)).toBeNull();
});

test.each([
  [undefined, null],
  [1000, null],
  ["eth0", null],
  [[1000], { 0: 1000 }],
  [{}, null],
  [
    { eth0: 10_000, eth1: -1, eth2: 1.5, eth3: "1000", eth4: null, "e\u0000": 1, "": 1 },
    { eth0: 10_000 },
  ],
  [JSON.parse('{"__proto__":1000}') as object, JSON.parse('{"__proto__":1000}') as object],
])("toMachine() takes the speeds of %j as %j", (told, speeds) => {
  expect(toMachine({ interface_speeds_mbps: told })?.interface_speeds_mbps).toEqual(speeds);
});
