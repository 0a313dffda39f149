// What machines tell of themselves beside their samples, streamed and uploaded.
import { MachineDetail, UploadReceipt, type HostFacts } from "@perfanalysis/contract/api";
import { hostFactsHeader, renderHostFacts } from "@perfanalysis/contract/host-facts";
import { Value } from "typebox/value";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { createKey } from "../keys/keys.ts";
import { newPortal, readProblem, type TestPortal, type TestTenant } from "../testing/portal.ts";

const header = "timestamp,machine_id,cpu_user,cpu_system,cpu_idle,mem_total,mem_free";
const startS = 1_767_225_600;
const facts = {
  host_name: "büro-01.example",
  kernel: "6.1.0-18-amd64",
  distribution: "Debian GNU/Linux 12 (bookworm)",
  architecture: "x86_64",
  cpu_model: "Intel(R) Xeon(R) CPU",
  cpu_count: 8,
  memory_bytes: 33_554_432_000,
  boot_id: "77263b45-0000-4000-8000-000000000001",
  boot_time: "2026-01-01T00:00:00.000Z",
  vendor: "Amazon EC2",
  product: "m5.large",
  virtualisation: "kvm",
  cloud: "aws",
  instance_type: "m5.large",
  interface_speeds_mbps: { eth0: 10_000, "enp3s0f1np1.x": 2500 },
  read_at: "2026-01-02T00:00:00.000Z",
} satisfies HostFacts;

let portal: TestPortal;
beforeAll(async () => {
  portal = await newPortal();
});
afterAll(() => portal.close());

interface Sending {
  /** The header's text. */
  told?: string;
  sequence?: number;
  machineId?: string;
  key?: string | null;
}

/** A row, whose second is the sequence. */
function stream(
  tenant: TestTenant,
  { told, sequence = 0, machineId = "web-01", key = tenant.keys.ingest }: Sending,
): Promise<Response> {
  return portal.fetch(`/api/v1/performance/stream?agent=web-01&epoch=e1&sequence=${sequence}`, {
    method: "POST",
    ...(key === null ? {} : { key }),
    headers: {
      "content-type": "text/csv",
      ...(told === undefined ? {} : { [hostFactsHeader]: told }),
    },
    body: `${header}\n${startS + sequence},${machineId},1,,97,4096,1024\n`,
  });
}

async function upload(tenant: TestTenant, told: string): Promise<UploadReceipt> {
  const body = new FormData();
  body.set("machine_id", "web-01");
  body.set("host", told);
  body.set("file", new Blob([`${header}\n${startS},web-01,1,,97,4096,1024\n`]), "web-01.csv");
  const answer = await portal.fetch("/api/v1/performance/upload", {
    method: "POST",
    key: tenant.keys.ingest,
    body,
  });
  return Value.Parse(UploadReceipt, await answer.json());
}

async function hostOf(tenant: TestTenant, machineId = "web-01"): Promise<HostFacts | null> {
  const answer = await portal.fetch(`/api/v1/machines/${machineId}`, { key: tenant.keys.read });
  return Value.Parse(MachineDetail, await answer.json()).host;
}

test("a machine's facts come with its batch, and stay when later batches have none", async () => {
  const tenant = await portal.newTenant();
  await stream(tenant, { sequence: 0 });
  expect(await hostOf(tenant)).toBeNull();
  const answer = await stream(tenant, { sequence: 1, told: renderHostFacts(facts) });
  expect(await answer.json()).toEqual({
    status: "success",
    rows_imported: 1,
    rows_duplicate: 0,
    machine_id: "web-01",
  });
  expect(await hostOf(tenant)).toEqual(facts);
  await stream(tenant, { sequence: 2 });
  expect(await hostOf(tenant)).toEqual(facts);
});

test("later facts replace earlier ones, whichever arrive first, and repeats change nothing", async () => {
  const tenant = await portal.newTenant();
  const later = { ...facts, cpu_count: 16, read_at: "2026-01-02T01:00:00.000Z" };
  await stream(tenant, { sequence: 0, told: renderHostFacts(facts) });
  await stream(tenant, { sequence: 1, told: renderHostFacts(later) });
  expect(await hostOf(tenant)).toEqual(later);
  // A gateway may send the first one again, and behind the second.
  for (const sequence of [0, 2]) {
    const answer = await stream(tenant, { sequence, told: renderHostFacts(facts) });
    expect(answer.status).toBe(200);
    expect(await hostOf(tenant)).toEqual(later);
  }
  // A repeated batch may bring what its first sending did not.
  const latest = { ...later, kernel: "6.2.0", read_at: "2026-01-02T02:00:00.000Z" };
  await stream(tenant, { sequence: 2, told: renderHostFacts(latest) });
  expect(await hostOf(tenant)).toEqual(latest);
});

test("facts of a clock that is ahead do not keep later ones out", async () => {
  const tenant = await portal.newTenant();
  const ahead = { kernel: "6.1.0", read_at: "2999-01-01T00:00:00.000Z" };
  await stream(tenant, { sequence: 0, told: renderHostFacts(ahead) });
  const readAt = (await hostOf(tenant))?.read_at ?? "";
  expect(Date.parse(readAt)).toBeLessThanOrEqual(Date.now());
  await stream(tenant, { sequence: 1, told: renderHostFacts({ kernel: "6.2.0" }) });
  expect(await hostOf(tenant)).toMatchObject({ kernel: "6.2.0" });
});

