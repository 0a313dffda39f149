import { expect, test } from "vitest";
import { selectDevices } from "./devices.ts";
import { noDevices } from "./layout.ts";

const devices = {
  ...noDevices,
  cpu: ["cpu", "cpu0"],
  disk: [
    "loop0",
    "ram1",
    "zram0",
    "sda",
    "sda1",
    "sda14",
    "nvme0n1",
    "nvme0n1p2",
    "mmcblk0",
    "mmcblk0p1",
    "md127",
    "dm-1",
    "dm-11",
    "xvda1",
    "sr0",
  ],
  interface: ["lo", "eth0", "veth9c000f5", "docker0"],
};

test("selectDevices() leaves out loop and RAM disks, partitions and veth", () => {
  expect(selectDevices(devices, {})).toEqual({
    ...noDevices,
    cpu: ["cpu", "cpu0"],
    // xvda1 has no xvda: some clouds give partitions without their disk.
    disk: ["sda", "nvme0n1", "mmcblk0", "md127", "dm-1", "dm-11", "xvda1", "sr0"],
    interface: ["lo", "eth0", "docker0"],
  });
});

test("selectDevices() keeps exactly what include names, also what is left out otherwise", () => {
  const selected = selectDevices(devices, {
    disk: { include: /^(?:sda\d*|loop0)$/, exclude: /14$/ },
    interface: { include: /veth/ },
  });
  expect(selected.disk).toEqual(["loop0", "sda", "sda1"]);
  expect(selected.interface).toEqual(["veth9c000f5"]);
});

test("selectDevices() leaves out what exclude names besides", () => {
  expect(selectDevices(devices, { interface: { exclude: /^lo$/ } }).interface).toEqual([
    "eth0",
    "docker0",
  ]);
});

test("selectDevices() leaves out what no column can be named by, whatever the filters say", () => {
  const odd = ["a,b", "\u0085", `x${"y".repeat(255)}`];
  const include = { include: /^/ };
  const filters = { disk: include, interface: include, mount: include, container: include };
  const names = { ...noDevices, disk: odd, interface: odd, mount: ["/", ...odd], container: odd };
  expect(selectDevices(names, filters)).toEqual({ ...noDevices, mount: ["/"] });
});

test("selectDevices() filters mounts and containers by their names", () => {
  const names = { ...noDevices, mount: ["/", "/boot", "/data"], container: ["web", "db"] };
  const selected = selectDevices(names, {
    mount: { exclude: /^\/boot$/ },
    container: { include: /^web/ },
  });
  expect(selected).toEqual({ ...noDevices, mount: ["/", "/data"], container: ["web"] });
});
