// Keys of machines and programs. They belong to the control plane: the key is what tells the tenant.
import { createHash, randomBytes } from "node:crypto";
import type { Scope } from "@perfanalysis/contract/api";
import { isToken, newToken } from "@perfanalysis/contract/token";
import type { ControlQuery, Database } from "../db/database.ts";
import type { TenantId } from "../db/tenant-id.ts";
import { recordKeyUse } from "./key-use.ts";

export interface Key {
  keyId: string;
  name: string;
  /** The key's last four characters. */
  hint: string;
  scopes: Scope[];
  /** The one machine whose samples it sends; null: any. */
  machineId: string | null;
  createdAt: Date;
  expiresAt: Date | null;
  revokedAt: Date | null;
  lastUsedAt: Date | null;
}

/** A key with the key itself, which is shown once and stored nowhere. */
export interface NewKey extends Key {
  token: string;
}

export interface KeyOptions {
  tenantId: TenantId;
  name: string;
  scopes: readonly Scope[];
  /** With the scope ingest alone. */
  machineId?: string | null | undefined;
  expiresAt?: Date | null;
}

/** Throws RangeError where the name cannot be one. */
export async function createKey(database: Database, options: KeyOptions): Promise<NewKey> {
  checkKeyName(options.name);
  return await insertKey(database.control.query, options);
}

/** Throws RangeError where neither a key nor an enrolment token can have this name. */
export function checkKeyName(name: string): void {
  if (name.trim() !== "" && name.length <= 64 && !/\p{Cc}/u.test(name)) return;
  throw new RangeError(
    `Cannot create key "${name}": a name has 1–64 characters and no control characters`,
  );
}

/** Whose key it is and what it may do; null where it is mistyped, unknown, expired, revoked, or its tenant suspended. */
export async function findKey(
  database: Database,
  token: string,
): Promise<{
  tenantId: TenantId;
  keyId: string;
  name: string;
  scopes: Scope[];
  machineId: string | null;
  expiresAt: Date | null;
} | null> {
  if (!isToken(token)) return null;
  // The hash of 160 random bits is looked up, so how long the index takes says nothing about any key.
  const [row] = await database.control.query<KeyRow & { tenant_id: TenantId }>(
    `SELECT ${columns("k")}, k.tenant_id
       FROM key k JOIN tenant t ON t.id = k.tenant_id
      WHERE k.hash = $1 AND k.revoked_at IS NULL AND (k.expires_at IS NULL OR k.expires_at > now())
        AND t.suspended_at IS NULL
      ORDER BY k.id LIMIT 1`,
    [hashToken(token)],
  );
  if (row === undefined) return null;
  const { keyId, name, scopes, machineId, expiresAt } = toKey(row);
  recordKeyUse(database, keyId);
  return { tenantId: row.tenant_id, keyId, name, scopes, machineId, expiresAt };
}

/** Of these keys, the ids of those that would still be found. */
export async function listValidKeys(
  database: Database,
  keyIds: readonly string[],
): Promise<Set<string>> {
  if (keyIds.length === 0) return new Set();
  const rows = await database.control.query<{ id: string }>(
    `SELECT k.id FROM key k JOIN tenant t ON t.id = k.tenant_id
      WHERE k.id = ANY ($1::uuid[]) AND k.revoked_at IS NULL
        AND (k.expires_at IS NULL OR k.expires_at > now()) AND t.suspended_at IS NULL`,
    [keyIds],
  );
  return new Set(rows.map(({ id }) => id));
}

/** The tenant's keys, newest first, revoked ones too; `after` is the last key of the page before. */
export async function listKeys(
  database: Database,
  { tenantId, limit, after }: { tenantId: TenantId; limit: number; after?: string | undefined },
): Promise<Key[]> {
  const rows = await database.control.query<KeyRow>(
    `SELECT ${columns("k")} FROM key k
      WHERE k.tenant_id = $1
        AND ($2::uuid IS NULL
             OR (k.created_at, k.id) < (SELECT a.created_at, a.id FROM key a WHERE a.tenant_id = $1 AND a.id = $2))
      ORDER BY k.created_at DESC, k.id DESC LIMIT $3`,
    [tenantId, after, limit],
  );
  return rows.map(toKey);
}

