import { isDeviceName } from "@perfanalysis/contract/columns";
import { expect, test } from "vitest";
import { readFixture } from "../procfs/fixtures.ts";
import { parseMounts } from "../procfs/mounts.ts";
import { selectMounts } from "./mounts.ts";

const entries = parseMounts(readFixture("written-ubuntu-22.04-5.15/mounts"));
const names = (...filter: [filter?: Parameters<typeof selectMounts>[1]]): string[] =>
  selectMounts(entries, ...filter).map(({ name }) => name);

test("selectMounts() keeps file systems that hold data, one row for each device", () => {
  expect(names()).toEqual([
    "/",
    "/boot/efi",
    "/mnt/my\\040data\\134old",
    "/srv/home",
    "/tank/db",
    "/srv/remote\\054web",
  ]);
  for (const name of names()) expect(isDeviceName(name)).toBe(true);
});

test("selectMounts() keeps a server's directory once, however often it is mounted", () => {
  const cluster = parseMounts(readFixture("centos-7-3.10/mounts"));
  expect(selectMounts(cluster).map(({ name }) => name)).toEqual([
    "/",
    "/boot",
    "/scratch",
    "/netfs/rz/unix/mm",
    "/netfs/rz/unix/rzdb",
    // Mounted on /netfs/RZ/STAGE, too.
    "/netfs/rz/unix/stage",
    "/netfs/rz/isi/home",
    "/netfs/rz/isi/home3",
    "/netfs/rz/isi/work",
    "/netfs/rz/cluster/home/sysop",
    "/lustre16",
    "/lustre18",
  ]);
  const local = selectMounts(cluster).filter(({ isRemote }) => !isRemote);
  expect(local.map(({ device }) => device)).toEqual(["/dev/sda2", "/dev/sda1", "/dev/sda5"]);
});

test("selectMounts() leaves out snaps' images and what a program only shows", () => {
  const mounts = parseMounts(readFixture("arm64-5.15/mounts"));
  expect(selectMounts(mounts).map(({ name }) => name)).toEqual([
    "/",
    "/mnt/extrab",
    "/mnt/extrac",
    "/mnt/extrad",
    "/mnt/extrae",
    "/mnt/extra",
  ]);
});

test("selectMounts() gives paths for system calls, and says which a server answers for", () => {
  expect(selectMounts(entries)).toMatchObject([
    { path: "/", isRemote: false },
    { path: "/boot/efi", isRemote: false },
    { path: "/mnt/my data\\old", device: "/dev/mapper/data-old", isRemote: false },
    { path: "/srv/home", isRemote: true },
    { path: "/tank/db", isRemote: false },
    { path: "/srv/remote,web", isRemote: true },
  ]);
});

test("selectMounts() keeps exactly what include names, also file systems in memory, and a mount that comes second", () => {
  expect(names({ include: /^\/(?:run|dev\/shm|srv\/bound)$/ })).toEqual([
    "/run",
    "/dev/shm",
    "/srv/bound",
  ]);
  expect(names({ exclude: /^\/(?:boot|srv)\// })).toEqual([
    "/",
    "/mnt/my\\040data\\134old",
    "/tank/db",
  ]);
});

test("selectMounts() sees only what was mounted last on a path", () => {
  const mounts = [
    { device: "/dev/sda1", path: "/data", type: "ext4" },
    { device: "tmpfs", path: "/data", type: "tmpfs" },
    { device: "/dev/sdb1", path: "/data", type: "xfs" },
  ];
  expect(selectMounts(mounts)).toMatchObject([{ name: "/data", device: "/dev/sdb1" }]);
  expect(selectMounts(mounts.slice(0, 2))).toEqual([]);
});

test("selectMounts() leaves out a path that is too long for a column's name", () => {
  const path = `/${"x".repeat(300)}`;
  expect(selectMounts([{ device: "/dev/sda1", path, type: "ext4" }])).toEqual([]);
});
