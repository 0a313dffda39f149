// A plain store without a portal: <folder>/<machine>/<UTC date>.csv in the CSV standard, one row a sample. Where the columns change, a
// new part begins: <UTC date>.2.csv. Days that are over are zipped. What the machine is stands beside them, in machine-facts.json.
import { open, readdir } from "node:fs/promises";
import { join } from "node:path";
import { createCsvParser } from "@perfanalysis/contract/csv/parse";
import { createCsvRenderer, type CsvRenderer } from "@perfanalysis/contract/csv/write";
import { renderFactsWarning } from "@perfanalysis/contract/host-facts";
import { makeFolder } from "@perfanalysis/contract/make-folder";
import { acquireLock } from "../capture/lock.ts";
import { messageOf } from "../message-of.ts";
import { isZipped, type Batch } from "./batch.ts";
import type { Destination, Outcome } from "./destination.ts";
import { unzip } from "./intake.ts";
import {
  cutTornRow,
  dayS,
  listMachines,
  listParts,
  readTimes,
  replaceFile,
  toDate,
  writeAll,
  type StorePart,
} from "./store-files.ts";
import { keepFacts } from "./store-facts.ts";
import { createHousekeeping } from "./store-housekeeping.ts";

export interface StoreOptions {
  /** Of days; 0: all. */
  retentionDays: number;
  now: () => number;
  report: (message: string) => void;
}

/** Files are synced side by side. */
const parallel = 8;
/** A day's seconds as bits. */
const secondsBytes = dayS / 8;
const maxDays = 1024;
const maxRenderers = 64;

/** What is known of a machine's day. */
interface MachineDay {
  /** A bit a second: it is stored. */
  seconds: Uint8Array;
  /** The last part, if rows can be appended to it. */
  part: { path: string; header: string; bytes: number } | null;
  lastNumber: number;
}

interface Rows {
  columns: string[];
  timestampsS: number[];
  /** An array a column. */
  values: number[][];
}

/** @throws LockedError where another process writes there, and the system's errors. */
export async function openStore(folder: string, options: StoreOptions): Promise<Destination> {
  makeFolder(folder, { mode: 0o750 });
  const lock = acquireLock(join(folder, "store"), folder);
  try {
    await cutTornRows(folder);
  } catch (error) {
    lock.release();
    throw error;
  }
  /** By machine and date; the least recently used first. */
  const days = new Map<string, MachineDay>();
  const renderers = new Map<string, CsvRenderer>();
  /** What is under way of each machine: its files are one writer's at a time. */
  const working = new Map<string, Promise<unknown>>();
  const housekeeping = createHousekeeping(folder, {
    ...options,
    alone: (machineId, date, work) =>
      afterOthers(machineId, () => {
        days.delete(`${machineId}/${date}`);
        return work();
      }),
  });
  return {
    place: folder,
    parallel,
    deliver: (batch) => afterOthers(batch.machineId, () => store(batch)),
    close() {
      housekeeping.close();
      lock.release();
    },
  };

  async function afterOthers<Result>(
    machineId: string,
    work: () => Promise<Result>,
  ): Promise<Result> {
    const before = working.get(machineId);
    const mine = (async () => {
      // How the one before ended is not for this one to know.
      await before?.catch(() => undefined);
      return await work();
    })();
    working.set(machineId, mine);
    try {
      return await mine;
    } finally {
      if (working.get(machineId) === mine) working.delete(machineId);
    }
  }

  async function store(batch: Batch): Promise<Outcome> {
    try {
      for (const [date, rows] of splitByDay(batch)) await storeDay(batch.machineId, date, rows);
    } catch (error) {
      const why = messageOf(error);
      return { kind: "later", why, retryAfterMs: null, isSuspect: false };
    }
    return { kind: "taken", warning: await storeFacts(batch) };
  }

  /** Facts never cost rows: answers why they were not taken. */
  async function storeFacts({ machineId, facts }: Batch): Promise<string | undefined> {
    if (facts === null) return undefined;
    try {
      await keepFacts(join(folder, machineId), { machineId, facts, nowMs: options.now() });
      return undefined;
    } catch (error) {
      return renderFactsWarning(machineId, messageOf(error));
    }
  }

  async function storeDay(machineId: string, date: string, all: Rows): Promise<void> {
    const key = `${machineId}/${date}`;
    const day = days.get(key) ?? (await readDay(join(folder, machineId), date, options.report));
    days.delete(key);
    days.set(key, day);
    for (const oldest of days.keys()) {
      if (days.size <= maxDays) break;
      days.delete(oldest);
    }
    const rows = leaveOutStored(all, day.seconds);
    if (rows.timestampsS.length === 0) return;
    const renderer = rendererOf(rows.columns);
    const header = Buffer.from(renderer.renderHeader()).toString();
    const { timestampsS } = rows;
    const text = renderer.renderRows({ machineId, rowCount: timestampsS.length, ...rows });
    if (day.part?.header === header) {
      await appendRows(day, day.part, text);
    } else {
      day.lastNumber += 1;
      const name = day.lastNumber === 1 ? `${date}.csv` : `${date}.${day.lastNumber}.csv`;
      const path = join(folder, machineId, name);
      day.part = null;
      await replaceFile(path, Buffer.concat([Buffer.from(header), text]));
      day.part = { path, header, bytes: Buffer.byteLength(header) + text.length };
    }
    for (const timeS of timestampsS) setSecond(day.seconds, timeS % dayS);
  }

  function rendererOf(columns: readonly string[]): CsvRenderer {
    const key = columns.join(",");
    const known = renderers.get(key) ?? createCsvRenderer(columns);
    renderers.set(key, known);
    for (const oldest of renderers.keys()) {
      if (renderers.size <= maxRenderers) break;
      renderers.delete(oldest);
    }
    return known;
  }
}

