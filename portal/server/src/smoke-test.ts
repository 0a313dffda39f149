// A portal tried from outside, through its public API alone.
import { randomBytes } from "node:crypto";
import { KeyValidation, MachineDetail, UploadReceipt } from "@perfanalysis/contract/api";
import type { Static, TSchema } from "typebox";
import { Value } from "typebox/value";

export interface SmokeStep {
  step: string;
  durationMs: number;
}

interface Target {
  url: string;
  key: string;
}

const rowCount = 5;
const timeoutMs = 10_000;

/** Each step as it succeeds. Throws at the first that does not; the machine that it made is deleted in any case. */
export async function* runSmokeTest({ url, key }: Target): AsyncGenerator<SmokeStep> {
  const target = { url: url.replace(/\/+$/, ""), key };
  const machineId = `smoke-test-${randomBytes(4).toString("hex")}`;
  const startS = Math.floor(Date.now() / 1000) - rowCount;
  yield await timed("The portal is healthy", () => expectHealthy(target));
  const { tenant_id: tenantId } = yield* valued("The key is valid", () =>
    ask(target, KeyValidation, "/api/v1/auth/validate"),
  );
  try {
    yield await timed(`Upload of ${rowCount} rows`, () =>
      upload(target, { machineId, tenantId, startS }),
    );
    yield await timed("The rows are there", () => expectRows(target, { machineId, startS }));
  } finally {
    yield await timed("The machine is deleted", () =>
      send(target, `/api/v1/machines/${machineId}`, { method: "DELETE" }),
    );
  }
}

async function expectHealthy({ url }: Target): Promise<void> {
  const response = await fetch(`${url}/health`, { signal: AbortSignal.timeout(timeoutMs) }).catch(
    (error: unknown) => {
      throw new Error(`Cannot reach ${url}: ${causeOf(error)}`, { cause: error });
    },
  );
  if (!response.ok)
    throw new Error(`${url}/health answers ${response.status}: ${await response.text()}`);
}

async function upload(
  target: Target,
  { machineId, tenantId, startS }: { machineId: string; tenantId: string; startS: number },
): Promise<void> {
  const lines = Array.from(
    { length: rowCount },
    (_, index) => `${startS + index},${machineId},${index + 1},1,${98 - index},1000000,500000`,
  );
  const header = "timestamp,machine_id,cpu_user,cpu_system,cpu_idle,mem_total,mem_free";
  const body = new FormData();
  body.set("machine_id", machineId);
  body.set("tenant_id", tenantId);
  body.set(
    "file",
    new Blob([[header, ...lines, ""].join("\n")], { type: "text/csv" }),
    "smoke-test.csv",
  );
  const receipt = await ask(target, UploadReceipt, "/api/v1/performance/upload", {
    method: "POST",
    body,
  });
  if (receipt.rows_imported !== rowCount)
    throw new Error(`The upload imported ${receipt.rows_imported} of ${rowCount} rows`);
}

async function expectRows(
  target: Target,
  { machineId, startS }: { machineId: string; startS: number },
): Promise<void> {
  const detail = await ask(target, MachineDetail, `/api/v1/machines/${machineId}`);
  const start =
    detail.timestamp_range === null ? null : Date.parse(detail.timestamp_range.start) / 1000;
  if (start !== startS)
    throw new Error(`The machine's first sample should be at ${startS}, but is at ${start}`);
}

async function ask<Schema extends TSchema>(
  target: Target,
  schema: Schema,
  path: string,
  init: RequestInit = {},
): Promise<Static<Schema>> {
  const body: unknown = await (await send(target, path, init)).json();
  if (Value.Check(schema, body)) return body;
  throw new Error(`${path} answers what the contract does not allow: ${JSON.stringify(body)}`);
}

async function send({ url, key }: Target, path: string, init: RequestInit): Promise<Response> {
  const response = await fetch(url + path, {
    ...init,
    headers: { authorization: `Bearer ${key}` },
    signal: AbortSignal.timeout(timeoutMs),
  });
  if (response.ok) return response;
  throw new Error(
    `${init.method ?? "GET"} ${path} answers ${response.status}: ${await response.text()}`,
  );
}

async function timed(step: string, work: () => Promise<unknown>): Promise<SmokeStep> {
  const startedMs = performance.now();
  await work();
  return { step, durationMs: Math.round(performance.now() - startedMs) };
}

/** As `timed`, and hands on what the step gave. */
async function* valued<T>(step: string, work: () => Promise<T>): AsyncGenerator<SmokeStep, T> {
  const startedMs = performance.now();
  const value = await work();
  yield { step, durationMs: Math.round(performance.now() - startedMs) };
  return value;
}

function causeOf(error: unknown): string {
  if (!(error instanceof Error)) return String(error);
  return error.cause instanceof Error ? error.cause.message || error.message : error.message;
}
