// Single requests of pcctl; what streams uses http.ts, which keeps its connection.
import type { IncomingMessage, RequestOptions } from "node:http";
import { parseRetryAfter } from "@perfanalysis/contract/retry";
import { parseDetail } from "./http.ts";

export interface HttpAnswer {
  status: number;
  /** The answer's JSON object; empty where it is none. */
  json: Record<string, unknown>;
  /** What the server says is wrong, cut to 200 characters; empty where it says nothing. */
  detail: string;
  /** How long the server asks to wait; null where it does not say. */
  retryAfterMs: number | null;
  /** The Date header. */
  date: string | undefined;
}

export interface HttpRequest {
  method?: "GET" | "POST" | "DELETE";
  headers?: Record<string, string>;
  body?: RequestBody;
  signal: AbortSignal;
}

export interface RequestBody {
  type: string;
  /** Of all that `chunks` gives. */
  bytes: number;
  chunks: () => AsyncIterable<Uint8Array> | Iterable<Uint8Array>;
}

/** A peer that says nothing for this long is gone. */
const timeoutMs = 60_000;
const maxAnswerBytes = 4 * 1024 * 1024;

/** An address of the portal, which may live under a path of its own. */
export function toApiUrl(portal: URL, path: string): URL {
  return new URL(path, portal.href.endsWith("/") ? portal.href : `${portal.href}/`);
}

export function toJsonBody(value: object): RequestBody {
  const bytes = Buffer.from(JSON.stringify(value));
  return { type: "application/json", bytes: bytes.length, chunks: () => [bytes] };
}

/** @throws the connection's error, also where there was no answer in time. */
export async function sendRequest(url: URL, request: HttpRequest): Promise<HttpAnswer> {
  const { request: start } =
    url.protocol === "https:" ? await import("node:https") : await import("node:http");
  const { method = "GET", headers = {}, body, signal } = request;
  const options: RequestOptions = {
    method,
    agent: false,
    timeout: timeoutMs,
    signal,
    headers: {
      accept: "application/json",
      ...headers,
      ...(body === undefined
        ? {}
        : { "content-type": body.type, "content-length": String(body.bytes) }),
    },
  };
  const started = start(url, options);
  started.on("timeout", () => {
    started.destroy(new Error(`no answer within ${timeoutMs / 1000} s`));
  });
  const answered = new Promise<IncomingMessage>((resolve, reject) => {
    started.on("error", reject);
    started.on("response", resolve);
  });
  const sent = body === undefined ? endNow(started) : sendBody(started, body);
  // A server that refuses early answers before it has read all.
  const response = await Promise.race([answered, sent.then(() => answered)]);
  const text = await readText(response);
  started.destroy();
  await sent.catch(() => undefined);
  return {
    status: response.statusCode ?? 0,
    json: parseObject(text),
    detail: parseDetail(text),
    retryAfterMs: parseRetryAfter(response.headers["retry-after"], Date.now()),
    date: response.headers.date,
  };
}

async function endNow(started: NodeJS.WritableStream): Promise<void> {
  started.end();
}

async function sendBody(
  started: NodeJS.WritableStream & { destroyed?: boolean },
  body: RequestBody,
): Promise<void> {
  for await (const chunk of body.chunks()) {
    if (started.destroyed === true) return;
    if (started.write(chunk)) continue;
    await new Promise<void>((resolve) => {
      const go = (): void => {
        started.off("drain", go);
        started.off("close", go);
        resolve();
      };
      started.on("drain", go);
      started.on("close", go);
    });
  }
  started.end();
}

async function readText(response: IncomingMessage): Promise<string> {
  let text = "";
  response.setEncoding("utf8");
  // With an encoding set, a response gives strings.
  for await (const chunk of response as AsyncIterable<string>) {
    if (text.length < maxAnswerBytes) text += chunk;
  }
  return text;
}

function parseObject(text: string): Record<string, unknown> {
  try {
    const json: unknown = JSON.parse(text);
    // An object that is no array has string keys.
    if (typeof json === "object" && json !== null && !Array.isArray(json)) {
      return json as Record<string, unknown>;
    }
  } catch {
    // A proxy's page, for example.
  }
  return {};
}
