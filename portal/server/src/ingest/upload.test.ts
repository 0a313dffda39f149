import { connect } from "node:net";
import { gzipSync } from "node:zlib";
import { setTimeout as sleep } from "node:timers/promises";
import { UploadList, UploadReceipt } from "@perfanalysis/contract/api";
import { Value } from "typebox/value";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { asTenant } from "../db/tenant-db.ts";
import { getMachine } from "../machines/machines.ts";
import { newPortal, readProblem, type TestPortal, type TestTenant } from "../testing/portal.ts";

const header = "timestamp,machine_id,cpu_user,cpu_system,cpu_idle,mem_total,mem_free";
const startS = 1_767_225_600;
const row = (index: number, cells = "1,2,97,4096,1024"): string =>
  `${startS + index},web-01,${cells}`;
const file = (rows: number): string =>
  `${[header, ...Array.from({ length: rows }, (_, index) => row(index))].join("\n")}\n`;
const MiB = 1024 * 1024;

let portal: TestPortal;
beforeAll(async () => {
  portal = await newPortal();
});
afterAll(() => portal.close());

type Fields = Record<string, string | Blob | undefined>;

/** A form of the tenant with `fields` in their order; undefined leaves one out. */
function makeForm(tenant: TestTenant, fields: Fields): FormData {
  const form = new FormData();
  const all: Fields = { tenant_id: tenant.tenantId, machine_id: "web-01", ...fields };
  for (const [name, value] of Object.entries(all)) {
    if (value instanceof Blob) form.append(name, value, "web-01.csv");
    else if (value !== undefined) form.append(name, value);
  }
  return form;
}

function upload(
  tenant: TestTenant,
  content: string | Uint8Array<ArrayBuffer>,
  fields: Fields = {},
  key = tenant.keys.ingest,
) {
  return send(
    makeForm(tenant, { file: new Blob([content], { type: "text/csv" }), ...fields }),
    key,
  );
}

function send(body: FormData, key: string | undefined): Promise<Response> {
  return portal.fetch("/api/v1/performance/upload", { method: "POST", body, key });
}

async function readReceipt(response: Response): Promise<UploadReceipt> {
  expect(response.status).toBe(200);
  return Value.Parse(UploadReceipt, await response.json());
}

async function countStored(tenant: TestTenant): Promise<Record<string, number>> {
  const [counts] = await asTenant(portal.services.database, tenant.tenantId, (db) =>
    db.query<Record<string, number>>(
      `SELECT (SELECT count(*) FROM machine)::int AS machines, (SELECT count(*) FROM upload)::int AS uploads,
         (SELECT count(*) FROM axis)::int AS hours, (SELECT count(*) FROM segment)::int AS segments`,
    ),
  );
  return counts ?? {};
}

const nothing = { machines: 0, uploads: 0, hours: 0, segments: 0 };

