// Downsampling over HTTP: a day at 1 s, and 30 days from the rollups of minutes, to 500 buckets of minimum, mean and maximum.
import { firstDayS, generateMachineDay } from "./generate.ts";
import { median, percentile95, withPortal, type BenchPortal } from "./portal.ts";

const dayS = 86_400;
const days = 30;
/** Minutes cost the same whatever they were made of; every 10 s they still have minima, means and maxima that differ. */
const monthIntervalS = 10;
const daysPerUpload = 10;
const runs = 30;
const warmUps = 40;
const columns = ["cpu_user", "mem_available", "disk_sda_writes", "net_eth0_rx_bytes", "load1"];

interface Query {
  machineId: string;
  rangeS: number;
  resolution: "sample" | "minute";
  goalMs: number | null;
  /** Columns of one request. */
  width: number;
}

export async function run(): Promise<void> {
  await withPortal(async (portal) => {
    const day = generateMachineDay({ machineId: "day", rows: dayS });
    await portal.upload({ machineId: "day", csv: new Blob([...day]) });
    for (let first = 0; first < days; first += daysPerUpload) {
      const some = generateMachineDay({
        machineId: "month",
        rows: (daysPerUpload * dayS) / monthIntervalS,
        startS: firstDayS + first * dayS,
        intervalS: monthIntervalS,
        seed: first + 1,
      });
      await portal.upload({ machineId: "month", csv: new Blob([...some]) });
    }
    const oneDay = { machineId: "day", rangeS: dayS, resolution: "sample" } as const;
    const oneMonth = { machineId: "month", rangeS: days * dayS, resolution: "minute" } as const;
    await measure(portal, { ...oneDay, width: 1, goalMs: 30 });
    await measure(portal, { ...oneDay, width: columns.length, goalMs: null });
    await measure(portal, { ...oneMonth, width: 1, goalMs: 50 });
    await measure(portal, { ...oneMonth, width: columns.length, goalMs: null });
  });
}

async function measure(portal: BenchPortal, query: Query): Promise<void> {
  const times: number[] = [];
  // Not counted: code that is not compiled yet, and a connection that is not open yet.
  for (let turn = -warmUps; turn < runs; turn++) {
    const startMs = performance.now();
    await ask(portal, query, turn + warmUps);
    if (turn >= 0) times.push(performance.now() - startMs);
  }
  const { rangeS, width, resolution, goalMs } = query;
  const p95 = percentile95(times);
  const goal = goalMs === null ? "" : `; goal ≤ ${goalMs} ms: ${p95 <= goalMs ? "met" : "missed"}`;
  console.log(
    `${rangeS / 3600} h of ${width} column(s) from ${resolution}s, ${runs} runs: p50 ${median(times).toFixed(1)} ms, p95 ${p95.toFixed(1)} ms${goal}`,
  );
  if (goalMs !== null && p95 > goalMs) process.exitCode = 1;
}

/** Another column every time, so that no answer is the one before. */
async function ask(
  { url, headers }: BenchPortal,
  { machineId, rangeS, resolution, width }: Query,
  turn: number,
): Promise<void> {
  const asked = Array.from({ length: width }, (_, at) => columns[(turn + at) % columns.length]);
  const search = new URLSearchParams({
    metrics: asked.join(","),
    from: String(firstDayS),
    to: String(firstDayS + rangeS),
    points: "500",
  });
  const response = await fetch(`${url}/api/v1/machines/${machineId}/series?${search.toString()}`, {
    headers,
  });
  const body = await response.text();
  if (response.status !== 200) throw new Error(`Cannot read a series: ${body}`);
  const series: { resolution: string; time: number[]; series: { mean: (number | null)[] }[] } =
    JSON.parse(body);
  const filled = series.series.every(({ mean }) => mean.every((value) => value !== null));
  const enough = series.time.length > 450 && series.time.length <= 500;
  if (series.resolution !== resolution || !enough || !filled || series.series.length !== width) {
    throw new Error(`The series is not what was asked for: ${body.slice(0, 300)}`);
  }
}
