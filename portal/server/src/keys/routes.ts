import { Type } from "@fastify/type-provider-typebox";
import {
  Key as KeySchema,
  KeyInput,
  KeyList,
  KeyRotation,
  KeyValidation,
  NewKey as NewKeySchema,
  PageQuery,
} from "@perfanalysis/contract/api";
import { recordAudit } from "../audit/audit.ts";
import { asTenant } from "../db/tenant-db.ts";
import { requireScope, type App, type Principal, type Services } from "../http/app.ts";
import { requireCursor, toPage } from "../http/paging.ts";
import { invalidField, notFound } from "../http/problem.ts";
import { isUuid } from "../http/uuid.ts";
import { toKeyJson } from "./json.ts";
import { flushKeyUse } from "./key-use.ts";
import { createKey, findKey, listKeys, revokeKey, rotateKey, type NewKey } from "./keys.ts";

const KeyPath = Type.Object({ key_id: Type.String({ format: "uuid" }) });

export function registerKeyRoutes(app: App, { database, clock }: Services): void {
  const tags = ["keys"];
  const preHandler = requireScope("admin");
  app.addHook("onClose", () => flushKeyUse(database));
  // Keys are the control plane's, so this is another transaction: where it fails the request does, and all that is lost is
  // a key that nobody has seen, or a revocation that is asked for once more.
  const audit = (
    principal: Principal,
    action: "key.create" | "key.rotate" | "key.revoke",
    { keyId }: { keyId: string },
  ) =>
    asTenant(database, principal.tenantId, (db) =>
      recordAudit(db, principal, { action, target: keyId }),
    );

  app.get(
    "/api/v1/keys",
    {
      preHandler,
      schema: {
        tags,
        summary: "The tenant's keys, newest first",
        querystring: PageQuery,
        response: { 200: KeyList },
      },
    },
    async ({ principal, query: { cursor, limit } }) => {
      const { tenantId } = principal;
      requireCursor(cursor, isUuid);
      const found = await listKeys(database, { tenantId, limit: limit + 1, after: cursor });
      const { page, nextCursor } = toPage(found, { limit, toCursor: ({ keyId }) => keyId });
      return { keys: page.map(toKeyJson), next_cursor: nextCursor };
    },
  );

  app.post(
    "/api/v1/keys",
    {
      preHandler,
      schema: {
        tags,
        summary: "Make a key; the answer shows it, nothing else ever will",
        body: KeyInput,
        response: { 201: NewKeySchema },
      },
    },
    async ({ principal, body: { name, scopes, machine_id: machineId, expires_at } }, reply) => {
      const { tenantId } = principal;
      const expiresAt = expires_at === undefined ? null : new Date(expires_at);
      if (expiresAt !== null && !(expiresAt > clock()))
        throw invalidField("/expires_at", `"${expires_at}" is not a time in the future`);
      if (machineId !== undefined && scopes.some((scope) => scope !== "ingest"))
        throw invalidField(
          "/machine_id",
          "only a key of the scope ingest alone can be of one machine",
        );
      const key = await createKey(database, {
        tenantId,
        name,
        scopes,
        machineId,
        expiresAt,
      }).catch((error: unknown) => {
        throw error instanceof RangeError ? invalidField("/name", error.message) : error;
      });
      await audit(principal, "key.create", key);
      return reply.code(201).header("cache-control", "no-store").send(toNewJson(key));
    },
  );

  app.post(
    "/api/v1/keys/:key_id/rotate",
    {
      preHandler,
      schema: {
        tags,
        summary: "Replace a key; the old one works for a grace period more",
        params: KeyPath,
        body: KeyRotation,
        response: { 201: NewKeySchema },
      },
    },
    async ({ principal, params, body }, reply) => {
      const key = await rotateKey(database, {
        tenantId: principal.tenantId,
        keyId: params.key_id,
        graceS: body.grace_seconds,
      });
      if (key === null) throw notFound("There is no valid key with this id.");
      await audit(principal, "key.rotate", { keyId: params.key_id });
      return reply.code(201).header("cache-control", "no-store").send(toNewJson(key));
    },
  );

  app.delete(
    "/api/v1/keys/:key_id",
    {
      preHandler,
      schema: {
        tags,
        summary: "Revoke a key: it is refused at once",
        params: KeyPath,
        response: { 200: KeySchema },
      },
    },
    async ({ principal, params }) => {
      const { tenantId } = principal;
      const key = await revokeKey(database, { tenantId, keyId: params.key_id });
      if (key === null) throw notFound("There is no key with this id.");
      await audit(principal, "key.revoke", key);
      return toKeyJson(key);
    },
  );

  app.get(
    "/api/v1/auth/validate",
    {
      preHandler: requireScope("ingest", "read", "admin"),
      schema: {
        tags,
        summary: "Whose key this is and what it may do",
        response: { 200: KeyValidation },
      },
    },
    async ({ principal, headers }) => {
      const { tenantId, name, scopes } = principal;
      const token = headers.authorization?.split(/ +/)[1];
      const key = token === undefined ? null : await findKey(database, token);
      const [tenant] = await database.control.query<{ name: string }>(
        "SELECT name FROM tenant WHERE id = $1",
        [tenantId],
      );
      if (tenant === undefined) throw notFound("The tenant has been deleted.");
      return {
        tenant_id: tenantId,
        tenant_name: tenant.name,
        key_name: name,
        scopes: [...scopes],
        machine_id: key?.machineId ?? null,
        expires_at: key?.expiresAt?.toISOString() ?? null,
      };
    },
  );
}

function toNewJson(key: NewKey) {
  return { ...toKeyJson(key), key: key.token };
}