describe("a good upload", () => {
  test("upload stores every row and answers with what it stored", async () => {
    const tenant = await portal.newTenant();
    const receipt = await readReceipt(await upload(tenant, file(4000)));
    expect(receipt).toEqual({
      status: "success",
      upload_id: expect.any(String),
      rows_imported: 4000,
      rows_duplicate: 0,
      machine_id: "web-01",
      timestamp_range: { start: "2026-01-01T00:00:00Z", end: "2026-01-01T01:06:39Z" },
      warnings: [],
    });
    expect(await countStored(tenant)).toEqual({ machines: 1, uploads: 1, hours: 2, segments: 10 });
    const machine = await asTenant(portal.services.database, tenant.tenantId, (db) =>
      getMachine(db, { machineId: "web-01" }),
    );
    expect(machine?.lastSeen).toBeInstanceOf(Date);
  });

  test("upload takes the form's fields in any order", async () => {
    const tenant = await portal.newTenant();
    const form = new FormData();
    form.append("machine_id", "web-01");
    form.append("file", new Blob([file(3)]), "a.csv");
    form.append("tenant_id", tenant.tenantId.toUpperCase());
    expect(await readReceipt(await send(form, tenant.keys.ingest))).toMatchObject({
      rows_imported: 3,
    });
  });

  test("upload needs no tenant_id: the key's tenant is meant", async () => {
    const tenant = await portal.newTenant();
    const receipt = await readReceipt(await upload(tenant, file(3), { tenant_id: undefined }));
    expect(receipt).toMatchObject({ rows_imported: 3 });
    expect(await countStored(tenant)).toMatchObject({ uploads: 1 });
  });

  test("upload unzips gzip, whatever the file is called", async () => {
    const tenant = await portal.newTenant();
    const receipt = await readReceipt(await upload(tenant, new Uint8Array(gzipSync(file(5000)))));
    expect(receipt.rows_imported).toBe(5000);
  });

  test("upload adds no row when it is repeated, and fills gaps without changing values", async () => {
    const tenant = await portal.newTenant();
    const gap = `${header}\n${row(0, ",2,97,4096,1024")}\n${row(1)}\n`;
    await readReceipt(await upload(tenant, gap));
    expect(await readReceipt(await upload(tenant, gap))).toMatchObject({
      rows_imported: 0,
      rows_duplicate: 2,
    });
    const other = `${header}\n${row(0, "50,60,70,4096,1024")}\n${row(2)}\n`;
    expect(await readReceipt(await upload(tenant, other))).toMatchObject({
      rows_imported: 1,
      rows_duplicate: 1,
    });
    const response = await portal.fetch("/api/v1/performance/export?machine_id=web-01", {
      key: tenant.keys.read,
    });
    expect((await response.text()).split("\n").slice(1, 4)).toEqual([
      row(0, "50,2,97,4096,1024"),
      row(1),
      row(2),
    ]);
  });

  test("upload adds each row once when it comes many times at once", async () => {
    const tenant = await portal.newTenant();
    const receipts = await Promise.all(
      Array.from({ length: 6 }, async () => readReceipt(await upload(tenant, file(500)))),
    );
    expect(receipts.reduce((sum, { rows_imported }) => sum + rows_imported, 0)).toBe(500);
    expect(receipts.map((own) => own.rows_imported + own.rows_duplicate)).toEqual(
      Array(6).fill(500),
    );
    expect(await countStored(tenant)).toEqual({ machines: 1, uploads: 6, hours: 1, segments: 5 });
  });

  test("upload passes on what the parser warns of", async () => {
    const tenant = await portal.newTenant();
    const text = `${header},colour\n${row(0)},red\n`;
    const { warnings } = await readReceipt(await upload(tenant, text));
    expect(warnings).toEqual([
      'Columns that the CSV standard does not know were not read: "colour".',
    ]);
  });

  test("upload keeps tenants apart, also with the same machine id", async () => {
    const [acme, rival] = await Promise.all([portal.newTenant(), portal.newTenant()]);
    await readReceipt(await upload(acme, file(10)));
    expect(await countStored(rival)).toEqual(nothing);
    expect(await readReceipt(await upload(rival, file(10)))).toMatchObject({ rows_imported: 10 });
  });
});

