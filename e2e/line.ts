// A TCP proxy in front of a portal: a line that loses answers, or stands still at a moment of the test's choice.
import { connect, createServer, type AddressInfo, type Socket } from "node:net";

export interface Line {
  url: string;
  leadTo(port: number): void;
  /** Of the next so many connections the answer is lost, and the connection with it. */
  cutAnswers(count: number): void;
  cuts(): number;
  /**
   * Of the connections from now on, the one with this number, from 1 up, passes only so many bytes of what the client sends. Resolves
   * once they have gone through, with the connection standing still.
   */
  holdRequest(connection: number, afterBytes: number): Promise<void>;
  /** The same of what the portal answers: nothing of it passes. Resolves once it has begun to answer. */
  holdAnswer(connection: number): Promise<void>;
  close(): void;
}

interface Hold {
  /** Until it is this connection's turn. */
  connection: number;
  /** Bytes of the request that pass; all: the answer is what is held. */
  requestBytes: number;
  reached: () => void;
}

export async function openLine(): Promise<Line> {
  let port = 0;
  let toCut = 0;
  let cuts = 0;
  let hold: Hold | null = null;
  const sockets = new Set<Socket>();
  const server = createServer((client) => {
    const portal = connect(port, "127.0.0.1");
    for (const socket of [client, portal]) {
      sockets.add(socket);
      socket.on("error", () => socket.destroy());
      socket.on("close", () => {
        sockets.delete(socket);
        client.destroy();
        portal.destroy();
      });
    }
    if (hold !== null) hold.connection -= 1;
    const held = hold?.connection === 0 ? hold : null;
    if (held === null) client.pipe(portal);
    else passUntil(held, client, portal);
    portal.on("data", (bytes) => {
      if (held !== null) {
        held.reached();
      } else if (toCut > 0) {
        toCut -= 1;
        cuts += 1;
        client.destroy();
      } else {
        client.write(bytes);
      }
    });
  });
  await new Promise<void>((resolve) => {
    server.listen(0, "127.0.0.1", resolve);
  });
  // A listening TCP server has such an address.
  const address = server.address() as AddressInfo;
  const holdAt = (connection: number, requestBytes: number): Promise<void> =>
    new Promise((reached) => {
      hold = { connection, requestBytes, reached };
    });
  return {
    url: `http://127.0.0.1:${address.port}`,
    leadTo: (next) => {
      port = next;
    },
    cutAnswers: (count) => {
      toCut = count;
    },
    cuts: () => cuts,
    holdRequest: holdAt,
    holdAnswer: (connection) => holdAt(connection, Number.POSITIVE_INFINITY),
    close() {
      server.close();
      for (const socket of sockets) socket.destroy();
    },
  };
}

function passUntil({ requestBytes, reached }: Hold, client: Socket, portal: Socket): void {
  let left = requestBytes;
  client.on("data", (bytes) => {
    portal.write(bytes.subarray(0, Math.min(left, bytes.length)));
    left -= bytes.length;
    if (left > 0) return;
    client.pause();
    reached();
  });
}
