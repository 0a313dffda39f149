import { connect, createServer, type Socket } from "node:net";
import { join } from "node:path";
import { once } from "node:events";
import type { DatabaseAddress } from "../db/database.ts";

export interface DatabaseProxy {
  /** Where to find the database by way of the proxy. */
  address: DatabaseAddress;
  /** Ends all connections, and every new one at once, as a server does that has crashed. */
  cut: () => void;
  restore: () => void;
  close: () => Promise<void>;
}

/** A wire to the database that can be cut. */
export async function openDatabaseProxy(to: DatabaseAddress): Promise<DatabaseProxy> {
  const { host = "localhost", port = 5432 } = to;
  const sockets = new Set<Socket>();
  let isCut = false;
  const server = createServer((client) => {
    const target = host.startsWith("/")
      ? connect(join(host, `.s.PGSQL.${port}`))
      : connect(port, host);
    for (const [socket, other] of [
      [client, target],
      [target, client],
    ] as const) {
      sockets.add(socket);
      socket.on("error", () => undefined);
      socket.on("close", () => {
        sockets.delete(socket);
        other.destroy();
      });
      socket.pipe(other);
    }
    if (isCut) client.destroy();
  });
  const cut = () => {
    isCut = true;
    for (const socket of sockets) socket.destroy();
  };
  await once(server.listen(0, "127.0.0.1"), "listening");
  const bound = server.address();
  if (bound === null || typeof bound === "string") throw new Error("The proxy has no port");
  return {
    address: { ...to, host: "127.0.0.1", port: bound.port },
    cut,
    restore: () => {
      isCut = false;
    },
    close: async () => {
      server.close();
      cut();
      await once(server, "close");
    },
  };
}
