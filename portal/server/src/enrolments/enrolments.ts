// Enrolment tokens: each lets some new hosts register themselves within an hour. They belong to the control plane, as
// the token is what tells the tenant.
import { randomBytes } from "node:crypto";
import type { HostFacts } from "@perfanalysis/contract/api";
import { isEnrolmentToken, newEnrolmentToken } from "@perfanalysis/contract/token";
import { recordAudit } from "../audit/audit.ts";
import type { Database } from "../db/database.ts";
import { asTenant } from "../db/tenant-db.ts";
import type { TenantId } from "../db/tenant-id.ts";
import { checkKeyName, hashToken, insertKey, type NewKey } from "../keys/keys.ts";
import { ensureMachine, registerMachine, setHostFacts } from "../machines/machines.ts";

export interface Enrolment {
  enrolmentId: string;
  name: string;
  /** The token's last four characters. */
  hint: string;
  maxUses: number;
  uses: number;
  createdBy: string;
  createdAt: Date;
  expiresAt: Date;
  revokedAt: Date | null;
}

/** An enrolment with its token, which is shown once and stored nowhere. */
export interface NewEnrolment extends Enrolment {
  token: string;
}

export interface EnrolledHost {
  tenantId: TenantId;
  tenantName: string;
  /** false: the tenant had a machine of this id before. */
  isNew: boolean;
  key: NewKey;
}

const lifetimeS = 3600;
const maxKeyName = 64;

/** Throws RangeError where the name cannot be one. */
export async function createEnrolment(
  database: Database,
  {
    tenantId,
    name,
    maxUses,
    createdBy,
  }: { tenantId: TenantId; name: string; maxUses: number; createdBy: string },
): Promise<NewEnrolment> {
  checkKeyName(name);
  const token = newEnrolmentToken({ randomBytes });
  const [row] = await database.control.query<EnrolmentRow>(
    `INSERT INTO enrolment AS e (tenant_id, name, hash, hint, max_uses, created_by, expires_at)
     VALUES ($1, $2, $3, $4, $5, $6, now() + make_interval(secs => $7)) RETURNING ${columns("e")}`,
    [tenantId, name, hashToken(token), token.slice(-4), maxUses, createdBy, lifetimeS],
  );
  if (row === undefined) throw new Error("Cannot create the token: the database gave no row");
  return { ...toEnrolment(row), token };
}

/** Whether the token lets a host in now; it may not a moment later. */
export async function isValidEnrolment(database: Database, token: string): Promise<boolean> {
  if (!isEnrolmentToken(token)) return false;
  const rows = await database.control.query(
    `SELECT e.id FROM enrolment e JOIN tenant t ON t.id = e.tenant_id
      WHERE e.hash = $1 AND e.revoked_at IS NULL AND e.expires_at > now() AND e.uses < e.max_uses
        AND t.suspended_at IS NULL ORDER BY e.id LIMIT 1`,
    [hashToken(token)],
  );
  return rows.length > 0;
}

/** The tenant's enrolments, newest first, past ones too; `after` is the last of the page before. */
export async function listEnrolments(
  database: Database,
  { tenantId, limit, after }: { tenantId: TenantId; limit: number; after?: string | undefined },
): Promise<Enrolment[]> {
  const rows = await database.control.query<EnrolmentRow>(
    `SELECT ${columns("e")} FROM enrolment e
      WHERE e.tenant_id = $1
        AND ($2::uuid IS NULL OR (e.created_at, e.id) <
             (SELECT a.created_at, a.id FROM enrolment a WHERE a.tenant_id = $1 AND a.id = $2))
      ORDER BY e.created_at DESC, e.id DESC LIMIT $3`,
    [tenantId, after, limit],
  );
  return rows.map(toEnrolment);
}

/** From now on it lets nobody in; the hosts that it let in keep their keys. Null where the tenant has no such enrolment. */
export async function revokeEnrolment(
  database: Database,
  { tenantId, enrolmentId }: { tenantId: TenantId; enrolmentId: string },
): Promise<Enrolment | null> {
  const [row] = await database.control.query<EnrolmentRow>(
    `UPDATE enrolment e SET revoked_at = coalesce(e.revoked_at, now())
      WHERE e.tenant_id = $1 AND e.id = $2 RETURNING ${columns("e")}`,
    [tenantId, enrolmentId],
  );
  return row === undefined ? null : toEnrolment(row);
}

/**
 * Registers the host and gives it a key for its own samples. A machine that is there already gets another key: its host
 * may have been installed anew. Null where the token lets nobody in (any more).
 */
export async function enrolHost(
  database: Database,
  token: string,
  { machineId, facts, now }: { machineId: string; facts: HostFacts | undefined; now: Date },
): Promise<EnrolledHost | null> {
  if (!isEnrolmentToken(token)) return null;
  return await database.control.transaction(async (query) => {
    // The row stays locked until the end, so that a token is never used more often than it may be. A failure below gives the
    // use back; what the tenant's transaction has stored by then is a machine without a key, which is none of harm.
    const [claimed] = await query<ClaimedRow>(
      `UPDATE enrolment e SET uses = e.uses + 1 FROM tenant t
        WHERE e.hash = $1 AND e.revoked_at IS NULL AND e.expires_at > now() AND e.uses < e.max_uses
          AND t.id = e.tenant_id AND t.suspended_at IS NULL
        RETURNING e.id, e.name, e.tenant_id, t.name AS tenant_name`,
      [hashToken(token)],
    );
    if (claimed === undefined) return null;
    const { id: enrolmentId, name, tenant_id: tenantId, tenant_name: tenantName } = claimed;
    const key = await insertKey(query, {
      tenantId,
      name: `host ${machineId}`.slice(0, maxKeyName),
      scopes: ["ingest"],
      machineId,
    });
    const isNew = await asTenant(database, tenantId, async (db) => {
      const made = await registerMachine(db, {
        machineId,
        name: toMachineName(facts?.host_name) ?? machineId,
      });
      if (made === null) await ensureMachine(db, { machineId });
      if (facts !== undefined) await setHostFacts(db, { machineId, facts, now });
      const actor = { kind: "enrolment", enrolmentId, name } as const;
      await recordAudit(db, actor, { action: "machine.enrol", target: machineId });
      await recordAudit(db, actor, { action: "key.create", target: key.keyId });
      return made !== null;
    });
    return { tenantId, tenantName, isNew, key };
  });
}

interface EnrolmentRow {
  id: string;
  name: string;
  hint: string;
  max_uses: number;
  uses: number;
  created_by: string;
  created_at: Date;
  expires_at: Date;
  revoked_at: Date | null;
}

interface ClaimedRow {
  id: string;
  name: string;
  tenant_id: TenantId;
  tenant_name: string;
}

function columns(alias: "e"): string {
  const own = ["id", "name", "hint", "max_uses", "uses", "created_by"];
  const times = ["created_at", "expires_at", "revoked_at"];
  return [...own, ...times].map((name) => `${alias}.${name}`).join(", ");
}

/** undefined where a machine cannot have the host's name. */
function toMachineName(hostName: string | undefined): string | undefined {
  const name = hostName?.trim().slice(0, 128);
  return name === undefined || name === "" || /\p{Cc}/u.test(name) ? undefined : name;
}

function toEnrolment(row: EnrolmentRow): Enrolment {
  return {
    enrolmentId: row.id,
    name: row.name,
    hint: row.hint,
    maxUses: row.max_uses,
    uses: row.uses,
    createdBy: row.created_by,
    createdAt: row.created_at,
    expiresAt: row.expires_at,
    revokedAt: row.revoked_at,
  };
}
