// What sampling costs the host at 1 Hz: CPU and memory of pcc – the packaged executable where `npm run package` has made it, and the
// checkout's – against sysstat's sadc, collectl and node_exporter, all in the same minutes on this machine's /proc.
import { spawn, type ChildProcess } from "node:child_process";
import { existsSync, mkdtempSync, readdirSync, readFileSync, rmSync } from "node:fs";
import { Agent, get } from "node:http";
import { createServer, type AddressInfo } from "node:net";
import { tmpdir } from "node:os";
import { delimiter, join } from "node:path";
import { gunzipSync } from "node:zlib";
import { findPackaged } from "./packaged.ts";

/** Until pcc has let go, 15 s after its start, of what that needed. */
const warmUpS = 20;
const measuredS = Number(process.env["BENCH_SECONDS"] ?? 60);
const checkoutLimitMs = 1.5;
const residentLimitMb = 30;
const bytesLimit = 160;
const root = join(import.meta.dirname, "..");
const packaged = findPackaged();
/** What every peer measures: CPUs, memory, disks, interfaces, load. */
const leanSources = ["--include-source", "^(stat|meminfo|diskstats|net/dev|loadavg)$"];

interface Program {
  name: string;
  path: string;
  args: string[];
  /** Debian's package, for who wants the comparison. */
  package?: string;
  /** Once a second, where the program does not sample by itself. */
  everySecond?: () => void;
}

interface Usage {
  cpuMs: number;
  residentMb: number;
}

interface Figures {
  cpuMs: number;
  residentMb: number;
}

export async function run(): Promise<void> {
  const folder = mkdtempSync(join(tmpdir(), "bench-collector-"));
  const programs = await listPrograms(folder);
  const running = new Map<string, ChildProcess>();
  try {
    for (const program of programs) {
      if (existsSync(program.path)) running.set(program.name, start(program, folder));
      else tellMissing(program);
    }
    const ticker = setInterval(() => {
      for (const { name, everySecond } of programs) if (running.has(name)) everySecond?.();
    }, 1000);
    // Start-up is not part of a sample.
    await wait(warmUpS);
    const before = measure(running);
    await wait(measuredS);
    const after = measure(running);
    clearInterval(ticker);
    const figures = new Map(
      Array.from(after, ([name, { cpuMs, residentMb }]): [string, Figures] => [
        name,
        { cpuMs: (cpuMs - (before.get(name)?.cpuMs ?? Number.NaN)) / measuredS, residentMb },
      ]),
    );
    await stop(running);
    report(figures, folder);
  } finally {
    await stop(running);
    rmSync(folder, { recursive: true });
  }
}

async function listPrograms(folder: string): Promise<Program[]> {
  const port = await findFreePort();
  const agent = new Agent({ keepAlive: true, maxSockets: 1 });
  const checkout = join(root, "node_modules/.bin/pcc");
  return [
    {
      name: "pcc packaged, lean",
      path: packaged,
      args: ["pcc", ...leanSources, "1", join(folder, "lean.json")],
      package: "",
    },
    {
      name: "pcc packaged, all",
      path: packaged,
      args: ["pcc", "1", join(folder, "all.json")],
      package: "",
    },
    {
      name: "pcc packaged, closing",
      path: packaged,
      args: ["pcc", "--rotate-size", "64K", "1", `${closedFolder(folder)}/`],
      package: "",
    },
    {
      name: "pcc checkout, lean",
      path: checkout,
      args: [...leanSources, "1", join(folder, "checkout.json")],
    },
    {
      name: "sadc",
      path: find("sadc"),
      args: ["-S", "DISK", "1", join(folder, "sadc")],
      package: "sysstat",
    },
    {
      name: "collectl",
      path: find("collectl"),
      args: ["-scdnm", "-i1", "-F0", "-f", folder],
      package: "collectl",
    },
    {
      name: "node_exporter, lean",
      path: find("prometheus-node-exporter"),
      args: [
        "--collector.disable-defaults",
        ...["cpu", "meminfo", "diskstats", "netdev", "loadavg"].map(
          (name) => `--collector.${name}`,
        ),
        `--web.listen-address=127.0.0.1:${port}`,
      ],
      package: "prometheus-node-exporter",
      everySecond: () => scrape(port, agent),
    },
  ];
}

