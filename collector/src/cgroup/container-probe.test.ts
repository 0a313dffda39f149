import { execFile } from "node:child_process";
import { existsSync, mkdirSync, readFileSync, rmdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { promisify } from "node:util";
import { expect, test } from "vitest";
import { createFakeProcfs, createFolder } from "../sampling/fake-procfs.ts";
import type { StatusChange } from "../sampling/probe.ts";
import { containerFields, type ContainerField } from "./container-fields.ts";
import {
  createContainerProbe,
  type ContainerProbe,
  type ContainerProbeOptions,
} from "./container-probe.ts";
import { createFakeCgroups, type FakeCgroups } from "./fake-cgroups.ts";

const id = "942b476921d8001bc53b35e48954a3a280e4a4cdceee8f13dc9396caf72de7f7";
const other = "b98291792f12accdd778722581a3c3933763487127bbfec85927a732a76150a9";
const path = `system.slice/docker-${id}.scope`;
const otherPath = `kubepods.slice/kubepods-podab.slice/cri-containerd-${other}.scope`;

type Row = Partial<Record<ContainerField, number>>;

interface Tested {
  cgroups: FakeCgroups;
  probe: ContainerProbe;
  /** Takes a sample at so many seconds: a container's fields by its name, without those that were not measured. */
  sample: (second: number) => Record<string, Row>;
  changes: StatusChange[];
}

function createTested(options: Partial<ContainerProbeOptions> = {}): Tested {
  const cgroups = createFakeCgroups();
  const changes: StatusChange[] = [];
  const probe = createContainerProbe({
    cgroups: cgroups.path,
    sysfs: "/nonexistent",
    filter: {},
    maxContainers: 10,
    ...options,
  });
  return {
    cgroups,
    probe,
    changes,
    sample(second) {
      const names = probe.update(second * 1e6, changes) ?? [];
      const values = new Float64Array(5 + names.length * containerFields.length).fill(Number.NaN);
      probe.fill(values, 5);
      const rows = names.map((name, row): [string, Row] => {
        const offset = 5 + row * containerFields.length;
        const fields = containerFields.flatMap((field, at): [ContainerField, number][] => {
          const value = values[offset + at] ?? Number.NaN;
          return Number.isNaN(value) ? [] : [[field, value]];
        });
        return [name, Object.fromEntries(fields)];
      });
      return Object.fromEntries(rows);
    },
  };
}

const limited = {
  usage_usec: 2_923_730,
  user_usec: 2_477_237,
  system_usec: 446_493,
  nr_periods: 83,
  nr_throttled: 52,
  throttled_usec: 2_326_325,
  // Without sysfs the device mapper's device counts; the loop device does not.
  rbytes: 101_228_544,
  wbytes: 22_478_848,
  rios: 183,
  wios: 30,
  oom_kill: 2,
  memory_current: 58_802_176,
  memory_max: 536_870_912,
  anon: 110_592,
  file: 57_663_488,
  pids_current: 1,
  quota_usec: 50_000,
  period_usec: 100_000,
};

test("createContainerProbe() reads every file of every container, and who it is", () => {
  const { cgroups, probe, sample, changes } = createTested();
  cgroups.add(path, "limited");
  cgroups.add(otherPath, "unlimited");
  const rows = sample(0);
  expect(rows["942b476921d8"]).toEqual(limited);
  expect(rows["b98291792f12"]).toMatchObject({ usage_usec: 98_231_407, rbytes: 331_509_760 });
  expect(rows["b98291792f12"]).not.toHaveProperty("memory_max");
  expect(rows["b98291792f12"]).not.toHaveProperty("quota_usec");
  expect(probe.identify("b98291792f12")).toEqual({ id: other, runtime: "containerd", name: "" });
  expect(changes).toEqual([]);
  probe.close();
});

test("createContainerProbe() reads counters at each tick, limits every 10 s", () => {
  const { cgroups, sample } = createTested();
  cgroups.add(path, "limited");
  sample(0);
  cgroups.write(`${path}/memory.current`, "4096\n");
  cgroups.write(`${path}/memory.max`, "max\n");
  expect(sample(1)["942b476921d8"]).toEqual({ ...limited, memory_current: 4096 });
  const { memory_max: _, ...unlimited } = limited;
  expect(sample(10)["942b476921d8"]).toEqual({ ...unlimited, memory_current: 4096 });
});

test("createContainerProbe() finds what came within 10 s, and leaves out at once what went", () => {
  const { cgroups, sample } = createTested();
  cgroups.add(path, "limited");
  expect(Object.keys(sample(0))).toEqual(["942b476921d8"]);
  cgroups.add(otherPath, "unlimited");
  expect(Object.keys(sample(1))).toEqual(["942b476921d8"]);
  expect(Object.keys(sample(10))).toEqual(["942b476921d8", "b98291792f12"]);
  cgroups.remove(path);
  // An open file of a real cgroup fails with ENODEV then, one of a folder is still there until it is looked for.
  expect(Object.keys(sample(20))).toEqual(["b98291792f12"]);
  cgroups.add(path, "limited");
  expect(Object.keys(sample(30))).toEqual(["b98291792f12", "942b476921d8"]);
});

test("createContainerProbe() answers the same list as long as no container comes or goes", () => {
  const { cgroups, probe } = createTested();
  cgroups.add(path, "limited");
  const names = probe.update(0, []);
  expect(probe.update(1e6, [])).toBe(names);
  expect(probe.update(60e6, [])).toBe(names);
});

test("createContainerProbe() leaves gaps for controllers that are not enabled, and sees them enabled", () => {
  const { cgroups, sample, changes } = createTested();
  cgroups.add(path, "core-only");
  const bare = { usage_usec: 3911, user_usec: 1022, system_usec: 2889 };
  expect(sample(0)).toEqual({ "942b476921d8": bare });
  cgroups.write(`${path}/pids.current`, "3\n");
  expect(sample(1)).toEqual({ "942b476921d8": bare });
  expect(sample(10)).toEqual({ "942b476921d8": { ...bare, pids_current: 3 } });
  expect(changes).toEqual([]);
});

test("createContainerProbe() gives a damaged file its own status, and reads the others", () => {
  const { cgroups, sample, changes } = createTested();
  cgroups.add(path, "limited");
  cgroups.write(`${path}/io.stat`, "8:0 rbytes=lots\n");
  const { rbytes: _1, wbytes: _2, rios: _3, wios: _4, ...others } = limited;
  expect(sample(0)).toEqual({ "942b476921d8": others });
  expect(sample(1)).toEqual({ "942b476921d8": others });
  cgroups.write(`${path}/io.stat`, "");
  sample(2);
  expect(changes).toEqual([
    {
      source: "containers:942b476921d8",
      error: expect.stringContaining('Cannot parse io.stat: line 1: rbytes of 8:0 is "lots"'),
    },
    { source: "containers:942b476921d8", error: null },
  ]);
});

test("createContainerProbe() samples no more than it may, and says so once", () => {
  const { cgroups, sample, changes } = createTested({ maxContainers: 2 });
  for (const name of ["a", "b", "c", "d"]) cgroups.add(`lxc.payload.${name}`, "limited");
  expect(Object.keys(sample(0))).toHaveLength(2);
  sample(10);
  expect(changes).toEqual([
    { source: "containers:others", error: "2 more than max_containers (2) are not sampled" },
  ]);
  for (const name of ["a", "b"]) cgroups.remove(`lxc.payload.${name}`);
  expect(Object.keys(sample(20)).toSorted()).toEqual(["c", "d"]);
  expect(changes.at(-1)).toEqual({ source: "containers:others", error: null });
});

test("createContainerProbe() calls containers whose names begin alike by different names", () => {
  const { cgroups, sample } = createTested();
  const twin = `${id.slice(0, 12)}${"0".repeat(52)}`;
  cgroups.add(`docker/${id}`, "limited");
  cgroups.add(`docker/${twin}`, "limited");
  cgroups.add("lxc.payload.web", "limited");
  cgroups.add("machine.slice/machine-web.scope", "limited");
  const names = Object.keys(sample(0));
  expect(new Set(names).size).toBe(4);
  expect(names).toEqual(expect.arrayContaining(["942b476921d8", "web", "web~2"]));
});

test.each<[string, ContainerProbeOptions["filter"], string[]]>([
  ["include by name", { include: /^942b/ }, ["942b476921d8"]],
  ["include by path", { include: /kubepods/ }, ["b98291792f12"]],
  ["exclude by path", { exclude: /kubepods/ }, ["942b476921d8"]],
  ["both", { include: /scope$/, exclude: /docker/ }, ["b98291792f12"]],
])("createContainerProbe() obeys filters: %s", (_, filter, expected) => {
  const { cgroups, sample } = createTested({ filter });
  cgroups.add(path, "limited");
  cgroups.add(otherPath, "limited");
  expect(Object.keys(sample(0))).toEqual(expected);
});

test("createContainerProbe() says that there are no cgroups v2, and looks again after a minute", () => {
  const cgroups = join(createFolder(), "cgroup");
  mkdirSync(join(cgroups, "memory"), { recursive: true });
  const { sample, changes } = createTested({ cgroups });
  const message = `Cannot sample containers: ${cgroups} is no tree of cgroups v2 (version 1 alone is not read)`;
  expect(() => sample(0)).toThrow(message);
  writeFileSync(join(cgroups, "cgroup.controllers"), "cpu io memory\n");
  expect(() => sample(59)).toThrow(message);
  expect(sample(60)).toEqual({});
  expect(changes).toEqual([]);
});

const unified = ["/sys/fs/cgroup", "/sys/fs/cgroup/unified"].find((folder) =>
  canMakeCgroup(folder),
);

/** Whether cgroups v2 are mounted there, and this process may make some. */
function canMakeCgroup(folder: string): boolean {
  if (!existsSync(join(folder, "cgroup.controllers"))) return false;
  const made = join(folder, `collector-test-${process.pid}`);
  try {
    mkdirSync(made);
    rmdirSync(made);
    return true;
  } catch {
    return false;
  }
}

test.skipIf(unified === undefined)(
  "createContainerProbe() reads a real cgroup, and sees it go at once (skipped where none can be made: it takes root)",
  () => {
    const folder = join(unified ?? "", `lxc.payload.collector-test-${process.pid}`);
    const name = `collector-test-${process.pid}`;
    const { sample } = createTested({
      cgroups: unified ?? "",
      filter: { include: /collector-test/ },
    });
    mkdirSync(folder);
    try {
      expect(sample(0)[name]).toMatchObject({ usage_usec: 0, user_usec: 0, system_usec: 0 });
      expect(sample(1)[name]).toMatchObject({ usage_usec: 0 });
    } finally {
      rmdirSync(folder);
    }
    expect(sample(2)).toEqual({});
  },
);

test("createContainerProbe() opens files for each reading where the process has few descriptors", async () => {
  const cgroups = createFakeCgroups();
  const names = Array.from({ length: 20 }, (_, number) => `c${number}`);
  for (const name of names) cgroups.add(`lxc.payload.${name}`, "limited");
  const capture = join(createFolder(), "pcc.json");
  const pcc = join(import.meta.dirname, "../pcc.ts");
  const args = ["--procfs", createFakeProcfs().path, "--cgroups", cgroups.path, "1", "2", capture];
  // Both limits, so that the runtime cannot raise them: 20 containers have 160 files.
  const ulimit = 'ulimit -n 64 && exec "$0" "$@"';
  await promisify(execFile)("/bin/sh", ["-c", ulimit, process.execPath, pcc, ...args]);
  const lines = readFileSync(capture, "utf8").trimEnd().split("\n");
  const samples = lines.filter((line) => line.startsWith('{"t":'));
  expect(samples).toHaveLength(2);
  for (const sample of samples) expect(sample.match(/2923730,2477237/g)).toHaveLength(20);
  expect(lines.filter((line) => line.includes("EMFILE"))).toEqual([]);
});
