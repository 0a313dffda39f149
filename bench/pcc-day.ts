// What becomes of pcc in a day: 100,000 samples of this machine, taken as fast as they can be on a clock of its own, into a folder that
// passes two midnights. Memory and descriptors must not grow: the first midnight, at which compressing is loaded, comes while pcc still
// settles, the second must add nothing. `npm run bench -- pcc-day 36000 60`: ten minutes at 60 times the speed. Also in
// the runtime of the packages where `npm run package` has brought it.
import { execFileSync, spawn } from "node:child_process";
import { existsSync, mkdtempSync, readdirSync, readFileSync, readlinkSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";

const root = join(import.meta.dirname, "..");
const program = join(root, "collector/src/testing/accelerated.ts");
/** Of the packaged pcc in local mode. */
const residentLimitMb = 30;
const slopeLimitMb = 1;
/** As pcc sets them itself. */
const nodeFlags = [
  "--no-opt",
  "--no-maglev",
  "--max-semi-space-size=2",
  "--semi-space-growth-factor=1",
];
/** As the packaged pcc starts itself. */
const packagedRuntime = {
  BUN_JSC_useBaselineJIT: "0",
  BUN_JSC_useDFGJIT: "0",
  BUN_JSC_forceRAMSize: String(32 * 1024 * 1024),
  BUN_OPTIONS: "--smol",
  BUN_GC_TIMER_DISABLE: "1",
  BUN_JSC_useConcurrentGC: "0",
  BUN_JSC_numberOfGCMarkers: "1",
};
/** Garbage is collected so often: at a sample a second the packaged pcc does it each ten minutes. */
const reportEvery = 600;

interface Point {
  samples: number;
  /** The day before is being compressed: for half a minute of a real day, and for much of this one. */
  compressing: boolean;
  residentMb: number;
  descriptors: number;
}

export async function run(): Promise<void> {
  const samples = Number(process.argv[3] ?? 100_000);
  const speed = process.argv[4] === undefined ? null : Number(process.argv[4]);
  const folder = mkdtempSync(join(tmpdir(), "bench-pcc-day-"));
  try {
    console.log(`${samples} samples, ${speed === null ? "as fast as can be" : `${speed} × speed`}`);
    const inNode = await measure("node", [process.execPath, ...nodeFlags, "--expose-gc", program], {
      folder,
      samples,
      speed,
    });
    const packaged = compile(join(folder, "pcc"));
    if (packaged === null) {
      console.log("the packages' runtime is not here (npm run package brings it): not measured");
    } else {
      const inPackage = await measure("packaged", [packaged], { folder, samples, speed });
      check(`packaged resident ≤ ${residentLimitMb} MB`, inPackage.residentMb <= residentLimitMb);
      check(`packaged slope ≤ ${slopeLimitMb} MB a day`, inPackage.slopeMb <= slopeLimitMb);
    }
    check(`slope ≤ ${slopeLimitMb} MB a day`, inNode.slopeMb <= slopeLimitMb);
  } finally {
    rmSync(folder, { recursive: true });
  }
}

export function check(claim: string, met: boolean): void {
  console.log(`${claim}: ${met ? "met" : "missed"}`);
  if (!met) process.exitCode = 1;
}

export interface Day {
  folder: string;
  samples: number;
  /** null: as fast as it can. */
  speed: number | null;
  /** By their variables; undefined: it writes captures. */
  settings?: Record<string, string>;
  env?: Record<string, string>;
}

export async function measure(
  name: string,
  [command = "", ...args]: string[],
  { folder, samples, speed, settings, env }: Day,
): Promise<{ residentMb: number; slopeMb: number }> {
  const acceleration = {
    environment: settings ?? { PCC_FREQUENCY: "1s", PCC_COLLECTION: `${join(folder, name)}/` },
    samples,
    startMs: Date.UTC(2026, 0, 2) - samples * 50,
    speed,
    reportEvery,
  };
  const startMs = Date.now();
  const child = spawn(command, [...args, JSON.stringify(acceleration)], {
    stdio: ["ignore", "pipe", "ignore"],
    env: { ...packagedRuntime, ...env },
  });
  const measured: Point[] = [];
  // Its words are short, and a pipe gives short ones whole.
  for await (const chunk of child.stdout.setEncoding("utf8") as AsyncIterable<string>) {
    const ticks = Number(chunk.trim().split("\n").at(-1));
    const { pid, exitCode } = child;
    if (pid === undefined || exitCode !== null) continue;
    const point = readPoint(pid, ticks);
    if (point !== null) measured.push(point);
  }
  const seconds = (Date.now() - startMs) / 1000;
  // The start's own growth is none that goes on.
  const settled = measured.filter((point) => point.samples >= samples / 10 && !point.compressing);
  const [first, last] = [settled[0], settled.at(-1)];
  if (first === undefined || last === undefined) throw new Error(`${name} ended early`);
  const slopeMb = theilSen(settled) * 86_400;
  const mb = (value: number): string => value.toFixed(1);
  console.log(
    `${name.padEnd(8)} resident ${mb(first.residentMb)} MB after a tenth, ${mb(last.residentMb)} MB at the end, ` +
      `at most ${mb(Math.max(...measured.map(({ residentMb }) => residentMb)))}; slope ${slopeMb.toFixed(2)} MB a day; ` +
      `descriptors ${first.descriptors} and ${last.descriptors}; ` +
      `${((seconds * 1000) / samples).toFixed(2)} ms a sample`,
  );
  check(`${name} descriptors do not grow`, last.descriptors <= first.descriptors);
  return { residentMb: last.residentMb, slopeMb };
}

/** null where it has ended. */
function readPoint(pid: number, samples: number): Point | null {
  try {
    const status = readFileSync(`/proc/${pid}/status`, "utf8");
    const residentMb = Number(/^VmRSS:\s+(\d+) kB$/m.exec(status)?.[1]) / 1024;
    if (Number.isNaN(residentMb)) return null;
    const files = readdirSync(`/proc/${pid}/fd`).map((name) =>
      readlinkSync(`/proc/${pid}/fd/${name}`),
    );
    const compressing = files.some((file) => file.endsWith(".gz.partial"));
    return { samples, compressing, residentMb, descriptors: files.length };
  } catch {
    return null;
  }
}

/** Megabytes a sample: the median of the slopes between all pairs of points. */
function theilSen(measured: readonly Point[]): number {
  const slopes = measured.flatMap((left, at) =>
    measured
      .slice(at + 1)
      .map((right) => (right.residentMb - left.residentMb) / (right.samples - left.samples)),
  );
  return slopes.toSorted((left, right) => left - right)[Math.floor(slopes.length / 2)] ?? 0;
}

/** null where the packages' runtime is not here. */
export function compile(path: string): string | null {
  const runtimes = join(root, ".cache/bun");
  const bun = ["linux-x64", "linux-arm64"]
    .flatMap((target) => {
      const modules = join(runtimes, target, "node_modules/@oven");
      return existsSync(modules)
        ? readdirSync(modules).map((name) => join(modules, name, "bin/bun"))
        : [];
    })
    .find((candidate) => existsSync(candidate));
  if (bun === undefined) return null;
  const args = ["build", "--compile", "--bytecode", "--format=esm", "--splitting", "--minify"];
  execFileSync(bun, [...args, `--outfile=${path}`, program], { stdio: "ignore" });
  return path;
}
