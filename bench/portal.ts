// A portal for a benchmark: the real perf-portal on a state directory of its own, with one tenant, spoken to over HTTP.
import { execFile, spawn } from "node:child_process";
import { once } from "node:events";
import { chmod, mkdtemp, readFile, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { createInterface } from "node:readline";
import { promisify } from "node:util";
import { Client, type QueryResultRow } from "pg";

export interface BenchPortal {
  /** Origin, without a slash at its end. */
  url: string;
  /** Of a key with all scopes. */
  headers: { authorization: string };
  /** Uploads CSV as one file; the answer of the portal. Throws unless it is a success. */
  upload: (options: { machineId: string; csv: Blob }) => Promise<UploadReceipt>;
  /** Makes someone who may sign in to the pages. */
  addPerson: () => Promise<{ email: string; password: string }>;
  /** Runs a statement as PostgreSQL's superuser, whose search path is the tenant's schema. */
  query: <Row extends QueryResultRow>(text: string) => Promise<Row[]>;
}

export interface UploadReceipt {
  rows_imported: number;
  rows_duplicate: number;
}

const binaries = join(import.meta.dirname, "..", "node_modules", ".bin");
const run = promisify(execFile);

/** Runs `work` with a portal that is stopped and deleted afterwards. */
export async function withPortal(work: (portal: BenchPortal) => Promise<void>): Promise<void> {
  const folder = await mkdtemp(join(tmpdir(), "perfanalysis-bench-"));
  // Run as root, PostgreSQL works as another user, who must be able to reach its data here.
  await chmod(folder, 0o755);
  const env = {
    ...process.env,
    PATH: `${binaries}:${process.env["PATH"] ?? ""}`,
    PORTAL_STATE_DIR: join(folder, "state"),
    PORTAL_LOG_LEVEL: "error",
  };
  const server = spawn("perf-portal", ["serve", "--port", "0"], {
    env,
    stdio: ["ignore", "pipe", "inherit"],
  });
  const ended = once(server, "exit");
  try {
    const url = await Promise.race([
      readUrl(server.stdout),
      ended.then(() => Promise.reject(new Error("Cannot start perf-portal: it ended"))),
    ]);
    const json = async (...args: string[]): Promise<Record<string, string>> =>
      JSON.parse((await run("perf-portal", [...args, "--json"], { env })).stdout);
    const tenant = await json("tenant", "create", "bench");
    const scopes = ["ingest", "read"].flatMap((scope) => ["--scope", scope]);
    const key = await json("key", "create", "bench", "--tenant", "bench", ...scopes);
    const headers = { authorization: `Bearer ${key["key"]}` };
    const tenantId = String(tenant["tenant_id"]);
    await withClient(env.PORTAL_STATE_DIR, tenantId, async (client) => {
      await work({
        url,
        headers,
        addPerson: async () => {
          const email = "bench@perfanalysis.test";
          const person = await json("user", "create", email, "--tenant", "bench");
          return { email, password: String(person["password"]) };
        },
        upload: (options) => upload({ url, headers, tenantId, ...options }),
        query: async <Row extends QueryResultRow>(text: string) =>
          (await client.query<Row>(text)).rows,
      });
    });
  } finally {
    server.kill("SIGTERM");
    await ended;
    await run("perf-portal", ["reset", "--yes"], { env });
    await rm(folder, { recursive: true, force: true });
  }
}

/** The value that a share of 0.95 of the others does not exceed; nearest rank. */
export function percentile95(values: readonly number[]): number {
  return values.toSorted((a, b) => a - b)[Math.ceil(values.length * 0.95) - 1] ?? NaN;
}

export function median(values: readonly number[]): number {
  return values.toSorted((a, b) => a - b)[Math.floor(values.length / 2)] ?? NaN;
}

async function readUrl(output: NodeJS.ReadableStream): Promise<string> {
  for await (const line of createInterface({ input: output })) {
    const ready = /^Ready on (http\S+)$/.exec(line);
    if (ready?.[1] !== undefined) return ready[1];
  }
  throw new Error("Cannot start perf-portal: it never said that it is ready");
}

async function upload({
  url,
  headers,
  tenantId,
  machineId,
  csv,
}: {
  url: string;
  headers: Record<string, string>;
  tenantId: string;
  machineId: string;
  csv: Blob;
}): Promise<UploadReceipt> {
  const body = new FormData();
  body.set("tenant_id", tenantId);
  body.set("machine_id", machineId);
  body.set("file", csv, `${machineId}.csv`);
  const response = await fetch(`${url}/api/v1/performance/upload`, {
    method: "POST",
    headers,
    body,
  });
  if (response.status !== 200) {
    throw new Error(`Cannot upload: ${response.status} ${await response.text()}`);
  }
  return JSON.parse(await response.text());
}

async function withClient(
  stateDirectory: string,
  tenantId: string,
  work: (client: Client) => Promise<void>,
): Promise<void> {
  const readJson = async (name: string): Promise<Record<string, string>> =>
    JSON.parse(await readFile(join(stateDirectory, name), "utf8"));
  const [{ run: host }, { superuser }] = [
    await readJson("server.json"),
    await readJson("secrets.json"),
  ];
  const client = new Client({
    host: String(host),
    port: 5432,
    user: "postgres",
    password: String(superuser),
    database: "perfanalysis",
  });
  await client.connect();
  try {
    await client.query(`SET search_path TO s_${tenantId.replaceAll("-", "")}`);
    await work(client);
  } finally {
    await client.end();
  }
}
