// A machine's day in the CSV standard: seeded, so that every run measures the same bytes. A web server with daily load, bursts,
// a nightly backup, two disks, two networks, counters that mostly stay 0, and now and then a gap. As on real machines, CPU time
// comes in ticks of the kernel, and memory follows the load slowly, by some pages a second.

export interface MachineDayOptions {
  machineId: string;
  rows: number;
  /** Unix seconds of the first row. */
  startS?: number;
  /** Seconds between rows. */
  intervalS?: number;
  seed?: number;
}

export const firstDayS = Date.UTC(2025, 5, 2) / 1000;

const disks = ["sda", "nvme0n1"];
const interfaces = ["eth0", "eth1"];
const cpus = ["cpu0", "cpu1"];

const columns = [
  ...["user", "nice", "system", "idle", "iowait", "irq", "softirq", "steal", "guest"].map(
    (mode) => `cpu_${mode}`,
  ),
  ..."load1,load5,load15,procs_running,procs_blocked,context_switches,interrupts,forks".split(","),
  ..."total,free,available,used,buffers,cached,slab,dirty,anonymous,committed"
    .split(",")
    .map((field) => `mem_${field}`),
  "swap_total",
  "swap_free",
  ..."pgin_bytes,pgout_bytes,swapin_pages,swapout_pages,faults,major_faults,oom_kills"
    .split(",")
    .map((field) => `vm_${field}`),
  ...["cpu", "io", "memory"].flatMap((resource) => [
    `psi_${resource}_some`,
    `psi_${resource}_full`,
  ]),
  ...cpus.flatMap((cpu) => ["user", "system", "idle"].map((mode) => `${cpu}_${mode}`)),
  ...disks.flatMap((disk) =>
    "reads,writes,read_bytes,write_bytes,discards,await_ms,queue,busy"
      .split(",")
      .map((field) => `disk_${disk}_${field}`),
  ),
  ...interfaces.flatMap((name) =>
    "rx_bytes,tx_bytes,rx_packets,tx_packets,rx_errors,tx_errors,rx_drops,tx_drops"
      .split(",")
      .map((field) => `net_${name}_${field}`),
  ),
];

/** Values of a row; the upload has 80. */
export const valuesPerRow = columns.length;

const dayS = 86_400;
const rowsPerChunk = 1_000;
const memoryBytes = 16 * 2 ** 30;
const swapBytes = 2 * 2 ** 30;
const pageBytes = 4096;
/** File systems read and write whole blocks. */
const blockBytes = 4096;

/** The file in pieces: the header, then some thousand rows at a time. */
export function* generateMachineDay({
  machineId,
  rows,
  startS = firstDayS,
  intervalS = 1,
  seed = 1,
}: MachineDayOptions): Generator<string> {
  const nextCells = createMachine(createRandom(seed));
  let text = `timestamp,machine_id,${columns.join(",")}\n`;
  for (let row = 0; row < rows; row++) {
    const timeS = startS + row * intervalS;
    text += `${timeS},${machineId},${nextCells(timeS).join(",")}\n`;
    if ((row + 1) % rowsPerChunk === 0) {
      yield text;
      text = "";
    }
  }
  if (text !== "") yield text;
}

interface Random {
  /** 0 up to 1. */
  uniform(): number;
  /** Mean 0, deviation 1. */
  normal(): number;
}

/** Mulberry32. */
function createRandom(seed: number): Random {
  let state = seed >>> 0;
  const uniform = (): number => {
    state = (state + 0x6d2b79f5) | 0;
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state);
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed;
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32;
  };
  const normal = (): number =>
    Math.sqrt(-2 * Math.log(1 - uniform())) * Math.cos(2 * Math.PI * uniform());
  return { uniform, normal };
}

