// Samples of one machine as a file, an hour at a time.
import { pipeline } from "node:stream/promises";
import { createCsvRenderer } from "@perfanalysis/contract/csv/write";
import type { TenantDb } from "../db/tenant-db.ts";
import type { Machine } from "../machines/machines.ts";
import type { SampleBlock } from "../samples/block.ts";
import { listColumns, readBlocks, readTimeRange, type TimeRange } from "../samples/read.ts";
import { toTime } from "../samples/times.ts";

/** What is not given is the machine's first sample, and just behind its last. */
export type ExportRange = { [Bound in keyof TimeRange]?: number | undefined };

type ExportMachine = Pick<Machine, "id" | "machineId">;

/**
 * The CSV standard: an upload of it gives the same rows. Columns without any value in the machine's samples are left out.
 * `onBlock` is told how far in time the samples are that were taken, in Unix seconds.
 */
export async function* renderCsvExport(
  db: TenantDb,
  machine: ExportMachine,
  range: ExportRange = {},
  onBlock?: (timeS: number) => void,
): AsyncGenerator<Uint8Array> {
  const columns = await listColumns(db, machine);
  const renderer = createCsvRenderer(columns);
  yield renderer.renderHeader();
  for await (const block of readRange(db, machine, range, columns)) {
    yield renderer.renderRows({ machineId: machine.machineId, ...block });
    const lastS = block.timestampsS[block.rowCount - 1];
    if (lastS !== undefined) onBlock?.(lastS);
  }
}

/** The `Export` of the API. */
export async function* renderJsonExport(
  db: TenantDb,
  machine: ExportMachine,
  range: ExportRange = {},
): AsyncGenerator<string> {
  const columns = await listColumns(db, machine);
  yield `{"machine_id":${JSON.stringify(machine.machineId)},"columns":${JSON.stringify(["time", ...columns])},"rows":[`;
  let separator = "\n";
  for await (const block of readRange(db, machine, range, columns)) {
    yield separator + renderJsonRows(block);
    separator = ",\n";
  }
  yield "\n]}\n";
}

/** Writes the CSV to the end of `writable`, which is ended unless told otherwise. */
export async function exportCsv(
  db: TenantDb,
  machine: ExportMachine,
  range: ExportRange,
  writable: NodeJS.WritableStream,
  { end = true }: { end?: boolean } = {},
): Promise<void> {
  await pipeline(renderCsvExport(db, machine, range), writable, { end });
}

async function* readRange(
  db: TenantDb,
  machine: ExportMachine,
  { fromS, toS }: ExportRange,
  columns: readonly string[],
): AsyncGenerator<SampleBlock> {
  const known = await readTimeRange(db, machine);
  if (known === null) return;
  const range = { fromS: fromS ?? known.startS, toS: toS ?? known.endS + 1 };
  yield* readBlocks(db, machine, { ...range, columns });
}

function renderJsonRows({ rowCount, timestampsS, values }: SampleBlock): string {
  return Array.from({ length: rowCount }, (_, row) => {
    // NaN, a gap, becomes null.
    const cells = values.map((column) => column[row] ?? null);
    return JSON.stringify([toTime(timestampsS[row] ?? Number.NaN), ...cells]);
  }).join(",\n");
}
