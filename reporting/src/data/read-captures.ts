// Captures, ours and perfcollector2's, and what other tools wrote: read by the collector's own code.
import { parseColumn, sortColumns, type MetricColumn } from "@perfanalysis/contract/columns";
import type { DroppedRows } from "@perfanalysis/contract/csv/damage";
import {
  CaptureError,
  groupFailures,
  listCaptures,
  readCaptures,
  type Captures,
  type CapturesOptions,
  isCapture as recognise,
} from "@perfanalysis/collector/captures";
import { createHash } from "node:crypto";
import { createReadStream } from "node:fs";
import { basename } from "node:path";
import { createColumnStore, type ColumnStore } from "./column-store.ts";
import { NoInputError } from "../files.ts";
import { DataError, type CaptureOrigin, type Input } from "./input.ts";
import { unknownMachine, type MachineFacts } from "./machine-facts.ts";

export interface CaptureFile {
  /** What messages call it. */
  name: string;
  /** Where it can be read twice. */
  path: string;
}

export interface CaptureOptions {
  machineId?: string | undefined;
  onProgress?: ((bytesRead: number) => void) | undefined;
}

const blockRows = 512;
const mostDescribed = 5;
/** sysexits.h, EX_DATAERR. */
const badData = 65;

/** Those that are named, and those in folders that are named. Throws a NoInputError where a folder holds none. */
export function listCaptureFiles(names: readonly string[]): Promise<CaptureFile[]> {
  return translateErrors(async () => {
    const lists = await Promise.all(names.map(listCaptures));
    return lists.flat().map((path) => ({ name: path, path }));
  });
}

/**
 * Reads captures of one machine, in any order, as one series. Throws a DataError for bad content, a NoInputError where a file
 * cannot be read.
 */
export async function readCaptureFiles(
  files: readonly CaptureFile[],
  { machineId, onProgress }: CaptureOptions = {},
): Promise<Input> {
  const store = createColumnStore();
  const sink = createBlockSink(store);
  const captures = await translateErrors(() =>
    readCaptures(files, {
      machineId: machineId ?? null,
      sink,
      onBytes: (bytes) => onProgress?.(bytes),
    }),
  );
  if (store.rowCount === 0) {
    const names = files.map(({ name }) => name).join(", ");
    throw new DataError(`Cannot make a report: ${names} holds no samples`);
  }
  const { samples, corrections } = store.finish(captures.machineId, sortColumns(store.columns));
  return {
    samples,
    corrections: { ...corrections, damagedCells: [], droppedRows: damagedLines(captures) },
    facts: toFacts(captures),
    machines: new Map([[captures.machineId, corrections.rowsRead]]),
    captures: captures.inputs.map(toOrigin),
    warnings: listWarnings(captures),
    ...(await digest(files)),
  };
}

/** Rows as they come, in blocks by the store's columns. */
function createBlockSink(store: ColumnStore): CapturesOptions["sink"] {
  const timestampsS = new Float64Array(blockRows);
  const blocks: Float64Array[] = [];
  const indices = new Map<string, number>();
  /** Of the rows that come now, in their order. */
  let cells: Float64Array[] = [];
  let rowCount = 0;

  function flush(): void {
    if (rowCount > 0) store.append({ rowCount, timestampsS, values: blocks });
    rowCount = 0;
  }
  function cellsOf(name: string): Float64Array {
    const index = indices.get(name) ?? store.addColumn(knownColumn(name));
    indices.set(name, index);
    return (blocks[index] ??= new Float64Array(blockRows));
  }
  return {
    setColumns(names) {
      flush();
      cells = names.map(cellsOf);
      for (const block of blocks) block.fill(Number.NaN);
    },
    add(timestampS, _elapsedS, values) {
      timestampsS[rowCount] = timestampS;
      for (const [index, cell] of cells.entries()) cell[rowCount] = values[index] ?? Number.NaN;
      if (++rowCount === blockRows) flush();
    },
    end: flush,
  };
}

function knownColumn(name: string): MetricColumn {
  const column = parseColumn(name);
  if (column === null) throw new RangeError(`Cannot read column "${name}": no metric has it`);
  return column;
}

