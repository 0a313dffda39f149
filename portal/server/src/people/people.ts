import type { Me, Scope } from "@perfanalysis/contract/api";
import type { Database } from "../db/database.ts";
import type { TenantId } from "../db/tenant-id.ts";
import type { AuthHandler } from "./auth.ts";
import { hashPassword, maxPasswordLength, minPasswordLength } from "./passwords.ts";
import { parseSessionToken, sessionCookieName } from "./session-cookie.ts";

export type Role = Me["role"];

/** A person who has signed in, as a member of one tenant. */
export interface Session {
  sessionId: string;
  personId: string;
  email: string;
  name: string;
  tenantId: TenantId;
  tenantName: string;
  role: Role;
}

export interface People {
  database: Database;
  publicUrl: string;
  secret: string;
  /** Loads better-auth with its first use: most requests only read a session, which takes one statement. */
  handleAuth: AuthHandler;
}

export function openPeople(options: Omit<People, "handleAuth">): People {
  let handler: Promise<AuthHandler> | undefined;
  return {
    ...options,
    handleAuth: async (request) => {
      handler ??= import("./auth.ts").then(({ createAuthHandler }) =>
        createAuthHandler({ ...options, pool: options.database.control.pool }),
      );
      return await (
        await handler
      )(request);
    },
  };
}

interface SessionRow {
  session_id: string;
  person_id: string;
  email: string;
  name: string;
  tenant_id: TenantId;
  tenant_name: string;
  role: Role;
}

/** The session of a Cookie header, or null where it has none that is valid now and belongs to a member of a tenant. */
export async function findSession(
  { database, publicUrl, secret }: People,
  cookieHeader: string,
): Promise<Session | null> {
  const name = sessionCookieName(publicUrl);
  const token = parseSessionToken(cookieHeader, { name, secret });
  if (token === null) return null;
  const [row] = await database.control.query<SessionRow>(
    `SELECT s.id AS session_id, p.id AS person_id, p.email, p.name,
            t.id AS tenant_id, t.name AS tenant_name, m.role
       FROM session s
       JOIN person p ON p.id = s.person_id
       JOIN member m ON m.person_id = p.id
       JOIN tenant t ON t.id = m.tenant_id
      WHERE s.token = $1 AND s.expires_at > now()
        AND t.suspended_at IS NULL
        AND m.tenant_id = coalesce(s.active_tenant_id, m.tenant_id)
      ORDER BY m.created_at, m.id
      LIMIT 1`,
    [token],
  );
  return row === undefined
    ? null
    : {
        sessionId: row.session_id,
        personId: row.person_id,
        email: row.email,
        name: row.name,
        tenantId: row.tenant_id,
        tenantName: row.tenant_name,
        role: row.role,
      };
}

/** Of `sessions`, the ids of those that are still good: neither ended nor expired, and their person still a member. */
export async function listValidSessions(
  { database }: People,
  sessions: readonly Pick<Session, "sessionId" | "tenantId">[],
): Promise<Set<string>> {
  if (sessions.length === 0) return new Set();
  const rows = await database.control.query<{ id: string }>(
    `SELECT s.id
       FROM unnest($1::uuid[], $2::uuid[]) AS asked (session_id, tenant_id)
       JOIN session s ON s.id = asked.session_id AND s.expires_at > now()
       JOIN member m ON m.person_id = s.person_id AND m.tenant_id = asked.tenant_id
       JOIN tenant t ON t.id = m.tenant_id AND t.suspended_at IS NULL`,
    [sessions.map(({ sessionId }) => sessionId), sessions.map(({ tenantId }) => tenantId)],
  );
  return new Set(rows.map(({ id }) => id));
}

export async function deleteExpiredSessions(database: Database): Promise<void> {
  await database.control.query("DELETE FROM session WHERE expires_at < now()");
}

/** What a member may do. Whoever administers a tenant may also upload from the page. */
export function scopesOf(role: Role): readonly Scope[] {
  return role === "member" ? ["read"] : ["ingest", "read", "admin"];
}

export interface NewUser {
  email: string;
  name: string;
  password: string;
  tenantId: TenantId;
  role: Role;
}

/**
 * Makes a person who can sign in, as a member of one tenant.
 * Throws RangeError for an address, name or password that cannot be, or an address that is taken.
 */
export async function createUser(database: Database, user: NewUser): Promise<{ personId: string }> {
  const email = user.email.trim().toLowerCase();
  if (!/^[^\s@]+@[^\s@]+$/.test(email) || email.length > 254)
    throw new RangeError(`Cannot create the user: "${user.email}" is not an e-mail address`);
  if (user.name.trim() === "" || user.name.length > 128 || /\p{Cc}/u.test(user.name))
    throw new RangeError(
      `Cannot create the user: the name "${user.name}" must have 1 to 128 characters and no control characters`,
    );
  checkPassword(user.password);
  const password = await hashPassword(user.password);
  return await database.control.transaction(async (query) => {
    const [person] = await query<{ id: string }>(
      `INSERT INTO person (email, email_verified, name) VALUES ($1, true, $2)
       ON CONFLICT (email) DO NOTHING RETURNING id`,
      [email, user.name],
    );
    if (person === undefined)
      throw new RangeError(`Cannot create the user: "${email}" has an account already`);
    await query(
      `INSERT INTO account (person_id, account_id, provider_id, password)
       VALUES ($1::uuid, $1::uuid::text, 'credential', $2)`,
      [person.id, password],
    );
    await query("INSERT INTO member (tenant_id, person_id, role) VALUES ($1, $2, $3)", [
      user.tenantId,
      person.id,
      user.role,
    ]);
    return { personId: person.id };
  });
}

/**
 * Sets the password of a person who cannot sign in any more, and ends all of their sessions.
 * Throws RangeError for a password that cannot be, or where nobody has this address.
 */
export async function setPassword(
  database: Database,
  { email, password }: Pick<NewUser, "email" | "password">,
): Promise<void> {
  checkPassword(password);
  const hash = await hashPassword(password);
  await database.control.transaction(async (query) => {
    const [account] = await query<{ person_id: string }>(
      `UPDATE account SET password = $2, updated_at = now()
        WHERE provider_id = 'credential' AND person_id = (SELECT id FROM person WHERE email = $1)
        RETURNING person_id`,
      [email.trim().toLowerCase(), hash],
    );
    if (account === undefined)
      throw new RangeError(`Cannot set the password: "${email}" has no account`);
    await query("DELETE FROM session WHERE person_id = $1", [account.person_id]);
  });
}

function checkPassword(password: string): void {
  if (password.length >= minPasswordLength && password.length <= maxPasswordLength) return;
  throw new RangeError(
    `Cannot set the password: it must have ${minPasswordLength} to ${maxPasswordLength} characters`,
  );
}
