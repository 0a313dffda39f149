// The header of the CSV standard: which cell of a row is what, older names included.
import {
  columnName,
  deviceOfSums,
  parseColumn,
  requiredColumns,
  type MetricColumn,
} from "../columns.ts";
import { metrics } from "../metrics.ts";
import { renderText } from "./cells.ts";
import type { FaultList } from "./faults.ts";

/** What a cell is. */
export const skipped = 0;
export const measured = 1;
export const timestamp = 2;
export const machine = 3;

/** How to read a row; one entry a cell. */
export interface RowPlan {
  kinds: Uint8Array;
  /** Header cells as they stand in the file. */
  names: string[];
  /** Largest value before scaling that is let through. */
  limits: Float64Array;
  /** Cell × scale = the metric's unit. */
  scales: Float64Array;
  /** The metric columns in the file's order. */
  columns: MetricColumn[];
  /** Header cells that the CSV standard does not know. Their cells are not read. */
  unknownColumns: string[];
}

export const maxColumns = 4096;
const headerLine = 1;
/** In the metric's unit. No 64-bit counter reaches it in any of them, and sums of such values stay finite. */
const endOfQuantities = 1e24;
/** Rounding can push a share of the interval a little above the whole. */
const percentTolerance = 0.5;

/** Columns of perfcollector2 and of other tools that mean the same as ours. */
const olderNames = new Map([
  ["ctx_switches", "context_switches"],
  ["ctxt", "context_switches"],
  ["intr", "interrupts"],
  ["load_1", "load1"],
  ["load_5", "load5"],
  ["load_15", "load15"],
  ["load_avg_1", "load1"],
  ["load_avg_5", "load5"],
  ["load_avg_15", "load15"],
]);
const olderUnits = [
  { suffix: "_kb", bytes: 1024 },
  { suffix: "_mb", bytes: 1024 ** 2 },
  { suffix: "_gb", bytes: 1024 ** 3 },
];

interface KnownCell {
  column: MetricColumn;
  scale: number;
}

/** Null where the header has faults. `cells` are the header's cells, already unquoted. */
export function readHeader(cells: string[], faults: FaultList, warnings: string[]): RowPlan | null {
  const found = faults.count;
  if (cells.length > maxColumns) {
    faults.add({
      line: headerLine,
      message: `The header has ${cells.length} columns: at most ${maxColumns} are read. Leave some out.`,
    });
    return null;
  }
  const plan: RowPlan = {
    kinds: new Uint8Array(cells.length),
    names: cells,
    limits: new Float64Array(cells.length),
    scales: new Float64Array(cells.length).fill(1),
    columns: [],
    unknownColumns: [],
  };
  const spellings = new Map<string, string>();
  const mapped: string[] = [];
  for (const [index, cell] of cells.entries()) {
    const known = planCell(plan, index, cell);
    if (known === null) continue;
    const earlier = spellings.get(known);
    if (earlier !== undefined) faults.add(duplicateFault(cell, earlier, known));
    spellings.set(known, cell);
    if (known !== cell) mapped.push(`${cell} as ${known}`);
  }
  for (const name of requiredColumns) {
    if (!spellings.has(name)) faults.add(missingFault(name, cells));
  }
  if (mapped.length > 0)
    warnings.push(`Older columns were read by their new names: ${renderList(mapped)}.`);
  if (plan.unknownColumns.length > 0) {
    const names = plan.unknownColumns.map((name) => `"${renderText(name)}"`);
    warnings.push(
      `Columns that the CSV standard does not know were not read: ${renderList(names)}.`,
    );
  }
  return faults.count > found ? null : plan;
}

/** The standard's name of the cell, or null where it has none. */
function planCell(plan: RowPlan, index: number, cell: string): string | null {
  if (cell === "timestamp" || cell === "machine_id") {
    plan.kinds[index] = cell === "timestamp" ? timestamp : machine;
    return cell;
  }
  const known = parseKnown(cell);
  if (known === null) {
    plan.unknownColumns.push(cell);
    return null;
  }
  const { column, scale } = known;
  plan.kinds[index] = measured;
  plan.scales[index] = scale;
  const { max } = column.metric;
  plan.limits[index] = max === null ? endOfQuantities / scale : max + percentTolerance;
  plan.columns.push(column);
  return column.name;
}

function parseKnown(cell: string): KnownCell | null {
  const column = parseColumn(cell) ?? parseColumn(olderNames.get(cell) ?? "") ?? deviceless(cell);
  if (column !== null) return { column, scale: 1 };
  for (const { suffix, bytes } of olderUnits) {
    if (!cell.endsWith(suffix)) continue;
    const inBytes = parseColumn(cell.slice(0, -suffix.length));
    if (inBytes?.metric.unit === "bytes") return { column: inBytes, scale: bytes };
  }
  return null;
}

/** perfcollector2 wrote the sum over all devices into columns without a device. */
function deviceless(cell: string): MetricColumn | null {
  const metric = metrics.find(
    ({ name, scope }) =>
      (scope === "disk" || scope === "interface") && name.replace(/<[a-z]+>_/, "") === cell,
  );
  if (metric === undefined) return null;
  return { name: columnName(metric, deviceOfSums), metric, device: deviceOfSums };
}

function duplicateFault(cell: string, earlier: string, known: string) {
  const message =
    cell === earlier
      ? "The column is there twice: leave one out."
      : `Columns "${earlier}" and "${cell}" are both ${known}: leave one out.`;
  return { line: headerLine, column: cell, message };
}

function missingFault(name: string, cells: string[]) {
  const [only = ""] = cells;
  const hint =
    cells.length === 1 && /[;\t]/.test(only)
      ? "The header seems to be separated by semicolons or tabs: use commas."
      : "Write it as the CSV standard spells it, in lower case and without spaces.";
  return { line: headerLine, column: name, message: `The required column is missing. ${hint}` };
}

const listed = 10;

function renderList(names: string[]): string {
  const more = names.length - listed;
  return names.slice(0, listed).join(", ") + (more > 0 ? ` and ${more} more` : "");
}
