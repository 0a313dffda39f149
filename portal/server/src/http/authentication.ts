// Who asks: a machine's key in the Authorization header, or a person's session cookie. The tenant comes from it alone.
import type { FastifyRequest } from "fastify";
import { HttpProblem } from "@perfanalysis/contract/http-problem";
import { findKey } from "../keys/keys.ts";
import { findSession, scopesOf } from "../people/people.ts";
import { listScopeGuards, type App, type Principal, type Services } from "./app.ts";
import { createLimit, type Limit } from "./limits.ts";
import { requireSameOrigin } from "./origin.ts";

const principals = new WeakMap<FastifyRequest, Principal>();

/**
 * Everything under /api/v1 needs a credential unless its route says `public: true`, and a scope that its route names.
 * A route that forgets the scope is not registered at all.
 */
export function registerAuthentication(app: App, services: Services): void {
  app.decorateRequest("principal", {
    getter(this: FastifyRequest): Principal {
      const principal = principals.get(this);
      if (principal === undefined) throw unauthenticated("This needs a key or a session.");
      return principal;
    },
  });

  app.addHook("onRoute", (route) => {
    if (!route.url.startsWith("/api/v1/") || route.config?.public === true) return;
    const guards = listScopeGuards(route.preHandler);
    if (guards.length === 0)
      throw new TypeError(
        `Cannot register ${String(route.method)} ${route.url}: it has neither requireScope() nor public: true`,
      );
    // Already before the body is read: what must not be done is not even looked at.
    route.onRequest = [...guards, ...[route.onRequest ?? []].flat()];
  });

  const failures = createLimit(app, {
    max: 60,
    windowMs: 60_000,
    of: "your address without a valid key or session",
  });
  const byAddress = createLimit(app, { max: 1_200, windowMs: 60_000, of: "your address" });
  const byPrincipal = createPrincipalLimit(app, 6_000, "this key or session");
  const ofStreams = createPrincipalLimit(app, 60_000, "the machines behind this key or session");
  app.addHook("onRequest", async (request) => {
    if (!request.url.startsWith("/api/")) return;
    if (!needsCredential(request)) return await byAddress.count(request);
    await failures.check(request);
    try {
      principals.set(request, await authenticate(services, request));
    } catch (error) {
      if (error instanceof HttpProblem && error.status === 401) await failures.count(request);
      throw error;
    }
    const { carriesMachines = false } = request.routeOptions.config;
    await (carriesMachines ? ofStreams : byPrincipal).count(request);
  });
}

function createPrincipalLimit(app: App, max: number, of: string): Limit {
  return createLimit(app, {
    max,
    windowMs: 60_000,
    by: ({ principal }) => (principal.kind === "key" ? principal.keyId : principal.sessionId),
    of,
  });
}

/** By the route that was found, not by the address: no spelling of one gets around it. */
function needsCredential({ routeOptions: { url, config } }: FastifyRequest): boolean {
  return url?.startsWith("/api/v1/") === true && config.public !== true;
}

async function authenticate(services: Services, request: FastifyRequest): Promise<Principal> {
  const { authorization } = request.headers;
  if (authorization !== undefined) return await authenticateKey(services, authorization);
  const session = await findSession(services.people, request.headers.cookie ?? "");
  if (session === null)
    throw unauthenticated(
      'Sign in, or send a key: "Authorization: Bearer <key>". There is no valid session.',
    );
  requireSameOrigin(request, services.settings);
  const { tenantId, role, email, personId, sessionId } = session;
  return { kind: "session", tenantId, scopes: scopesOf(role), name: email, personId, sessionId };
}

async function authenticateKey(services: Services, authorization: string): Promise<Principal> {
  const [, token] = /^Bearer +(\S+)$/i.exec(authorization) ?? [];
  if (token === undefined)
    throw unauthenticated('Cannot read the Authorization header: it must be "Bearer <key>".');
  const key = await findKey(services.database, token);
  if (key === null) throw unauthenticated("The key is unknown, expired or revoked.");
  const { tenantId, scopes, name, keyId, machineId } = key;
  return { kind: "key", tenantId, scopes, name, keyId, machineId };
}

function unauthenticated(detail: string): HttpProblem {
  return new HttpProblem(401, "Not signed in", detail, {
    headers: { "www-authenticate": 'Bearer realm="PerfAnalysis"' },
  });
}
