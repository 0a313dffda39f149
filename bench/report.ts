// perf-report as a whole process, from start to the file on disk: 100,000 samples at 1 s in 40 columns to HTML.
import { spawn } from "node:child_process";
import { createWriteStream } from "node:fs";
import { mkdtemp, readFile, rm, stat } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { Readable } from "node:stream";
import { pipeline } from "node:stream/promises";
import { gzipSync } from "node:zlib";
import { generateMachineDay } from "./generate.ts";

const rows = 100_000;
const runs = 5;
const limits = { cpuS: 1.5, memoryMb: 200, htmlKb: 500 };
const program = join(import.meta.dirname, "../reporting/src/cli.mjs");

/** With `timestamp` and `machine_id` there are 40. */
const columns = new Set(
  [
    "cpu_user,cpu_system,cpu_idle,cpu_iowait,cpu_steal,load1,load5,load15,procs_running,procs_blocked",
    "mem_total,mem_free,mem_available,mem_cached,swap_total,swap_free,vm_swapin_pages,vm_major_faults",
    "psi_cpu_some,psi_io_some,psi_memory_some,context_switches",
    "disk_sda_read_bytes,disk_sda_write_bytes,disk_sda_reads,disk_sda_writes,disk_sda_busy,disk_sda_queue",
    "disk_nvme0n1_read_bytes,disk_nvme0n1_write_bytes,disk_nvme0n1_busy,disk_nvme0n1_queue",
    "net_eth0_rx_bytes,net_eth0_tx_bytes,net_eth0_rx_packets,net_eth0_tx_packets,net_eth1_rx_bytes,net_eth1_tx_bytes",
    "timestamp,machine_id",
  ].flatMap((line) => line.split(",")),
);

export async function run(): Promise<void> {
  const folder = await mkdtemp(join(tmpdir(), "perfanalysis-bench-"));
  try {
    const csv = join(folder, "day.csv");
    const html = join(folder, "day.html");
    await pipeline(Readable.from(inFortyColumns()), createWriteStream(csv));
    const costs: Cost[] = [];
    for (let round = 0; round < runs; round++) costs.push(await measure(csv, html));
    await report({ csv, html, costs });
  } finally {
    await rm(folder, { recursive: true });
  }
}

function* inFortyColumns(): Generator<string> {
  let kept: number[] | null = null;
  for (const text of generateMachineDay({ machineId: "bench-01", rows })) {
    let out = "";
    for (const line of text.split("\n")) {
      if (line === "") continue;
      const cells = line.split(",");
      kept ??= [...cells.keys()].filter((index) => columns.has(cells[index] ?? ""));
      out += `${kept.map((index) => cells[index]).join(",")}\n`;
    }
    yield out;
  }
  if (kept?.length !== 40) throw new Error(`The bench's file has ${kept?.length} columns, not 40`);
}

interface Cost {
  cpuS: number;
  memoryMb: number;
  wallS: number;
}

/** The process itself says what it used, as its last word. */
const lastWord =
  'process.on("exit",()=>{const u=process.resourceUsage();process.stderr.write(`${u.userCPUTime+u.systemCPUTime} ${u.maxRSS}`)})';

async function measure(csv: string, html: string): Promise<Cost> {
  const startMs = performance.now();
  const child = spawn(
    process.execPath,
    ["--import", `data:text/javascript,${lastWord}`, program, "--data-file", csv, "--output", html],
    { stdio: ["ignore", "inherit", "pipe"] },
  );
  let said = "";
  child.stderr.setEncoding("utf8").on("data", (text: string) => (said += text));
  const code = await new Promise<number | null>((done, fail) => {
    child.on("error", fail).on("close", done);
  });
  const wallS = (performance.now() - startMs) / 1000;
  const [cpuUs = Number.NaN, memoryKb = Number.NaN] = said.split(" ").map(Number);
  if (code !== 0 || Number.isNaN(memoryKb))
    throw new Error(`perf-report ended with ${code}: ${said}`);
  return { cpuS: cpuUs / 1e6, memoryMb: memoryKb / 1024, wallS };
}

async function report({
  csv,
  html,
  costs,
}: {
  csv: string;
  html: string;
  costs: Cost[];
}): Promise<void> {
  const page = await readFile(html);
  const cpuS = median(costs.map((cost) => cost.cpuS));
  const memoryMb = median(costs.map((cost) => cost.memoryMb));
  const htmlKb = page.length / 1000;
  const csvMb = (await stat(csv)).size / 1e6;
  console.log(
    `${rows} rows × 40 columns, ${csvMb.toFixed(1)} MB, to HTML; median of ${runs} processes`,
  );
  console.log(`CPU      ${cpuS.toFixed(2)} s (limit ${limits.cpuS} s)`);
  console.log(`elapsed  ${median(costs.map((cost) => cost.wallS)).toFixed(2)} s`);
  console.log(`memory   ${memoryMb.toFixed(0)} MB at most (limit ${limits.memoryMb} MB)`);
  console.log(
    `HTML     ${htmlKb.toFixed(0)} kB (limit ${limits.htmlKb} kB), gzipped ${(gzipSync(page).length / 1000).toFixed(0)} kB`,
  );
  const held = cpuS <= limits.cpuS && memoryMb <= limits.memoryMb && htmlKb <= limits.htmlKb;
  console.log(held ? "held" : "missed");
  if (!held) process.exitCode = 1;
}

function median(values: number[]): number {
  return values.toSorted((a, b) => a - b)[values.length >> 1] ?? Number.NaN;
}
