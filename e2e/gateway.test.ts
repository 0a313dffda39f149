// pcc → pcd → portal with the real programs, while the portal goes away and comes back.
import { readFile, rm } from "node:fs/promises";
import { join } from "node:path";
import { afterAll, beforeAll, expect, test } from "vitest";
import { runOk, startRunning, type Running } from "./binaries.ts";
import { readCsv } from "./csv.ts";
import { openDatabase, type DatabaseView } from "./database.ts";
import { makeFolder } from "./folder.ts";
import { readCaptureFacts, readHostFacts } from "./host-facts.ts";

const machineIds = ["gateway-web", "gateway-db"];

let folder: string;
let state: string[];
let portal: Running;
let portalUrl: URL;
let database: DatabaseView | null = null;

beforeAll(async () => {
  folder = await makeFolder("gateway");
  state = ["--state-dir", join(folder, "state")];
  portal = await startPortal("0");
});

afterAll(async () => {
  await database?.close();
  await portal?.stop();
  await rm(folder, { recursive: true, force: true });
});

test("every sample of two machines is in the portal once, although it was away, and pcd was started anew", async () => {
  const created = await runOk("perf-portal", ["tenant", "create", "acme", "--json", ...state]);
  // The command prints an object that has it.
  const { tenant_id: tenantId } = JSON.parse(created) as { tenant_id: string };
  const upstreamKey = join(folder, "upstream.key");
  const scopes = ["--tenant", "acme", "--scope", "ingest", "--output", upstreamKey];
  await runOk("perf-portal", ["key", "create", "gateway", ...scopes, ...state]);
  const keys = ["--keys", join(folder, "keys.json")];
  for (const machineId of machineIds) {
    const own = ["--machine-id", machineId, "--output", join(folder, `${machineId}.key`)];
    await runOk("pcd", ["key", "create", machineId, "--upstream", "portal", ...own, ...keys]);
  }
  const upstream = ["--portal", portalUrl.href, "--api-key-file", upstreamKey];
  const pcdArgs = [...upstream, "--state", join(folder, "pcd"), ...keys];
  let pcd = startRunning("pcd", [...pcdArgs, "--listen", "127.0.0.1:0"]);
  const [, gateway = ""] = await pcd.line(/listening on (http:[^;]+);/);
  const agents = machineIds.map((machineId) => ({ machineId, pcc: startPcc(machineId, gateway) }));
  await waitForSamples(4);

  await portal.stop();
  await waitForSamples(8);
  expect(pcd.lines.join("\n")).toContain("takes no batches now");
  expect(await pcd.stop()).toBe(0);
  expect(pcd.lines.join("\n")).toMatch(/portal: \d+ batch(?:es wait| waits) for the next start/);
  // pcc goes on without it.
  await waitForSamples(10);
  pcd = startRunning("pcd", [...pcdArgs, "--listen", new URL(gateway).host]);
  await pcd.line(/listening on/);
  portal = await startPortal(portalUrl.port);
  await waitForSamples(14);
  for (const { pcc } of agents) expect(await pcc.stop()).toBe(0);
  await expect.poll(() => countWaiting(gateway), { timeout: 60_000 }).toBe(0);
  expect(await pcd.stop()).toBe(0);

  const reader = join(folder, "read.key");
  const mayRead = ["--tenant", "acme", "--scope", "read", "--output", reader];
  await runOk("perf-portal", ["key", "create", "reader", ...mayRead, ...state]);
  database = await openDatabase(join(folder, "state"));
  for (const { machineId, pcc } of agents) {
    expect(pcc.lines.filter((line) => line.includes("did not reach"))).toEqual([]);
    const csv = join(folder, `${machineId}.csv`);
    await runOk("pcprocess", ["--input", capturePath(machineId), "--output", csv]);
    const rows = await readCsv(csv);
    expect((await database.countSamples(tenantId, machineId)).rows).toBe(rows.length);
    const exported = join(folder, `${machineId}-export.csv`);
    const range = ["--start-date", new Date(Date.now() - 3_600_000).toISOString()];
    const target = ["--tenant", "acme", "--machine-id", machineId, "--output", exported];
    await runOk("perf-portal", ["export", ...target, ...range, ...state]);
    expect(await readCsv(exported)).toEqual(rows);
    const told = await readCaptureFacts(capturePath(machineId));
    expect(await readHostFacts(portalUrl, { machineId, keyFile: reader })).toMatchObject(told);
  }
});

async function startPortal(port: string): Promise<Running> {
  const started = startRunning("perf-portal", ["serve", "--port", port, ...state]);
  const [, address = ""] = await started.line(/^Ready on (http:\S+)/);
  portalUrl = new URL(address);
  return started;
}

function startPcc(machineId: string, gateway: string): Running {
  const target = ["--mode", "trickle", "--portal", gateway, "--machine-id", machineId];
  const spool = ["--spool", join(folder, `${machineId}-spool`)];
  return startRunning("pcc", [...target, ...spool, "1", capturePath(machineId)], {
    PCC_API_KEY_FILE: join(folder, `${machineId}.key`),
  });
}

function capturePath(machineId: string): string {
  return join(folder, `${machineId}.json`);
}

/** Until each machine's capture holds so many. */
async function waitForSamples(count: number): Promise<void> {
  await expect
    .poll(() => Promise.all(machineIds.map(countSamples)), { timeout: 60_000 })
    .toEqual(machineIds.map(() => expect.toSatisfy((samples: number) => samples >= count)));
}

async function countSamples(machineId: string): Promise<number> {
  try {
    const lines = (await readFile(capturePath(machineId), "utf8")).split("\n");
    return lines.filter((line) => line.startsWith('{"t":')).length;
  } catch {
    // Not begun yet.
    return 0;
  }
}

async function countWaiting(gateway: string): Promise<number> {
  const text = await (await fetch(new URL("/metrics", gateway))).text();
  return Number(/^pcd_spool_records\{upstream="portal"\} (\d+)$/m.exec(text)?.[1]);
}
