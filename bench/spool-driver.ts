// What kills and power cuts are tried on: the sending part of pcc without its sampling, as a process of its own, and what it sends to.
import { createHash } from "node:crypto";
import { createServer, type IncomingMessage, type ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";
import { join } from "node:path";
import { gunzipSync } from "node:zlib";

export const driver = join(import.meta.dirname, "../collector/src/upload/testing/spool-driver.ts");

/** Numbers behind this word in what the driver has said. */
export function numbersOf(output: string, word: string): number[] {
  return Array.from(output.matchAll(new RegExp(`^${word} (\\d+)$`, "gm")), ([, digits]) =>
    Number(digits),
  );
}

export interface Receiver {
  url: string;
  /** Numbers of rows, and the name that each came under first. */
  rows: Map<number, string>;
  duplicateRows(): number;
  conflicts(): number;
  repeatedBatches(): number;
  close(): void;
}

/** Takes batches as the portal does; a part it refuses for now, and a part it takes and loses the answer. */
export async function startReceiver(
  random: () => number,
  parts: { refused: number; cut: number },
): Promise<Receiver> {
  const rows = new Map<number, string>();
  const digests = new Map<string, string>();
  const counts = { duplicateRows: 0, conflicts: 0, repeatedBatches: 0 };
  const take = (name: string, csv: Buffer): number => {
    const digest = createHash("sha256").update(csv).digest("hex");
    const before = digests.get(name);
    if (before !== undefined && before !== digest) {
      counts.conflicts += 1;
      return 409;
    }
    if (before !== undefined) {
      counts.repeatedBatches += 1;
      return 200;
    }
    digests.set(name, digest);
    for (const line of csv.toString().trimEnd().split("\n").slice(1)) {
      const row = Number(line.split(",", 1)[0]);
      if (rows.has(row)) counts.duplicateRows += 1;
      else rows.set(row, name);
    }
    return 200;
  };
  const answer = async (request: IncomingMessage, response: ServerResponse): Promise<void> => {
    const body = await readBody(request);
    const csv = request.headers["content-encoding"] === "gzip" ? gunzipSync(body) : body;
    const fate = random();
    const status = fate < parts.refused ? 503 : take(String(request.url), csv);
    if (fate > 1 - parts.cut) response.socket?.destroy();
    else response.writeHead(status).end('{"status":"success"}');
  };
  const server = createServer((request, response) => {
    // A killed sender does not finish what it sends.
    answer(request, response).catch(() => response.destroy());
  });
  await new Promise<void>((resolve) => {
    server.listen(0, "127.0.0.1", resolve);
  });
  // A listening TCP server has such an address.
  const { port } = server.address() as AddressInfo;
  return {
    url: `http://127.0.0.1:${port}`,
    rows,
    duplicateRows: () => counts.duplicateRows,
    conflicts: () => counts.conflicts,
    repeatedBatches: () => counts.repeatedBatches,
    close() {
      server.closeAllConnections();
      server.close();
    },
  };
}

async function readBody(request: IncomingMessage): Promise<Buffer> {
  const chunks: Buffer[] = [];
  // A request without an encoding gives buffers.
  for await (const chunk of request as AsyncIterable<Buffer>) chunks.push(chunk);
  return Buffer.concat(chunks);
}

/** Mulberry32. */
export function createRandom(seed: number): () => number {
  let state = seed;
  return () => {
    state = (state + 0x6d2b79f5) | 0;
    let bits = Math.imul(state ^ (state >>> 15), 1 | state);
    bits = (bits + Math.imul(bits ^ (bits >>> 7), 61 | bits)) ^ bits;
    return ((bits ^ (bits >>> 14)) >>> 0) / 2 ** 32;
  };
}
