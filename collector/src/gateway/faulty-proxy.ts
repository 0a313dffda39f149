// A line between two programs that can be cut, stopped and made slow.
import { connect, createServer, type AddressInfo, type Socket } from "node:net";
import { onTestFinished } from "vitest";

export interface FaultyProxy {
  /** Speaks to the target. */
  url: URL;
  /** May be set at any time. */
  faults: Faults;
  /** Connections that were cut. */
  cuts(): number;
}

export interface Faults {
  /** With each piece of data, either way, the connection is cut with this probability. */
  cutRatio?: number;
  /** The request goes through, and then the connection is cut instead of answered. */
  cutsAnswers?: boolean;
  /** Connections are taken, and nothing is read or answered. */
  isStalled?: boolean;
  /** Towards the target. */
  bytesPerSecond?: number;
}

/** `random` is uniform in 0–1. */
export async function startFaultyProxy(
  target: URL,
  { faults = {}, random }: { faults?: Faults; random: () => number },
): Promise<FaultyProxy> {
  const sockets = new Set<Socket>();
  let cuts = 0;
  const proxy = { faults };
  const server = createServer((client) => {
    keep(client);
    if (proxy.faults.isStalled === true) {
      client.pause();
      return;
    }
    const upstream = connect(Number(target.port), target.hostname);
    keep(upstream);
    const cut = (): void => {
      cuts += 1;
      client.resetAndDestroy();
      upstream.resetAndDestroy();
    };
    const isCut = (): boolean => random() < (proxy.faults.cutRatio ?? 0);
    client.on("data", (bytes) => {
      if (isCut()) return cut();
      upstream.write(bytes);
      const { bytesPerSecond } = proxy.faults;
      if (bytesPerSecond === undefined) return;
      client.pause();
      setTimeout(() => client.resume(), (1000 * bytes.length) / bytesPerSecond);
    });
    upstream.on("data", (bytes) => {
      if (proxy.faults.cutsAnswers === true || isCut()) return cut();
      client.write(bytes);
    });
    client.on("close", () => upstream.destroy());
    upstream.on("close", () => client.destroy());
  });
  await new Promise<void>((resolve) => {
    server.listen(0, "127.0.0.1", resolve);
  });
  onTestFinished(() => {
    for (const socket of sockets) socket.destroy();
    server.close();
  });
  // A listening TCP server has such an address.
  const { port } = server.address() as AddressInfo;
  const url = new URL(target);
  url.port = String(port);
  return Object.assign(proxy, { url, cuts: () => cuts });

  function keep(socket: Socket): void {
    sockets.add(socket);
    socket.on("error", () => {});
    socket.on("close", () => sockets.delete(socket));
  }
}
