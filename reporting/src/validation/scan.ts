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
   * By source of the kernel, and row: 1 where one of its rates holds a value. Only sources with several rates, none of which
   * is there throughout: any other never lost all of them at once.
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
  /** Null where a look at every 30th value shows that the column neither stays for 60 samples nor only rises. */
  changes: Changes | null;
}

export interface Changes {
  /** Pairs of neighbouring rows that both hold a value. */
  steps: number;
  /** Of these, those that differ, and those that rise. */
  changes: number;
  rises: number;
  /** The longest stretch of one and the same value at which machines do not rest. */
  longestRun: { row: number; length: number };
}

/** Parts of all CPU time; guest time is within user and nice. */
const cpuModes = ["user", "nice", "system", "idle", "iowait", "irq", "softirq", "steal"].map(
  (mode) => `cpu_${mode}`,
);

export function scanSamples(dataset: Dataset): Scan {
  const rowCount = dataset.timestampsS.length;
  const differs = new Uint8Array(rowCount);
  differs[0] = 1;
  const held = new Uint8Array(rowCount);
  const columns: ColumnScan[] = [];
  const rates = createRates(rowCount);
  const cpuSums = createSums(rowCount);
  const cpuCounts = createCounts(rowCount);
  let undiffering = rowCount - 1;
  let unheld = rowCount;
  dataset.eachColumn((measure, values, summary) => {
    const metric = parseColumn(measure.name)?.metric;
    if (metric === undefined) return;
    const isFull = summary.count === rowCount;
    if (unheld > 0) unheld -= markPresent(values, held);
    if (undiffering > 0) undiffering -= markDifferences(values, differs);
    if (metric.kind === "rate") rates.add(metric.source, values, isFull);
    if (cpuModes.includes(measure.name)) cpuSums.add(values);
    if (/^cpu\d+_idle$/.test(measure.name)) cpuCounts.add(values, isFull);
    const rest = restOf(metric, summary);
    const isSuspect = looksStuck(values, rest) || onlyRises(values);
    const changes = isSuspect ? countChanges(values, rest) : null;
    columns.push({ measure, metric, summary, changes });
  });
  return {
    columns,
    differs,
    held,
    rates: rates.finish(),
    cpuSums: cpuSums.finish(),
    cpuCounts: cpuCounts.finish(),
  };
}

function createRates(rowCount: number) {
  const sources = new Map<string, { present: Uint8Array; columns: number; missing: number }>();
  return {
    add(source: string, values: Float64Array, isFull: boolean): void {
      const known = sources.get(source);
      const { present = new Uint8Array(rowCount), columns = 0 } = known ?? {};
      let missing = isFull ? 0 : (known?.missing ?? rowCount);
      if (missing > 0) missing -= markPresent(values, present);
      sources.set(source, { present, columns: columns + 1, missing });
    },
    finish(): ReadonlyMap<string, Uint8Array> {
      const gappy = [...sources].filter(([, { columns, missing }]) => columns > 1 && missing > 0);
      return new Map(gappy.map(([source, { present }]) => [source, present]));
    },
  };
}

function createSums(rowCount: number) {
  const sums = new Float32Array(rowCount);
  let columns = 0;
  return {
    add(values: Float64Array): void {
      columns++;
      for (let row = 0; row < values.length; row++) {
        sums[row] = (sums[row] ?? NaN) + (values[row] ?? NaN);
      }
    },
    finish: (): Float32Array | null => (columns === cpuModes.length ? sums : null),
  };
}

function createCounts(rowCount: number) {
  const counts = new Uint16Array(rowCount);
  let full = 0;
  let gappy = 0;
  return {
    add(values: Float64Array, isFull: boolean): void {
      if (isFull) {
        full++;
        return;
      }
      gappy++;
      for (let row = 0; row < values.length; row++) {
        const value = values[row] ?? NaN;
        if (value === value) counts[row] = (counts[row] ?? 0) + 1;
      }
    },
    finish: (): Uint16Array | null => (gappy === 0 ? null : counts.map((count) => count + full)),
  };
}

/** How many rows it marked that were not. */
function markPresent(values: Float64Array, marks: Uint8Array): number {
  let marked = 0;
  for (let row = 0; row < values.length; row++) {
    const value = values[row] ?? NaN;
    if (value === value && marks[row] === 0) {
      marks[row] = 1;
      marked++;
    }
  }
  return marked;
}

/** The same, of rows that differ from the one before. */
function markDifferences(values: Float64Array, differs: Uint8Array): number {
  let marked = 0;
  let before = values[0] ?? NaN;
  for (let row = 1; row < values.length; row++) {
    const value = values[row] ?? NaN;
    // A gap equals the gap before it.
    if (value !== before && (value === value || before === before) && differs[row] === 0) {
      differs[row] = 1;
      marked++;
    }
    before = value;
  }
  return marked;
}

/** Values at which a column may stay as long as it will: those of an idle machine, and of a full one. */
interface Rest {
  upTo: number;
  from: number;
}

/** An idle machine's rates are small and, counted in ticks of the kernel, often the same. */
function restOf({ kind, max }: Metric, { p99 }: Summary): Rest {
  return { upTo: kind === "rate" ? 0.1 * p99 : 0, from: max === null ? Infinity : 0.95 * max };
}

const stride = 30;

/**
 * Whether two neighbours of every 30th value are the same, and some between them, which chance rarely makes so: of a stretch of
 * 60 values there are two such at least.
 */
function looksStuck(values: Float64Array, { upTo, from }: Rest): boolean {
  for (let row = stride; row < values.length; row += stride) {
    const value = values[row] ?? NaN;
    if (value !== values[row - stride] || !(value > upTo && value < from)) continue;
    if (staysFor(values, row)) return true;
  }
  return false;
}

/** Whether some of the values of a stride before the row are that of the row. Apart, since what a closure uses costs room at each row. */
function staysFor(values: Float64Array, row: number): boolean {
  return between.every((distance) => values[row - distance] === values[row]);
}

const between = [1, 5, 11, 14, 18, 23, 29];

function onlyRises(values: Float64Array): boolean {
  let rises = 0;
  for (let row = stride; row < values.length; row += stride) {
    const [before = NaN, value = NaN] = [values[row - stride], values[row]];
    if (value < before) return false;
    if (value > before) rises++;
  }
  return rises > 0;
}

function countChanges(values: Float64Array, { upTo, from }: Rest): Changes {
  let [rests, changes, rises] = [0, 0, 0];
  let [longestRow, longest, start] = [0, 0, 0];
  let before = values[0] ?? NaN;
  for (let row = 1; row <= values.length; row++) {
    // Behind the last value the last run ends. A look beyond the end would cost room at each row.
    const value = row < values.length ? (values[row] ?? NaN) : NaN;
    if (value === before) {
      rests++;
      continue;
    }
    // Here a run ends, of one value or more; a gap is a run of its own, and never the longest.
    if (row - start > longest && before > upTo && before < from) {
      longest = row - start;
      longestRow = start;
    }
    start = row;
    if (value === value && before === before) {
      changes++;
      if (value > before) rises++;
    }
    before = value;
  }
  const longestRun = { row: longestRow, length: longest };
  return { steps: rests + changes, changes, rises, longestRun };
}