function damagedLines({ inputs }: Captures): DroppedRows[] {
  const count = inputs.reduce((sum, { damagedLines: lines }) => sum + lines, 0);
  const torn = inputs.filter(({ tornTail }) => tornTail);
  const first = inputs.flatMap(({ input, damage }) =>
    damage.map((message) => ({ message: `${input}: ${message}` })),
  );
  const damaged: DroppedRows[] =
    count === 0 ? [] : [{ kind: "line", count, first: first.slice(0, mostDescribed) }];
  if (torn.length === 0) return damaged;
  const ends = torn.map(({ input }) => ({ message: `${input}: the last line is cut off` }));
  return [...damaged, { kind: "torn", count: torn.length, first: ends.slice(0, mostDescribed) }];
}

function listWarnings({ inputs, mergedSamples }: Captures): string[] {
  const warnings = inputs.flatMap(({ input, notes, missedTicks, failedSources, skipped }) => [
    ...notes.map((note) => `${input}: ${note}.`),
    ...(missedTicks > 0 ? [`${input}: ${missedTicks} ticks were missed.`] : []),
    ...groupFailures(Object.entries(failedSources)).map(
      ({ subject, error }) => `${input}: ${subject} could not be read at times: ${error}.`,
    ),
    ...(Object.keys(skipped).length > 0
      ? [`${input}: not read: ${Object.keys(skipped).slice(0, 10).join(", ")}.`]
      : []),
  ]);
  if (mergedSamples > 0) {
    warnings.push(
      `Samples that gave no row, since another is of the same second, or of a clock never set: ${mergedSamples}.`,
    );
  }
  return warnings;
}

function toOrigin({ input, host, machine, signs }: Captures["inputs"][number]): CaptureOrigin {
  const model = machine?.cpu_model;
  return {
    ...signs,
    name: basename(input),
    hostName: host,
    cpuModel: typeof model === "string" ? model : signs.cpuModel,
  };
}

function toFacts({ host, machine, processors }: Captures): MachineFacts {
  const text = (name: keyof NonNullable<typeof machine>): string | null => {
    const value = machine?.[name];
    return typeof value === "string" ? value : null;
  };
  const number = (name: keyof NonNullable<typeof machine>): number | null => {
    const value = machine?.[name];
    return typeof value === "number" ? value : null;
  };
  return {
    ...unknownMachine,
    hostName: host,
    architecture: text("architecture"),
    kernel: text("kernel"),
    distribution: text("distribution"),
    cpuModel: text("cpu_model") ?? processors?.modelName ?? null,
    cpuCount: number("cpu_count") ?? processors?.cpuCount ?? null,
    memoryBytes: number("memory_bytes"),
    bootTimeS: number("boot_time"),
    vendor: text("vendor"),
    product: text("product"),
    virtualisation: text("virtualisation"),
    cloud: text("cloud"),
    instanceType: text("instance_type"),
    interfaceSpeedsMbps: machine?.interface_speeds_mbps ?? null,
  };
}

/** Of all files as they are, one behind the other. */
async function digest(files: readonly CaptureFile[]): Promise<Pick<Input, "byteCount" | "sha256">> {
  const hash = createHash("sha256");
  let byteCount = 0;
  for (const { path } of files) {
    for await (const bytes of createReadStream(path) as AsyncIterable<Uint8Array>) {
      hash.update(bytes);
      byteCount += bytes.length;
    }
  }
  return { byteCount, sha256: hash.digest("hex") };
}

/** Throws a DataError where that cannot be told. */
export function isCapture(path: string): Promise<boolean> {
  return translateErrors(() => recognise(path));
}

/** The collector's errors say what is wrong; here they only get the class that this program knows. */
async function translateErrors<Result>(read: () => Promise<Result>): Promise<Result> {
  try {
    return await read();
  } catch (error) {
    if (error instanceof SyntaxError) throw new DataError(error.message, { cause: error });
    if (!(error instanceof CaptureError)) throw error;
    if (error.exitCode === badData) throw new DataError(error.message, { cause: error });
    throw new NoInputError(error.message, { cause: error });
  }
}
