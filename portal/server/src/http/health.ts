// Probes for load balancers and orchestrators, and figures for Prometheus.
import { isIPv4 } from "node:net";
import { Type } from "@fastify/type-provider-typebox";
import type { FastifyRequest } from "fastify";
import { collectDefaultMetrics, Histogram, Registry } from "prom-client";
import { unavailable } from "@perfanalysis/contract/http-problem";
import type { App, Services } from "./app.ts";
import { notFound } from "./problem.ts";

const checkTimeoutMs = 2_000;

const Health = Type.Object({ status: Type.Literal("healthy") });
const Liveness = Type.Object({ status: Type.Literal("alive") });
const Readiness = Type.Object({
  status: Type.Literal("ready"),
  checks: Type.Record(Type.String(), Type.Literal("ok")),
});

export function registerHealthRoutes(app: App, { checks }: Services): void {
  const tags = ["operation"];
  app.get(
    "/livez",
    { schema: { tags, summary: "Does the process answer?", response: { 200: Liveness } } },
    async () => ({ status: "alive" as const }),
  );
  app.get(
    "/health",
    { schema: { tags, summary: "Does the portal work?", response: { 200: Health } } },
    async () => {
      await runChecks(checks);
      return { status: "healthy" as const };
    },
  );
  app.get(
    "/readyz",
    {
      schema: {
        tags,
        summary: "Database, migrations and queue",
        response: { 200: Readiness },
      },
    },
    async () => {
      const names = await runChecks(checks);
      const ok = Object.fromEntries(names.map((name) => [name, "ok" as const]));
      return { status: "ready" as const, checks: ok };
    },
  );
}

async function runChecks(checks: Services["checks"]): Promise<string[]> {
  const names = Object.keys(checks);
  const results = await Promise.allSettled(
    Object.values(checks).map((check) => Promise.race([check(), rejectAfter(checkTimeoutMs)])),
  );
  const failed = names.filter((_, index) => results[index]?.status === "rejected");
  if (failed.length === 0) return names;
  const cause = results.find((result) => result.status === "rejected")?.reason as unknown;
  throw unavailable(`Not ready: ${failed.join(", ")}.`, { retryAfterS: 2, cause });
}

function rejectAfter(timeoutMs: number): Promise<never> {
  const { promise, reject } = Promise.withResolvers<never>();
  const timer = setTimeout(() => reject(new Error(`No answer for ${timeoutMs} ms`)), timeoutMs);
  timer.unref();
  return promise;
}

/** Figures carry no tenant's name, but they are the operator's alone: only this machine itself may read them. */
export function registerMetricsRoute(app: App): void {
  const registry = new Registry();
  collectDefaultMetrics({ register: registry });
  const duration = new Histogram({
    name: "http_request_duration_seconds",
    help: "Time from request to the end of the answer, by route.",
    labelNames: ["method", "route", "status"],
    buckets: [0.005, 0.01, 0.03, 0.06, 0.1, 0.3, 1, 3, 10],
    registers: [registry],
  });
  app.addHook("onResponse", async ({ method, routeOptions }, { statusCode, elapsedTime }) => {
    const route = routeOptions.url ?? "unknown";
    duration.observe({ method, route, status: statusCode }, elapsedTime / 1000);
  });
  app.get("/metrics", { schema: { hide: true } }, async (request, reply) => {
    if (!isLocal(request)) throw notFound("There is nothing here.");
    return await reply
      .type(registry.contentType)
      .serializer(String)
      .send(await registry.metrics());
  });
}

/** A proxy on this machine, too, makes every request look local: the headers that it adds give it away. */
function isLocal({ ip, headers }: FastifyRequest): boolean {
  if (headers["x-forwarded-for"] !== undefined || headers.forwarded !== undefined) return false;
  const address = ip.replace(/^::ffff:/, "");
  return address === "::1" || (isIPv4(address) && address.startsWith("127."));
}