/** Cells of one second after the other, in the order of `columns`; an empty one is a gap. */
function createMachine(random: Random): (timeS: number) => (number | "")[] {
  const loads = { load1: 1, load5: 1, load15: 1 };
  let burst = 0;
  let burstLeftS = 0;
  let drift = 0;
  let settled = 0.3;
  let heapBytes = 0;
  let buffersBytes = 1.8e8;
  let cachedBytes = memoryBytes * 0.35;
  let dirtyBytes = 4e6;
  let swapUsedBytes = 0;
  return (timeS) => {
    const hour = (timeS % dayS) / 3600;
    const isBackup = hour >= 2 && hour < 2.5;
    if (burstLeftS > 0) burstLeftS--;
    else burst *= 0.8;
    if (burstLeftS === 0 && random.uniform() < 0.0006) {
      burstLeftS = 20 + Math.floor(300 * random.uniform());
      burst = 0.2 + 0.6 * random.uniform();
    }
    drift = 0.995 * drift + 0.006 * random.normal();
    const daily = 0.18 + 0.16 * (1 + Math.sin(2 * Math.PI * (hour / 24 - 0.3)));
    const busy = clamp(daily + burst + drift + 0.03 * random.normal(), 0.01, 0.98);
    const cpu = cpuCells(random, { busy, isBackup });
    const waiting = cpu.iowait / 100;
    const active = busy * 4 + waiting * 4;
    loads.load1 += (active - loads.load1) / 60;
    loads.load5 += (active - loads.load5) / 300;
    loads.load15 += (active - loads.load15) / 900;
    settled += (busy - settled) / 300;
    if (random.uniform() < 0.3) heapBytes = 0.99 * heapBytes + 1e6 * random.normal();
    if (random.uniform() < 0.05) buffersBytes += 2e4 * random.uniform();
    if (isBackup || random.uniform() < 0.3)
      cachedBytes = clamp(
        cachedBytes + 2e5 * random.normal() + (isBackup ? 4e6 : -2e5),
        memoryBytes * 0.2,
        memoryBytes * 0.45,
      );
    dirtyBytes = clamp(dirtyBytes * 0.97 + 4e6 * busy * random.uniform(), 0, 4e8);
    if (random.uniform() < 0.0005)
      swapUsedBytes = clamp(swapUsedBytes + 2e7 * random.normal(), 0, swapBytes);
    return [
      ...Object.values(cpu),
      ...Object.values(loads).map(hundredths),
      count(active * 0.6) + 1,
      count(waiting * 12),
      count(9_000 + 60_000 * busy + 900 * random.normal()),
      count(5_000 + 30_000 * busy + 500 * random.normal()),
      count(3 + 20 * busy + 2 * random.normal()),
      ...memoryCells({
        settled,
        heapBytes,
        buffersBytes,
        cachedBytes,
        dirtyBytes,
        swapUsedBytes,
      }),
      ...pagingCells(random, { busy, isBackup }),
      ...pressureCells(random, { busy, waiting }),
      ...cpus.flatMap(() => {
        const ticks = passedTicks(random, 1);
        const user = count(0.01 * ticks * cpu.user * (0.9 + 0.2 * random.uniform()));
        const system = count(0.01 * ticks * cpu.system * (0.9 + 0.2 * random.uniform()));
        const idle = clamp(count(ticks - user - system), 0, ticks);
        return [user, system, idle].map((own) => hundredths((100 * own) / ticks));
      }),
      ...disks.flatMap((_, index) =>
        diskCells(random, {
          busy,
          factor: (isBackup ? 9 : 1) * (index === 0 ? 0.5 : 1.6) * (1 + 4 * burst),
        }),
      ),
      ...interfaces.flatMap((_, index) =>
        networkCells(random, { busy, factor: index === 0 ? 1 : 0.12 }),
      ),
    ];
  };
}

function cpuCells(random: Random, { busy, isBackup }: { busy: number; isBackup: boolean }) {
  const ticks = passedTicks(random, cpus.length);
  const share = (part: number) => Math.min(ticks, count(ticks * part));
  const iowait = clamp((isBackup ? 0.09 : 0.008) + 0.01 * Math.abs(random.normal()), 0, 1 - busy);
  const cells = {
    user: share(0.72 * busy),
    nice: 0,
    system: share(0.21 * busy),
    idle: 0,
    iowait: share(iowait),
    irq: 0,
    softirq: share(0.06 * busy * random.uniform()),
    steal: random.uniform() < 0.02 ? share(0.03 * random.uniform()) : 0,
    guest: 0,
  };
  const used = cells.user + cells.system + cells.iowait + cells.softirq + cells.steal;
  cells.idle = Math.max(0, ticks - used);
  const percent = (part: number) => hundredths((100 * part) / ticks);
  return {
    user: percent(cells.user),
    nice: 0,
    system: percent(cells.system),
    idle: percent(cells.idle),
    iowait: percent(cells.iowait),
    irq: 0,
    softirq: percent(cells.softirq),
    steal: percent(cells.steal),
    guest: 0,
  };
}

