// The file of the report's bench, and of its peer in R: 40 columns of a busy machine at 1 s, with a backup each night, bursts,
// and a few of each fault that files have. Always the same for the same number of rows and machine.
const disks = ["sda", "sdb", "nvme0n1"];
const interfaces = ["eth0", "eth1"];
const memoryBytes = 64 * 2 ** 30;
const startS = Date.UTC(2026, 2, 2) / 1000;
const pieceRows = 1000;

const columns = [
  "timestamp,machine_id,cpu_user,cpu_system,cpu_idle,cpu_iowait,cpu_steal,mem_total,mem_free,mem_available,mem_cached",
  "load1,load5,load15",
  ...disks.map((disk) =>
    ["reads", "read_bytes", "writes", "write_bytes"].map((field) => `disk_${disk}_${field}`).join(),
  ),
  ...interfaces.map((name) =>
    ["rx_bytes", "tx_bytes", "rx_packets", "tx_packets"]
      .map((field) => `net_${name}_${field}`)
      .join(),
  ),
  "ctx_switches,interrupts,procs_running,procs_blocked,swap_used,tcp_established",
].join();

export function* generateFortyColumns(rows: number, machineId = "node-01"): Generator<string> {
  const random = createRandom(42);
  const normal = (): number =>
    Math.sqrt(-2 * Math.log(1 - random())) * Math.cos(2 * Math.PI * random());
  const row = createMachine(random, normal);
  let timeS = startS;
  let text = `${columns}\n`;
  for (let index = 0; index < rows; index++) {
    const time = new Date(timeS * 1000).toISOString().slice(0, 19);
    const cells = [`${time}Z`, machineId, ...row(timeS)];
    const fault = random();
    if (fault < 0.0004) cells[2 + Math.floor(random() * 38)] = "";
    else if (fault < 0.000_43) cells[2] = "150.00";
    else if (fault < 0.000_46) cells[11] = "NaN";
    else if (fault < 0.000_49) cells[14] = String(-Math.floor(random() * 50));
    text += `${cells.join()}\n`;
    if (index % pieceRows === pieceRows - 1) {
      yield text;
      text = "";
    }
    timeS += random() < 0.000_08 ? 6 + Math.floor(random() * 900) : 1;
  }
  yield text;
}

/** Cells behind the machine's name, second by second. */
function createMachine(
  random: () => number,
  normal: () => number,
): (timeS: number) => (string | number)[] {
  const load = [1, 1, 1];
  let [burst, burstS, slow, cached, swap, connections] = [0, 0, 0, 20 * 2 ** 30, 0, 300];
  return (timeS) => {
    const dayShare = (timeS % 86_400) / 86_400;
    const isBackup = timeS % 86_400 >= 7200 && timeS % 86_400 < 9000;
    if (burstS <= 0 && random() < 0.0006) {
      burstS = 20 + Math.floor(random() * 300);
      burst = 0.2 + 0.6 * random();
    }
    if (burstS > 0) burstS--;
    else burst *= 0.8;
    slow = slow * 0.995 + normal() * 0.006;
    const base = 0.18 + 0.16 * (1 + Math.sin((dayShare - 0.3) * 2 * Math.PI));
    const busy = Math.min(0.995, Math.max(0.01, base + burst + slow + normal() * 0.03));
    const usual = (isBackup ? 0.09 : 0.008) + burst * 0.05 + Math.abs(normal()) * 0.01;
    const wait = Math.min(1 - busy, usual);
    const steal = Math.min(1 - busy - wait, random() * (random() < 0.01 ? 0.06 : 0.004));
    const shares = [busy * 0.78, busy * 0.22, 1 - busy - wait - steal, wait, steal];
    const active = busy * 16 + wait * 20;
    for (const [index, seconds] of [60, 300, 900].entries()) {
      load[index] = (load[index] ?? 0) + (active - (load[index] ?? 0)) / seconds;
    }
    cached = Math.min(34 * 2 ** 30, Math.max(8 * 2 ** 30, cached + normal() * 3e6));
    const used = memoryBytes * (0.28 + 0.22 * busy + 0.01 * slow);
    const free = Math.max(2e8, memoryBytes - used - cached);
    if (random() < 0.001) swap = Math.max(0, swap + Math.floor(normal() * 5e7));
    connections = Math.max(10, Math.round(connections * 0.98 + (120 + 900 * busy) * 0.02));
    const pages = (bytes: number): number => Math.round(bytes / 4096) * 4096;
    const diskCells = disks.flatMap((_, index) => {
      const weight = (0.4 + index / 2) * (isBackup && index < 2 ? 9 : 1) * (1 + 4 * burst) * busy;
      const reads = Math.max(0, Math.round(40 * weight * (1 + 0.5 * normal())));
      const writes = Math.max(0, Math.round(70 * weight * (1 + 0.4 * normal())));
      const bytes = (requests: number): number => requests * 512 * Math.round(10 + 50 * random());
      return [reads, bytes(reads), writes, bytes(writes)];
    });
    const networkCells = interfaces.flatMap((_, index) => {
      const weight = (index === 0 ? 1 : 0.12) * busy;
      const rx = Math.max(0, Math.round(weight * 3.2e7 * (1 + 0.3 * normal())));
      const tx = Math.max(0, Math.round(weight * 5.1e7 * (1 + 0.3 * normal())));
      return [rx, tx, Math.round(rx / 870), Math.round(tx / 910)];
    });
    return [
      ...shares.map((share) => (100 * share).toFixed(2)),
      memoryBytes,
      pages(free),
      pages(Math.min(memoryBytes, free + cached * 0.85)),
      pages(cached),
      ...load.map((value) => value.toFixed(2)),
      ...diskCells,
      ...networkCells,
      Math.round(9000 + 60_000 * busy + 900 * Math.abs(normal())),
      Math.round(5000 + 30_000 * busy + 500 * Math.abs(normal())),
      Math.max(1, Math.round(active * 0.6)),
      Math.round(wait * 25),
      swap,
      connections,
    ];
  };
}

/** mulberry32: 0 to 1, the same for the same seed. */
function createRandom(seed: number): () => number {
  let state = seed;
  return () => {
    state = (state + 0x6d2b79f5) | 0;
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state);
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed;
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32;
  };
}
