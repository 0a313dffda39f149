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
import { HttpProblem } from "@perfanalysis/contract/http-problem";
import type { Database } from "../db/database.ts";
import type { TenantId } from "../db/tenant-db.ts";
import type { JobQueue } from "../jobs/queue.ts";
import type { LiveHub } from "../live/hub.ts";
import type { People } from "../people/people.ts";

export interface Services {
  database: Database;
  live: LiveHub;
  jobs: JobQueue;
  people: People;
  settings: HttpSettings;
  log: FastifyBaseLogger;
  /** What must work for the portal to be ready, by name; each rejects where it does not. */
  checks: Readonly<Record<string, () => Promise<void>>>;
  clock: () => Date;
}

export interface HttpSettings {
  /** Origin under which browsers reach the portal, for example `https://portal.example.com`. */
  publicUrl: string;
  /** Addresses or subnets of reverse proxies whose X-Forwarded-* headers are believed. */
  trustedProxies: readonly string[];
  /** Folder of the built pages. */
  webRoot: string;
  /** Whether each answer is held against its schema. */
  checksAnswers: boolean;
  /** Behind by more than this, the process refuses work; 0: never. */
  maxEventLoopDelayMs: number;
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
} & (
  | {
      kind: "key";
      keyId: string;
      /** The one machine whose samples it sends; null: any. */
      machineId: string | null;
    }
  | { kind: "session"; personId: string; sessionId: string }
);

declare module "fastify" {
  interface FastifyRequest {
    /** Throws a 401 where the request has no valid credential: only routes with `public: true` can meet that. */
    readonly principal: Principal;
  }
  interface FastifyContextConfig {
    /** A route under /api/v1 that needs no credential. All others must have `requireScope` as a preHandler. */
    public?: boolean;
    /** A gateway asks for hundreds of machines with one key, each of them once a second. */
    carriesMachines?: boolean;
  }
}

type ScopeGuard = (request: FastifyRequest) => Promise<void>;

const scopeGuards = new WeakSet<ScopeGuard>();

/** A preHandler: only principals with one of these scopes get through. `admin` includes `read`. */
export function requireScope(...anyOf: [Scope, ...Scope[]]): ScopeGuard {
  const guard: ScopeGuard = async ({ principal }) => {
    if (anyOf.some((scope) => hasScope(principal, scope))) return;
    const who = principal.kind === "key" ? `the key "${principal.name}"` : "your role";
    throw new HttpProblem(
      403,
      "Not allowed",
      `This needs the scope ${quoteAll(anyOf, " or ")}; ${who} has ${quoteAll(principal.scopes, ", ")}.`,
    );
  };
  scopeGuards.add(guard);
  return guard;
}

/** Throws a 403 where the key is another machine's. */
export function requireOwnMachine(principal: Principal, machineId: string): void {
  if (principal.kind !== "key" || principal.machineId === null) return;
  if (principal.machineId === machineId) return;
  throw new HttpProblem(
    403,
    "Not allowed",
    `The key "${principal.name}" sends samples of machine "${principal.machineId}" alone.`,
  );
}

function quoteAll(names: readonly string[], separator: string): string {
  return names.map((name) => `"${name}"`).join(separator);
}

function hasScope(principal: Principal, scope: Scope): boolean {
  return (
    principal.scopes.includes(scope) || (scope === "read" && principal.scopes.includes("admin"))
  );
}

/** The guards made by `requireScope` in a route's preHandler. */
export function listScopeGuards(preHandler: unknown): ScopeGuard[] {
  const handlers: unknown[] = Array.isArray(preHandler) ? preHandler : [preHandler];
  return handlers.filter(isScopeGuard);
}

function isScopeGuard(handler: unknown): handler is ScopeGuard {
  // A WeakSet tells of any object whether it is in it.
  return typeof handler === "function" && scopeGuards.has(handler as ScopeGuard);
}
