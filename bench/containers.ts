// CPU that pcc takes for a sample at 1 Hz with 0, 10 and 100 containers: a tree like that of cgroups v2, on this machine's own file system.
import { spawn, type ChildProcess } from "node:child_process";
import { mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";

/** Beyond what no container costs, for each of them. */
const limitMs = 0.1;
const warmUpS = 4;
const measuredS = 15;
const root = join(import.meta.dirname, "..");
const fixture = join(root, "collector/src/cgroup/fixtures/limited");

export async function run(): Promise<void> {
  const folder = mkdtempSync(join(tmpdir(), "bench-containers-"));
  const programs = new Map<number, ChildProcess>();
  try {
    for (const count of [0, 10, 100]) {
      const cgroups = join(folder, String(count));
      createCgroups(cgroups, count);
      const args = ["--cgroups", cgroups, "1", join(folder, `${count}.json`)];
      const stdio = ["ignore", "ignore", "ignore"] as const;
      programs.set(count, spawn(join(root, "node_modules/.bin/pcc"), args, { stdio: [...stdio] }));
    }
    await wait(warmUpS);
    const before = measure(programs);
    await wait(measuredS);
    const after = measure(programs);
    const none = costOf(0, before, after);
    let met = true;
    for (const count of programs.keys()) {
      const ms = costOf(count, before, after);
      const each = count === 0 ? 0 : (ms - none) / count;
      met &&= each <= limitMs;
      const share = count === 0 ? "" : `, ${each.toFixed(3)} ms a container`;
      console.log(
        `${String(count).padStart(3)} containers: ${ms.toFixed(2)} ms CPU a sample${share}`,
      );
    }
    console.log(`limit ${limitMs} ms a container: ${met ? "met" : "missed"}`);
    if (!met) process.exitCode = 1;
  } finally {
    for (const program of programs.values()) program.kill("SIGTERM");
    await Promise.all(Array.from(programs.values(), ended));
    rmSync(folder, { recursive: true });
  }
}

function createCgroups(path: string, count: number): void {
  mkdirSync(path);
  writeFileSync(join(path, "cgroup.controllers"), "cpu io memory pids\n");
  const files = readdirSync(fixture).map((name) => ({
    name,
    text: readFileSync(join(fixture, name)),
  }));
  for (let number = 0; number < count; number += 1) {
    const id = number.toString(16).padStart(12, "0").padEnd(64, "f");
    const folder = join(path, "system.slice", `docker-${id}.scope`);
    mkdirSync(folder, { recursive: true });
    for (const { name, text } of files) writeFileSync(join(folder, name), text);
  }
}

function costOf(
  count: number,
  before: ReadonlyMap<number, number>,
  after: ReadonlyMap<number, number>,
): number {
  return ((after.get(count) ?? Number.NaN) - (before.get(count) ?? Number.NaN)) / measuredS;
}

function measure(programs: ReadonlyMap<number, ChildProcess>): Map<number, number> {
  return new Map(
    Array.from(programs, ([count, { pid, exitCode }]): [number, number] => {
      if (pid === undefined || exitCode !== null) throw new Error("pcc does not run");
      return [count, readCpuMs(pid)];
    }),
  );
}

/** Time on a CPU of all threads, in user programs and in the kernel: exact, unlike the clock ticks of /proc/PID/stat. */
function readCpuMs(pid: number): number {
  const tasks = `/proc/${pid}/task`;
  const times = readdirSync(tasks).map((task) =>
    Number(readFileSync(join(tasks, task, "schedstat"), "utf8").split(" ")[0]),
  );
  return times.reduce((sum, nanoseconds) => sum + nanoseconds, 0) / 1e6;
}

function ended(program: ChildProcess): Promise<void> {
  return new Promise((resolve) => {
    if (program.exitCode !== null || program.signalCode !== null) resolve();
    else program.on("exit", () => resolve());
  });
}

function wait(seconds: number): Promise<void> {
  return new Promise((resolve) => {
    setTimeout(resolve, seconds * 1000);
  });
}