/** From now on the key is refused. Null where the tenant has no such key. */
export async function revokeKey(
  database: Database,
  { tenantId, keyId }: { tenantId: TenantId; keyId: string },
): Promise<Key | null> {
  const [row] = await database.control.query<KeyRow>(
    `UPDATE key k SET revoked_at = coalesce(k.revoked_at, now())
      WHERE k.tenant_id = $1 AND k.id = $2 RETURNING ${columns("k")}`,
    [tenantId, keyId],
  );
  return row === undefined ? null : toKey(row);
}

/**
 * A new key with the old one's name, scopes, machine and lifetime; the old one works for `graceS` seconds more. Null where the
 * tenant has no such key that is still valid.
 */
export async function rotateKey(
  database: Database,
  { tenantId, keyId, graceS }: { tenantId: TenantId; keyId: string; graceS: number },
): Promise<NewKey | null> {
  return await database.control.transaction(async (query) => {
    const [old] = await query<KeyRow & { lifetime_s: number | null }>(
      `SELECT ${columns("k")}, extract(epoch FROM k.expires_at - k.created_at)::float8 AS lifetime_s
         FROM key k
        WHERE k.tenant_id = $1 AND k.id = $2 AND k.revoked_at IS NULL
          AND (k.expires_at IS NULL OR k.expires_at > now())
        ORDER BY k.id LIMIT 1 FOR UPDATE`,
      [tenantId, keyId],
    );
    if (old === undefined) return null;
    await query(
      `UPDATE key SET expires_at = least(expires_at, now() + make_interval(secs => $3))
        WHERE tenant_id = $1 AND id = $2`,
      [tenantId, keyId, graceS],
    );
    const expiresAt = old.lifetime_s === null ? null : new Date(Date.now() + old.lifetime_s * 1000);
    const { name, scopes, machine_id: machineId } = old;
    return await insertKey(query, { tenantId, name, scopes, machineId, expiresAt });
  });
}

interface KeyRow {
  id: string;
  name: string;
  hint: string;
  scopes: Scope[];
  machine_id: string | null;
  created_at: Date;
  expires_at: Date | null;
  revoked_at: Date | null;
  last_used_at: Date | null;
}

function columns(alias: "k"): string {
  const own = ["id", "name", "hint", "scopes", "machine_id"];
  const times = ["created_at", "expires_at", "revoked_at", "last_used_at"];
  return [...own, ...times].map((name) => `${alias}.${name}`).join(", ");
}

/** Within a transaction of the control plane. */
export async function insertKey(
  query: ControlQuery,
  { tenantId, name, scopes, machineId = null, expiresAt = null }: KeyOptions,
): Promise<NewKey> {
  const distinct = [...new Set(scopes)];
  const token = newToken(distinct, { randomBytes });
  const [row] = await query<KeyRow>(
    `INSERT INTO key AS k (tenant_id, name, hash, hint, scopes, machine_id, expires_at)
     VALUES ($1, $2, $3, $4, $5, $6, $7) RETURNING ${columns("k")}`,
    [tenantId, name, hashToken(token), token.slice(-4), distinct, machineId, expiresAt],
  );
  if (row === undefined) throw new Error("Cannot create the key: the database gave no row");
  return { ...toKey(row), token };
}

/** What is stored of a token. */
export function hashToken(token: string): Buffer {
  return createHash("sha256").update(token).digest();
}

function toKey(row: KeyRow): Key {
  return {
    keyId: row.id,
    name: row.name,
    hint: row.hint,
    scopes: row.scopes,
    machineId: row.machine_id,
    createdAt: row.created_at,
    expiresAt: row.expires_at,
    revokedAt: row.revoked_at,
    lastUsedAt: row.last_used_at,
  };
}
