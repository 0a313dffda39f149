import type { StatsFs } from "node:fs";
import { setImmediate } from "node:timers/promises";
import { expect, test } from "vitest";
import { createFakeProcfs } from "./fake-procfs.ts";
import { createMountProbe, type MountProbe } from "./mount-probe.ts";
import { mountFields } from "./mounts.ts";
import type { StatusChange } from "./probe.ts";

const local = "/dev/vda1 / ext4 rw 0 0\n/dev/vdb /data xfs rw 0 0\n";
const remote = "gone:/a /srv/a nfs4 rw 0 0\ngone:/b /srv/b nfs4 rw 0 0\n";
const second = 1e6;

/** statfs that answers, unless the path is one of a server that is gone. */
function createStatfs() {
  const asked: string[] = [];
  const waiting: (() => void)[] = [];
  let isGone = true;
  const answer: StatsFs = {
    type: 0,
    // As some FUSE file systems have it: df counts in fragments.
    bsize: 65_536,
    frsize: 4096,
    blocks: 1000,
    bfree: 300,
    bavail: 250,
    files: 64,
    ffree: 14,
  };
  return {
    asked,
    waiting,
    setGone: (gone: boolean) => {
      isGone = gone;
    },
    statfs: async (path: string): Promise<StatsFs> => {
      asked.push(path);
      if (path === "/broken") throw new Error("ESTALE: stale file handle");
      if (isGone && path.startsWith("/srv/")) {
        await new Promise<void>((resolve) => waiting.push(resolve));
      }
      return answer;
    },
  };
}

function createProbe(table: string, options: { include?: RegExp } = {}) {
  const procfs = createFakeProcfs();
  procfs.write("self/mounts", table);
  const system = createStatfs();
  const { statfs } = system;
  const probe = createMountProbe({ procfs: procfs.path, rootfs: "/", filter: options, statfs });
  return { probe, procfs, system };
}

/** A tick, and what the event loop does behind it. */
async function tick(
  probe: MountProbe,
  atS: number,
): Promise<{ changes: StatusChange[]; rows: Record<string, number[]> }> {
  const changes: StatusChange[] = [];
  const names = probe.update(atS * second, changes) ?? [];
  const sample = { values: new Float64Array(names.length * mountFields.length) };
  probe.fill(sample.values, 0);
  for (let turn = 0; turn < 5; turn += 1) await setImmediate();
  const row = (at: number): number[] =>
    Array.from(sample.values.subarray(at * mountFields.length, (at + 1) * mountFields.length));
  return { changes, rows: Object.fromEntries(names.map((name, at) => [name, row(at)])) };
}

const measured = [4096, 1000, 300, 250, 64, 14];
const gap = mountFields.map(() => Number.NaN);

test("createMountProbe() measures every file system outside the tick, and again after 10 s", async () => {
  const { probe, system } = createProbe(local);
  expect((await tick(probe, 0)).rows).toEqual({ "/": gap, "/data": gap });
  expect(await tick(probe, 1)).toEqual({ changes: [], rows: { "/": measured, "/data": measured } });
  for (const atS of [2, 5, 9]) await tick(probe, atS);
  expect(system.asked).toEqual(["/", "/data"]);
  await tick(probe, 10);
  expect(system.asked).toEqual(["/", "/data", "/", "/data"]);
  probe.close();
});

test("createMountProbe() makes a mount that never answers its own status and a gap, and goes on with the others", async () => {
  const { probe, system } = createProbe(remote + local);
  await tick(probe, 0);
  expect((await tick(probe, 1)).rows).toEqual({
    "/srv/a": gap,
    "/srv/b": gap,
    "/": measured,
    "/data": measured,
  });
  expect((await tick(probe, 10)).changes).toEqual([
    { source: "mounts:/srv/a", error: "no answer for 10 s; it is waited for" },
  ]);
  const changes: StatusChange[] = [];
  for (let atS = 11; atS <= 3600; atS += 1) {
    const { changes: more, rows } = await tick(probe, atS);
    changes.push(...more);
    expect(rows["/"]).toEqual(measured);
    // One call, not one more every 10 s: there are no threads to lose.
    expect(probe.outstanding).toBe(1);
  }
  expect(changes).toEqual([
    { source: "mounts:/srv/b", error: "not asked: another mount does not answer" },
  ]);
  expect(system.asked.filter((path) => path.startsWith("/srv/"))).toEqual(["/srv/a"]);

  system.setGone(false);
  for (const answer of system.waiting) answer();
  await tick(probe, 3601);
  const back = await tick(probe, 3602);
  expect(back.rows).toEqual({
    "/srv/a": measured,
    "/srv/b": measured,
    "/": measured,
    "/data": measured,
  });
  expect(probe.outstanding).toBe(0);
  probe.close();
});

