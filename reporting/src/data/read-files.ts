// Files and standard input as a report's input, recognised by what is in them, whatever their names.
import { createReadStream, createWriteStream } from "node:fs";
import { mkdtemp, open, rm, stat } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { Readable } from "node:stream";
import { pipeline } from "node:stream/promises";
import { constants, gunzipSync } from "node:zlib";
import { DataError, type Input } from "./input.ts";
import { listCsvMachines, readCsv, readCsvFile, startsGzip, type ReadOptions } from "./read-csv.ts";

export type FileOptions = Omit<ReadOptions, "sizeBytes">;

const beginningBytes = 1 << 16;

/**
 * CSV, or captures, of one machine, which become one series: files, folders, pipes, `-` for standard input. One CSV alone may hold several.
 * Throws a DataError for bad content, a NoInputError or the system's error where something cannot be read.
 */
export async function readFiles(
  names: readonly string[],
  options: FileOptions = {},
): Promise<Input> {
  const [only = "", ...others] = names;
  if (others.length > 0) return readSeveral(names, options);
  if (only === "-") {
    const source = process.stdin.iterator({ destroyOnReturn: false }) as AsyncIterator<Uint8Array>;
    return readPassing(source, "standard input", options);
  }
  const there = await stat(only);
  if (there.isDirectory()) return readSeveral(names, options);
  if (!there.isFile()) {
    const stream = createReadStream(only);
    const source = stream.iterator({ destroyOnReturn: false }) as AsyncIterator<Uint8Array>;
    return readPassing(source, only, options).finally(() => stream.destroy());
  }
  if (isCsv(await readBeginning(only))) return readCsvFile(only, options);
  const { isCapture, readCaptureFiles } = await import("./read-captures.ts");
  if (!(await isCapture(only))) return readCsvFile(only, options);
  return readCaptureFiles([{ name: only, path: only }], options);
}

/** The machines of a file, in order of appearance; undefined is the one whose capture it is. Throws the system's error. */
export async function listMachines(name: string): Promise<(string | undefined)[]> {
  if (!(await stat(name)).isFile() || !isCsv(await readBeginning(name))) return [undefined];
  const machines = await listCsvMachines(name).catch((error: unknown) => {
    // Whoever reads it says what is wrong with it.
    if (error instanceof DataError) return [];
    throw error;
  });
  // Whoever reads a file without rows says that it has none.
  return machines.length === 0 ? [undefined] : machines;
}

async function readSeveral(names: readonly string[], options: FileOptions): Promise<Input> {
  const { listCaptureFiles, readCaptureFiles } = await import("./read-captures.ts");
  const files = await listCaptureFiles(names);
  const isOfCsv = await Promise.all(
    files.map(async ({ path }) => isCsv(await readBeginning(path))),
  );
  const csv = files.find((_, at) => isOfCsv[at]);
  if (csv !== undefined && isOfCsv.includes(false)) {
    throw new DataError(
      `Cannot read ${csv.name} together with others: CSV may have been made of the captures beside it; name either`,
    );
  }
  return readCaptureFiles(files, options);
}

/**
 * What can be read only once, as a pipe is. Captures are read by the collector, which wants a file: they are kept in one until
 * they are read.
 */
async function readPassing(
  source: AsyncIterator<Uint8Array>,
  name: string,
  options: FileOptions,
): Promise<Input> {
  const first = await source.next();
  async function* whole(): AsyncGenerator<Uint8Array> {
    if (first.done === true) return;
    yield first.value;
    for (let next = await source.next(); next.done !== true; next = await source.next()) {
      yield next.value;
    }
  }
  if (first.done === true || isCsv(first.value)) return readCsv(whole(), { name, ...options });
  const folder = await mkdtemp(join(tmpdir(), "perf-report-"));
  try {
    const path = join(folder, "input");
    await pipeline(Readable.from(whole()), createWriteStream(path, { mode: 0o600 }));
    const { isCapture, readCaptureFiles } = await import("./read-captures.ts");
    if (!(await isCapture(path))) {
      return await readCsvFile(path, { ...options, name });
    }
    return await readCaptureFiles([{ name, path }], options);
  } finally {
    await rm(folder, { recursive: true });
  }
}

async function readBeginning(path: string): Promise<Uint8Array> {
  const file = await open(path);
  try {
    const { buffer, bytesRead } = await file.read(Buffer.alloc(beginningBytes));
    return buffer.subarray(0, bytesRead);
  } finally {
    await file.close();
  }
}

/** Whether the first line names a time or a machine as the CSV standard's header does. */
function isCsv(beginning: Uint8Array): boolean {
  const text = Buffer.from(unpacked(beginning)).toString("latin1");
  const [header = ""] = text.split("\n", 1);
  return (
    !header.trimStart().startsWith("{") &&
    header.split(/[,;\t]/).some((cell) => /^\W*(?:timestamp|machine_id)\W*$/.test(cell))
  );
}

function unpacked(bytes: Uint8Array): Uint8Array {
  if (!startsGzip(bytes)) return bytes;
  try {
    return gunzipSync(bytes, { finishFlush: constants.Z_SYNC_FLUSH });
  } catch {
    // Whoever reads it whole says what is wrong with it.
    return bytes;
  }
}