test.each([
  ["they are no JSON", "{"],
  ["they are no JSON object", "[1]"],
  ["they are longer than 4000 bytes", `{"kernel":"${"x".repeat(4000)}"}`],
  ["/cpu_count must be integer", '{"kernel":"6.1.0","cpu_count":"8"}'],
  ["/kernel must", '{"kernel":"6.1\\u0000"}'],
  ["/kernel must", '{"kernel":"\\ud800"}'],
  ["/boot_time must", '{"boot_time":"2026-12-31T23:59:60Z"}'],
  ["/interface_speeds_mbps/eth0 must", '{"interface_speeds_mbps":{"eth0":-1}}'],
  ["/interface_speeds_mbps must", '{"interface_speeds_mbps":10000}'],
])("facts are set aside where %s, and the rows are stored: %.30s", async (why, told) => {
  const tenant = await portal.newTenant();
  await stream(tenant, { sequence: 0, told: renderHostFacts(facts) });
  const answer = await stream(tenant, { sequence: 1, told });
  expect(await answer.json()).toEqual({
    status: "success",
    rows_imported: 1,
    rows_duplicate: 0,
    machine_id: "web-01",
    warnings: [expect.stringContaining(`What "web-01" tells of itself was not taken: ${why}`)],
  });
  expect(await hostOf(tenant)).toEqual(facts);
});

test("facts that this version does not know are left out", async () => {
  const tenant = await portal.newTenant();
  const answer = await stream(tenant, {
    told: '{"kernel":"6.1.0","colour":"red","__proto__":{"cpu_count":1}}',
  });
  expect(await answer.json()).not.toHaveProperty("warnings");
  expect(await hostOf(tenant)).toEqual({
    kernel: "6.1.0",
    read_at: expect.any(String) as string,
  });
});

test("an upload brings what the machine was at its end, and an older one changes nothing", async () => {
  const tenant = await portal.newTenant();
  expect((await upload(tenant, renderHostFacts(facts))).warnings).toEqual([]);
  expect(await hostOf(tenant)).toEqual(facts);
  const older = { ...facts, kernel: "5.10.0", read_at: "2026-01-01T12:00:00.000Z" };
  expect((await upload(tenant, renderHostFacts(older))).warnings).toEqual([]);
  expect(await hostOf(tenant)).toEqual(facts);
});

test.each(["{", '{"cpu_count":0}', `{"kernel":"${"x".repeat(5000)}"}`])(
  "an upload whose facts are none is stored, and its receipt and record say so: %.10s",
  async (told) => {
    const tenant = await portal.newTenant();
    const receipt = await upload(tenant, told);
    expect(receipt).toMatchObject({
      rows_imported: 1,
      warnings: [expect.stringContaining("tells of itself was not taken")],
    });
    expect(await hostOf(tenant)).toBeNull();
    const record = await portal.fetch(`/api/v1/uploads/${receipt.upload_id}`, {
      key: tenant.keys.read,
    });
    expect(await record.json()).toMatchObject({ warnings: receipt.warnings });
  },
);

test("a batch that is refused changes no facts", async () => {
  const tenant = await portal.newTenant();
  await stream(tenant, { sequence: 0, told: renderHostFacts(facts) });
  const told = renderHostFacts({ kernel: "evil" });
  // The same name with another row.
  const other = await portal.fetch("/api/v1/performance/stream?agent=web-01&epoch=e1&sequence=0", {
    method: "POST",
    key: tenant.keys.ingest,
    headers: { "content-type": "text/csv", [hostFactsHeader]: told },
    body: `${header}\n${startS + 7},web-01,1,,97,4096,1024\n`,
  });
  await readProblem(other, 409);
  expect(await hostOf(tenant)).toEqual(facts);
});

describe("nobody else tells what a machine is:", () => {
  test("without a key, with one that may not ingest, and with another machine's", async () => {
    const tenant = await portal.newTenant();
    await stream(tenant, { machineId: "web-02", told: renderHostFacts(facts) });
    const { token: own } = await createKey(portal.services.database, {
      tenantId: tenant.tenantId,
      name: "web-01",
      scopes: ["ingest"],
      machineId: "web-01",
    });
    const told = renderHostFacts({ kernel: "evil" });
    const victim = { told, machineId: "web-02", sequence: 1 };
    await readProblem(await stream(tenant, { ...victim, key: null }), 401);
    await readProblem(await stream(tenant, { ...victim, key: tenant.keys.read }), 403);
    await readProblem(await stream(tenant, { ...victim, key: own }), 403);
    const form = new FormData();
    form.set("machine_id", "web-02");
    form.set("host", told);
    form.set("file", new Blob([`${header}\n${startS},web-02,1,,97,4096,1024\n`]), "web-02.csv");
    for (const [key, status] of [
      [tenant.keys.read, 403],
      [own, 403],
      ["", 401],
    ] as const) {
      const request = { method: "POST", body: form, ...(key === "" ? {} : { key }) };
      await readProblem(await portal.fetch("/api/v1/performance/upload", request), status);
    }
    expect(await hostOf(tenant, "web-02")).toEqual(facts);
    expect((await stream(tenant, { told, sequence: 2, key: own })).status).toBe(200);
    expect(await hostOf(tenant, "web-02")).toEqual(facts);
    expect(await hostOf(tenant)).toMatchObject({ kernel: "evil" });
  });

  test("another tenant's key, of a machine of the same id", async () => {
    const [acme, rival] = [await portal.newTenant(), await portal.newTenant()];
    await stream(acme, { told: renderHostFacts(facts) });
    await stream(rival, { told: renderHostFacts({ kernel: "evil" }) });
    expect(await hostOf(acme)).toEqual(facts);
    expect(await hostOf(rival)).toMatchObject({ kernel: "evil" });
  });
});
