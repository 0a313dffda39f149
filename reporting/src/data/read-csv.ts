import type { CsvDamage } from "@perfanalysis/contract/csv/damage";
import { createCsvParser, type CsvSummary } from "@perfanalysis/contract/csv/parse";
import { isMachineId } from "@perfanalysis/contract/machine-id";
import { createHash } from "node:crypto";
import { readSync } from "node:fs";
import { open, stat } from "node:fs/promises";
import { pipeline, Readable } from "node:stream";
import { createGunzip } from "node:zlib";
import { createCollector, type Collector } from "./collect.ts";
import { DataError, type Input } from "./input.ts";
import { unknownMachine } from "./machine-facts.ts";
import type { Corrections } from "./samples.ts";

export interface ReadOptions {
  /** Whose samples are read; may be left out where the file has one machine. */
  machineId?: string | undefined;
  /** Size in bytes where it is known, to foresee the number of rows. */
  sizeBytes?: number | undefined;
  onProgress?: ((bytesRead: number) => void) | undefined;
  /** For what is wrong with it. */
  name?: string | undefined;
}

/** Reads a CSV file, gzipped or not. Throws a DataError for bad content, and the error of the file system as it is. */
export async function readCsvFile(path: string, options: ReadOptions = {}): Promise<Input> {
  const { size } = await stat(path);
  return readCsv(readFile(path), { name: path, ...options, sizeBytes: size });
}

/** A plain file's bytes in one buffer again and again, so that reading leaves nothing behind for the garbage collector. */
async function* readFile(path: string): AsyncGenerator<Uint8Array> {
  const file = await open(path);
  try {
    // A Buffer finds a byte in a fifth of the time that another array takes.
    let buffer = Buffer.alloc(1 << 18);
    for (let isGzip = false; ;) {
      // The report waits for it anyway, and to hand it to a thread costs a twentieth of a long report's time.
      const bytesRead = readSync(file.fd, buffer);
      if (bytesRead === 0) return;
      isGzip ||= startsGzip(buffer);
      yield buffer.subarray(0, bytesRead);
      // Decompression holds what it was given for longer than until it asks for more.
      if (isGzip) buffer = Buffer.alloc(1 << 16);
    }
  } finally {
    await file.close();
  }
}

/** The machines of a CSV file, in order of appearance. Throws the error of the file system as it is. */
export async function listCsvMachines(path: string): Promise<string[]> {
  return (await listPlainMachines(path)) ?? (await listAnyMachines(path));
}

/** One cell a row: a tenth of the time that all of them take. Null where cells are quoted, or the header is not plain. */
async function listPlainMachines(path: string): Promise<string[] | null> {
  const machines = new Set<string>();
  let place = -1;
  let rest = "";
  for await (const bytes of decompressed(readFile(path), path)) {
    const text = rest + Buffer.from(bytes).toString("latin1");
    if (text.includes('"')) return null;
    const lines = text.split("\n");
    rest = lines.pop() ?? "";
    if (place < 0) {
      place = (lines.shift() ?? "").trim().split(",").indexOf("machine_id");
      if (place < 0) return null;
    }
    for (const line of lines) addCell(line, place, machines);
  }
  if (place < 0) return null;
  addCell(rest, place, machines);
  return [...machines];
}

