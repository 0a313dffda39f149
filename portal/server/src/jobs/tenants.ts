import type { FastifyBaseLogger } from "fastify";
import type { Database } from "../db/database.ts";
import type { TenantId } from "../db/tenant-id.ts";

/** One after the other. What fails for one tenant is logged, and the others still get their turn. */
export async function forEachTenant(
  { database, log, signal }: { database: Database; log: FastifyBaseLogger; signal: AbortSignal },
  work: (tenantId: TenantId) => Promise<void>,
): Promise<void> {
  const tenants = await database.control.query<{ id: TenantId }>(
    "SELECT id FROM tenant WHERE suspended_at IS NULL ORDER BY id",
  );
  for (const { id: tenantId } of tenants) {
    signal.throwIfAborted();
    try {
      await work(tenantId);
    } catch (error) {
      log.error({ err: error, tenantId }, "Scheduled work failed for a tenant");
    }
  }
}