/** The kernel counts CPU time in hundredths of a second, and a sample is never exactly a second after the one before. */
function passedTicks(random: Random, cpuCount: number): number {
  const chance = random.uniform();
  return 100 * cpuCount + (chance < 0.1 ? -1 : chance < 0.8 ? 0 : 1);
}

interface Memory {
  settled: number;
  heapBytes: number;
  buffersBytes: number;
  cachedBytes: number;
  dirtyBytes: number;
  swapUsedBytes: number;
}

function memoryCells(memory: Memory): number[] {
  const anonymous = memoryBytes * (0.28 + 0.2 * memory.settled) + memory.heapBytes;
  const free = clamp(memoryBytes - anonymous - memory.cachedBytes - 1e9, 2e8, memoryBytes);
  const available = clamp(free + 0.85 * memory.cachedBytes, 0, memoryBytes);
  return [
    memoryBytes,
    pages(free),
    pages(available),
    memoryBytes - pages(available),
    pages(memory.buffersBytes),
    pages(memory.cachedBytes),
    pages(6e8 + 2e6 * memory.settled),
    pages(memory.dirtyBytes),
    pages(anonymous),
    pages(1.4 * anonymous),
    swapBytes,
    swapBytes - pages(memory.swapUsedBytes),
  ];
}

function pagingCells(
  random: Random,
  { busy, isBackup }: { busy: number; isBackup: boolean },
): number[] {
  const isSwapping = random.uniform() < 0.002;
  return [
    blockBytes * count((isBackup ? 10_000 : 75) * busy * random.uniform()),
    blockBytes * count(500 * busy * random.uniform()),
    isSwapping ? count(40 * random.uniform()) : 0,
    isSwapping ? count(200 * random.uniform()) : 0,
    count(2_000 + 9_000 * busy + 400 * random.normal()),
    random.uniform() < 0.01 ? count(6 * random.uniform()) : 0,
    0,
  ];
}

function pressureCells(
  random: Random,
  { busy, waiting }: { busy: number; waiting: number },
): number[] {
  const cpu = busy > 0.6 ? 40 * (busy - 0.6) * random.uniform() : 0;
  const io = 60 * waiting * random.uniform();
  return [hundredths(cpu), 0, hundredths(io), hundredths(0.7 * io), 0, 0];
}

function diskCells(
  random: Random,
  { busy, factor }: { busy: number; factor: number },
): (number | "")[] {
  const reads = count(30 * factor * busy * (1 + 0.5 * random.normal()));
  const writes = count(50 * factor * busy * (1 + 0.4 * random.normal()));
  const requests = reads + writes;
  const awaitMs = 0.3 + 0.2 * Math.abs(random.normal());
  return [
    reads,
    writes,
    reads * blockBytes * count(2 + 7 * random.uniform()),
    writes * blockBytes * count(1 + 5 * random.uniform()),
    random.uniform() < 0.01 ? count(20 * random.uniform()) : 0,
    // Without a request there is no time that one took.
    requests === 0 ? "" : hundredths(awaitMs),
    hundredths((requests * awaitMs) / 1000),
    hundredths(clamp(requests * 0.02, 0, 100)),
  ];
}

function networkCells(
  random: Random,
  { busy, factor }: { busy: number; factor: number },
): number[] {
  const received = count(factor * 3.2e6 * busy * (1 + 0.3 * random.normal()));
  const sent = count(factor * 9.1e6 * busy * (1 + 0.3 * random.normal()));
  return [
    received,
    sent,
    count(received / 870),
    count(sent / 910),
    0,
    0,
    random.uniform() < 0.001 ? 1 : 0,
    0,
  ];
}

function clamp(value: number, least: number, most: number): number {
  return Math.min(most, Math.max(least, value));
}

function hundredths(value: number): number {
  return Math.round(value * 100) / 100;
}

function count(value: number): number {
  return Math.max(0, Math.round(value));
}

function pages(bytes: number): number {
  return pageBytes * count(bytes / pageBytes);
}
