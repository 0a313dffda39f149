// What the gateway answers. Its front is the portal's own: POST /api/v1/performance/stream, contract/api.ts.
import { createHash } from "node:crypto";
import type { IncomingMessage } from "node:http";
import type { KeyValidation, StreamReceipt } from "@perfanalysis/contract/api";
import {
  hostFactsHeader,
  parseHostFacts,
  renderFactsWarning,
} from "@perfanalysis/contract/host-facts";
import { isMachineId } from "@perfanalysis/contract/machine-id";
import { HttpProblem, unavailable } from "@perfanalysis/contract/http-problem";
import type { BatchName } from "./batch.ts";
import type { Gateway } from "./gateway.ts";
import { checkBody, receiveBody, type ReceivedBytes } from "./intake.ts";
import { messageOf } from "../message-of.ts";
import type { GatewayKey } from "./keys.ts";
import type { LaneStatus } from "./lane.ts";
import { renderMetrics } from "./metrics.ts";

/** Somebody has to mend their file. */
const keysRetryAfterS = 5;

/** What goes over the gateway's connections. */
export interface Traffic {
  received: ReceivedBytes;
  connections: number;
  /** By HTTP status. */
  refused: Map<number, number>;
  /** Unix seconds. */
  startTimeS: number;
}

export interface RouteContext {
  gateway: Gateway;
  traffic: Traffic;
  version: string;
  wallMs: () => number;
  /** What a body may take to arrive. */
  slowMs: number;
}

export interface Reply {
  status?: number;
  type?: string;
  body: string;
  headers?: Record<string, string>;
}

/** @throws HttpProblem, and the connection's error where the client is gone. */
type Route = (request: IncomingMessage, context: RouteContext) => Promise<Reply> | Reply;

const routes = new Map<string, Partial<Record<string, Route>>>([
  ["/api/v1/performance/stream", { POST: takeBatch }],
  ["/api/v1/auth/validate", { GET: validateKey }],
  ["/v1/ping", { GET: ping }],
  ["/livez", { GET: () => toJson({ status: "alive" }) }],
  ["/readyz", { GET: tellReadiness }],
  ["/metrics", { GET: tellMetrics }],
]);

/** @throws HttpProblem */
export function findRoute({ method = "", url = "" }: IncomingMessage): Route {
  const path = url.split("?", 1)[0] ?? "";
  const methods = routes.get(path);
  if (methods === undefined) throw new HttpProblem(404, "Not found", "There is nothing here.");
  const route = methods[method === "HEAD" ? "GET" : method];
  if (route !== undefined) return route;
  const allow = Object.keys(methods).join(", ");
  throw new HttpProblem(405, "Wrong method", `This takes ${allow}, not ${method.slice(0, 20)}.`, {
    headers: { allow },
  });
}

async function takeBatch(request: IncomingMessage, context: RouteContext): Promise<Reply> {
  const { gateway, traffic, wallMs, slowMs } = context;
  const key = authenticate(request, gateway);
  const name = parseName(request);
  requireMachine(key, name.agent, "agent");
  requireCsv(request);
  const body = await receiveBody(request, { all: traffic.received, deadlineMs: slowMs });
  const checked = checkBody(body, { nowMs: wallMs() });
  requireMachine(key, checked.machineId, "machine_id");
  const { facts, warnings } = readFacts(request, checked.machineId);
  const taken = await gateway.take(key, { ...name, ...checked, facts });
  const receipt: StreamReceipt = {
    status: "success",
    rows_imported: taken.rowCount,
    rows_duplicate: 0,
    machine_id: taken.machineId,
    ...(warnings.length === 0 ? {} : { warnings }),
  };
  return toJson(receipt);
}

function validateKey(request: IncomingMessage, { gateway }: RouteContext): Reply {
  const { name, upstream, machineId } = authenticate(request, gateway);
  const validation: KeyValidation = {
    tenant_id: toUuid(upstream),
    tenant_name: upstream,
    key_name: name,
    scopes: ["ingest"],
    machine_id: machineId,
    expires_at: null,
  };
  return toJson(validation);
}

function ping(request: IncomingMessage, { gateway, version }: RouteContext): Reply {
  const answer = { status: "ok", program: "pcd", version };
  if (request.headers.authorization === undefined) return toJson({ ...answer, key: null });
  const { name, upstream, machineId } = authenticate(request, gateway);
  return toJson({ ...answer, key: { name, upstream, machine_id: machineId } });
}

/** Ready is who takes batches: where upstreams do not, batches wait here. */
function tellReadiness(request: IncomingMessage, { gateway }: RouteContext): Reply {
  const all = gateway.status();
  const isReady =
    gateway.keys.error === null && [...all.values()].every(({ trouble }) => trouble === null);
  const status = isReady ? "ready" : "not ready";
  const shown = listShownLanes(request, gateway);
  const detail =
    shown === null
      ? {}
      : {
          keys: gateway.keys.error ?? "ok",
          upstreams: Object.fromEntries([...shown].map(([name, lane]) => [name, toDetail(lane)])),
        };
  return { ...toJson({ status, ...detail }), status: isReady ? 200 : 503 };
}

function toDetail({ upstream, spool, deadLetters, trouble }: LaneStatus): object {
  return {
    spool: trouble ?? "ok",
    waiting_batches: spool.records,
    spool_bytes: spool.bytes,
    upstream: upstream.state,
    ...(upstream.why === "" ? {} : { why: upstream.why }),
    refused_batches: deadLetters.batches,
  };
}

