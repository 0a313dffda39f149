// What every feature's routes are given. The server itself is put together in server.ts.
import type { TypeBoxTypeProvider } from "@fastify/type-provider-typebox";
import type { Scope } from "@perfanalysis/contract/api";
import type {
  FastifyBaseLogger,
  FastifyInstance,
  FastifyRequest,
  RawReplyDefaultExpression,
  RawRequestDefaultExpression,
  RawServerDefault,
} from "fastify";
import type { Database } from "../db/database.ts";
import type { TenantId } from "../db/tenant-db.ts";
import type { LiveHub } from "../live/hub.ts";
import { HttpProblem } from "./problem.ts";

export interface Services {
  database: Database;
  live: LiveHub;
  clock: () => Date;
}

export type App = FastifyInstance<
  RawServerDefault,
  RawRequestDefaultExpression,
  RawReplyDefaultExpression,
  FastifyBaseLogger,
  TypeBoxTypeProvider
>;

/** Who asks, as the credential alone tells. */
export type Principal = {
  tenantId: TenantId;
  scopes: readonly Scope[];
  /** Of the key or the person, for logs and the audit. */
  name: string;
} & ({ kind: "key"; keyId: string } | { kind: "session"; userId: string; sessionId: string });

declare module "fastify" {
  interface FastifyRequest {
    /** Throws a 401 where the request has no valid credential: only routes with `public: true` can meet that. */
    readonly principal: Principal;
  }
  interface FastifyContextConfig {
    /** A route under /api/v1 that needs no credential. All others must have `requireScope` as a preHandler. */
    public?: boolean;
  }
}

const scopeGuards = new WeakSet<object>();

/** A preHandler: only principals with this scope get through. `admin` includes `read`. */
export function requireScope(scope: Scope): (request: FastifyRequest) => Promise<void> {
  const guard = async ({ principal }: FastifyRequest): Promise<void> => {
    if (hasScope(principal, scope)) return;
    throw new HttpProblem(
      403,
      "Not allowed",
      `This needs the scope "${scope}"; ${principal.kind === "key" ? `the key "${principal.name}"` : "your role"} has ${principal.scopes.map((name) => `"${name}"`).join(", ") || "none"}.`,
    );
  };
  scopeGuards.add(guard);
  return guard;
}

export function hasScope(principal: Principal, scope: Scope): boolean {
  return (
    principal.scopes.includes(scope) || (scope === "read" && principal.scopes.includes("admin"))
  );
}

/** Whether a route's preHandler is or contains a guard made by `requireScope`. */
export function isScopeGuarded(preHandler: unknown): boolean {
  const handlers: unknown[] = Array.isArray(preHandler) ? preHandler : [preHandler];
  return handlers.some((handler) => typeof handler === "function" && scopeGuards.has(handler));
}
