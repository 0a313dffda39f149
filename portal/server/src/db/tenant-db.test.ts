import { text } from "node:stream/consumers";
import { pipeline } from "node:stream/promises";
import { Readable } from "node:stream";
import { expect, test } from "vitest";
import { newTenant, openTestDatabase, testDatabase } from "../testing/postgres.ts";
import { asTenant, TenantDb, type TenantId } from "./tenant-db.ts";
import { DatabaseUnavailable } from "./unavailable.ts";

test("asTenant() runs on a connection that is logged in as the tenant's own role", async () => {
  const tenant = await newTenant();
  const rows = await asTenant(testDatabase(), tenant, (db) =>
    db.query("SELECT session_user AS session, current_user AS current, current_schema() AS schema"),
  );
  const hex = tenant.replaceAll("-", "");
  expect(rows).toEqual([{ session: `t_${hex}`, current: `t_${hex}`, schema: `s_${hex}` }]);
});

test("TenantDb cannot be forged", async () => {
  const takesTenantDb = (db: TenantDb): TenantDb => db;
  const tenantId = await newTenant();
  const forged = { tenantId, query: () => {}, copyFrom: () => {}, copyTo: () => {} };
  // @ts-expect-error An object literal of the same shape lacks the private field.
  takesTenantDb(forged);
  // @ts-expect-error A pool of another login is no TenantDb.
  takesTenantDb(testDatabase().control.pool);
  // @ts-expect-error The constructor is private.
  const construct = () => new TenantDb({}, tenantId);
  // The compiler checks the lines above; nothing of them is run.
  expect(construct).toBeTypeOf("function");
});

test("asTenant() stores nothing when work throws", async () => {
  const tenant = await newTenant();
  const failing = asTenant(testDatabase(), tenant, async (db) => {
    await insertMachine(db, "web-01");
    throw new RangeError("no");
  });
  await expect(failing).rejects.toThrow(new RangeError("no"));
  expect(await listMachineIds(tenant)).toEqual([]);
});

test("asTenant() throws when a statement failed and work went on", async () => {
  const tenant = await newTenant();
  const swallowing = asTenant(testDatabase(), tenant, async (db) => {
    await insertMachine(db, "web-01");
    await db.query("SELECT * FROM nowhere").catch(() => undefined);
  });
  await expect(swallowing).rejects.toThrow("nothing was stored");
  expect(await listMachineIds(tenant)).toEqual([]);
});

test("query() runs nothing behind the transaction's end", async () => {
  const tenant = await newTenant();
  let late: Promise<unknown> = Promise.resolve();
  const leaked = await asTenant(testDatabase(), tenant, async (db) => {
    void db.query("SELECT pg_sleep(0.01)");
    late = insertMachine(db, "late");
    late.catch(() => undefined);
    return db;
  });
  await expect(late).rejects.toThrow("transaction has ended");
  await expect(insertMachine(leaked, "later")).rejects.toThrow("transaction has ended");
  expect(await listMachineIds(tenant)).toEqual([]);
});

test("query() refuses a second statement stacked behind the first", async () => {
  const tenant = await newTenant();
  const stacked = asTenant(testDatabase(), tenant, (db) => db.query("SELECT 1; SELECT 2"));
  await expect(stacked).rejects.toThrow("cannot insert multiple commands");
});

test("copyFrom() and copyTo() carry rows in and out", async () => {
  const tenant = await newTenant();
  const copied = await asTenant(testDatabase(), tenant, async (db) => {
    const rows = Readable.from(["web-01\tone\n", "web-02\ttwo\n"]);
    await pipeline(rows, db.copyFrom("COPY machine (machine_id, name) FROM STDIN"));
    return text(db.copyTo("COPY (SELECT machine_id, name FROM machine ORDER BY 1) TO STDOUT"));
  });
  expect(copied).toBe("web-01\tone\nweb-02\ttwo\n");
});

