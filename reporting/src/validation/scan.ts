// One pass over each column, in which everything is gathered that checks of samples need: a column is read once, and what they
// keep is a byte or four a row, however many columns there are.
import { parseColumn } from "@perfanalysis/contract/columns";
import type { Metric } from "@perfanalysis/contract/metrics";
import type { Dataset, Measure } from "../statistics/dataset.ts";
import type { Summary } from "../statistics/summary.ts";

export interface Scan {
  /** Those with at least one value. */
  columns: ColumnScan[];
  /** By row: 1 where some column differs from the row before. The first row differs. */
  differs: Uint8Array;
  /** By row: 1 where some column holds a value. */
  held: Uint8Array;
  /**
   * By source of the kernel, and row: 1 where one of its rates holds a value. Only sources with several rates, of each of
   * which some are missing: any other never lost all of them at once.
   */
  rates: ReadonlyMap<string, Uint8Array>;
  /** By row: sum of the modes that make up all CPU time, NaN where one is missing; null where the data does not have all of them. */
  cpuSums: Float32Array | null;
  /** By row: CPUs of which the idle time is known; null where it is known of each in every row, or of none. */
  cpuCounts: Uint16Array | null;
}

export interface ColumnScan {
  measure: Measure;
  metric: Metric;
  summary: Summary;
  /** Pairs of neighbouring rows that both hold a value. */
  steps: number;
  /** Of these, those that differ, and those that rise. */
  changes: number;
  rises: number;
  /** The longest stretch of one and the same value, but for 0 and for the metric's maximum, at which idle and full machines stay. */
  longestRun: { row: number; length: number };
}

/** Parts of all CPU time; guest time is within user and nice. */
const cpuModes = ["user", "nice", "system", "idle", "iowait", "irq", "softirq", "steal"].map(
  (mode) => `cpu_${mode}`,
);

export function scanSamples(dataset: Dataset): Scan {
  const rowCount = dataset.timestampsS.length;
  const measured = dataset.columns.flatMap((measure) => {
    const metric = parseColumn(measure.name)?.metric;
    const summary = dataset.summary(measure);
    return metric === undefined || summary.count === 0 ? [] : [{ measure, metric, summary }];
  });
  const differs = new Uint8Array(rowCount);
  differs[0] = 1;
  const someFull = measured.some(({ summary }) => summary.count === rowCount);
  const held = new Uint8Array(rowCount).fill(someFull ? 1 : 0);
  const rates = findGappyRates(measured, rowCount);
  const hasAllModes = cpuModes.every((mode) =>
    measured.some(({ measure }) => measure.name === mode),
  );
  const cpuSums = hasAllModes ? new Float32Array(rowCount) : null;
  const perCpu = measured.filter(({ measure }) => /^cpu\d+_idle$/.test(measure.name));
  const cpuCounts = perCpu.some(({ summary }) => summary.count < rowCount)
    ? new Uint16Array(rowCount)
    : null;

  const columns = measured.map(({ measure, metric, summary }): ColumnScan => {
    const { values } = measure;
    if (!someFull) markPresent(values, held);
    const ofSource = metric.kind === "rate" ? rates.get(metric.source) : undefined;
    if (ofSource !== undefined) markPresent(values, ofSource);
    if (cpuSums !== null && cpuModes.includes(measure.name)) add(values, cpuSums);
    if (cpuCounts !== null && perCpu.some((one) => one.measure === measure)) {
      countPresent(values, cpuCounts);
    }
    return { measure, metric, summary, ...scanChanges(values, { summary, metric, differs }) };
  });
  return { columns, differs, held, rates, cpuSums, cpuCounts };
}

function findGappyRates(
  columns: readonly Pick<ColumnScan, "metric" | "summary">[],
  rowCount: number,
): Map<string, Uint8Array> {
  const bySource = Map.groupBy(
    columns.filter(({ metric }) => metric.kind === "rate"),
    ({ metric }) => metric.source,
  );
  const gappy = [...bySource].filter(
    ([, ofOne]) => ofOne.length > 1 && ofOne.every(({ summary }) => summary.count < rowCount),
  );
  return new Map(gappy.map(([source]) => [source, new Uint8Array(rowCount)]));
}

function markPresent(values: Float64Array, marks: Uint8Array): void {
  for (let row = 0; row < values.length; row++) {
    const value = values[row] ?? NaN;
    if (value === value) marks[row] = 1;
  }
}

function countPresent(values: Float64Array, counts: Uint16Array): void {
  for (let row = 0; row < values.length; row++) {
    const value = values[row] ?? NaN;
    if (value === value) counts[row] = (counts[row] ?? 0) + 1;
  }
}

function add(values: Float64Array, sums: Float32Array): void {
  for (let row = 0; row < values.length; row++) {
    sums[row] = (sums[row] ?? NaN) + (values[row] ?? NaN);
  }
}

type Changes = Pick<ColumnScan, "steps" | "changes" | "rises" | "longestRun">;

function scanChanges(
  values: Float64Array,
  { summary, metric, differs }: { summary: Summary; metric: Metric; differs: Uint8Array },
): Changes {
  const length = values.length;
  // Of a column without gaps that never changes there is nothing to mark.
  if (summary.min === summary.max && summary.count === length) {
    const isBound = summary.min === 0 || summary.min === metric.max;
    const longestRun = { row: 0, length: isBound ? 0 : length };
    return { steps: length - 1, changes: 0, rises: 0, longestRun };
  }
  let [steps, changes, rises] = [0, 0, 0];
  let [longestRow, longest, start] = [0, 0, 0];
  let before = values[0] ?? NaN;
  for (let row = 1; row <= length; row++) {
    const value = values[row] ?? NaN;
    if (value === before) {
      steps++;
      continue;
    }
    // Here a run ends, of one value or more; a gap is a run of its own, and never the longest.
    if (row - start > longest && before === before && before !== 0 && before !== metric.max) {
      longest = row - start;
      longestRow = start;
    }
    start = row;
    if (row === length) break;
    if (value === value) {
      differs[row] = 1;
      if (before === before) {
        steps++;
        changes++;
        if (value > before) rises++;
      }
    } else if (before === before) {
      differs[row] = 1;
    }
    before = value;
  }
  return { steps, changes, rises, longestRun: { row: longestRow, length: longest } };
}
