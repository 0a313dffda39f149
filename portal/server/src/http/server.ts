// The HTTP server put together: what holds for every request, and the list of the features' routes.
import { randomUUID } from "node:crypto";
import websocket from "@fastify/websocket";
import Fastify, { LogController, type FastifyReply, type FastifyRequest } from "fastify";
import { problemContentType, toProblem } from "@perfanalysis/contract/http-problem";
import { refuseConnection } from "@perfanalysis/contract/refuse-connection";
import { registerKeyRoutes } from "../keys/routes.ts";
import { registerAuditRoutes } from "../audit/routes.ts";
import { registerEnrolmentRoutes } from "../enrolments/routes.ts";
import { registerExportRoutes } from "../exports/routes.ts";
import { registerIngestRoutes } from "../ingest/routes.ts";
import { registerLiveRoute } from "../live/routes.ts";
import { registerMachineRoutes } from "../machines/routes.ts";
import { registerPeopleRoutes } from "../people/routes.ts";
import { registerReportRoutes } from "../reports/routes.ts";
import { registerSampleRoutes } from "../samples/routes.ts";
import type { App, Services } from "./app.ts";
import { registerAuthentication } from "./authentication.ts";
import { toHttpProblem } from "./errors.ts";
import { registerHealthRoutes, registerMetricsRoute } from "./health.ts";
import { registerPressure, registerRateLimit } from "./limits.ts";
import { registerRequestLog } from "./log.ts";
import { gatherMethods } from "./methods.ts";
import { registerOpenApi, registerOpenApiPages } from "./openapi.ts";
import { registerPages, registerSecurityHeaders } from "./pages.ts";
import { registerBodyDeadline } from "./body-deadline.ts";
import { compileSerializer, compileValidator } from "./schemas.ts";

const MiB = 1024 * 1024;

/** Each feature's routes; a new feature adds its line here. */
const features: readonly ((app: App, services: Services) => void)[] = [
  registerPeopleRoutes,
  registerKeyRoutes,
  registerEnrolmentRoutes,
  registerMachineRoutes,
  registerLiveRoute,
  registerSampleRoutes,
  registerReportRoutes,
  registerAuditRoutes,
  registerIngestRoutes,
  registerExportRoutes,
];

/** Not listening yet. Its `close()` drains it; the services stay the caller's. */
export async function buildApp(services: Services): Promise<App> {
  const { settings } = services;
  const app = createApp(services);
  const refuseOtherMethods = gatherMethods(app);
  app.addHook("onRequest", async (request, reply) => {
    reply.header("x-request-id", request.id);
  });
  registerRequestLog(app);
  // Before every hook that may refuse: it closes the connections of refused upgrades.
  await app.register(websocket, {
    options: { maxPayload: 64 * 1024 },
    errorHandler: (error, socket, { log }) => {
      log.info({ err: error }, "A WebSocket failed");
      socket.terminate();
    },
    // live/connections.ts closes its own, with a reason.
    preClose: (done) => done(),
  });
  await registerSecurityHeaders(app, settings);
  await registerPressure(app, settings);
  await registerRateLimit(app);
  await registerOpenApi(app);
  registerMetricsRoute(app);
  registerAuthentication(app, services);
  registerBodyDeadline(app);
  registerHealthRoutes(app, services);
  for (const register of features) register(app, services);
  refuseOtherMethods();
  await registerOpenApiPages(app);
  await registerPages(app, settings);
  await app.ready();
  return app;
}

function createApp({ settings, log }: Services): App {
  const app: App = Fastify({
    loggerInstance: log,
    // registerRequestLog() writes one line instead of two.
    logController: new LogController({ disableRequestLogging: true }),
    genReqId: () => randomUUID(),
    // Nobody's X-Forwarded-For is believed until proxies are named.
    trustProxy: settings.trustedProxies.length === 0 ? false : [...settings.trustedProxies],
    bodyLimit: 1 * MiB,
    // For a whole request, a 100 MB upload over a slow line included; Fastify's own default is none.
    requestTimeout: 600_000,
    // Silence on a connection. A query may take 30 s before the first byte.
    connectionTimeout: 35_000,
    keepAliveTimeout: 30_000,
    http: { headersTimeout: 10_000, connectionsCheckingInterval: 2_000 },
    forceCloseConnections: "idle",
    clientErrorHandler: refuseConnection,
    frameworkErrors: (error, request, reply) => void sendProblem(error, request, reply),
  }).withTypeProvider();
  app.setValidatorCompiler(compileValidator);
  // Only what a route names is read: JSON here, CSV and files where they are taken.
  app.removeContentTypeParser("text/plain");
  app.setSerializerCompiler(compileSerializer({ checked: settings.checksAnswers }));
  app.setErrorHandler((error, request, reply) => sendProblem(error, request, reply));
  return app;
}

function sendProblem(error: unknown, request: FastifyRequest, reply: FastifyReply): FastifyReply {
  const problem = toHttpProblem(error);
  if (problem.status >= 500)
    request.log.error({ err: problem.cause ?? problem }, `${problem.title}: ${problem.message}`);
  else request.log.info({ status: problem.status }, `${problem.title}: ${problem.message}`);
  return reply
    .code(problem.status)
    .headers({ ...problem.headers, "x-request-id": request.id })
    .type(problemContentType)
    .serializer(JSON.stringify)
    .send(toProblem(problem, request.id));
}