describe("a bad file", () => {
  test.each([
    [
      "a wrong type",
      file(2).replace(",97,", ",abc,"),
      { line: 2, column: "cpu_idle", value: "abc" },
    ],
    [
      "a value out of range",
      file(3).replace(row(1), row(1, "101,2,97,4096,1024")),
      { line: 3, column: "cpu_user", value: "101" },
    ],
    [
      "a negative value",
      file(2).replace(",1024", ",-5"),
      { line: 2, column: "mem_free", value: "-5" },
    ],
    [
      "a missing column",
      file(2).replace("mem_free", "memory_left"),
      { line: 1, column: "mem_free" },
    ],
    ["a column twice", file(2).replace("cpu_system", "cpu_user"), { line: 1, column: "cpu_user" }],
    ["too few cells", `${file(2)}${startS},web-01\n`, { line: 4 }],
    [
      "another machine's rows",
      `${file(2)}${row(5).replace("web-01", "web-02")}\n`,
      { line: 4, column: "machine_id", value: "web-02" },
    ],
    [
      "only another machine's rows",
      file(2).replaceAll("web-01", "web-02"),
      { line: 2, column: "machine_id", value: "web-02" },
    ],
    [
      "a time that is none",
      file(2).replace(`${startS}`, "yesterday"),
      { line: 2, column: "timestamp", value: "yesterday" },
    ],
    [
      "a time in the future",
      `${file(1)}${Math.floor(Date.now() / 1000) + 25 * 3600},web-01,1,2,97,4,1\n`,
      { line: 3, column: "timestamp" },
    ],
    ["an open quote", file(2).replace("web-01", '"web-01'), { line: 2 }],
    ["no rows", `${header}\n`, { line: 1 }],
    ["nothing in it", "", { line: 1 }],
    [
      "NUL bytes",
      file(2).replace("4096", "40\u000096"),
      { line: 2, column: "mem_total", value: "40␀96" },
    ],
  ])(
    "upload refuses a file with %s, names the place and stores nothing",
    async (_, content, fault) => {
      const tenant = await portal.newTenant();
      const problem = await readProblem(await upload(tenant, content), 400);
      expect(problem.errors).toContainEqual(expect.objectContaining(fault));
      expect(problem.detail).toContain(`line ${fault.line}`);
      expect(await countStored(tenant)).toEqual(nothing);
    },
  );

  test("upload takes a row that is a little ahead of the portal's clock", async () => {
    const tenant = await portal.newTenant();
    const text = `${header}\n${Math.floor(Date.now() / 1000) + 23 * 3600},web-01,1,2,97,4,1\n`;
    expect(await readReceipt(await upload(tenant, text))).toMatchObject({ rows_imported: 1 });
  });

  test("upload names the first 100 faults and counts all, in the order of lines", async () => {
    const tenant = await portal.newTenant();
    const bad = [
      header,
      ...Array.from({ length: 5000 }, (_, index) => row(index, "x,y,97,4096,1024")),
    ].join("\n");
    const problem = await readProblem(await upload(tenant, bad), 400);
    expect(problem.errors).toHaveLength(100);
    expect(problem.detail).toContain("10000 faults");
    expect(problem.errors?.map(({ line }) => line)).toEqual(
      Array.from({ length: 100 }, (_, index) => 2 + Math.floor(index / 2)),
    );
  });

  test("upload leaves what was there as it was when the last line is bad", async () => {
    const tenant = await portal.newTenant();
    await readReceipt(await upload(tenant, file(10)));
    const before = await countStored(tenant);
    await readProblem(await upload(tenant, `${file(20_000)}torn`), 400);
    expect(await countStored(tenant)).toEqual(before);
  });

  test.each([
    ["a ZIP archive", "PK\u0003\u0004........", undefined],
    ["a PDF", "%PDF-1.7 .......", undefined],
    ["gzip in gzip", new Uint8Array(gzipSync(gzipSync(file(1)))), undefined],
    ["a file that calls itself an image", file(1), "image/png"],
  ])("upload answers %s with 415", async (_, content, type = "text/csv") => {
    const tenant = await portal.newTenant();
    const response = await upload(tenant, "", { file: new Blob([content], { type }) });
    await readProblem(response, 415);
    expect(await countStored(tenant)).toEqual(nothing);
  });

  test.each([
    ["cut off", (zipped: Buffer) => zipped.subarray(0, zipped.length - 20)],
    ["damaged", (zipped: Buffer) => zipped.fill(0, 20, 60)],
  ])("upload answers gzip that is %s with 400", async (_, spoil) => {
    const tenant = await portal.newTenant();
    const problem = await readProblem(
      await upload(tenant, new Uint8Array(spoil(gzipSync(file(20_000))))),
      400,
    );
    expect(problem.detail).toContain("damaged or cut off");
    expect(await countStored(tenant)).toEqual(nothing);
  });
});

