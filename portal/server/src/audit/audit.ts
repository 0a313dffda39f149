import type { AuditEntry } from "@perfanalysis/contract/api";
import type { TenantDb } from "../db/tenant-db.ts";
import type { Principal } from "../http/app.ts";

export interface AuditRecord extends Omit<AuditEntry, "time"> {
  /** Ascending in the order of what happened. */
  id: number;
  time: Date;
}

/** In the transaction of what it tells of, so that there is never the one without the other. */
export async function recordAudit(
  db: TenantDb,
  principal: Principal,
  { action, target }: Pick<AuditEntry, "action" | "target">,
): Promise<void> {
  const { kind, name } = principal;
  const actorId = kind === "key" ? principal.keyId : principal.personId;
  await db.query(
    "INSERT INTO audit (actor, actor_kind, actor_id, action, target) VALUES ($1, $2, $3, $4, $5)",
    [name, kind, actorId, action, target],
  );
}

/** Newest first; `before` is the last one of the page before. */
export async function listAudit(
  db: TenantDb,
  { limit, before }: { limit: number; before?: number | undefined },
): Promise<AuditRecord[]> {
  const rows = await db.query<Omit<AuditRecord, "id"> & { id: string }>(
    `SELECT id, time, actor, actor_kind, action, target FROM audit
      WHERE $1::bigint IS NULL OR id < $1 ORDER BY id DESC LIMIT $2`,
    [before, limit],
  );
  return rows.map((row) => ({ ...row, id: Number(row.id) }));
}
