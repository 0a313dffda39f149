// Machines for tests: quiet unless a test says otherwise.
import { parseColumn, type MetricColumn } from "@perfanalysis/contract/columns";
import { parseBusinessHours } from "../capacity/calendar.ts";
import type { Samples } from "../data/samples.ts";
import type { Rule, RuleContext, Verdict } from "../findings/finding.ts";
import { createDataset, type Dataset } from "../statistics/dataset.ts";

/** A value by seconds since the start; NaN is a gap. */
export type Course = (secondS: number) => number;

export interface TestMachine {
  machineId?: string;
  /** Number of samples. */
  rows: number;
  intervalS?: number;
  startS?: number;
  /** Beyond, or instead of, those of `quiet`. A column set to null is left out. */
  columns?: Record<string, Course | null>;
}

export const testStartS = Date.UTC(2026, 2, 2) / 1000;
const gibibyte = 2 ** 30;

const quiet: Record<string, Course> = {
  cpu_user: (s) => 12 + wobble(s, 1),
  cpu_system: (s) => 4 + wobble(s, 2) / 4,
  cpu_iowait: (s) => 1 + wobble(s, 3) / 8,
  cpu_idle: (s) => 83 - wobble(s, 1) - wobble(s, 2) / 4 - wobble(s, 3) / 8,
  cpu0_idle: (s) => 83 - wobble(s, 1),
  cpu1_idle: (s) => 82 - wobble(s, 2),
  procs_running: (s) => 1 + Math.round(wobble(s, 4) / 4),
  load1: (s) => 0.6 + wobble(s, 5) / 20,
  mem_total: () => 16 * gibibyte,
  mem_free: (s) => 3 * gibibyte + wobble(s, 6) * 2 ** 20,
  mem_available: (s) => 9 * gibibyte + wobble(s, 7) * 2 ** 20,
  vm_swapin_pages: () => 0,
  vm_swapout_pages: () => 0,
  vm_major_faults: (s) => (wobble(s, 8) > 3.5 ? 2 : 0),
  disk_sda_read_bytes: (s) => 40_000 + 9000 * wobble(s, 9),
  disk_sda_write_bytes: (s) => 90_000 + 9000 * wobble(s, 10),
  disk_sda_busy: (s) => 5 + wobble(s, 11),
  disk_sda_queue: (s) => 0.1 + wobble(s, 12) / 50,
  disk_sda_await_ms: (s) => 1 + wobble(s, 13) / 10,
  net_eth0_rx_bytes: (s) => 200_000 + 20_000 * wobble(s, 14),
  net_eth0_tx_bytes: (s) => 300_000 + 20_000 * wobble(s, 15),
};

export function testSamples(machine: TestMachine): Samples {
  const { machineId = "web-01", rows, intervalS = 10, startS = testStartS, columns = {} } = machine;
  const courses = Object.entries({ ...quiet, ...columns }).flatMap(([name, course]) =>
    course === null ? [] : [{ column: known(name), course }],
  );
  return {
    machineId,
    columns: courses.map(({ column }) => column),
    timestampsS: Float64Array.from({ length: rows }, (_, row) => startS + row * intervalS),
    values: courses.map(({ course }) =>
      Float64Array.from({ length: rows }, (_, row) => course(row * intervalS)),
    ),
  };
}

export function testDataset(machine: TestMachine): Dataset {
  return createDataset(testSamples(machine));
}

/** What rules are told of a machine: data of grade A, and no device unless named. */
export function testContext(context: Partial<RuleContext> = {}): RuleContext {
  return {
    disks: [],
    interfaces: [],
    mounts: [],
    containers: [],
    grade: {
      grade: "A",
      checks: [],
      limits: [],
      forbids: { rightSizing: null, dailyProfile: null, trend: null },
    },
    cpuCount: 2,
    speeds: new Map(),
    doubtedSpeeds: new Map(),
    profile: {
      hours: parseBusinessHours("Mon-Fri 08:00-18:00"),
      timeZone: "UTC",
      resources: [],
      batchWindows: [],
      correlations: [],
    },
    ...context,
  };
}

/** What a rule says of a machine that is quiet but for these columns; an hour at 10 s unless said otherwise. */
export function judgeMachine(
  rule: Rule,
  columns: Record<string, Course | null>,
  { rows = 360, intervalS = 10, ...context }: Partial<TestMachine & RuleContext> = {},
): Verdict {
  return rule.judge(testDataset({ rows, intervalS, columns }), testContext(context));
}

/** In the CSV standard; a gap is an empty cell. */
export function toCsv({ machineId, columns, timestampsS, values }: Samples): string {
  const header = ["timestamp", "machine_id", ...columns.map(({ name }) => name)];
  const lines = Array.from(timestampsS, (time, row) => {
    const cells = values.map((column) => (Number.isNaN(column[row]) ? "" : String(column[row])));
    return [time, machineId, ...cells].join(",");
  });
  return `${[header.join(","), ...lines].join("\n")}\n`;
}

/** `high` from the minutes `from` to `to`, else `low`. */
export function during(
  from: number,
  to: number,
  { high, low }: { high: number; low: number },
): Course {
  return (s) => (s >= 60 * from && s < 60 * to ? high : low);
}

/** Between 0 and 4, never the same pattern for two seeds, always the same for one. */
function wobble(secondS: number, seed: number): number {
  const x = Math.sin(secondS * 12.9898 + seed * 78.233) * 43_758.5453;
  return 4 * (x - Math.floor(x));
}

function known(name: string): MetricColumn {
  const column = parseColumn(name);
  if (column === null) throw new RangeError(`Cannot make a test column: "${name}" is unknown`);
  return column;
}
