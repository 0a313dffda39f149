import { expect, test } from "vitest";
import { newTenant, openTestDatabase } from "../testing/postgres.ts";
import type { Database } from "./database.ts";
import { asTenant, type TenantId } from "./tenant-db.ts";
import { DatabaseUnavailable } from "./unavailable.ts";

test("acquire() closes the connection that was unused for longest when the cap is reached", async () => {
  const [first, second, third] = [await newTenant(), await newTenant(), await newTenant()];
  const database = openTestDatabase({ maxTotal: 2 });
  try {
    const pids = [await pidOf(database, first), await pidOf(database, second)];
    expect(await pidOf(database, first)).toBe(pids[0]);
    await pidOf(database, third);
    expect(await pidOf(database, first)).toBe(pids[0]);
    expect(await pidOf(database, second)).not.toBe(pids[1]);
  } finally {
    await database.close();
  }
});

test("acquire() refuses with a clear error when all connections stay in use", async () => {
  const [busy, waiting] = [await newTenant(), await newTenant()];
  const database = openTestDatabase({ maxTotal: 1, waitMs: 50 });
  const release = Promise.withResolvers<void>();
  const holding = asTenant(database, busy, () => release.promise);
  try {
    const refused = asTenant(database, waiting, async () => undefined);
    await expect(refused).rejects.toThrow(DatabaseUnavailable);
    await expect(refused).rejects.toThrow("1 of 1 in all");
  } finally {
    release.resolve();
    await holding;
    await database.close();
  }
});

test("acquire() lets other tenants pass while one has taken all of its own connections", async () => {
  const [greedy, other] = [await newTenant(), await newTenant()];
  const database = openTestDatabase({ maxTotal: 8, maxPerTenant: 2, waitMs: 20_000 });
  const release = Promise.withResolvers<void>();
  const holding = Array.from({ length: 5 }, () =>
    asTenant(database, greedy, async () => release.promise),
  );
  try {
    expect(await pidOf(database, other)).toBeGreaterThan(0);
  } finally {
    release.resolve();
    await Promise.all(holding);
    await database.close();
  }
});

test("acquire() serves who waits as soon as a connection is given back", async () => {
  const tenant = await newTenant();
  const database = openTestDatabase({ maxPerTenant: 1, waitMs: 20_000 });
  try {
    const pids = await Promise.all(Array.from({ length: 10 }, () => pidOf(database, tenant)));
    expect(new Set(pids).size).toBe(1);
  } finally {
    await database.close();
  }
});

test("release() closes a connection that nobody used for a while", async () => {
  const tenant = await newTenant();
  const database = openTestDatabase({ idleMs: 10 });
  try {
    const pid = await pidOf(database, tenant);
    const isOpen = async () => {
      const rows = await database.control.query("SELECT FROM pg_stat_activity WHERE pid = $1", [
        pid,
      ]);
      return rows.length > 0;
    };
    await expect.poll(isOpen).toBe(false);
  } finally {
    await database.close();
  }
});

test("close() refuses those who wait", async () => {
  const tenant = await newTenant();
  const database = openTestDatabase({ maxPerTenant: 1, waitMs: 20_000 });
  const release = Promise.withResolvers<void>();
  const held = Promise.withResolvers<void>();
  const holding = asTenant(database, tenant, async () => {
    held.resolve();
    await release.promise;
  });
  await held.promise;
  const waiting = asTenant(database, tenant, async () => undefined);
  const closing = database.close();
  await expect(waiting).rejects.toThrow(DatabaseUnavailable);
  release.resolve();
  await Promise.all([holding, closing]);
  await expect(pidOf(database, tenant)).rejects.toThrow("closed");
});

function pidOf(database: Database, tenant: TenantId): Promise<number> {
  return asTenant(database, tenant, async (db) => {
    const [row] = await db.query<{ pid: number }>("SELECT pg_backend_pid() AS pid");
    return row?.pid ?? 0;
  });
}
