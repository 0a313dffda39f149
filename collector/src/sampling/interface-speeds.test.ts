import { execFileSync } from "node:child_process";
import { mkdirSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { expect, test, vi } from "vitest";
import { createFolder } from "./fake-procfs.ts";
import { createInterface } from "./fake-sysfs.ts";
import { readInterfaceSpeeds, watchInterfaceSpeeds } from "./interface-speeds.ts";

const read = (rootfs: string, filter = {}) => readInterfaceSpeeds({ rootfs, filter });
const notADevice = { isDevice: false };

test("readInterfaceSpeeds() tells the speeds of devices, then those of what bundles them", async () => {
  const rootfs = createFolder();
  const bond = { ...notADevice, "bonding/mode": "802.3ad 4\n", uevent: "DEVTYPE=bond\n" };
  createInterface(rootfs, "bond0", { ...bond, speed: "20000\n" });
  createInterface(rootfs, "eth10", { speed: "2500\n" });
  createInterface(rootfs, "eth2", { speed: "10000\n" });
  const team = { ...notADevice, "lower_eth2/mtu": "1500\n", uevent: "INTERFACE=team0\n" };
  createInterface(rootfs, "team0", { ...team, speed: "12500\n" });
  // Beside the interfaces lies the list of bonds.
  writeFileSync(join(rootfs, "sys/class/net/bonding_masters"), "bond0\n");
  expect(Object.entries(await read(rootfs))).toEqual([
    ["eth2", 10_000],
    ["eth10", 2500],
    ["bond0", 20_000],
    ["team0", 12_500],
  ]);
});

test("readInterfaceSpeeds() does not believe what is no line: veth, tun, bridges and VLANs", async () => {
  const rootfs = createFolder();
  createInterface(rootfs, "lo", notADevice);
  createInterface(rootfs, "veth1234", { ...notADevice, speed: "10000\n" });
  // In a container it is the other end of a veth.
  createInterface(rootfs, "eth0", { ...notADevice, speed: "10000\n" });
  createInterface(rootfs, "tun0", { ...notADevice, speed: "10\n" });
  const above = (type: string) => ({
    ...notADevice,
    "lower_eth1/mtu": "1500\n",
    uevent: `DEVTYPE=${type}\nINTERFACE=x\n`,
    speed: "1000\n",
  });
  createInterface(rootfs, "br0", above("bridge"));
  createInterface(rootfs, "eth1.5", above("vlan"));
  expect(await read(rootfs)).toEqual({});
});

test.each(["-1\n", "", "0\n", "65535\n", "4294967295\n", "1000 Mb/s\n", "1e3\n"])(
  "readInterfaceSpeeds() tells nothing of an interface whose speed is %j",
  async (speed) => {
    const rootfs = createFolder();
    createInterface(rootfs, "eth0", { speed });
    createInterface(rootfs, "eth1", { speed: "1000\n" });
    expect(await read(rootfs)).toEqual({ eth1: 1000 });
  },
);

test("readInterfaceSpeeds() tells nothing where the file or all of /sys cannot be read", async () => {
  const rootfs = createFolder();
  expect(await read(rootfs)).toEqual({});
  createInterface(rootfs, "eth0", {});
  // A folder is as little of a number as what the kernel answers with EINVAL.
  mkdirSync(join(rootfs, "sys/class/net/eth0/speed"));
  expect(await read(rootfs)).toEqual({});
});

test("readInterfaceSpeeds() tells nothing of interfaces that the settings leave out", async () => {
  const rootfs = createFolder();
  for (const name of ["eth0", "eth1", "usb0"]) createInterface(rootfs, name, { speed: "1000\n" });
  expect(await read(rootfs, { include: /^eth/, exclude: /1$/ })).toEqual({ eth0: 1000 });
});

test("watchInterfaceSpeeds() knows the speeds once it is there, by the settings of then", async () => {
  const rootfs = createFolder();
  createInterface(rootfs, "eth0", { speed: "1000\n" });
  const watch = await watchInterfaceSpeeds(() => ({ rootfs, filter: {} }));
  rmSync(join(rootfs, "sys"), { recursive: true });
  expect(watch.known()).toEqual({ eth0: 1000 });
  watch.close();
});

test("watchInterfaceSpeeds() does not wait for a kernel that does not answer", async () => {
  const rootfs = createFolder();
  createInterface(rootfs, "eth0", {});
  // Whoever opens it waits for a writer, as a reader of the speed does for whoever sets up an interface.
  const speed = join(rootfs, "sys/class/net/eth0/speed");
  execFileSync("mkfifo", [speed]);
  const watch = await watchInterfaceSpeeds(() => ({ rootfs, filter: {} }));
  expect(watch.known()).toEqual({});
  writeFileSync(speed, "1000\n");
  await vi.waitFor(() => expect(watch.known()).toEqual({ eth0: 1000 }));
  watch.close();
});