test("copyFrom() stores nothing when its source fails", async () => {
  const tenant = await newTenant();
  const failing = asTenant(testDatabase(), tenant, async (db) => {
    const source = Readable.from(
      (function* () {
        yield "web-01\tone\n";
        throw new RangeError("torn");
      })(),
    );
    await pipeline(source, db.copyFrom("COPY machine (machine_id, name) FROM STDIN"));
  });
  await expect(failing).rejects.toThrow("torn");
  expect(await listMachineIds(tenant)).toEqual([]);
});

test("copyTo() and copyFrom() take one COPY statement only", async () => {
  const tenant = await newTenant();
  await asTenant(testDatabase(), tenant, async (db) => {
    expect(() => db.copyTo("COPY machine TO STDOUT; DROP TABLE machine")).toThrow(SyntaxError);
    expect(() => db.copyFrom("DELETE FROM machine")).toThrow(SyntaxError);
  });
});

test("asTenant() throws when a COPY is not brought to its end, and the tenant's next work succeeds", async () => {
  const tenant = await newTenant();
  const unfinished = asTenant(testDatabase(), tenant, async (db) => {
    db.copyFrom("COPY machine (machine_id, name) FROM STDIN").write("web-01\tone\n");
    await Promise.resolve();
  });
  await expect(unfinished).rejects.toThrow("COPY was not brought to its end");
  expect(await listMachineIds(tenant)).toEqual([]);
});

test("asTenant() throws DatabaseUnavailable when the connection is lost, and takes a new one afterwards", async () => {
  const tenant = await newTenant();
  const lost = asTenant(testDatabase(), tenant, async (db) => {
    await insertMachine(db, "web-01");
    await endSession(tenant, await backendPid(db));
    await db.query("SELECT 1");
  });
  await expect(lost).rejects.toThrow(DatabaseUnavailable);
  expect(await listMachineIds(tenant)).toEqual([]);
});

test("asTenant() does not use a client again whose ROLLBACK failed", async () => {
  const tenant = await newTenant();
  const database = openTestDatabase({ maxPerTenant: 1 });
  try {
    let lostPid = 0;
    const failing = asTenant(database, tenant, async (db) => {
      lostPid = await backendPid(db);
      await endSession(tenant, lostPid);
      throw new RangeError("own error");
    });
    await expect(failing).rejects.toThrow("own error");
    expect(await asTenant(database, tenant, backendPid)).not.toBe(lostPid);
  } finally {
    await database.close();
  }
});

test("asTenant() survives the loss of an idle connection", async () => {
  const tenant = await newTenant();
  const database = openTestDatabase();
  try {
    const pid = await asTenant(database, tenant, backendPid);
    await endSession(tenant, pid);
    await expect.poll(() => asTenant(database, tenant, backendPid).catch(() => pid)).not.toBe(pid);
  } finally {
    await database.close();
  }
});

function insertMachine(db: TenantDb, machineId: string): Promise<unknown> {
  return db.query("INSERT INTO machine (machine_id, name) VALUES ($1, $1)", [machineId]);
}

async function listMachineIds(tenant: TenantId): Promise<string[]> {
  const rows = await asTenant(testDatabase(), tenant, (db) =>
    db.query<{ machine_id: string }>("SELECT machine_id FROM machine ORDER BY machine_id"),
  );
  return rows.map((row) => row.machine_id);
}

async function backendPid(db: TenantDb): Promise<number> {
  const [row] = await db.query<{ pid: number }>("SELECT pg_backend_pid() AS pid");
  return row?.pid ?? 0;
}

/** As a server that restarts would: a role may end its own sessions. */
async function endSession(tenant: TenantId, pid: number): Promise<void> {
  const other = openTestDatabase();
  try {
    await asTenant(other, tenant, (db) => db.query("SELECT pg_terminate_backend($1, 5000)", [pid]));
  } finally {
    await other.close();
  }
}
