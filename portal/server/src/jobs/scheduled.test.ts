import { randomUUID } from "node:crypto";
import { expect, test } from "vitest";
import { asTenant, type TenantDb, type TenantId } from "../db/tenant-db.ts";
import { createLog } from "../http/log.ts";
import { ensureMachine } from "../machines/machines.ts";
import { createUser, deleteExpiredSessions } from "../people/people.ts";
import { hourS } from "../samples/block.ts";
import { readBlocks } from "../samples/read.ts";
import { appendSamples, listUnsealed } from "../samples/write.ts";
import { newTenant, testDatabase } from "../testing/postgres.ts";
import { cleanStreamBatches } from "./clean-stream-batches.ts";
import { sealSamples } from "./seal-samples.ts";

const { signal } = new AbortController();
const log = createLog("silent");
// Long before the samples of other tests, whose hours would be sealed as well.
const hour = 5;

const inTenant = <T>(tenantId: TenantId, work: (db: TenantDb) => Promise<T>) =>
  asTenant(testDatabase(), tenantId, work);

/** A sample at the start of `hour` and one an hour later. */
async function stream(tenantId: TenantId): Promise<void> {
  await inTenant(tenantId, async (db) => {
    const machine = await ensureMachine(db, { machineId: "web-01" });
    await appendSamples(db, machine, {
      columns: ["load1"],
      rowCount: 2,
      timestampsS: Float64Array.of(hour * hourS, (hour + 1) * hourS),
      values: [Float64Array.of(1, 2)],
    });
  });
}

test("sealSamples() seals every tenant's past hours, not the current one, and changes no value", async () => {
  const tenants = [await newTenant(), await newTenant()];
  for (const tenantId of tenants) await stream(tenantId);
  const clock = () => new Date(((hour + 1) * hourS + 1200) * 1000);
  await sealSamples({ database: testDatabase(), log, clock }, signal);
  for (const tenantId of tenants) {
    const seen = await inTenant(tenantId, async (db) => {
      const machine = await ensureMachine(db, { machineId: "web-01" });
      const values: number[] = [];
      for await (const block of readBlocks(db, machine, { fromS: 0, toS: 1e12 }))
        values.push(...(block.values[0] ?? []));
      return {
        values,
        past: await listUnsealed(db, { beforeS: (hour + 1) * hourS }),
        all: await listUnsealed(db, { beforeS: 1e12 }),
      };
    });
    expect(seen).toEqual({ values: [1, 2], past: [], all: [expect.anything()] });
  }
});

test("sealSamples() leaves an hour alone that has only just ended", async () => {
  const tenantId = await newTenant();
  await stream(tenantId);
  const clock = () => new Date(((hour + 1) * hourS + 60) * 1000);
  await sealSamples({ database: testDatabase(), log, clock }, signal);
  const unsealed = await inTenant(tenantId, (db) => listUnsealed(db, { beforeS: 1e12 }));
  expect(unsealed).toHaveLength(1);
});

test("cleanStreamBatches() forgets old batches and keeps new ones", async () => {
  const tenantId = await newTenant();
  await inTenant(tenantId, (db) =>
    db.query(
      `INSERT INTO stream_batch (agent, epoch, sequence, digest, machine_id, rows_imported, rows_duplicate, created_at)
       SELECT 'a', 'e', days, '', 'm', 1, 0, now() - make_interval(days => days) FROM unnest('{0,13,15}'::int[]) AS days`,
    ),
  );
  await cleanStreamBatches({ database: testDatabase(), log }, signal);
  const kept = await inTenant(tenantId, (db) =>
    db.query<{ sequence: string }>("SELECT sequence FROM stream_batch ORDER BY sequence"),
  );
  expect(kept.map(({ sequence }) => Number(sequence))).toEqual([0, 13]);
});

test("deleteExpiredSessions() deletes those and no others", async () => {
  const tenantId = await newTenant();
  const { personId } = await createUser(testDatabase(), {
    email: `${randomUUID()}@example.com`,
    name: "Test",
    password: randomUUID(),
    tenantId,
    role: "member",
  });
  const { query } = testDatabase().control;
  await query(
    `INSERT INTO session (person_id, token, expires_at)
     SELECT $1, gen_random_uuid()::text, now() + make_interval(hours => hours) FROM unnest('{-1,1}'::int[]) AS hours`,
    [personId],
  );
  await deleteExpiredSessions(testDatabase());
  const left = await query("SELECT expires_at > now() AS good FROM session WHERE person_id = $1", [
    personId,
  ]);
  expect(left).toEqual([{ good: true }]);
});
