// A host from nothing to samples in the portal, by pcctl alone; and captures that are uploaded, once each.
import { mkdir, readdir, readFile, rm, stat, writeFile } from "node:fs/promises";
import { release } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, expect, test } from "vitest";
import { run, runOk, startRunning, type Running } from "./binaries.ts";
import { makeFolder } from "./folder.ts";
import { readHostFacts } from "./host-facts.ts";

let folder: string;
let state: string[];
let portal: Running;
let url: string;
let readKey: string;

beforeAll(async () => {
  folder = await makeFolder("pcctl");
  state = ["--state-dir", join(folder, "state")];
  portal = startRunning("perf-portal", ["serve", "--port", "0", ...state]);
  url = String((await portal.line(/^Ready on (http:\S+)/))[1]);
  await runOk("perf-portal", ["tenant", "create", "acme", ...state]);
  readKey = await createKey("read");
});

afterAll(async () => {
  await portal?.stop();
  await rm(folder, { recursive: true, force: true });
});

async function createKey(scope: string): Promise<string> {
  const file = join(folder, `${scope}.key`);
  const args = ["key", "create", scope, "--tenant", "acme", "--scope", scope, "--output", file];
  await runOk("perf-portal", [...args, ...state]);
  return (await readFile(file, "utf8")).trim();
}

async function get(path: string): Promise<Record<string, unknown>> {
  const response = await fetch(`${url}/api/v1/${path}`, {
    headers: { authorization: `Bearer ${readKey}` },
  });
  expect(response.status).toBe(200);
  // The API answers with objects.
  return (await response.json()) as Record<string, unknown>;
}

async function countRows(machineId: string): Promise<number> {
  const { rows } = await get(`performance/export?machine_id=${machineId}&format=json`);
  return Array.isArray(rows) ? rows.length : Number.NaN;
}

test("a host enrols with a token, and pcc streams with the key that it received", async () => {
  const [config, keyFile] = [join(folder, "host", "config.yaml"), join(folder, "host", "key")];
  await mkdir(join(folder, "host"));
  await writeFile(config, "# ours\nfrequency: 1s # as often as possible\n");
  const token = join(folder, "rack.token");
  await runOk("perf-portal", [
    "enrol-token",
    "create",
    "rack",
    "--tenant",
    "acme",
    "--output",
    token,
    ...state,
  ]);
  const enroll = [
    "enroll",
    "--portal",
    url,
    "--config",
    config,
    "--key-file",
    keyFile,
    "--machine-id",
    "host-01",
  ];
  const told = await runOk("pcctl", [...enroll, "--token-file", token, "--json"]);
  const key = (await readFile(keyFile, "utf8")).trim();
  expect(JSON.parse(told)).toMatchObject({
    tenant_name: "acme",
    machine_id: "host-01",
    is_new: true,
    api_key_file: keyFile,
  });
  expect(told).not.toContain(key);
  expect(key).toMatch(/^pa_ingest_[0-9A-Za-z]{33}$/);
  expect((await stat(keyFile)).mode & 0o777).toBe(0o600);
  const written = await readFile(config, "utf8");
  expect(written).toContain("# ours\nfrequency: 1s # as often as possible\n");
  expect(written).toContain(`api_key_file: ${keyFile}\n`);

  // The key that is there is not lost to a mistake, and the token is used up.
  expect((await run("pcctl", [...enroll, "--token-file", token])).code).toBe(64);
  const again = await run("pcctl", [...enroll, "--token-file", token, "--force"]);
  expect(again.code).toBe(77);
  expect((await readFile(keyFile, "utf8")).trim()).toBe(key);
  expect((await readdir(join(folder, "host"))).toSorted()).toEqual(["config.yaml", "key"]);

  const healthy = await run("pcctl", ["doctor", "--config", config, "--json"]);
  expect(JSON.parse(healthy.stdout)).toMatchObject({ healthy: true });
  await runOk("pcc", ["--config", config, "1", "3"]);
  expect(await countRows("host-01")).toBe(3);
  const machine = await get("machines/host-01");
  expect(machine["host"]).toMatchObject({
    cpu_count: expect.any(Number),
    kernel: expect.any(String),
  });
});

