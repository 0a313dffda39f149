// How much one client may ask for. Counted in memory: one process serves a portal.
import { getHeapStatistics } from "node:v8";
import rateLimit from "@fastify/rate-limit";
import underPressure from "@fastify/under-pressure";
import type { FastifyRequest } from "fastify";
import { HttpProblem, unavailable } from "@perfanalysis/contract/http-problem";
import type { App, HttpSettings } from "./app.ts";

export interface Limit {
  /** Counts the request; throws a 429 where the limit is passed. */
  count(request: FastifyRequest): Promise<void>;
  /** The same without counting. */
  check(request: FastifyRequest): Promise<void>;
}

export interface LimitOptions {
  max: number;
  windowMs: number;
  /** What the requests are counted by. Default: the client's address, of IPv6 its /64. */
  by?: (request: FastifyRequest) => string;
  /** Whom the answer's text speaks of. */
  of: string;
}

/** Must be registered before createLimit() is used; sets no limit by itself. */
export async function registerRateLimit(app: App): Promise<void> {
  await app.register(rateLimit, {
    global: false,
    errorResponseBuilder: (_request, { max, ttl }) => tooMany("this route", max, ttl),
  });
}

export function createLimit(app: App, { max, windowMs, by, of }: LimitOptions): Limit {
  const limit = app.createRateLimit({
    max,
    timeWindow: windowMs,
    ...(by === undefined ? {} : { keyGenerator: by }),
  });
  const ask = async (request: FastifyRequest, increment: boolean) => {
    const state = await limit(request, { increment });
    if (!state.isAllowed && state.isExceeded) throw tooMany(of, max, state.ttl);
  };
  return { count: (request) => ask(request, true), check: (request) => ask(request, false) };
}

function tooMany(of: string, max: number, ttlMs: number): HttpProblem {
  const retryAfterS = Math.max(1, Math.ceil(ttlMs / 1000));
  return new HttpProblem(
    429,
    "Too many requests",
    `More than ${max} requests from ${of}. Try again in ${retryAfterS} s.`,
    { headers: { "retry-after": String(retryAfterS) } },
  );
}

const retryAfterS = 5;

/** Refuses work while the process cannot keep up; probes and figures stay answered. */
export async function registerPressure(
  app: App,
  { maxEventLoopDelayMs }: Pick<HttpSettings, "maxEventLoopDelayMs">,
): Promise<void> {
  await app.register(underPressure, {
    maxEventLoopDelay: maxEventLoopDelayMs,
    maxHeapUsedBytes: Math.floor(getHeapStatistics().heap_size_limit * 0.95),
    pressureHandler: async ({ url }) => {
      if (!url.startsWith("/api/")) return;
      throw unavailable("The portal is overloaded. Try again in a moment.", { retryAfterS });
    },
  });
}