function report(figures: ReadonlyMap<string, Figures>, folder: string): void {
  console.log(`${measuredS} samples at 1 Hz, all programs at once`);
  for (const [name, { cpuMs, residentMb }] of figures) {
    console.log(
      `${name.padEnd(20)} ${cpuMs.toFixed(3)} ms CPU a sample, ${residentMb.toFixed(1)} MB resident`,
    );
  }
  const lean = figures.get("pcc packaged, lean");
  const all = figures.get("pcc packaged, all");
  const checkout = figures.get("pcc checkout, lean");
  if (checkout !== undefined) check("pcc of the checkout", checkout.cpuMs, checkoutLimitMs, "ms");
  if (lean === undefined || all === undefined) return;
  compare(lean, figures, "node_exporter, lean", 0.5);
  compare(lean, figures, "sadc", 1);
  compare(lean, figures, "collectl", 1);
  check("all sources : lean", all.cpuMs / lean.cpuMs, 2, "");
  check("resident memory", Math.max(lean.residentMb, all.residentMb), residentLimitMb, "MB");
  reportBytes(closedFolder(folder));
}

function compare(
  { cpuMs }: Figures,
  figures: ReadonlyMap<string, Figures>,
  peer: string,
  limit: number,
): void {
  const other = figures.get(peer);
  if (other !== undefined) check(`pcc packaged, lean : ${peer}`, cpuMs / other.cpuMs, limit, "");
}

function check(name: string, value: number, limit: number, unit: string): void {
  const met = value <= limit;
  console.log(`${name} = ${value.toFixed(2)} ${unit} (limit ${limit}): ${met ? "met" : "missed"}`);
  if (!met) process.exitCode = 1;
}

/** A day's capture has its header once; these have one for each minute. */
function reportBytes(folder: string): void {
  const closed = readdirSync(folder).filter((name) => name.endsWith(".gz"));
  const zipped = closed.map((name) => readFileSync(join(folder, name)));
  const lines = zipped.flatMap((bytes) => gunzipSync(bytes).toString("latin1").split("\n"));
  const samples = lines.filter((line) => /^(?:=|\{"t":)/.test(line)).length;
  if (samples === 0) {
    console.log("no capture was closed meanwhile: bytes of a sample are not measured");
    return;
  }
  const bytes = zipped.reduce((sum, { length }) => sum + length, 0);
  check(`of ${samples} samples in closed captures, each`, bytes / samples, bytesLimit, "bytes");
}

/** Where captures are closed, which pcc compresses. */
function closedFolder(folder: string): string {
  return join(folder, "closed");
}

function start({ path, args }: Program, folder: string): ChildProcess {
  return spawn(path, args, {
    stdio: ["ignore", "ignore", "ignore"],
    cwd: folder,
  });
}

function tellMissing({ name, package: debian }: Program): void {
  console.log(
    debian === ""
      ? `${name}: not made yet; npm run package makes it`
      : `${name}: not installed (Debian: ${debian ?? name}), no comparison`,
  );
}

function find(name: string): string {
  const folders = [
    ...(process.env["PATH"] ?? "").split(delimiter),
    "/usr/lib/sysstat",
    "/usr/lib64/sa",
    "/usr/lib/sa",
  ];
  return folders.map((folder) => join(folder, name)).find((path) => existsSync(path)) ?? name;
}

function scrape(port: number, agent: Agent): void {
  get({ host: "127.0.0.1", port, path: "/metrics", agent }, (response) => {
    response.resume();
  }).on("error", () => {
    // It is still starting.
  });
}

async function findFreePort(): Promise<number> {
  const server = createServer().listen(0, "127.0.0.1");
  await new Promise((resolve) => {
    server.once("listening", resolve);
  });
  // A server that listens on a TCP port has an address with that port.
  const { port } = server.address() as AddressInfo;
  await new Promise((resolve) => {
    server.close(resolve);
  });
  return port;
}

function measure(programs: ReadonlyMap<string, ChildProcess>): Map<string, Usage> {
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

async function stop(programs: ReadonlyMap<string, ChildProcess>): Promise<void> {
  for (const program of programs.values()) program.kill("SIGTERM");
  await Promise.all(Array.from(programs.values(), ended));
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