function addCell(line: string, place: number, cells: Set<string>): void {
  let from = 0;
  for (let comma = 0; comma < place; comma++) {
    from = line.indexOf(",", from) + 1;
    if (from === 0) return;
  }
  const end = line.indexOf(",", from);
  // The apostrophe keeps spreadsheets from taking an id that begins with a dash for a formula.
  const cell = (end < 0 ? line.slice(from) : line.slice(from, end)).trim().replace(/^'/, "");
  if (isMachineId(cell)) cells.add(cell);
}

async function listAnyMachines(path: string): Promise<string[]> {
  const machines = new Set<string>();
  const parser = createCsvParser({
    onHeader: () => {},
    onBlock: ({ machineId }) => machines.add(machineId),
    lenient: true,
  });
  for await (const bytes of decompressed(readFile(path), path)) parser.write(bytes);
  parser.end();
  return [...machines];
}

/** Reads CSV from any source of bytes, gzipped or not (told by its first two bytes). */
export async function readCsv(
  source: AsyncIterable<Uint8Array>,
  { machineId, sizeBytes, onProgress, name = "the CSV" }: ReadOptions = {},
): Promise<Input> {
  const hash = createHash("sha256");
  let byteCount = 0;
  const collector = createCollector({
    machineId,
    estimateRows: (rows) => (sizeBytes === undefined ? 0 : (1.1 * rows * sizeBytes) / byteCount),
  });
  const parser = createCsvParser({
    onHeader: (header) => collector.onHeader(header),
    onBlock: (block) => collector.onBlock(block),
    lenient: true,
  });

  async function* watched(): AsyncGenerator<Uint8Array> {
    for await (const bytes of source) {
      hash.update(bytes);
      byteCount += bytes.length;
      onProgress?.(byteCount);
      yield bytes;
    }
  }
  for await (const bytes of decompressed(watched(), name)) parser.write(bytes);
  const { warnings, damage } = checked(parser.end(), name);
  const { samples, corrections } = chosen(collector, machineId, damage);
  return {
    samples,
    corrections: { ...corrections, ...damageOf(damage, samples.machineId) },
    facts: unknownMachine,
    machines: collector.machines,
    captures: [],
    warnings,
    byteCount,
    sha256: hash.digest("hex"),
  };
}

async function* decompressed(
  source: AsyncGenerator<Uint8Array>,
  name: string,
): AsyncGenerator<Uint8Array> {
  const first = await source.next();
  if (first.done === true) return;
  async function* whole(): AsyncGenerator<Uint8Array> {
    yield first.value as Uint8Array; // `done` is false above
    yield* source;
  }
  if (!startsGzip(first.value)) {
    yield* whole();
    return;
  }
  const unzipped = createGunzip();
  // Whatever goes wrong on either side is thrown where the bytes are taken.
  pipeline(Readable.from(whole()), unzipped, () => {});
  try {
    yield* unzipped;
  } catch (error) {
    const code = error instanceof Error && "code" in error ? error.code : null;
    if (code !== "Z_BUF_ERROR" && code !== "Z_DATA_ERROR") throw error;
    const why = code === "Z_BUF_ERROR" ? "cut off" : "damaged";
    throw new DataError(`Cannot read ${name}: its gzip data is ${why}`, { cause: error });
  }
}

/** RFC 1952, section 2.3.1. */
export function startsGzip(bytes: Uint8Array): boolean {
  return bytes[0] === 0x1f && bytes[1] === 0x8b;
}

function checked(summary: CsvSummary, name: string): CsvSummary {
  const { faultCount, faults } = summary;
  if (faultCount > 0) {
    const isForeign = ["timestamp", "machine_id"].every((needed) =>
      faults.some(({ line, column }) => line === 1 && column === needed),
    );
    const count = isForeign
      ? "it is no CSV of the standard, no capture, and nothing that pcprocess reads"
      : faultCount === 1
        ? "1 fault"
        : `${faultCount} faults`;
    throw new DataError(`Cannot read ${name}: ${count}`, { faults });
  }
  return summary;
}

/** Rows of which nobody can tell whose they are may be the machine's. */
function damageOf(
  damage: readonly CsvDamage[],
  machineId: string,
): Pick<Corrections, "damagedCells" | "droppedRows"> {
  const own = damage.filter((one) => one.machineId === machineId || one.machineId === null);
  return {
    damagedCells: own.flatMap(({ cells }) => cells),
    droppedRows: own.flatMap(({ rows }) => rows),
  };
}

function chosen(
  collector: Collector,
  machineId: string | undefined,
  damage: readonly CsvDamage[],
): NonNullable<ReturnType<Collector["finish"]>> {
  const { machines } = collector;
  const list = [...machines].map(([id, rows]) => `${id} (${rows} rows)`).join(", ");
  if (machines.size === 0) {
    const faults = damage.flatMap(({ rows }) => rows.flatMap(({ first }) => first));
    const none = faults.length === 0 ? "the CSV has no rows" : "none of the CSV's rows can be used";
    throw new DataError(`Cannot make a report: ${none}`, { faults });
  }
  if (machineId === undefined && machines.size > 1) {
    throw new DataError(
      `Cannot choose a machine: the CSV has ${machines.size}, name one with --machine: ${list}`,
    );
  }
  const kept = collector.finish();
  if (kept !== null) return kept;
  throw new DataError(`Cannot report on "${machineId ?? ""}": the CSV has only ${list}`);
}