test("pcctl upload sends a capture once, keeps the receipt, and goes on with what is new", async () => {
  const keyFile = join(folder, "ingest.key");
  await createKey("ingest");
  const captures = join(folder, "captures");
  const receipts = join(folder, "receipts");
  const environment = {
    PCC_COLLECTION: `${captures}/`,
    PCC_MACHINE_ID: "host-02",
    PCC_PORTAL: url,
    PCC_API_KEY_FILE: keyFile,
  };
  const upload = async (...args: string[]): Promise<{ uploads: Record<string, unknown>[] }> => {
    const json = await runOk("pcctl", ["upload", "--json", "--receipts", receipts, ...args], {
      env: environment,
    });
    // As the help says.
    return JSON.parse(json) as { uploads: Record<string, unknown>[] };
  };
  await runOk("pcc", ["1", "3"], { env: environment });
  const first = await upload("--new");
  expect(first.uploads).toMatchObject([
    {
      machine_id: "host-02",
      rows_imported: 3,
      rows_duplicate: 0,
      receipts: [{ status: "success", upload_id: expect.any(String) }],
    },
  ]);
  expect(await countRows("host-02")).toBe(3);
  const reader = { machineId: "host-02", keyFile: join(folder, "read.key") };
  expect(await readHostFacts(url, reader)).toMatchObject({ kernel: release() });
  expect((await upload("--new")).uploads).toMatchObject([{ rows_imported: 0, receipts: [] }]);

  await runOk("pcc", ["1", "2"], { env: environment });
  expect((await upload("--new")).uploads).toMatchObject([{ rows_imported: 2, rows_duplicate: 0 }]);
  expect(await countRows("host-02")).toBe(5);

  // The folder as a whole: rows that are there already are no news, and then not even sent.
  expect((await upload(captures)).uploads).toMatchObject([{ rows_imported: 0, rows_duplicate: 5 }]);
  expect((await upload(captures)).uploads).toMatchObject([
    { receipts: [], parts_uploaded_before: 1 },
  ]);
  expect((await upload(captures, "--again")).uploads).toMatchObject([{ rows_duplicate: 5 }]);
  expect(await countRows("host-02")).toBe(5);

  // A CSV, and the same as people read it.
  const csv = join(folder, "host-03.csv");
  const header = "timestamp,machine_id,cpu_user,cpu_system,cpu_idle,mem_total,mem_free";
  await writeFile(csv, `${header}\n1767800521,host-03,1,2,97,8,4\n1767800522,host-03,1,2,97,8,4\n`);
  const args = ["upload", csv, "--receipts", receipts];
  const told = await runOk("pcctl", args, { env: environment });
  expect(told).toMatch(
    /^host-03\.csv: 2 rows of host-03\n {2}receipt \S+, 2026-01-07T15:42:01\S*Z to 2026-01-07T15:42:02\S*Z\n/,
  );
  expect(await runOk("pcctl", args, { env: environment })).toBe("host-03.csv: uploaded before\n");

  await writeFile(csv, `${header}\n1767800521,host-03,1,2,seven,8,4\n`);
  const bad = await run("pcctl", args, { env: environment });
  expect(bad.code).toBe(65);
  expect(bad.stderr).toContain("line 2: cpu_idle");
  const refused = await run("pcctl", args, {
    env: { ...environment, PCC_API_KEY_FILE: join(folder, "read.key") },
  });
  expect(refused.code).toBe(77);
});

test("pcctl keys makes, lists and revokes the portal's keys with an administrator's", async () => {
  await createKey("admin");
  const access = ["--portal", url, "--admin-key-file", join(folder, "admin.key")];
  const portalKeys = (verb: string, ...args: string[]): Promise<string> =>
    runOk("pcctl", ["keys", verb, ...args, ...access]);
  const file = join(folder, "fleet.key");
  await portalKeys("create", "fleet", "--output", file);
  const token = (await readFile(file, "utf8")).trim();
  const validate = (): Promise<Response> =>
    fetch(`${url}/api/v1/auth/validate`, { headers: { authorization: `Bearer ${token}` } });
  expect(await (await validate()).json()).toMatchObject({ key_name: "fleet", scopes: ["ingest"] });
  const bound = await portalKeys("create", "one", "--machine-id", "web-01", "--json");
  expect(JSON.parse(bound)).toMatchObject({ machine_id: "web-01", key: expect.any(String) });
  expect(await portalKeys("list")).toMatch(/^fleet +…\w{4} +ingest +any +valid /m);
  await portalKeys("revoke", "fleet");
  expect((await validate()).status).toBe(401);
  expect(await portalKeys("list")).toMatch(/^fleet +…\w{4} +ingest +any +revoked /m);
  expect((await run("pcctl", ["keys", "revoke", "fleet", ...access])).code).toBe(66);
  const reader = ["--portal", url, "--admin-key-file", join(folder, "read.key")];
  expect((await run("pcctl", ["keys", "list", ...reader])).code).toBe(77);
});
