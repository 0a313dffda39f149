// Uploads through the whole portal: multipart over HTTP, parse, check, commit. The limits are the issue's.
import { generateMachineDay, valuesPerRow } from "./generate.ts";
import { median, withPortal, type BenchPortal } from "./portal.ts";

const cases = [
  { rows: 10_000, runs: 15, limitMs: 500 },
  { rows: 86_400, runs: 7, limitMs: 1_500 },
];

export async function run(): Promise<void> {
  for (const { rows, runs, limitMs } of cases) {
    // A portal of its own, so that the first upload finds everything cold.
    await withPortal(async (portal) => {
      const files = Array.from({ length: runs }, (_, index) => makeFile(`bench-${index}`, rows));
      const timesMs: number[] = [];
      for (const file of files) timesMs.push(await measure(portal, file, rows));
      const [coldMs = Number.NaN, ...warmMs] = timesMs;
      const warm = median(warmMs);
      const [first] = files;
      if (first === undefined) throw new RangeError("There is no file");
      const againMs: number[] = [];
      for (let index = 0; index < 3; index++) againMs.push(await measure(portal, first, 0));
      console.log(
        `${rows} rows × ${valuesPerRow} values, ${(first.csv.size / 1e6).toFixed(1)} MB: cold ${inMs(coldMs)}, ` +
          `warm ${inMs(warm)} (median of ${warmMs.length}, ${inMs(Math.min(...warmMs))} to ${inMs(Math.max(...warmMs))}, ` +
          `${Math.round(rows / (warm / 1000)).toLocaleString("en")} rows/s), uploaded again ${inMs(median(againMs))} and 0 rows added`,
      );
      const isMet = warm <= limitMs;
      console.log(`limit ${inMs(limitMs)}: ${isMet ? "met" : "missed"}`);
      if (!isMet) process.exitCode = 1;
    });
  }
}

interface File {
  machineId: string;
  csv: Blob;
}

function makeFile(machineId: string, rows: number): File {
  return {
    machineId,
    csv: new Blob([...generateMachineDay({ machineId, rows })], { type: "text/csv" }),
  };
}

/** Milliseconds from sending to the answer. Throws unless `expected` rows were new. */
async function measure(portal: BenchPortal, file: File, expected: number): Promise<number> {
  const startMs = performance.now();
  const { rows_imported: imported } = await portal.upload(file);
  const tookMs = performance.now() - startMs;
  if (imported !== expected) throw new Error(`${imported} rows were new, not ${expected}`);
  return tookMs;
}

function inMs(value: number): string {
  return `${value.toFixed(0)} ms`;
}
