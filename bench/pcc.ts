// CPU that pcc takes for a sample at 1 Hz – the whole process, on this machine's /proc, into a file – against sysstat's sadc in the
// same minute.
import { spawn, type ChildProcess } from "node:child_process";
import { existsSync, mkdtempSync, readdirSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";

const limitMs = 1.5;
const warmUpS = 5;
const measuredS = 60;
const root = join(import.meta.dirname, "..");
const sadc = ["/usr/lib/sysstat/sadc", "/usr/lib64/sa/sadc", "/usr/lib/sa/sadc"].find((path) =>
  existsSync(path),
);

interface Usage {
  cpuMs: number;
  residentMb: number;
}

export async function run(): Promise<void> {
  const folder = mkdtempSync(join(tmpdir(), "bench-pcc-"));
  const programs = new Map<string, ChildProcess>();
  try {
    programs.set(
      "pcc",
      start(join(root, "node_modules/.bin/pcc"), ["1", join(folder, "pcc.json")]),
    );
    if (sadc === undefined) console.log("sadc is not installed (Debian: sysstat): no comparison");
    else programs.set("sadc", start(sadc, ["-S", "DISK", "1", join(folder, "sadc")]));
    // Start-up is not part of a sample.
    await wait(warmUpS);
    const before = measure(programs);
    await wait(measuredS);
    const after = measure(programs);
    const cpuMs = new Map(
      Array.from(after, ([name, usage]): [string, number] => [
        name,
        (usage.cpuMs - (before.get(name)?.cpuMs ?? Number.NaN)) / measuredS,
      ]),
    );
    console.log(`${measuredS} samples at 1 Hz`);
    for (const [name, { residentMb }] of after) {
      const ms = cpuMs.get(name) ?? Number.NaN;
      console.log(
        `${name.padEnd(5)} ${ms.toFixed(3)} ms CPU a sample, ${residentMb.toFixed(1)} MB resident`,
      );
    }
    const ours = cpuMs.get("pcc") ?? Number.NaN;
    const peer = cpuMs.get("sadc");
    if (peer !== undefined) console.log(`pcc : sadc = ${(ours / peer).toFixed(2)}`);
    const met = ours <= limitMs;
    console.log(`limit ${limitMs} ms: ${met ? "met" : "missed"}`);
    if (!met) process.exitCode = 1;
  } finally {
    for (const program of programs.values()) program.kill("SIGTERM");
    await Promise.all(Array.from(programs.values(), ended));
    rmSync(folder, { recursive: true });
  }
}

function start(path: string, args: string[]): ChildProcess {
  return spawn(path, args, { stdio: ["ignore", "ignore", "inherit"] });
}

function measure(programs: Map<string, ChildProcess>): Map<string, Usage> {
  return new Map(
    Array.from(programs, ([name, { pid, exitCode }]): [string, Usage] => {
      if (pid === undefined || exitCode !== null) throw new Error(`${name} does not run`);
      return [name, { cpuMs: readCpuMs(pid), residentMb: readResidentMb(pid) }];
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

function readResidentMb(pid: number): number {
  const status = readFileSync(`/proc/${pid}/status`, "utf8");
  return Number(/^VmRSS:\s+(\d+) kB$/m.exec(status)?.[1] ?? Number.NaN) / 1024;
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
