import { once } from "node:events";
import { connect } from "node:net";
import { expect, onTestFinished, test, vi } from "vitest";
import { asTenant, type TenantDb } from "./db/tenant-db.ts";
import { tenantSchema } from "./db/tenant-id.ts";
import { startPortal } from "./main.ts";
import { openDatabaseProxy } from "./testing/database-proxy.ts";
import { newPortal, readProblem, type TestPortal } from "./testing/portal.ts";
import { testAccess, testDatabase } from "./testing/postgres.ts";

/** Keeps every transaction of the tenant that reads its machines waiting until it is called. */
async function lockMachines({ tenantId }: TestPortal): Promise<() => Promise<void>> {
  const held = Promise.withResolvers<void>();
  const locked = Promise.withResolvers<void>();
  const work = async (db: TenantDb) => {
    await db.query("LOCK TABLE machine IN ACCESS EXCLUSIVE MODE");
    locked.resolve();
    await held.promise;
  };
  const transaction = asTenant(testDatabase(), tenantId, work).catch(locked.reject);
  await locked.promise;
  return async () => {
    held.resolve();
    await transaction;
  };
}

/** Until a transaction of the tenant waits for them. */
async function waitForLockQueue({ tenantId }: TestPortal): Promise<void> {
  await vi.waitFor(async () => {
    const waiting = await testDatabase().control.query(
      `SELECT FROM pg_locks l JOIN pg_class c ON c.oid = l.relation
        WHERE NOT l.granted AND c.relname = 'machine' AND c.relnamespace::regnamespace::text = $1`,
      [tenantSchema(tenantId)],
    );
    expect(waiting.length).toBeGreaterThan(0);
  });
}

test("without its database the portal says so, stays alive, and works again when it is back", async () => {
  const proxy = await openDatabaseProxy(testAccess().address);
  onTestFinished(() => proxy.close());
  const portal = await newPortal({ access: { ...testAccess(), address: proxy.address } });
  const person = await portal.createPerson();
  const { read } = portal.keys;
  expect((await portal.fetch("/readyz")).status).toBe(200);
  expect((await portal.fetch("/api/v1/reports", { key: read })).status).toBe(200);

  proxy.cut();
  expect((await portal.fetch("/livez")).status).toBe(200);
  for (const path of ["/readyz", "/health", "/api/v1/reports"]) {
    const response = await portal.fetch(path, { key: read });
    expect(Number(response.headers.get("retry-after"))).toBeGreaterThan(0);
    const { detail } = await readProblem(response, 503);
    expect(detail).not.toMatch(/ECONN|terminated|127\.0\.0\.1/);
  }
  await expect(person.signIn()).rejects.toThrow("503");

  proxy.restore();
  await vi.waitFor(async () => expect((await portal.fetch("/readyz")).status).toBe(200), {
    timeout: 10_000,
    interval: 100,
  });
  expect((await portal.fetch("/api/v1/reports", { key: read })).status).toBe(200);
  expect((await portal.fetch("/api/v1/me", { headers: await person.signIn() })).status).toBe(200);
});

test("a tenant whose connections are all in use gets 503, the others are served", async () => {
  const portal = await newPortal();
  const other = await portal.newTenant();
  const unlock = await lockMachines(portal);
  onTestFinished(unlock);
  const answers = Array.from({ length: 8 }, () =>
    portal.fetch("/api/v1/reports", { key: portal.keys.read }),
  );
  expect((await portal.fetch("/api/v1/reports", { key: other.keys.read })).status).toBe(200);
  const refused = await Promise.any(
    answers.map(async (answer) => await readProblem(await answer, 503)),
  );
  expect(refused.detail).toContain("Try again");
  await unlock();
  const statuses = (await Promise.all(answers)).map(({ status }) => status);
  expect(statuses.filter((status) => status === 200).length).toBeGreaterThan(0);
});

test("close() lets a request under way end and takes no new one", async () => {
  const portal = await newPortal();
  const unlock = await lockMachines(portal);
  const underWay = portal.fetch("/api/v1/reports", { key: portal.keys.read });
  await waitForLockQueue(portal);
  const closed = portal.close();
  await vi.waitFor(async () => {
    const [error] = await once(connect(Number(new URL(portal.url).port), "127.0.0.1"), "error");
    expect(error).toMatchObject({ code: "ECONNREFUSED" });
  });
  await unlock();
  expect((await underWay).status).toBe(200);
  await closed;
});

test("close() ends within ten seconds although a request does not", async () => {
  const portal = await newPortal();
  const unlock = await lockMachines(portal);
  const underWay = portal.fetch("/api/v1/reports", { key: portal.keys.read });
  const ended = underWay.then(
    () => "answered",
    () => "lost",
  );
  await waitForLockQueue(portal);
  const closed = portal.close();
  expect(await ended).toBe("lost");
  await closed;
  await unlock();
});

test("startPortal() fails where the port is taken, and leaves nothing open", async () => {
  const { url } = await newPortal();
  const port = Number(new URL(url).port);
  const config = { access: testAccess(), host: "127.0.0.1", port, logLevel: "silent" } as const;
  await expect(startPortal({ ...config, runJobs: false })).rejects.toMatchObject({
    code: "EADDRINUSE",
  });
});

test("startPortal() fails where the database cannot be reached", async () => {
  const address = { ...testAccess().address, host: "127.0.0.1", port: 1 };
  const access = { ...testAccess(), address };
  const started = startPortal({ access, host: "127.0.0.1", port: 0, logLevel: "silent" });
  await expect(started).rejects.toThrow("ECONNREFUSED");
});
