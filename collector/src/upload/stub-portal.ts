import { createServer, type IncomingMessage, type ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";
import { gunzipSync } from "node:zlib";
import { hostFactsHeader } from "@perfanalysis/contract/host-facts";
import { expect, onTestFinished } from "vitest";

interface ReceivedBatch {
  path: string;
  authorization: string;
  contentEncoding: string;
  agent: string;
  epoch: string;
  sequence: number;
  /** JSON; null where none came. */
  facts: string | null;
  /** Unpacked. */
  csv: string;
}

/** What the stub does with a batch that it has read: it may answer, or misbehave. */
export type Behaviour = (response: ServerResponse, batch: ReceivedBatch) => void;

export interface StubPortal {
  url: URL;
  received: ReceivedBatch[];
  /** What it does once the given behaviours are used up; may be set at any time. */
  behave: Behaviour;
  /** What it says that a key may do. */
  scopesOf: (authorization: string) => string[];
  /** Sockets that were opened to it. */
  connections(): number;
}

export const accept: Behaviour = (response) => answer(response, 200, { status: "success" });

export function refuse(status: number, headers: Record<string, string> = {}): Behaviour {
  return (response) => answer(response, status, { detail: `the stub says ${status}` }, headers);
}

/** The batch is read, and then the connection is cut: as when the answer is lost after the commit. */
export const cut: Behaviour = (response) => response.socket?.destroy();

/** What a portal would hold, which knows batches by their names: the CSV by `agent epoch sequence`. */
export function listStored({ received }: Pick<StubPortal, "received">): Map<string, string> {
  const stored = new Map<string, string>();
  for (const { agent, epoch, sequence, csv } of received) {
    const name = `${agent} ${epoch} ${sequence}`;
    // The same name has the same content, for ever.
    expect(stored.get(name) ?? csv).toBe(csv);
    stored.set(name, csv);
  }
  return stored;
}

/** Behaves once in each given way, and then accepts, or as it is told. */
export async function startStubPortal(behaviours: Behaviour[] = []): Promise<StubPortal> {
  const received: ReceivedBatch[] = [];
  let connections = 0;
  const portal: Pick<StubPortal, "behave" | "scopesOf"> = {
    behave: accept,
    scopesOf: () => ["ingest"],
  };
  const server = createServer((request, response) => {
    if (request.url === "/base/api/v1/auth/validate") {
      answer(response, 200, { scopes: portal.scopesOf(request.headers.authorization ?? "") });
      return;
    }
    readBatch(request)
      .then((batch) => {
        received.push(batch);
        (behaviours.shift() ?? portal.behave)(response, batch);
        return batch;
      })
      .catch(() => response.destroy());
  });
  server.on("connection", () => {
    connections += 1;
  });
  await new Promise<void>((resolve) => {
    server.listen(0, "127.0.0.1", resolve);
  });
  onTestFinished(() => {
    server.closeAllConnections();
    server.close();
  });
  // A listening TCP server has such an address.
  const { port } = server.address() as AddressInfo;
  return Object.assign(portal, {
    url: new URL(`http://127.0.0.1:${port}/base`),
    received,
    connections: () => connections,
  });
}

function answer(
  response: ServerResponse,
  status: number,
  json: object,
  headers: Record<string, string> = {},
): void {
  response.writeHead(status, { "content-type": "application/json", ...headers });
  response.end(JSON.stringify(json));
}

async function readBatch(request: IncomingMessage): Promise<ReceivedBatch> {
  const chunks: Buffer[] = [];
  // A request without an encoding gives buffers.
  for await (const chunk of request as AsyncIterable<Buffer>) chunks.push(chunk);
  const body = Buffer.concat(chunks);
  const url = new URL(request.url ?? "", "http://stub");
  const contentEncoding = request.headers["content-encoding"] ?? "";
  return {
    path: url.pathname,
    authorization: request.headers.authorization ?? "",
    contentEncoding,
    agent: url.searchParams.get("agent") ?? "",
    epoch: url.searchParams.get("epoch") ?? "",
    sequence: Number(url.searchParams.get("sequence")),
    facts: request.headers[hostFactsHeader]?.toString() ?? null,
    csv: (contentEncoding === "gzip" ? gunzipSync(body) : body).toString("utf8"),
  };
}
