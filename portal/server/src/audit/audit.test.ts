import type { AuditEntry } from "@perfanalysis/contract/api";
import { expect, test } from "vitest";
import { asTenant } from "../db/tenant-db.ts";
import { newPortal, readProblem, type TestPortal } from "../testing/portal.ts";
import { testDatabase } from "../testing/postgres.ts";

const json = { "content-type": "application/json" };

async function listEntries(
  { fetch, keys }: TestPortal,
  query = "",
): Promise<{ entries: AuditEntry[]; next_cursor: string | null }> {
  const response = await fetch(`/api/v1/audit${query}`, { key: keys.admin });
  // In tests the server holds its answers against their schemas.
  return (await response.json()) as { entries: AuditEntry[]; next_cursor: string | null };
}

test("what administrators do is told with name and target, newest first, page by page", async () => {
  const portal = await newPortal();
  const person = await portal.createPerson();
  const session = { ...(await person.signIn()), ...json };
  const made = await portal.fetch("/api/v1/keys", {
    method: "POST",
    headers: session,
    body: JSON.stringify({ name: "web fleet", scopes: ["ingest"] }),
  });
  // NewKey of the contract.
  const { key_id: keyId, key } = (await made.json()) as { key_id: string; key: string };
  await portal.fetch(`/api/v1/keys/${keyId}`, { method: "DELETE", key: portal.keys.admin });
  const machine = { method: "POST", key: portal.keys.admin, headers: json };
  await portal.fetch("/api/v1/machines", { ...machine, body: '{"machine_id": "web-01"}' });
  await portal.fetch("/api/v1/machines/web-01", { method: "DELETE", key: portal.keys.admin });
  // What was not there has not been deleted.
  await portal.fetch("/api/v1/machines/web-01", { method: "DELETE", key: portal.keys.admin });

  const { entries, next_cursor } = await listEntries(portal);
  expect(entries.map(({ time: _time, ...entry }) => entry)).toEqual([
    { actor: "test admin", actor_kind: "key", action: "machine.delete", target: "web-01" },
    { actor: "test admin", actor_kind: "key", action: "key.revoke", target: keyId },
    { actor: person.email, actor_kind: "session", action: "key.create", target: keyId },
  ]);
  expect(next_cursor).toBeNull();
  expect(JSON.stringify(entries)).not.toContain(key);

  const first = await listEntries(portal, "?limit=2");
  const second = await listEntries(portal, `?limit=2&cursor=${first.next_cursor}`);
  expect([...first.entries, ...second.entries]).toEqual(entries);
  expect(second.next_cursor).toBeNull();

  const rival = await portal.newTenant();
  const foreign = await portal.fetch("/api/v1/audit", { key: rival.keys.admin });
  expect(await foreign.json()).toEqual({ entries: [], next_cursor: null });
  await readProblem(await portal.fetch("/api/v1/audit", { key: portal.keys.read }), 403);
  await readProblem(await portal.fetch("/api/v1/audit?cursor=x", { key: portal.keys.admin }), 400);
});

test.each(["UPDATE audit SET actor = 'somebody else'", "DELETE FROM audit", "TRUNCATE audit"])(
  "the tenant's own login cannot change what was told: %s",
  async (statement) => {
    const { tenantId } = await newPortal();
    const changed = asTenant(testDatabase(), tenantId, (db) => db.query(statement));
    await expect(changed).rejects.toMatchObject({ code: "42501" });
  },
);
