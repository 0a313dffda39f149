// A look into the portal's own PostgreSQL, past the portal: what is really stored.
import { readFile } from "node:fs/promises";
import { join } from "node:path";
import { Client, escapeIdentifier } from "pg";

export interface StoredSamples {
  /** Times for which the machine has a sample. */
  rows: number;
  /** By column: samples that are no gaps. */
  values: Map<string, number>;
}

export interface DatabaseView {
  countSamples(tenantId: string, machineId: string): Promise<StoredSamples>;
  close(): Promise<void>;
}

/** Logs in as the superuser that the state directory's files tell. */
export async function openDatabase(stateDirectory: string): Promise<DatabaseView> {
  const { run } = await readJson(join(stateDirectory, "server.json"));
  const { superuser } = await readJson(join(stateDirectory, "secrets.json"));
  const client = new Client({
    host: String(run),
    user: "postgres",
    password: String(superuser),
    database: "perfanalysis",
  });
  await client.connect();
  return {
    countSamples: (tenantId, machineId) => countSamples(client, { tenantId, machineId }),
    close: () => client.end(),
  };
}

async function countSamples(
  client: Client,
  { tenantId, machineId }: { tenantId: string; machineId: string },
): Promise<StoredSamples> {
  const schema = escapeIdentifier(`s_${tenantId.replaceAll("-", "")}`);
  await client.query(`SET search_path = ${schema}`);
  const rows = await client.query<{ rows: string }>(
    `SELECT (SELECT coalesce(sum(row_count), 0) FROM axis JOIN machine ON machine.id = axis.machine_id
             WHERE machine.machine_id = $1)
          + (SELECT count(*) FROM hot JOIN machine ON machine.id = hot.machine_id
             WHERE machine.machine_id = $1) AS rows`,
    [machineId],
  );
  const values = await client.query<{ name: string; count: string }>(
    `SELECT metric.name, sum(segment.count) AS count
     FROM segment JOIN metric ON metric.id = metric_id JOIN machine ON machine.id = segment.machine_id
     WHERE machine.machine_id = $1 GROUP BY metric.name`,
    [machineId],
  );
  return {
    rows: Number(rows.rows[0]?.rows),
    values: new Map(values.rows.map(({ name, count }) => [name, Number(count)])),
  };
}

async function readJson(path: string): Promise<Record<string, unknown>> {
  const value: unknown = JSON.parse(await readFile(path, "utf8"));
  if (typeof value === "object" && value !== null) return { ...value };
  throw new Error(`Cannot read ${path}: it holds no JSON object`);
}