test("createMountProbe() says once that a mount answers with an error, and when it is well again", async () => {
  const { probe, procfs } = createProbe(`/dev/vdc /broken ext4 rw 0 0\n${local}`);
  await tick(probe, 0);
  const { changes, rows } = await tick(probe, 1);
  expect(changes).toEqual([{ source: "mounts:/broken", error: "ESTALE: stale file handle" }]);
  expect(rows).toEqual({ "/broken": gap, "/": measured, "/data": measured });
  expect((await tick(probe, 11)).changes).toEqual([]);
  procfs.write("self/mounts", local);
  expect((await tick(probe, 21)).changes).toEqual([{ source: "mounts:/broken", error: null }]);
  probe.close();
});

test("createMountProbe() sees mounts come and go, and answers the same list while none does", async () => {
  const { probe, procfs } = createProbe(local);
  const names = (atS: number) => probe.update(atS * second, []);
  const first = names(0);
  expect(names(1)).toBe(first);
  procfs.write("self/mounts", `${local}tmpfs /run tmpfs rw 0 0\n`);
  expect(names(10)).toBe(first);
  procfs.write("self/mounts", `${local}/dev/vdc /new ext4 rw 0 0\n`);
  expect(names(20)).toEqual(["/", "/data", "/new"]);
  probe.close();
});

test("createMountProbe() samples the first hundred mounts, and says that there are more", () => {
  const table = (count: number): string =>
    Array.from({ length: count }, (_, at) => `/dev/sd${at} /volumes/${at} ext4 rw 0 0\n`).join("");
  const { probe, procfs } = createProbe(table(103));
  const changes: StatusChange[] = [];
  expect(probe.update(0, changes)).toHaveLength(100);
  expect(changes).toEqual([
    {
      source: "mounts:others",
      error: "3 more than 100 file systems are not sampled: choose with include_mount",
    },
  ]);
  procfs.write("self/mounts", table(100));
  expect(probe.update(10 * second, changes)).toHaveLength(100);
  expect(changes).toContainEqual({ source: "mounts:others", error: null });
  probe.close();
});

test("createMountProbe() holds a value over the longest interval, and no longer", async () => {
  const { probe, system } = createProbe(local, { include: /^\/$/ });
  await tick(probe, 0);
  expect((await tick(probe, 60)).rows).toEqual({ "/": measured });
  expect(system.asked).toEqual(["/", "/"]);
  // The machine slept: nobody knows how full it was.
  expect((await tick(probe, 200)).rows).toEqual({ "/": gap });
  expect((await tick(probe, 201)).rows).toEqual({ "/": measured });
  probe.close();
});

test("createMountProbe() fails, and says why, where the kernel does not tell what is mounted", async () => {
  const { probe, procfs } = createProbe("/dev/vda1\n");
  const update = (atS: number) => () => probe.update(atS * second, []);
  expect(update(0)).toThrow('line 1: "/dev/vda1" does not name a device, a path and a type');
  expect(update(1)).toThrow("line 1");
  procfs.write("self/mounts", local);
  expect(update(10)()).toEqual(["/", "/data"]);
  probe.close();
});

test("createMountProbe() asks for the machine's own mounts below its root in a container", async () => {
  const procfs = createFakeProcfs();
  procfs.write("1/mounts", local);
  const { asked, statfs } = createStatfs();
  const probe = createMountProbe({ procfs: procfs.path, rootfs: "/host", filter: {}, statfs });
  await tick(probe, 0);
  expect((await tick(probe, 1)).rows).toEqual({ "/": measured, "/data": measured });
  expect(asked).toEqual(["/host/", "/host/data"]);
  probe.close();
});

test("createMountProbe() measures this machine's own file systems as the system does", async () => {
  const probe = createMountProbe({ procfs: "/proc", rootfs: "/", filter: { include: /^\/$/ } });
  await tick(probe, 0);
  while (probe.outstanding > 0) await setImmediate();
  const { rows } = await tick(probe, 1);
  expect(rows["/"]?.[1]).toBeGreaterThan(0);
  probe.close();
});
