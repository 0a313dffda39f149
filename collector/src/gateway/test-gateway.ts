// A gateway in the test's own process, on folders and a port of its own, and clients that speak to it as pcc does.
import { randomUUID } from "node:crypto";
import { writeFileSync } from "node:fs";
import { request } from "node:http";
import { join } from "node:path";
import { onTestFinished } from "vitest";
import { createFolder } from "../sampling/fake-procfs.ts";
import { systemClock, type Clock } from "../sampling/clock.ts";
import type { SettingsOf } from "../setting-shapes.ts";
import { openGateway, type Gateway } from "./gateway.ts";
import { createKey } from "./keys.ts";
import { startServer } from "./server.ts";
import { pcdProgram, type PcdSettings } from "./settings.ts";

export interface SentBatch {
  agent?: string;
  epoch?: string;
  sequence?: number | string;
  body: string | Uint8Array;
  key?: string | null;
  headers?: Record<string, string>;
}

export interface GatewayAnswer {
  status: number;
  headers: Record<string, string | string[] | undefined>;
  json: Record<string, unknown>;
  text: string;
}

export interface TestGateway {
  url: URL;
  folder: string;
  gateway: Gateway;
  /** Of the first upstream, for any machine. */
  key: string;
  messages: string[];
  createKey(name: string, options: { upstream: string; machineId?: string }): string;
  post(batch: SentBatch): Promise<GatewayAnswer>;
  get(path: string, headers?: Record<string, string>): Promise<GatewayAnswer>;
  /** Ends it; another one may be started on its folder. */
  close(): Promise<void>;
}

export interface TestGatewayOptions {
  /** Of a gateway that was there before. */
  folder?: string;
  upstream?: string;
  settings?: Partial<PcdSettings>;
  clock?: Clock;
  random?: () => number;
  slowMs?: number;
}

/** Forwards to `settings.portal` with the key "pa_ingest_upstream", or stores into `settings.store`. */
export async function startGateway({
  folder = createFolder(),
  upstream = "portal",
  settings: given = {},
  clock = systemClock,
  random = () => 0,
  slowMs = 13_000,
}: TestGatewayOptions = {}): Promise<TestGateway> {
  const messages: string[] = [];
  const report = (message: string): void => {
    messages.push(message);
  };
  writeFileSync(join(folder, "upstream.key"), "pa_ingest_upstream\n");
  const settings: PcdSettings = {
    ...defaults(),
    listen: { host: "127.0.0.1", port: 0 },
    state: join(folder, "state"),
    keys: join(folder, "keys.json"),
    api_key_file: join(folder, "upstream.key"),
    ...given,
  };
  const makeKey = (
    name: string,
    { upstream: of, machineId = null }: { upstream: string; machineId?: string | null },
  ): string => createKey(settings.keys, { name, upstream: of, machineId, now: new Date() }).token;
  const key = makeKey(`key of ${randomUUID()}`, { upstream });
  const gateway = await openGateway({ settings, clock, random, report });
  const server = await startServer({
    gateway,
    settings,
    version: "1.2.3",
    wallMs: () => clock.wallMs(),
    report,
    slowMs,
  });
  let closed: Promise<void> | null = null;
  const close = (): Promise<void> => {
    closed ??= server.close(1000).then(() => gateway.close(1000));
    return closed;
  };
  onTestFinished(close);
  return {
    url: server.url,
    folder,
    gateway,
    key,
    messages,
    createKey: makeKey,
    close,
    post: ({ key: other = key, ...batch }) => postBatch(server.url, { key: other, ...batch }),
    get: (path, headers = {}) =>
      exchange(new URL(path, server.url), { method: "GET", headers, body: "" }),
  };
}

/** @throws where the connection is lost. */
export function postBatch(
  gateway: URL,
  { agent = "web-01", epoch = "e1", sequence = 0, body, key = null, headers = {} }: SentBatch,
): Promise<GatewayAnswer> {
  const query = `agent=${agent}&epoch=${epoch}&sequence=${sequence}`;
  return exchange(new URL(`/api/v1/performance/stream?${query}`, gateway), {
    method: "POST",
    headers: {
      "content-type": "text/csv",
      ...(key === null ? {} : { authorization: `Bearer ${key}` }),
      ...headers,
    },
    body,
  });
}

/** Rows of one machine, a second apart. */
export function renderRows(machineId: string, firstS: number, count = 1, columns = ""): string {
  const header = `timestamp,machine_id,cpu_user,cpu_system,cpu_idle,mem_total,mem_free${columns === "" ? "" : `,${columns}`}`;
  const rows = Array.from({ length: count }, (_, row) => {
    const more = columns === "" ? "" : `,${columns.split(",").fill("1").join(",")}`;
    return `${firstS + row},${machineId},${row % 100},2,3,4000,1000${more}`;
  });
  return `${[header, ...rows].join("\n")}\n`;
}

/** The settings' defaults, as the table says. */
function defaults(): PcdSettings {
  const entries = Object.entries(pcdProgram.settings).map(([name, shape]) => [
    name,
    shape.default === null ? null : shape.parse(shape.default),
  ]);
  // Made from all names, each by its own parser.
  return Object.fromEntries(entries) as SettingsOf<typeof pcdProgram.settings>;
}

function exchange(
  url: URL,
  {
    method,
    headers,
    body,
  }: { method: string; headers: Record<string, string>; body: string | Uint8Array },
): Promise<GatewayAnswer> {
  return new Promise((resolve, reject) => {
    const sent = request(url, { method, headers }, (response) => {
      let text = "";
      response.setEncoding("utf8").on("data", (piece: string) => (text += piece));
      response.on("end", () => {
        const isJson = String(response.headers["content-type"]).includes("json");
        resolve({
          status: response.statusCode ?? 0,
          headers: response.headers,
          // The gateway's JSON is always an object.
          json: isJson ? (JSON.parse(text) as Record<string, unknown>) : {},
          text,
        });
      });
    });
    sent.on("error", reject);
    sent.end(body);
  });
}
