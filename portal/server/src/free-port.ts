import { createServer } from "node:net";
import { once } from "node:events";

/** `port`, or the next one above it that is free; 0 takes any. With `strict` a taken port throws (code EADDRINUSE). */
export async function findFreePort({
  host,
  port,
  strict,
}: {
  host: string;
  port: number;
  strict: boolean;
}): Promise<number> {
  for (let candidate = port; candidate <= 65_535; candidate++) {
    try {
      return await probe(host, candidate);
    } catch (error) {
      const isTaken = error instanceof Error && "code" in error && error.code === "EADDRINUSE";
      if (!isTaken || strict) throw error;
    }
  }
  throw new RangeError(`Cannot find a free port from ${port} on`);
}

async function probe(host: string, port: number): Promise<number> {
  const server = createServer();
  server.listen({ host, port });
  try {
    await once(server, "listening");
    const address = server.address();
    return typeof address === "object" && address !== null ? address.port : port;
  } finally {
    server.close();
  }
}
