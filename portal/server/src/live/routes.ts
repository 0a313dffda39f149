import { Type } from "@fastify/type-provider-typebox";
import type { FastifyRequest } from "fastify";
import { HttpProblem } from "@perfanalysis/contract/http-problem";
import { requireScope, type App, type Services } from "../http/app.ts";
import { isOwnOrigin } from "../http/origin.ts";
import { LiveConnections } from "./connections.ts";

/** Samples as they arrive, over a WebSocket: LiveSubscription in, LiveMessage out. */
export function registerLiveRoute(app: App, services: Services): void {
  const connections = new LiveConnections(services);
  app.addHook("preClose", async () => await connections.close());

  const requireOwnOrigin = async (request: FastifyRequest) => {
    // Browsers send a session's cookie with WebSockets of any page, and no preflight asks first. Programs with a key
    // have no origin.
    const isProgram = request.principal.kind === "key" && request.headers.origin === undefined;
    if (isProgram || isOwnOrigin(request, services.settings)) return;
    throw new HttpProblem(
      403,
      "Not allowed",
      `Cannot open the live view from "${request.headers.origin ?? "an unknown page"}": only the portal's own pages may.`,
    );
  };
  app.get(
    "/api/v1/live",
    {
      websocket: true,
      preHandler: [requireOwnOrigin, requireScope("read")],
      schema: {
        tags: ["machines"],
        summary: "Samples as they arrive (WebSocket)",
        description:
          'Send `{"subscribe": ["<machine_id>", …]}`; each such message replaces the one before it. What comes back is one message a sample: `{"type": "sample", "machine_id", "time", "values"}`.',
        response: { 101: Type.Null({ description: "The connection is a WebSocket now" }) },
      },
    },
    (socket, request) => connections.add(socket, request.principal),
  );
}
