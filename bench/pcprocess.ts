// Samples a second that pcprocess converts to CSV: a day of our own format at 1 s, and perfcollector2's format of the same
// machine. The whole program with its start: the packaged one where `npm run package` has made it, and the checkout's.
import { spawnSync } from "node:child_process";
import { closeSync, mkdtempSync, openSync, rmSync, statSync, writeSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { findPackaged } from "./packaged.ts";

const limits = {
  packaged: { perS: 100_000, rawMbPerS: 40 },
  // It starts from its sources, and Node is slower here.
  checkout: { perS: 80_000, rawMbPerS: 30 },
};
const samples = 86_400;
const rawSamples = 4000;
const rounds = 3;
const root = join(import.meta.dirname, "..");
const devices = {
  cpu: ["cpu", "cpu0", "cpu1", "cpu2", "cpu3"],
  disk: ["sda", "nvme0n1"],
  interface: ["lo", "eth0"],
};

export async function run(): Promise<void> {
  const folder = mkdtempSync(join(tmpdir(), "bench-pcprocess-"));
  try {
    const capture = join(folder, "capture.json");
    writeFile(capture, generateCapture());
    const raw = join(folder, "collection.json");
    writeFile(raw, generateRaw());
    const packaged = findPackaged();
    if (packaged === "") console.log("packaged: not made yet; npm run package makes it");
    else compare("packaged", [packaged, "pcprocess"], { capture, raw, folder });
    const checkout = join(root, "node_modules/.bin/pcprocess");
    compare("checkout", [checkout], { capture, raw, folder });
  } finally {
    rmSync(folder, { recursive: true });
  }
  await Promise.resolve();
}

function compare(
  name: keyof typeof limits,
  command: string[],
  { capture, raw, folder }: { capture: string; raw: string; folder: string },
): void {
  const { perS } = measure(`${name}, ours`, command, { input: capture, samples, folder });
  const { mbPerS } = measure(`${name}, raw`, command, { input: raw, samples: rawSamples, folder });
  const limit = limits[name];
  const met = perS >= limit.perS && mbPerS >= limit.rawMbPerS;
  console.log(
    `limit ${limit.perS.toLocaleString("en")} samples/s of our format, ${limit.rawMbPerS} MB/s of perfcollector2's: ${met ? "met" : "missed"}`,
  );
  if (!met) process.exitCode = 1;
}

function measure(
  name: string,
  [program = "", ...first]: string[],
  { input, samples: count, folder }: { input: string; samples: number; folder: string },
): { perS: number; mbPerS: number } {
  const output = join(folder, "output.csv");
  const timesMs: number[] = [];
  for (let round = 0; round < rounds; round += 1) {
    rmSync(output, { force: true });
    const startMs = performance.now();
    const args = [
      ...first,
      "--input",
      input,
      "--output",
      output,
      "--machine-id",
      "bench-01",
      "--json",
    ];
    const { status, stdout, stderr } = spawnSync(program, args, {
      encoding: "utf8",
    });
    timesMs.push(performance.now() - startMs);
    if (status !== 0 || !stdout.includes(`"rows": ${count},`))
      throw new Error(`pcprocess failed: ${stderr}${stdout}`);
  }
  const bestS = Math.min(...timesMs) / 1000;
  const megabytes = statSync(input).size / 1e6;
  const perS = count / bestS;
  console.log(
    `${name.padEnd(17)} ${Math.round(perS).toLocaleString("en")} samples/s, ${(megabytes / bestS).toFixed(0)} MB/s: ${count.toLocaleString("en")} samples, ${megabytes.toFixed(0)} MB, ${bestS.toFixed(2)} s, best of ${rounds}`,
  );
  return { perS, mbPerS: megabytes / bestS };
}

function writeFile(path: string, pieces: Iterable<string>): void {
  const file = openSync(path, "w");
  let text = "";
  for (const piece of pieces) {
    text += piece;
    if (text.length < 1e6) continue;
    writeSync(file, text);
    text = "";
  }
  writeSync(file, text);
  closeSync(file);
}

const sources = [
  { name: "stat", fields: "intr ctxt btime processes procs_running procs_blocked" },
  {
    name: "cpu",
    per: "cpu",
    fields: "user nice system idle iowait irq softirq steal guest guest_nice",
  },
  { name: "loadavg", fields: "load1 load5 load15" },
  {
    name: "meminfo",
    fields:
      "MemTotal MemFree MemAvailable Buffers Cached Active Inactive SwapTotal SwapFree Dirty AnonPages Slab Committed_AS",
  },
  { name: "vmstat", fields: "pgpgin pgpgout pswpin pswpout pgfault pgmajfault oom_kill" },
  { name: "pressure/cpu", fields: "some_total_us full_total_us" },
  { name: "pressure/io", fields: "some_total_us full_total_us" },
  { name: "pressure/memory", fields: "some_total_us full_total_us" },
  {
    name: "diskstats",
    per: "disk",
    fields:
      "reads reads_merged read_sectors read_ms writes writes_merged write_sectors write_ms in_flight io_ms weighted_ms discards discards_merged discard_sectors discard_ms flushes flush_ms",
  },
  {
    name: "net/dev",
    per: "interface",
    fields:
      "rx_bytes rx_packets rx_errors rx_drops rx_fifo rx_frame rx_compressed rx_multicast tx_bytes tx_packets tx_errors tx_drops tx_fifo tx_collisions tx_carrier tx_compressed",
  },
] as const;

/** Counters of a machine with some work: seeded, so that every run measures the same bytes. */
class Machine {
  private state = 42;
  private readonly counters = new Map<string, number>();

  listStat(): number[] {
    const [interrupts, switches] = [this.grow("intr", 4000), this.grow("ctxt", 9000)];
    return [interrupts, switches, 1_748_000_000, this.grow("forks", 20), this.around(3), 0];
  }

  listCpu(name: string): number[] {
    return [60, 0, 20, 90, 5, 0, 3, 1, 0, 0].map((most, at) => this.grow(`${name}-${at}`, most));
  }

  listMemory(): number[] {
    const kib = [2e6, 8e6, 3e5, 4e6, 3e6, 4e6, 0, 0, 900, 3e6, 4e5, 7e6];
    return [16_000_000, ...kib.map((value) => this.around(value))];
  }

  listDisk(name: string): number[] {
    const most = [50, 5, 4000, 90, 120, 30, 9000, 300, 0, 400, 500, 0, 0, 0, 0, 9, 30];
    return most.map((growth, at) => this.grow(`${name}-${at}`, growth));
  }

  listInterface(name: string): number[] {
    const most = [90_000, 300, 0, 0, 0, 0, 0, 0, 80_000, 280, 0, 0, 0, 0, 0, 0];
    return most.map((growth, at) => this.grow(`${name}-${at}`, growth));
  }

  /** The counter after it grew by up to `most`. */
  grow(name: string, most: number): number {
    const value = (this.counters.get(name) ?? 1_000_000) + Math.floor(this.random() * (most + 1));
    this.counters.set(name, value);
    return value;
  }

  around(value: number): number {
    return Math.floor(value * (0.9 + 0.2 * this.random()));
  }

  /** Mulberry32. */
  private random(): number {
    this.state = (this.state + 0x6d2b79f5) | 0;
    let mixed = Math.imul(this.state ^ (this.state >>> 15), 1 | this.state);
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed;
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32;
  }
}

const startMs = Date.UTC(2025, 5, 2);

function* generateCapture(): Generator<string> {
  yield `${JSON.stringify({
    format: "perfanalysis-capture",
    version: 1,
    pcc: "0.1.0",
    host: "bench-01",
    machine_id: "bench-01",
    boot_id: null,
    interval_ms: 1000,
    clock_ticks: 100,
    devices,
    sources: sources.map((source) => ({ ...source, fields: source.fields.split(" ") })),
  })}\n`;
  const machine = new Machine();
  for (let sample = 0; sample < samples; sample += 1) {
    const t = startMs + sample * 1000 + machine.around(2);
    const m = 5e9 + sample * 1e6 + machine.around(2000);
    const s = [
      machine.listStat(),
      devices.cpu.map((name) => machine.listCpu(name)),
      [machine.around(150) / 100, machine.around(120) / 100, 1],
      machine.listMemory(),
      [2000, 9000, 0, 0, 20_000, 3, 0].map((most, at) => machine.grow(`vmstat${at}`, most)),
      ...["cpu", "io", "memory"].map((name) => [
        machine.grow(`${name}-some`, 90_000),
        machine.grow(`${name}-full`, 20_000),
      ]),
      devices.disk.map((name) => machine.listDisk(name)),
      devices.interface.map((name) => machine.listInterface(name)),
    ];
    yield `${JSON.stringify({ t, m, s })}\n`;
  }
}

function* generateRaw(): Generator<string> {
  const machine = new Machine();
  const memoryNames = sources[3].fields.split(" ");
  const headings = "Inter-|   Receive |  Transmit\n face |bytes packets|bytes packets\n";
  for (let sample = 0; sample < rawSamples; sample += 1) {
    const timestamp = startMs / 1000 + sample;
    const [intr = 0, ctxt = 0, btime = 0, processes = 0] = machine.listStat();
    const cpus = devices.cpu.map((name) => `${name} ${machine.listCpu(name).join(" ")}`);
    // Most of a real file are interrupts and lines that nobody wants.
    const stat = `${cpus.join("\n")}\nintr ${intr}${" 0".repeat(300)}\nctxt ${ctxt}\nbtime ${btime}\nprocesses ${processes}\n`;
    const memory = machine.listMemory().map((kib, at) => `${memoryNames[at] ?? ""}: ${kib} kB`);
    const other = Array.from({ length: 40 }, (_, at) => `Other${at}: 0 kB`);
    const disks = devices.disk.map((name) => `   8 0 ${name} ${machine.listDisk(name).join(" ")}`);
    const interfaces = devices.interface.map(
      (name) => `${name}: ${machine.listInterface(name).join(" ")}`,
    );
    const files = {
      "/proc/stat": stat,
      "/proc/meminfo": `${[...memory, ...other].join("\n")}\n`,
      "/proc/net/dev": `${headings}${interfaces.join("\n")}\n`,
      "/proc/diskstats": `${disks.join("\n")}\n`,
    };
    for (const [subsystem, measurement] of Object.entries(files)) {
      yield `${JSON.stringify({ timestamp, subsystem, measurement })}\n`;
    }
  }
}