/** A killed process may have left half a row, which nobody could read; of a machine that sends no more, for ever. */
async function cutTornRows(folder: string): Promise<void> {
  for (const machineId of await listMachines(folder)) {
    for (const part of listParts(await readdir(join(folder, machineId))))
      if (!part.isZipped) await cutTornRow(join(folder, machineId, part.name));
  }
}

/** Rows in the batch's order, by the date on which they were sampled. */
function splitByDay({ body }: Batch): Map<string, Rows> {
  const days = new Map<string, Rows>();
  let columns: string[] = [];
  const parser = createCsvParser({
    blockRows: 64,
    onHeader: (header) => {
      columns = header.columns.map(({ name }) => name);
    },
    onBlock: ({ rowCount, timestampsS, values }) => {
      for (let row = 0; row < rowCount; row++) {
        const timeS = timestampsS[row] ?? Number.NaN;
        const date = toDate(timeS);
        const rows = days.get(date) ?? { columns, timestampsS: [], values: columns.map(() => []) };
        days.set(date, rows);
        rows.timestampsS.push(timeS);
        for (const [at, column] of values.entries())
          rows.values[at]?.push(column[row] ?? Number.NaN);
      }
    },
  });
  parser.write(isZipped(body) ? unzip(body) : body);
  parser.end();
  return days;
}

function leaveOutStored({ columns, timestampsS, values }: Rows, seconds: Uint8Array): Rows {
  const own = new Set<number>();
  const kept = timestampsS.flatMap((timeS, row) => {
    if (hasSecond(seconds, timeS % dayS) || own.has(timeS)) return [];
    own.add(timeS);
    return [row];
  });
  const pick = (column: readonly number[]): number[] =>
    kept.map((row) => column[row] ?? Number.NaN);
  return { columns, timestampsS: pick(timestampsS), values: values.map(pick) };
}

/** What the files tell of the day; what a killed process left of a last line is cut off. */
async function readDay(
  folder: string,
  date: string,
  report: (message: string) => void,
): Promise<MachineDay> {
  let seconds = new Uint8Array(secondsBytes);
  let last: StorePart | null = null;
  let part: MachineDay["part"] = null;
  for (const found of listParts(await readdirIfThere(folder))) {
    if (found.date !== date) continue;
    last = found;
    const path = join(folder, found.name);
    const known = seconds.slice();
    part = null;
    try {
      const { header, bytes } = await readTimes(path, (timeS) => setSecond(known, timeS % dayS));
      seconds = known;
      // Without a whole header it holds nothing that anybody could read: a new part begins.
      if (!found.isZipped && header !== "") part = { path, header, bytes };
    } catch (error) {
      if (!isZipDamage(error)) throw error;
      // Rather twice than not at all: whoever reads the day takes one row of a second.
      report(`${path} is damaged: ${messageOf(error)}; rows that it has are stored again`);
    }
  }
  return { seconds, part, lastNumber: last?.number ?? 0 };
}

/** Of a zipped file whose bytes are damaged or cut off. */
function isZipDamage(error: unknown): boolean {
  return (
    error instanceof Error &&
    "code" in error &&
    (error.code === "Z_DATA_ERROR" || error.code === "Z_BUF_ERROR")
  );
}

async function readdirIfThere(folder: string): Promise<string[]> {
  try {
    return await readdir(folder);
  } catch (error) {
    if (error instanceof Error && "code" in error && error.code === "ENOENT") return [];
    throw error;
  }
}

async function appendRows(
  day: MachineDay,
  part: NonNullable<MachineDay["part"]>,
  text: Uint8Array,
): Promise<void> {
  // Where the sync fails, nobody knows what of the file is on disk: then a new part begins.
  day.part = null;
  const file = await open(part.path, "r+");
  try {
    // Also what a killed process left behind the last row.
    await file.truncate(part.bytes);
    try {
      await writeAll(file, text, part.bytes);
    } catch (error) {
      await file.truncate(part.bytes);
      day.part = part;
      throw error;
    }
    await file.datasync();
  } finally {
    await file.close();
  }
  part.bytes += text.length;
  day.part = part;
}

function hasSecond(seconds: Uint8Array, second: number): boolean {
  return ((seconds[second >> 3] ?? 0) & (1 << (second & 7))) !== 0;
}

function setSecond(seconds: Uint8Array, second: number): void {
  seconds[second >> 3] = (seconds[second >> 3] ?? 0) | (1 << (second & 7));
}
