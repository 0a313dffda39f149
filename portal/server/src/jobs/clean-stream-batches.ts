import type { FastifyBaseLogger } from "fastify";
import type { Database } from "../db/database.ts";
import { asTenant } from "../db/tenant-db.ts";
import { forEachTenant } from "./tenants.ts";

/** Longer than an agent keeps a batch in its spool and may still send it again. */
const keptDays = 14;

/** Forgets by name which batches were received long ago. Their samples stay. */
export async function cleanStreamBatches(
  services: { database: Database; log: FastifyBaseLogger },
  signal: AbortSignal,
): Promise<void> {
  await forEachTenant({ ...services, signal }, async (tenantId) => {
    await asTenant(services.database, tenantId, (db) =>
      db.query("DELETE FROM stream_batch WHERE created_at < now() - make_interval(days => $1)", [
        keptDays,
      ]),
    );
  });
}
