// The state folder belongs to one start at a time. What a killed start left running is ended by the next one.
import { mkdir, readFile, rm, stat, writeFile } from "node:fs/promises";
import { dirname, join, resolve } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";

export interface Claim {
  folder: string;
  /** Writes down which processes belong to this start. */
  record(pids: readonly number[]): Promise<void>;
}

interface Running {
  pid: number;
  children: number[];
}

/** Throws when another start is using the folder. */
export async function claimState(path: string): Promise<Claim> {
  const folder = resolve(path);
  await makeFolder(folder).catch((error: unknown) => {
    const why = error instanceof Error ? error.message : String(error);
    const message = `Cannot start: the state folder ${folder} cannot be made: ${why}. Choose another with --state.`;
    throw new Error(message, { cause: error });
  });
  const earlier = await readRunning(folder);
  if (earlier !== null && (await isOurs(earlier.pid))) {
    throw new Error(
      `Cannot start: PerfAnalysis runs already on ${folder} (process ${earlier.pid}). End it with Ctrl-C there, or choose another folder with --state.`,
    );
  }
  for (const pid of earlier?.children ?? []) await endLeftover(pid);
  const claim: Claim = {
    folder,
    record: (children) => writeRunning(folder, { pid: process.pid, children: [...children] }),
  };
  await claim.record([]);
  return claim;
}

/** Unlike mkdir() with `recursive` it ends where the system has no place for folders, as below /proc. */
async function makeFolder(path: string): Promise<void> {
  const found = await stat(path).catch(() => null);
  if (found?.isDirectory() === true) return;
  if (found === null && dirname(path) !== path) await makeFolder(dirname(path));
  await mkdir(path, { mode: 0o700 });
}

export async function releaseState({ folder }: Claim): Promise<void> {
  await rm(join(folder, "running.json"), { force: true });
}

async function readRunning(folder: string): Promise<Running | null> {
  const text = await readFile(join(folder, "running.json"), "utf8").catch(() => null);
  if (text === null) return null;
  try {
    const value: unknown = JSON.parse(text);
    if (typeof value !== "object" || value === null) return null;
    if (!("pid" in value) || !("children" in value) || !Array.isArray(value.children)) return null;
    return { pid: Number(value.pid), children: value.children.map(Number) };
  } catch {
    // Torn by a power cut: it names nothing that still runs.
    return null;
  }
}

async function writeRunning(folder: string, running: Running): Promise<void> {
  await writeFile(join(folder, "running.json"), `${JSON.stringify(running)}\n`);
}

async function endLeftover(pid: number): Promise<void> {
  for (const signal of ["SIGTERM", "SIGKILL"] as const) {
    if (!(await isOurs(pid))) return;
    process.kill(pid, signal);
    for (let waited = 0; waited < 100 && (await isOurs(pid)); waited++) await sleep(100);
  }
}

/** Process numbers are used again: only a process that runs a program of this system counts. */
async function isOurs(pid: number): Promise<boolean> {
  const commandLine = await readFile(`/proc/${pid}/cmdline`, "utf8").catch(() => "");
  return /start\/main\.ts|perf-portal|\bpcc\b/.test(commandLine) && pid !== process.pid;
}
