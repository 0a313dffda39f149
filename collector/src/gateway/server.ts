// The gateway's HTTP side: connections, their limits and deadlines, and the way of each request to its route.
import { randomUUID } from "node:crypto";
import {
  createServer,
  type IncomingMessage,
  type Server,
  type ServerOptions,
  type ServerResponse,
} from "node:http";
import type { Server as TlsServer } from "node:https";
import type { AddressInfo, Socket } from "node:net";
import { HttpProblem, problemContentType, toProblem } from "@perfanalysis/contract/http-problem";
import { refuseConnection } from "@perfanalysis/contract/refuse-connection";
import { ExitError, exitCodes } from "../exit.ts";
import { messageOf } from "../message-of.ts";
import { readCertificate } from "./certificate.ts";
import type { Gateway } from "./gateway.ts";
import { ClientGoneError, type ReceivedBytes } from "./intake.ts";
import { findRoute, type Reply, type Traffic } from "./routes.ts";
import type { PcdSettings } from "./settings.ts";

export interface GatewayServer {
  /** Where it listens. */
  url: URL;
  traffic: Traffic;
  /** Reads the certificate anew. @throws what keeps it from being used. */
  reload(): Promise<void>;
  /** Takes no new requests, and waits at most this long for those under way. */
  close(deadlineMs: number): Promise<void>;
}

export interface GatewayServerOptions {
  gateway: Gateway;
  settings: Pick<PcdSettings, "listen" | "tls_cert" | "tls_key" | "max_connections">;
  version: string;
  wallMs: () => number;
  /** For people. */
  report: (message: string) => void;
  /** For a request from its first byte to its last, and of silence. */
  slowMs?: number;
}

const MiB = 1024 * 1024;
/** Bodies of all clients together. */
const maxReceivedBytes = 32 * MiB;
/** With the check once a second, slow clients are gone within 15 s. */
const usualSlowMs = 13_000;
/** pcc sends at least once a minute; then it need not connect anew. */
const keepAliveMs = 75_000;

/** @throws ExitError naming what cannot be read, and the system's error where it cannot listen. */
export async function startServer(options: GatewayServerOptions): Promise<GatewayServer> {
  const { settings, gateway, version, wallMs, report, slowMs = usualSlowMs } = options;
  const { host, port } = settings.listen;
  const received: ReceivedBytes = { maxBytes: maxReceivedBytes, bytes: 0 };
  const traffic: Traffic = {
    received,
    connections: 0,
    refused: new Map(),
    startTimeS: wallMs() / 1000,
  };
  let isClosing = false;
  /** Those that listen no more, each with its end: it may have connections yet. */
  const ending = new Map<Server, Promise<void>>();
  const context = { gateway, traffic, version, wallMs, slowMs };
  const open = async (): Promise<Server> => {
    const created = await createHttpServer(settings, slowMs);
    created.on("request", (request, response) => {
      if (isClosing) response.shouldKeepAlive = false;
      void answer(request, response);
    });
    created.on("connection", (socket: Socket) => {
      traffic.connections += 1;
      socket.once("close", () => {
        traffic.connections -= 1;
      });
    });
    created.on("clientError", refuseConnection);
    created.maxConnections = settings.max_connections;
    return created;
  };
  let server = await open();
  await listen(server, host, port);
  // A listening TCP server has such an address.
  const address = server.address() as AddressInfo;
  const isTls = settings.tls_cert !== null;
  return {
    url: new URL(
      `${isTls ? "https" : "http"}://${host.includes(":") ? `[${host}]` : host}:${address.port}`,
    ),
    traffic,
    async reload() {
      if (!isTls) return;
      const certificate = readCertificate(settings);
      if ("setSecureContext" in server) {
        // Only TLS servers have it.
        (server as TlsServer).setSecureContext(certificate);
        return;
      }
      // Bun's servers keep what they began with: another takes the port over, and this one answers who is connected.
      const next = await open();
      ending.set(server, stopListening(server));
      server = next;
      await listen(server, host, address.port);
    },
    async close(deadlineMs) {
      isClosing = true;
      ending.set(server, stopListening(server));
      const timer = setTimeout(() => {
        for (const one of ending.keys()) one.closeAllConnections();
      }, deadlineMs);
      for (const one of ending.keys()) one.closeIdleConnections();
      await Promise.all(ending.values());
      clearTimeout(timer);
    },
  };

  async function answer(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const requestId = randomUUID();
    response.setHeader("x-request-id", requestId);
    try {
      send(request, response, await findRoute(request)(request, context));
    } catch (error) {
      const refusal = toHttpProblem(error);
      if (refusal.status >= 500 && refusal.status !== 503) {
        report(`request ${requestId}: ${error instanceof Error ? error.stack : String(error)}`);
      }
      traffic.refused.set(refusal.status, (traffic.refused.get(refusal.status) ?? 0) + 1);
      send(request, response, {
        status: refusal.status,
        type: problemContentType,
        body: JSON.stringify(toProblem(refusal, requestId)),
        headers: refusal.headers,
      });
    }
  }
}

function send(
  { method }: IncomingMessage,
  response: ServerResponse,
  { status = 200, type = "application/json", body, headers = {} }: Reply,
): void {
  response.writeHead(status, {
    "content-type": type,
    "content-length": String(Buffer.byteLength(body)),
    "cache-control": "no-store",
    ...headers,
  });
  response.end(method === "HEAD" ? undefined : body);
}

function toHttpProblem(error: unknown): HttpProblem {
  if (error instanceof HttpProblem) return error;
  // Nobody reads it; but what is left unanswered, a runtime may answer by itself, and with success.
  if (error instanceof ClientGoneError)
    return new HttpProblem(408, "Too slow", "The request was cut off.");
  return new HttpProblem(
    500,
    "Internal error",
    "The gateway made a mistake. Its log tells more under this request's id.",
    { cause: error },
  );
}

async function createHttpServer(
  settings: GatewayServerOptions["settings"],
  slowMs: number,
): Promise<Server> {
  const limits: ServerOptions = {
    headersTimeout: slowMs,
    requestTimeout: slowMs,
    connectionsCheckingInterval: 1000,
    keepAliveTimeout: keepAliveMs,
    maxHeaderSize: 16 * 1024,
  };
  const server =
    settings.tls_cert === null && settings.tls_key === null
      ? createServer(limits)
      : await createTlsServer(limits, settings);
  // Silence, also of somebody who does not read the answer.
  server.setTimeout(slowMs);
  return server;
}

async function createTlsServer(
  limits: ServerOptions,
  settings: GatewayServerOptions["settings"],
): Promise<Server> {
  const { createServer: create } = await import("node:https");
  return create({ ...limits, ...readCertificate(settings) });
}

/** Resolves when the last of its connections is gone. */
function stopListening(server: Server): Promise<void> {
  return new Promise((resolve) => {
    server.close(() => resolve());
    server.closeIdleConnections();
  });
}

async function listen(server: Server, host: string, port: number): Promise<void> {
  try {
    await new Promise<void>((resolve, reject) => {
      server.once("error", reject);
      server.listen({ host, port }, resolve);
    });
  } catch (cause) {
    const why = messageOf(cause);
    throw new ExitError(exitCodes.unavailable, `Cannot listen on ${host}:${port}: ${why}`, {
      cause,
    });
  }
}
