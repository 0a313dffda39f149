import { LiveSubscription, type LiveMessage } from "@perfanalysis/contract/api";
import { Compile } from "typebox/compile";
import type { WebSocket } from "@fastify/websocket";
import type { Principal, Services } from "../http/app.ts";
import { listValidKeys } from "../keys/keys.ts";
import { listValidSessions } from "../people/people.ts";
import type { LiveSample } from "./hub.ts";

/** How often credentials are read again: a revoked one loses its connection within a second. */
const recheckMs = 500;
const pingMs = 15_000;
/** Data that a reader has not taken; it is dropped with more, as memory would grow with each slow reader. */
const maxBufferedBytes = 1024 * 1024;
/** Messages that a client may send between two rechecks. */
const maxMessages = 20;

// https://www.rfc-editor.org/rfc/rfc6455#section-7.4.1
const goingAway = 1001;
const invalidPayload = 1007;
const policyViolation = 1008;

const subscription = Compile(LiveSubscription);

interface Connection {
  socket: WebSocket;
  principal: Principal;
  unsubscribe: () => void;
  messages: number;
  /** Whether anything was heard since the last ping. */
  isAlive: boolean;
}

type LiveServices = Pick<Services, "database" | "live" | "people" | "log">;

/** The open WebSockets. Their credentials are read again for all of them together, in one statement a kind. */
export class LiveConnections {
  readonly #services: LiveServices;
  readonly #open = new Set<Connection>();
  #timers: NodeJS.Timeout[] = [];
  #isChecking = false;

  constructor(services: LiveServices) {
    this.#services = services;
  }

  add(socket: WebSocket, principal: Principal): void {
    const connection: Connection = {
      socket,
      principal,
      unsubscribe: () => undefined,
      messages: 0,
      isAlive: true,
    };
    socket.on("message", (data, isBinary) => {
      connection.isAlive = true;
      // With ws's default binaryType, text comes as a Buffer.
      const isText = !isBinary && Buffer.isBuffer(data);
      this.#receive(connection, isText ? data.toString("utf8") : "");
    });
    socket.on("pong", () => {
      connection.isAlive = true;
    });
    // ws closes the connection itself with the code that fits, 1009 for a frame that is too large.
    socket.on("error", (error) =>
      this.#services.log.info({ err: error }, "A live connection failed"),
    );
    socket.on("close", () => this.#remove(connection));
    this.#open.add(connection);
    if (this.#timers.length === 0) this.#start();
  }

  /** Says goodbye to all, and hangs up on those who do not answer. */
  async close(): Promise<void> {
    this.#stop();
    const closed = [...this.#open].map(({ socket }) => {
      const { promise, resolve } = Promise.withResolvers<void>();
      socket.once("close", () => resolve());
      socket.close(goingAway, "The portal is stopping");
      setTimeout(() => socket.terminate(), 1_000).unref();
      return promise;
    });
    await Promise.all(closed);
  }

  #receive(connection: Connection, text: string): void {
    const { socket, principal } = connection;
    connection.messages += 1;
    if (connection.messages > maxMessages) {
      socket.close(policyViolation, "Too many messages");
      return;
    }
    const message = parseJson(text);
    if (!subscription.Check(message)) {
      socket.close(invalidPayload, 'Send {"subscribe": ["<machine_id>", …]}');
      return;
    }
    connection.unsubscribe();
    connection.unsubscribe = this.#services.live.subscribe(
      principal.tenantId,
      message.subscribe,
      (sample) => send(socket, sample),
    );
  }

  #remove(connection: Connection): void {
    connection.unsubscribe();
    this.#open.delete(connection);
    if (this.#open.size === 0) this.#stop();
  }

  #start(): void {
    this.#timers = [
      setInterval(() => void this.#recheck(), recheckMs),
      setInterval(() => this.#ping(), pingMs),
    ];
  }

  #stop(): void {
    for (const timer of this.#timers) clearInterval(timer);
    this.#timers = [];
  }

  async #recheck(): Promise<void> {
    for (const connection of this.#open) connection.messages = 0;
    if (this.#isChecking) return;
    this.#isChecking = true;
    try {
      const { database, people } = this.#services;
      const checked = [...this.#open];
      const [keys, sessions] = await Promise.all([
        listValidKeys(
          database,
          checked.flatMap(({ principal: p }) => (p.kind === "key" ? p.keyId : [])),
        ),
        listValidSessions(
          people,
          checked.flatMap(({ principal: p }) => (p.kind === "session" ? p : [])),
        ),
      ]);
      for (const { socket, principal: p } of checked) {
        const isValid = p.kind === "key" ? keys.has(p.keyId) : sessions.has(p.sessionId);
        if (!isValid) socket.close(policyViolation, "The session or key has ended");
      }
    } catch (error) {
      // The database is away: nothing new arrives either, and nobody has been found revoked.
      this.#services.log.warn({ err: error }, "Cannot check the live connections' credentials");
    } finally {
      this.#isChecking = false;
    }
  }

  #ping(): void {
    for (const connection of this.#open) {
      if (!connection.isAlive) connection.socket.terminate();
      connection.isAlive = false;
      connection.socket.ping();
    }
  }
}

function send(socket: WebSocket, { machineId, time, values }: LiveSample): void {
  if (socket.bufferedAmount > maxBufferedBytes) {
    socket.terminate();
    return;
  }
  const message: LiveMessage = { type: "sample", machine_id: machineId, time, values };
  socket.send(JSON.stringify(message));
}

function parseJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}
