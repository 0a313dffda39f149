import { basename } from "node:path";
import { ExitError, exitCodes } from "../exit.ts";
import { utc } from "../import/time-zone.ts";
import type { CpuInfo } from "../procfs/cpuinfo.ts";
import { toMachineId } from "../sampling/host.ts";
import type { CaptureInput, ConvertOptions } from "./convert-options.ts";
import type { RowProducer } from "./merge-rows.ts";
import { readRows, scanRows, type RowSummary, type Scan } from "./read-rows.ts";
import type { RowSink } from "./row-sink.ts";
import { Rows } from "./rows.ts";
import { allTime, resolveWindow, type TimeWindow } from "./time-window.ts";

export type ScannedInput = CaptureInput & Scan;

/** What was read of an input. */
export interface ReadInput extends RowSummary {
  input: string;
}

export type ScanOptions = Pick<
  ConvertOptions,
  "inputs" | "inputFormat" | "timeZone" | "statistic" | "skipDamaged" | "filters" | "onProgress"
>;

/** Whether inputs that are read once must be read before that: their order or their end must be known first. */
export function isScanned({
  inputs,
  from = null,
  to = null,
}: Pick<ConvertOptions, "inputs" | "from" | "to">): boolean {
  return inputs.length > 1 || from !== null || to !== null;
}

/** The inputs in the order of time, and the part of it that is wanted. */
export async function orderInputs(
  options: ScanOptions & Pick<ConvertOptions, "from" | "to">,
): Promise<{ ordered: readonly CaptureInput[]; window: TimeWindow }> {
  if (!isScanned(options)) return { ordered: options.inputs, window: allTime };
  const scanned = await scanInputs(options);
  return { ordered: scanned, window: findWindow(scanned, options) };
}

/** What must be known of the inputs before they are converted, in the order of time. */
export async function scanInputs(options: ScanOptions): Promise<ScannedInput[]> {
  const scanned: ScannedInput[] = [];
  for (const input of options.inputs) {
    const scan = await scanRows(input.path, toReadOptions(input, options));
    scanned.push({ ...input, ...scan });
  }
  return scanned.toSorted((left, right) => left.firstS - right.firstS);
}

/** The part of the time that is wanted of these inputs. */
export function findWindow(
  scanned: readonly Scan[],
  { from = null, to = null, timeZone = utc }: Pick<ConvertOptions, "from" | "to" | "timeZone">,
): TimeWindow {
  // Rows have whole seconds.
  const startS = Math.floor(Math.min(...scanned.map(({ firstS }) => firstS)));
  const endS = Math.floor(Math.max(...scanned.map(({ lastS }) => lastS)));
  const isEmpty = startS > endS;
  return resolveWindow(isEmpty ? { from: null, to: null } : { from, to }, {
    startS,
    endS,
    timeZone,
  });
}

export function toReadOptions({ name }: CaptureInput, options: Omit<ScanOptions, "inputs">) {
  const {
    inputFormat,
    timeZone = utc,
    statistic = null,
    skipDamaged,
    filters,
    onProgress,
  } = options;
  const format = inputFormat ?? undefined;
  return { name, format, timeZone, statistic, skipDamaged, filters, afterChunk: onProgress };
}

/** Samples without a row of their own: that give none, that lack the statistic, and that share the row of another input's. */
export interface Without {
  row: number;
  statistics: number;
  sharing: number;
}

/** Reads inputs one behind the other, and those that overlap in time together. */
export async function readInputs(
  scanned: readonly ScannedInput[],
  options: Omit<ScanOptions, "inputs"> & {
    sink: RowSink;
    onCpuInfo?: (info: CpuInfo) => void;
  },
): Promise<{ inputs: ReadInput[]; without: Without }> {
  const { sink, onProgress, onCpuInfo } = options;
  const createRows = (): Rows => new Rows({ mayGoBack: true });
  const inputs: ReadInput[] = [];
  const without: Without = { row: 0, statistics: 0, sharing: 0 };
  const read = async (
    input: ScannedInput,
    overriding: Pick<Parameters<typeof readRows>[1], "sink" | "rows"> &
      Partial<Pick<Parameters<typeof readRows>[1], "afterChunk">>,
  ): Promise<void> => {
    const summary = await readRows(input.path, {
      ...toReadOptions(input, { ...options, inputFormat: input.format }),
      ...overriding,
      onCpuInfo,
      onWithout: (missing) => {
        without[missing] += 1;
      },
    });
    inputs.push({ input: input.name, ...summary });
  };
  // Counters go on from the capture before within one boot.
  let rows = createRows();
  for (const group of groupOverlapping(scanned)) {
    const [first, ...others] = group;
    if (first === undefined) continue;
    if (others.length === 0) {
      await read(first, { sink, rows });
      continue;
    }
    const ofInputs = group.map((_, index) => (index === 0 ? rows : createRows()));
    const producers = group.map((input, index): RowProducer => {
      const own = ofInputs[index] ?? createRows();
      return (ownSink, afterChunk) => read(input, { sink: ownSink, rows: own, afterChunk });
    });
    const columns = [...new Set(group.flatMap((input) => [...input.columns]))];
    const { mergeRows } = await import("./merge-rows.ts");
    without.sharing += await mergeRows(producers, { columns, sink, onProgress });
    const last = group.reduce((one, other) => (other.lastS > one.lastS ? other : one));
    rows = ofInputs[group.indexOf(last)] ?? rows;
  }
  return { inputs, without };
}

/** The inputs, sorted by their beginning, in groups of which none overlaps another. */
function groupOverlapping(scanned: readonly ScannedInput[]): ScannedInput[][] {
  const groups: ScannedInput[][] = [];
  let endS = Number.NEGATIVE_INFINITY;
  for (const input of scanned) {
    const group = groups.at(-1);
    if (group !== undefined && input.firstS <= endS) group.push(input);
    else groups.push([input]);
    endS = Math.max(endS, input.lastS);
  }
  return groups;
}

/** @throws ExitError where they are of several machines, or nobody can tell. */
export function findMachineId(
  inputs: readonly Pick<ScannedInput, "name" | "machineId">[],
  report: (message: string) => void,
): string {
  const found = new Set(inputs.flatMap(({ machineId }) => machineId ?? []));
  const [machineId, other] = found;
  if (other !== undefined) {
    throw new ExitError(
      exitCodes.badData,
      `Cannot convert captures of several machines into one file: they are of ${[...found].join(", ")}; convert each by itself, or give --machine-id`,
    );
  }
  if (machineId !== undefined) return machineId;
  const name = inputs[0]?.name ?? "-";
  if (name === "-") {
    throw new ExitError(
      exitCodes.usage,
      "Cannot tell whose samples these are: the input does not say; give --machine-id",
    );
  }
  const guessed = guessMachineId(name);
  report(
    `the capture does not say whose it is: machine id "${guessed}" after its name; or give --machine-id`,
  );
  return guessed;
}

/** After the file's name, without its endings. */
export function guessMachineId(name: string): string {
  return toMachineId(
    basename(name)
      .replace(/\.gz$/, "")
      .replace(/\.[^.]+$/, ""),
  );
}
