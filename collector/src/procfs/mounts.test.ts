import * as fc from "fast-check";
import { expect, test } from "vitest";
import { readFixture } from "./fixtures.ts";
import { damaged, findFault } from "./fuzz.ts";
import { parseMounts, unescapePath } from "./mounts.ts";

test("parseMounts() reads device, path and type of every line, as the kernel escapes them", () => {
  const mounts = parseMounts(readFixture("written-ubuntu-22.04-5.15/mounts"));
  expect(mounts).toHaveLength(31);
  expect(mounts.find(({ path }) => path === "/")).toEqual({
    device: "/dev/xvda1",
    path: "/",
    type: "ext4",
  });
  expect(mounts.find(({ type }) => type === "nfs4")).toEqual({
    device: "10.0.0.9:/exports/home",
    path: "/srv/home",
    type: "nfs4",
  });
  expect(mounts.find(({ path }) => path.startsWith("/mnt/"))?.path).toBe(
    "/mnt/my\\040data\\134old",
  );
});

test("parseMounts() reads the file of a node of a cluster on kernel 3.10", () => {
  const mounts = parseMounts(readFixture("centos-7-3.10/mounts"));
  expect(mounts).toHaveLength(44);
  expect(mounts[21]).toEqual({ device: "/dev/sda2", path: "/", type: "xfs" });
  expect(mounts.find(({ type }) => type === "lustre")).toEqual({
    device: "192.0.2.132@o2ib1:192.0.2.133@o2ib1:/lustre16",
    path: "/lustre16",
    type: "lustre",
  });
});

test("unescapePath() gives the path that the system calls want", () => {
  expect(unescapePath("/mnt/my\\040data\\134old")).toBe("/mnt/my data\\old");
  expect(unescapePath("/größe")).toBe("/größe");
});

test("parseMounts() names the line that is none", () => {
  expect(() => parseMounts("proc /proc proc rw 0 0\n/dev/sda1 /\n")).toThrow(
    new SyntaxError(
      'Cannot parse /proc/self/mounts: line 2: "/dev/sda1 /" does not name a device, a path and a type',
    ),
  );
});

test("parseMounts() gives entries or a SyntaxError for any damaged text", () => {
  fc.assert(
    fc.property(damaged(readFixture("written-ubuntu-22.04-5.15/mounts")), (text) => {
      // Texts are no numbers: whether there are any is all that can be told.
      const parse = (): number => parseMounts(text).filter(({ type }) => type !== "").length;
      expect(findFault(parse, "/proc/self/mounts")).toBeNull();
    }),
  );
});
