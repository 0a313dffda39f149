import type { AuditEntry } from "@perfanalysis/contract/api";
import type { TenantDb } from "../db/tenant-db.ts";
import type { Principal } from "../http/app.ts";

export interface AuditRecord extends Omit<AuditEntry, "time"> {
  /** Ascending in the order of what happened. */
  id: number;
  time: Date;
}

/** A host that enrols acts with its token. */
export interface EnrolmentActor {
  kind: "enrolment";
  enrolmentId: string;
  name: string;
}

/** In the transaction of what it tells of, so that there is never the one without the other. */
export async function recordAudit(
  db: TenantDb,
  actor: Principal | EnrolmentActor,
  { action, target }: Pick<AuditEntry, "action" | "target">,
): Promise<void> {
  await db.query(
    "INSERT INTO audit (actor, actor_kind, actor_id, action, target) VALUES ($1, $2, $3, $4, $5)",
    [actor.name, actor.kind, actorIdOf(actor), action, target],
  );
}

function actorIdOf(actor: Principal | EnrolmentActor): string {
  if (actor.kind === "enrolment") return actor.enrolmentId;
  return actor.kind === "key" ? actor.keyId : actor.personId;
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