function tellMetrics(request: IncomingMessage, { gateway, traffic, version }: RouteContext): Reply {
  const lanes = listShownLanes(request, gateway);
  if (lanes === null) throw unauthenticated("From elsewhere than this machine, this needs a key.");
  const { user, system } = process.cpuUsage();
  const body = renderMetrics({
    version,
    refused: traffic.refused,
    connections: traffic.connections,
    keys: gateway.keys.count(),
    receivedBytes: traffic.received.bytes,
    residentBytes: process.memoryUsage.rss(),
    cpuSeconds: (user + system) / 1e6,
    startTimeS: traffic.startTimeS,
    lanes,
  });
  return { type: "text/plain; version=0.0.4; charset=utf-8", body };
}

/** This machine sees all upstreams, a key its own, and others none: null. */
function listShownLanes(
  request: IncomingMessage,
  gateway: Gateway,
): ReadonlyMap<string, LaneStatus> | null {
  const all = gateway.status();
  if (isLocal(request)) return all;
  if (request.headers.authorization === undefined) return null;
  const { upstream } = authenticate(request, gateway);
  return new Map([...all].filter(([name]) => name === upstream));
}

/** A proxy on this machine, too, makes every request look local: the headers that it adds give it away. */
function isLocal({ socket, headers }: IncomingMessage): boolean {
  if (headers["x-forwarded-for"] !== undefined || headers["forwarded"] !== undefined) return false;
  const address = (socket.remoteAddress ?? "").replace(/^::ffff:/, "");
  return address === "::1" || address.startsWith("127.");
}

function authenticate({ headers }: IncomingMessage, gateway: Gateway): GatewayKey {
  const { authorization } = headers;
  if (authorization === undefined)
    throw unauthenticated('This needs a key of this gateway: "Authorization: Bearer <key>".');
  const [, token] = /^Bearer +(\S+)$/i.exec(authorization) ?? [];
  if (token === undefined)
    throw unauthenticated('Cannot read the Authorization header: it must be "Bearer <key>".');
  const key = gateway.keys.find(token);
  if (!gateway.keys.isRead) {
    throw unavailable(
      "The gateway cannot read its keys at present. Send it again a little later.",
      {
        retryAfterS: keysRetryAfterS,
      },
    );
  }
  if (key === null) throw unauthenticated("The key is unknown here, or revoked.");
  return key;
}

function unauthenticated(detail: string): HttpProblem {
  return new HttpProblem(401, "Not signed in", detail, {
    headers: { "www-authenticate": 'Bearer realm="PerfAnalysis gateway"' },
  });
}

/** See StreamQuery in contract/api.ts. */
function parseName({ url = "" }: IncomingMessage): BatchName {
  const query = new URLSearchParams(url.split("?").slice(1).join("?"));
  const agent = query.get("agent") ?? "";
  const epoch = query.get("epoch") ?? "";
  const digits = query.get("sequence") ?? "";
  const sequence = Number(digits);
  // Agents and epochs look as machine ids do.
  if (!isMachineId(agent)) throw invalidName("agent", agent, "1–64 letters, digits, _ or -");
  if (!isMachineId(epoch)) throw invalidName("epoch", epoch, "1–64 letters, digits, _ or -");
  if (!/^\d{1,16}$/.test(digits) || !Number.isSafeInteger(sequence))
    throw invalidName("sequence", digits, "a whole number");
  return { agent, epoch, sequence };
}

function invalidName(name: string, value: string, expected: string): HttpProblem {
  const message = `Is not ${expected}.`;
  return new HttpProblem(
    400,
    "Invalid request",
    `Cannot take the batch: "${name}" in the address is not ${expected}.`,
    { errors: [{ column: `/${name}`, value: value.slice(0, 80), message }] },
  );
}

function requireMachine(key: GatewayKey, machineId: string, what: string): void {
  if (key.machineId === null || key.machineId === machineId) return;
  throw new HttpProblem(
    403,
    "Not allowed",
    `The key "${key.name}" sends samples of "${key.machineId}" only; ${what} is "${machineId}".`,
  );
}

function requireCsv({ headers }: IncomingMessage): void {
  const [type = ""] = (headers["content-type"] ?? "").split(";");
  if (type.trim().toLowerCase() !== "text/csv") {
    throw new HttpProblem(
      415,
      "Wrong type of content",
      `Cannot read a body of type "${type.slice(0, 80)}" here: send text/csv.`,
    );
  }
  const encoding = headers["content-encoding"] ?? "identity";
  if (/^(?:identity|gzip|x-gzip)$/i.test(encoding)) return;
  throw new HttpProblem(
    415,
    "Wrong type of content",
    `Cannot decode "${encoding.slice(0, 80)}": send the CSV as it is, or with Content-Encoding: gzip.`,
    { headers: { "accept-encoding": "gzip" } },
  );
}

/** What cannot be facts costs no rows. What can is handed on as it came, for the portal to judge. */
function readFacts(
  { headers }: IncomingMessage,
  machineId: string,
): { facts: string | null; warnings: string[] } {
  const text = headers[hostFactsHeader]?.toString();
  if (text === undefined) return { facts: null, warnings: [] };
  try {
    parseHostFacts(text);
    return { facts: text, warnings: [] };
  } catch (error) {
    return { facts: null, warnings: [renderFactsWarning(machineId, messageOf(error))] };
  }
}

/** Always the same for an upstream; RFC 9562, version 8. */
function toUuid(upstream: string): string {
  const hash = createHash("sha256").update(`perfanalysis upstream ${upstream}`).digest();
  hash[6] = 0x80 | ((hash[6] ?? 0) & 0x0f);
  hash[8] = 0x80 | ((hash[8] ?? 0) & 0x3f);
  const hex = hash.toString("hex");
  return [
    hex.slice(0, 8),
    hex.slice(8, 12),
    hex.slice(12, 16),
    hex.slice(16, 20),
    hex.slice(20, 32),
  ].join("-");
}

function toJson(value: object): Reply {
  return { body: JSON.stringify(value) };
}