describe("a bad request", () => {
  test("upload needs a valid key with the scope ingest", async () => {
    const tenant = await portal.newTenant();
    await readProblem(await send(makeForm(tenant, { file: new Blob([file(1)]) }), undefined), 401);
    await readProblem(
      await upload(tenant, file(1), {}, `${tenant.keys.ingest.slice(0, -1)}_`),
      401,
    );
    await readProblem(await upload(tenant, file(1), {}, tenant.keys.read), 403);
    expect(await countStored(tenant)).toEqual(nothing);
  });

  test("upload refuses another tenant's id with 403, before it says anything of the file", async () => {
    const [acme, rival] = await Promise.all([portal.newTenant(), portal.newTenant()]);
    for (const content of [file(5), "nonsense"]) {
      const problem = await readProblem(
        await upload(acme, content, { tenant_id: rival.tenantId }),
        403,
      );
      expect(problem.errors).toBeUndefined();
      expect(JSON.stringify(problem)).not.toContain(rival.tenantId);
    }
    expect(await countStored(acme)).toEqual(nothing);
    expect(await countStored(rival)).toEqual(nothing);
  });

  test.each([
    ["file", undefined],
    ["file", "text in place of a file"],
    ["machine_id", undefined],
    ["machine_id", "web 01"],
    ["tenant_id", "acme"],
  ])("upload refuses a form whose %s is %s", async (name, value) => {
    const tenant = await portal.newTenant();
    const problem = await readProblem(await upload(tenant, file(1), { [name]: value }), 400);
    expect(problem.errors?.map(({ column }) => column)).toEqual([`/${name}`]);
    expect(await countStored(tenant)).toEqual(nothing);
  });

  test("upload takes no second file", async () => {
    const tenant = await portal.newTenant();
    const form = makeForm(tenant, { file: new Blob([file(1)]) });
    form.append("file", new Blob([file(1)]), "b.csv");
    const { detail } = await readProblem(await send(form, tenant.keys.ingest), 400);
    expect(detail).toContain("there is more than one file: send a request for each file");
    expect(await countStored(tenant)).toEqual(nothing);
  });

  test("upload takes nothing but a form", async () => {
    const { keys } = portal;
    const options = { method: "POST", key: keys.ingest };
    for (const type of ["text/csv", "application/json"]) {
      const response = await portal.fetch("/api/v1/performance/upload", {
        ...options,
        body: "{}",
        headers: { "content-type": type },
      });
      await readProblem(response, 415);
    }
    const broken = { "content-type": "multipart/form-data; boundary=x" };
    for (const body of [
      "",
      "--x\r\nnonsense",
      '--x\r\ncontent-disposition: form-data; name="file"; filename="a"\r\n\r\nabc',
    ]) {
      await readProblem(
        await portal.fetch("/api/v1/performance/upload", { ...options, body, headers: broken }),
        400,
      );
    }
    await readProblem(
      await portal.fetch("/api/v1/performance/upload", {
        ...options,
        body: "x",
        headers: { "content-type": "multipart/form-data" },
      }),
      400,
    );
    const csv = await portal.fetch("/api/v1/keys", {
      method: "POST",
      key: keys.admin,
      body: "a",
      headers: { "content-type": "text/csv" },
    });
    expect((await readProblem(csv, 415)).detail).toContain('"text/csv"');
  });

  test("upload is answered with 429 and Retry-After from the 101st within an hour", async () => {
    const tenant = await portal.newTenant();
    const tryOnce = () => upload(tenant, "", { file: undefined });
    for (let count = 0; count < 100; count++) expect((await tryOnce()).status).toBe(400);
    const response = await tryOnce();
    expect(Number(response.headers.get("retry-after"))).toBeGreaterThan(3000);
    await readProblem(response, 429);
  });

  test("upload refuses more than 100 MiB, zipped or not, and the process stays well", async () => {
    const tenant = await portal.newTenant();
    const rows = file(100_000).slice(header.length + 1);
    const copies = Math.ceil((100 * MiB) / rows.length);
    const large = new Blob([header, "\n", ...Array<string>(copies).fill(rows)], {
      type: "text/csv",
    });
    await readProblem(await upload(tenant, "", { file: large }), 413);
    const bomb = gzipSync(Buffer.alloc(150 * MiB, `${row(0)}\n`));
    expect(bomb.length).toBeLessThan(MiB);
    const before = process.memoryUsage().rss;
    await readProblem(
      await upload(tenant, new Uint8Array(gzipSync(`${header}\n`)), {
        file: new Blob([gzipSync(`${header}\n`), bomb]),
      }),
      413,
    );
    expect(process.memoryUsage().rss - before).toBeLessThan(64 * MiB);
    expect(await countStored(tenant)).toEqual(nothing);
  }, 120_000);

  test("upload refuses rows that are scattered over too many hours, in any order", async () => {
    const tenant = await portal.newTenant();
    const devices = Array.from({ length: 1000 }, (_, index) => `disk_d${index}_reads`);
    const rows = Array.from(
      { length: 401 },
      (_, index) =>
        `${startS - index * 3600},web-01,1,2,97,4096,1024${",1".repeat(devices.length)}`,
    );
    const text = [[header, ...devices].join(","), ...rows].join("\n");
    const problem = await readProblem(await upload(tenant, text), 413);
    expect(problem.detail).toContain("1005 columns over more than 398 different hours");
    expect(await countStored(tenant)).toEqual(nothing);
  });

  test("upload stores nothing of a request whose client hangs up, and the portal goes on", async () => {
    const tenant = await portal.newTenant();
    const { hostname, port } = new URL(portal.url);
    const socket = connect(Number(port), hostname);
    socket.write(
      `POST /api/v1/performance/upload HTTP/1.1\r\nHost: x\r\nAuthorization: Bearer ${tenant.keys.ingest}\r\n` +
        `Content-Type: multipart/form-data; boundary=x\r\nContent-Length: 1000000\r\n\r\n` +
        `--x\r\nContent-Disposition: form-data; name="tenant_id"\r\n\r\n${tenant.tenantId}\r\n` +
        `--x\r\nContent-Disposition: form-data; name="machine_id"\r\n\r\nweb-01\r\n` +
        `--x\r\nContent-Disposition: form-data; name="file"; filename="a.csv"\r\nContent-Type: text/csv\r\n\r\n${file(5000)}`,
    );
    await sleep(200);
    socket.destroy();
    await sleep(200);
    expect(await countStored(tenant)).toEqual(nothing);
    expect(await readReceipt(await upload(tenant, file(1)))).toMatchObject({ rows_imported: 1 });
  });
});

