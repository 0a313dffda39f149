// Bytes on disk for a machine's day at 1 s, with all tables and indexes that hold it.
import { generateMachineDay } from "./generate.ts";
import { withPortal, type BenchPortal } from "./portal.ts";

const rows = 86_400;
const goal = 0.8;
const tables = ["hot", "axis", "segment", "rollup", "metric", "latest"];

export async function run(): Promise<void> {
  await withPortal(async (portal) => {
    const csv = new Blob([...generateMachineDay({ machineId: "bench-01", rows })]);
    const before = await measure(portal);
    const stored = await portal.upload({ machineId: "bench-01", csv });
    if (stored.rows_imported !== rows) throw new Error(`${stored.rows_imported} rows were stored`);
    const sizes = await measure(portal);
    const [counted] = await portal.query<{ values: string }>(
      "SELECT sum(count) AS values FROM segment",
    );
    const values = Number(counted?.values);
    const bytes = total(sizes) - total(before);
    console.log(`${rows} rows, ${values} values, ${(csv.size / 1e6).toFixed(1)} MB of CSV`);
    for (const [table, size] of sizes) {
      console.log(`${table.padEnd(8)} ${size.toLocaleString("en").padStart(12)} bytes`);
    }
    const perValue = bytes / values;
    const met = perValue <= goal;
    console.log(`${perValue.toFixed(3)} bytes a value; goal ≤ ${goal}: ${met ? "met" : "missed"}`);
    const again = await portal.upload({ machineId: "bench-01", csv });
    const grown = total(await measure(portal)) - total(sizes);
    console.log(`uploaded again: ${again.rows_imported} rows and ${grown} bytes more; goal 0 rows`);
    if (!met || again.rows_imported !== 0) process.exitCode = 1;
  });
}

async function measure({ query }: BenchPortal): Promise<Map<string, number>> {
  const sizes = await query<{ name: string; bytes: string }>(
    `SELECT name, pg_total_relation_size(name::regclass) AS bytes
     FROM unnest('{${tables.join(",")}}'::text[]) AS name`,
  );
  return new Map(sizes.map(({ name, bytes }) => [name, Number(bytes)]));
}

function total(sizes: ReadonlyMap<string, number>): number {
  return [...sizes.values()].reduce((sum, size) => sum + size, 0);
}
