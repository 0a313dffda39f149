import type { Agent, ClientRequest, IncomingMessage, RequestOptions } from "node:http";
import { parseRetryAfter } from "@perfanalysis/contract/retry";

export interface Answer {
  status: number;
  /** How long the server asks to wait; null where it does not say. */
  retryAfterMs: number | null;
  /** What the server says is wrong, cut to 200 characters; empty where it says nothing. */
  detail: string;
  /** Whether the answer is a portal's receipt: any web server may say 200. Not given: nobody looked. */
  isReceipt?: boolean;
  /** What the receipt says was not taken besides the rows; not given: nothing. */
  warning?: string;
}

interface PostRequest {
  headers: Record<string, string>;
  body: Uint8Array;
  signal: AbortSignal;
}

export interface HttpClient {
  /** @throws the connection's error, also where there was no answer in time. */
  post(url: URL, request: PostRequest): Promise<Answer>;
  close(): void;
}

const maxAnswerBytes = 64 * 1024;
/** A body goes out in pieces, so that a slow line can be told from a peer that reads no more. */
const pieceBytes = 64 * 1024;

export interface HttpClientOptions {
  /** Kept open between requests. */
  connections?: number;
  /** A peer that takes nothing and says nothing for this long is gone. */
  silenceMs?: number;
}

/**
 * Connections to one server, kept open between requests. Never fetch(): it costs 40 MB, and a connection per batch.
 */
export async function createHttpClient(
  protocol: string,
  now: () => number,
  { connections = 1, silenceMs = 30_000 }: HttpClientOptions = {},
): Promise<HttpClient> {
  // Only who sends pays for loading it, and TLS only who needs it.
  const { Agent: ConnectionAgent, request } =
    protocol === "https:" ? await import("node:https") : await import("node:http");
  const agent: Agent = new ConnectionAgent({ keepAlive: true, maxSockets: connections });
  return {
    async post(url, { headers, body, signal }) {
      const options: RequestOptions = {
        method: "POST",
        agent,
        headers: { ...headers, "content-length": String(body.length) },
        signal,
      };
      for (;;) {
        const started = request(url, options);
        try {
          return await exchange(started, { body, now, silenceMs });
        } catch (error) {
          // The server closed the kept connection at the very moment it was used: not a failure of the server.
          if (started.reusedSocket && isReset(error)) continue;
          throw error;
        }
      }
    },
    close: () => agent.destroy(),
  };
}

async function exchange(
  request: ClientRequest,
  { body, now, silenceMs }: { body: Uint8Array; now: () => number; silenceMs: number },
): Promise<Answer> {
  const timer = setTimeout(() => {
    request.destroy(new Error(`no answer within ${silenceMs / 1000} s`));
  }, silenceMs);
  try {
    const response = await new Promise<IncomingMessage>((resolve, reject) => {
      request.on("error", reject);
      request.on("response", resolve);
      sendBody(request, body, () => timer.refresh());
    });
    const text = await readBody(response);
    return {
      status: response.statusCode ?? 0,
      retryAfterMs: parseRetryAfter(response.headers["retry-after"], now()),
      detail: parseDetail(text),
      ...parseReceipt(text),
    };
  } finally {
    clearTimeout(timer);
  }
}

function sendBody(request: ClientRequest, body: Uint8Array, onProgress: () => void): void {
  let sent = 0;
  const sendMore = (): void => {
    if (sent > 0) onProgress();
    while (body.length - sent > pieceBytes) {
      const piece = body.subarray(sent, sent + pieceBytes);
      sent += pieceBytes;
      if (!request.write(piece)) {
        request.once("drain", sendMore);
        return;
      }
    }
    request.end(body.subarray(sent));
  };
  sendMore();
}

async function readBody(response: IncomingMessage): Promise<string> {
  let text = "";
  response.setEncoding("utf8");
  // With an encoding set, a response gives strings.
  for await (const chunk of response as AsyncIterable<string>) {
    if (text.length < maxAnswerBytes) text += chunk;
  }
  return text;
}

/** The detail of a problem+json, or the text's first line. */
export function parseDetail(text: string): string {
  let detail = text.split("\n", 1)[0] ?? "";
  try {
    const json: unknown = JSON.parse(text);
    if (typeof json === "object" && json !== null && "detail" in json) detail = String(json.detail);
  } catch {
    // Not JSON: a proxy's page, for example.
  }
  return toPlainLine(detail);
}

/** See StreamReceipt in contract/api.ts. */
function parseReceipt(text: string): Pick<Answer, "isReceipt" | "warning"> {
  try {
    const json: unknown = JSON.parse(text);
    if (typeof json !== "object" || json === null) return { isReceipt: false };
    const { status, warnings } = json as Record<string, unknown>;
    const isReceipt = status === "success";
    if (!isReceipt || !Array.isArray(warnings) || warnings.length === 0) return { isReceipt };
    return { isReceipt, warning: toPlainLine(warnings.join(" ")) };
  } catch {
    return { isReceipt: false };
  }
}

function toPlainLine(text: string): string {
  // eslint-disable-next-line no-control-regex -- a terminal must not run what a server answers
  return text.replaceAll(/[\x00-\x1f\x7f]/g, " ").slice(0, 200);
}

function isReset(error: unknown): boolean {
  return (
    error instanceof Error &&
    "code" in error &&
    (error.code === "ECONNRESET" || error.code === "EPIPE")
  );
}
