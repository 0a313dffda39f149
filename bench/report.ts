// perf-report as a whole process, from start to the files on disk, against the same data in an optimised R Markdown report
// (peers/report.Rmd: fread, ggplot2 on 900 buckets) where R is installed.
import { execFile, spawn } from "node:child_process";
import { createWriteStream } from "node:fs";
import { mkdir, mkdtemp, readFile, rm } from "node:fs/promises";
import { availableParallelism, tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { Readable } from "node:stream";
import { pipeline } from "node:stream/promises";
import { gzipSync } from "node:zlib";
import { generateFortyColumns } from "./forty-columns.ts";

const runs = 3;
const program = join(import.meta.dirname, "../reporting/src/cli.mjs");
const peer = join(import.meta.dirname, "peers/report.Rmd");
const machines = 10;

export async function run(): Promise<void> {
  const folder = await mkdtemp(join(tmpdir(), "perfanalysis-bench-"));
  try {
    const day = await write(join(folder, "day.csv"), 100_000);
    const html = join(folder, "day.html");
    const pdf = join(folder, "day.pdf");
    // Has Node keep the compiled program, as any run before has it.
    await measure(["--help"]);
    const one = await typical(["--data-file", day, "--output", html]);
    tell("100,000 rows × 40 columns to HTML", one, { cpuS: 1, memoryMb: 120 });
    tell(
      "to HTML and PDF",
      await typical(["--data-file", day, "--output", html, "--output", pdf]),
      {
        cpuS: 1.5,
        memoryMb: 200,
      },
    );
    await tellSizes(html, pdf);
    await tellFirst(folder, ["--data-file", day, "--output", html]);
    const long = await write(join(folder, "long.csv"), 1_000_000);
    tell("1,000,000 rows to HTML", await typical(["--data-file", long, "--output", html]), {
      cpuS: 3,
      memoryMb: 260,
    });
    await rm(long);
    await tellTen(folder, one);
    await tellPeer({ day, html: join(folder, "r.html"), one });
  } finally {
    await rm(folder, { recursive: true });
  }
}

async function write(path: string, rows: number, machineId?: string): Promise<string> {
  await pipeline(Readable.from(generateFortyColumns(rows, machineId)), createWriteStream(path));
  return path;
}

interface Cost {
  cpuS: number;
  memoryMb: number;
  wallS: number;
}

/** The process itself says what it used, as its last word. */
const lastWord =
  'process.on("exit",()=>{const u=process.resourceUsage();process.stderr.write(`\\n${u.userCPUTime+u.systemCPUTime} ${u.maxRSS}`)})';

async function measure(
  args: readonly string[],
  environment: Record<string, string> = {},
): Promise<Cost> {
  const startMs = performance.now();
  // By its first line, which has flags for the runtime.
  const child = spawn(program, [...args, "--no-cache"], {
    stdio: ["ignore", "ignore", "pipe"],
    env: {
      ...process.env,
      ...environment,
      PATH: `${dirname(process.execPath)}:${process.env["PATH"]}`,
      NODE_OPTIONS: `--import=data:text/javascript,${encodeURIComponent(lastWord)}`,
    },
  });
  let said = "";
  child.stderr.setEncoding("utf8").on("data", (text: string) => (said += text));
  const code = await new Promise<number | null>((done, fail) => {
    child.on("error", fail).on("close", done);
  });
  const wallS = (performance.now() - startMs) / 1000;
  const [cpuUs = Number.NaN, memoryKb = Number.NaN] = (said.split("\n").at(-1) ?? "")
    .split(" ")
    .map(Number);
  if (code !== 0 || Number.isNaN(memoryKb))
    throw new Error(`perf-report ended with ${code}: ${said}`);
  return { cpuS: cpuUs / 1e6, memoryMb: memoryKb / 1024, wallS };
}

/** The median of each cost. */
async function typical(args: readonly string[]): Promise<Cost> {
  const costs: Cost[] = [];
  for (let round = 0; round < runs; round++) costs.push(await measure(args));
  const of = (name: keyof Cost): number => median(costs.map((cost) => cost[name]));
  return { cpuS: of("cpuS"), memoryMb: of("memoryMb"), wallS: of("wallS") };
}

function tell(what: string, { cpuS, memoryMb, wallS }: Cost, limits: Omit<Cost, "wallS">): void {
  const held = cpuS <= limits.cpuS && memoryMb <= limits.memoryMb;
  console.log(
    `${what}: CPU ${cpuS.toFixed(2)} s (limit ${limits.cpuS}), ${memoryMb.toFixed(0)} MB (limit ${limits.memoryMb}), elapsed ${wallS.toFixed(2)} s: ${held ? "held" : "missed"}`,
  );
  if (!held) process.exitCode = 1;
}

async function tellSizes(html: string, pdf: string): Promise<void> {
  const page = await readFile(html);
  const sizes: [string, number, number][] = [
    ["HTML", page.length, 700],
    ["HTML gzipped", gzipSync(page).length, 140],
    ["PDF", (await readFile(pdf)).length, 700],
  ];
  for (const [name, bytes, limitKb] of sizes) {
    const held = bytes <= limitKb * 1000;
    console.log(
      `${name}: ${(bytes / 1000).toFixed(0)} kB (limit ${limitKb}): ${held ? "held" : "missed"}`,
    );
    if (!held) process.exitCode = 1;
  }
}

/** What the very first report of a user costs, for which the program is compiled: no limit is set for it. */
async function tellFirst(folder: string, args: readonly string[]): Promise<void> {
  const { cpuS, memoryMb, wallS } = await measure(args, { XDG_CACHE_HOME: join(folder, "none") });
  console.log(
    `the first one of all, with the program compiled: CPU ${cpuS.toFixed(2)} s, ${memoryMb.toFixed(0)} MB, elapsed ${wallS.toFixed(2)} s`,
  );
}

/** Elapsed time, since the point is that cores work side by side. */
async function tellTen(folder: string, one: Cost): Promise<void> {
  const files: string[] = [];
  for (let index = 0; index < machines; index++) {
    files.push(await write(join(folder, `m${index}.csv`), 100_000, `machine-${index}`));
  }
  await mkdir(join(folder, "reports"));
  const { wallS } = await measure([
    ...files.flatMap((file) => ["--data-file", file]),
    "--all",
    "--output",
    join(folder, "reports/"),
  ]);
  const ratio = wallS / one.wallS;
  const held = ratio <= 6;
  console.log(
    `${machines} machines on ${availableParallelism()} cores: elapsed ${wallS.toFixed(1)} s, ${ratio.toFixed(1)} times one (limit 6): ${held ? "held" : "missed"}`,
  );
  if (!held) process.exitCode = 1;
}

async function tellPeer({
  day,
  html,
  one,
}: {
  day: string;
  html: string;
  one: Cost;
}): Promise<void> {
  const call = `rmarkdown::render("${peer}", output_file="${html}", intermediates_dir=dirname("${html}"), params=list(csv="${day}", mode="bucket"), output_format="html_document", quiet=TRUE)`;
  const cpuS = await cpuOf("Rscript", ["-e", call]);
  if (typeof cpuS === "string") {
    console.log(
      `R with rmarkdown, ggplot2, data.table and pandoc does not run: not compared (${cpuS})`,
    );
    return;
  }
  const ratio = cpuS / one.cpuS;
  console.log(
    `the same as optimised R Markdown: CPU ${cpuS.toFixed(1)} s, ${ratio.toFixed(1)} times ours (limit 10): ${ratio >= 10 ? "held" : "missed"}`,
  );
  if (ratio < 10) process.exitCode = 1;
}

/** CPU seconds of a program and of those that it started; where it fails, what it says last. */
async function cpuOf(command: string, args: readonly string[]): Promise<number | string> {
  // The first line is the shell's own.
  const script = '"$@" >&2 && times';
  return new Promise((done) => {
    execFile("bash", ["-c", script, "bash", command, ...args], (error, stdout, stderr) => {
      const times = [...(stdout.split("\n")[1] ?? "").matchAll(/(\d+)m([\d.]+)s/g)];
      const seconds = times.map(([, minutes, rest]) => 60 * Number(minutes) + Number(rest));
      const said = stderr.trimEnd().split("\n").at(-1) ?? "";
      done(error === null ? seconds.reduce((sum, part) => sum + part, 0) : said);
    });
  });
}

function median(values: number[]): number {
  return values.toSorted((a, b) => a - b)[values.length >> 1] ?? Number.NaN;
}