describe("the list of uploads", () => {
  test("uploads are listed newest first, by pages, to their own tenant alone", async () => {
    const [acme, rival] = await Promise.all([portal.newTenant(), portal.newTenant()]);
    const ids: string[] = [];
    for (let count = 1; count <= 3; count++) {
      ids.unshift((await readReceipt(await upload(acme, file(count)))).upload_id);
    }
    const get = async (path: string, key = acme.keys.read) =>
      (await portal.fetch(path, { key })).json();
    const first = Value.Parse(UploadList, await get("/api/v1/uploads?limit=2"));
    expect(first.uploads.map((own) => own.upload_id)).toEqual(ids.slice(0, 2));
    const second = await get(`/api/v1/uploads?limit=2&cursor=${first.next_cursor}`);
    expect(second).toMatchObject({ uploads: [{ upload_id: ids[2] }], next_cursor: null });
    expect(await get(`/api/v1/uploads/${ids[0]}`)).toEqual({
      upload_id: ids[0],
      machine_id: "web-01",
      file_name: "web-01.csv",
      bytes: file(3).length,
      rows_imported: 1,
      rows_duplicate: 2,
      timestamp_range: { start: "2026-01-01T00:00:00Z", end: "2026-01-01T00:00:02Z" },
      warnings: [],
      uploaded_by: "test ingest",
      created_at: expect.any(String),
    });
    expect(await get("/api/v1/uploads?machine_id=web-02")).toEqual({
      uploads: [],
      next_cursor: null,
    });
    expect(await get("/api/v1/uploads", rival.keys.read)).toEqual({
      uploads: [],
      next_cursor: null,
    });
    await readProblem(
      await portal.fetch(`/api/v1/uploads/${ids[0]}`, { key: rival.keys.read }),
      404,
    );
    await readProblem(
      await portal.fetch(`/api/v1/uploads?cursor=${ids[0]}`, { key: rival.keys.read }),
      400,
    );
  });
});
