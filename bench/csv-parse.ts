// Reading the CSV standard: a day at 1 s of 80 values, from bytes to checked numbers in typed arrays, against udsv, the
// fastest CSV library for JavaScript.
// It measures a function, not a program, so it must import it.
// oxlint-disable-next-line eslint/no-restricted-imports
import { createCsvParser } from "@perfanalysis/contract/csv/parse";
import { inferSchema, initParser } from "udsv";
import { generateMachineDay } from "./generate.ts";

const rows = 86_400;
const runs = 7;
const chunkBytes = 64 * 1024;

export async function run(): Promise<void> {
  const text = Array.from(generateMachineDay({ machineId: "bench-01", rows })).join("");
  const file = new TextEncoder().encode(text);
  const readers = { "contract/csv/parse": readWithContract, udsv: readWithUdsv };
  const timesMs = new Map(Object.keys(readers).map((name): [string, number[]] => [name, []]));
  // Interleaved, so that a noisy moment meets both; the first round warms up.
  for (let round = 0; round <= runs; round++) {
    for (const [name, read] of Object.entries(readers)) {
      const startMs = performance.now();
      const count = read(file);
      const tookMs = performance.now() - startMs;
      if (count !== rows) throw new Error(`${name} read ${count} of ${rows} rows`);
      if (round > 0) timesMs.get(name)?.push(tookMs);
    }
  }
  console.log(
    `${rows} rows × 82 columns, ${(file.length / 1e6).toFixed(1)} MB, median of ${runs} runs`,
  );
  const rates = Array.from(timesMs, ([name, times]) => {
    const rowsPerS = rows / (median(times) / 1000);
    console.log(`${name.padEnd(20)} ${Math.round(rowsPerS).toLocaleString("en")} rows/s`);
    return rowsPerS;
  });
  const [ours = Number.NaN, peer = Number.NaN] = rates;
  console.log(
    `ratio ${(ours / peer).toFixed(1)}; goal ≥ 250,000 rows/s: ${ours >= 250_000 ? "met" : "missed"}`,
  );
  if (ours < 250_000) process.exitCode = 1;
}

function readWithContract(file: Uint8Array): number {
  const parser = createCsvParser({ onHeader: () => {}, onBlock: () => {} });
  for (let at = 0; at < file.length; at += chunkBytes)
    parser.write(file.subarray(at, at + chunkBytes));
  const { rowCount, faultCount } = parser.end();
  if (faultCount > 0) throw new Error(`The generated day has ${faultCount} faults`);
  return rowCount;
}

/** The same work: bytes in chunks, finite numbers of at least 0, a column a typed array. */
function readWithUdsv(file: Uint8Array): number {
  const decoder = new TextDecoder();
  let count = 0;
  let parser: ReturnType<typeof initParser> | null = null;
  let columns: Float64Array[] = [];
  const takeRow = (cells: unknown[]): void => {
    for (const [at, cell] of cells.entries()) {
      if (at === 1) continue;
      const value = cell === null ? Number.NaN : Number(cell);
      if (value < 0 || value === Number.POSITIVE_INFINITY) throw new Error(`Bad value ${value}`);
      const column = columns[at];
      if (column !== undefined) column[count % column.length] = value;
    }
    count++;
  };
  for (let at = 0; at < file.length; at += chunkBytes) {
    const text = decoder.decode(file.subarray(at, at + chunkBytes), { stream: true });
    if (parser === null) {
      const schema = inferSchema(text, {}, 1);
      for (const column of schema.cols) if (column.name !== "machine_id") column.type = "n";
      parser = initParser(schema);
      columns = schema.cols.map(() => new Float64Array(1024));
    }
    parser.chunk(text, parser.typedArrs, takeRow);
  }
  parser?.end();
  return count;
}

function median(values: number[]): number {
  return values.toSorted((one, other) => one - other)[Math.floor(values.length / 2)] ?? Number.NaN;
}
