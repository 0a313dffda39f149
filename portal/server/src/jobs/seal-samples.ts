import type { FastifyBaseLogger } from "fastify";
import type { Database } from "../db/database.ts";
import { asTenant } from "../db/tenant-db.ts";
import { hourS } from "../samples/block.ts";
import { listUnsealed, sealHot } from "../samples/write.ts";
import { forEachTenant } from "./tenants.ts";

/** Whole hours that ended this long ago are sealed: what an agent sends late would have to be merged into them. */
const lateS = 600;

/** Turns streamed rows of past hours into segments, which take a fraction of the space. */
export async function sealSamples(
  services: { database: Database; log: FastifyBaseLogger; clock: () => Date },
  signal: AbortSignal,
): Promise<void> {
  const { database, clock } = services;
  const beforeS = Math.floor((clock().getTime() / 1000 - lateS) / hourS) * hourS;
  await forEachTenant({ ...services, signal }, async (tenantId) => {
    const machines = await asTenant(database, tenantId, (db) => listUnsealed(db, { beforeS }));
    for (const machine of machines) {
      signal.throwIfAborted();
      await asTenant(database, tenantId, (db) => sealHot(db, machine, { beforeS }));
    }
  });
}
