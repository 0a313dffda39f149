// A daemon's Unix socket, on which pcctl asks what it does. A client sends one line, `status` or `tail`; the answer is JSON Lines: one
// for status, one a sample for tail until the client leaves. Whoever may open the socket may ask: its file is for owner and group.
import { chmodSync, lstatSync, unlinkSync } from "node:fs";
import { connect, createServer, type Server, type Socket } from "node:net";
import { dirname } from "node:path";
import { makeFolder } from "@perfanalysis/contract/make-folder";
import { releaseUnusedPages } from "../unused-pages.ts";

/** What a daemon tells. */
export interface ControlAnswers {
  status(): object;
  /**
   * From now on calls `send` with what was sampled, until the function that it answers is called. Not given: this daemon
   * samples nothing.
   */
  tail?: (send: (sample: object) => void) => () => void;
}

export interface ControlServer {
  close(): Promise<void>;
}

const mode = 0o660;
const maxClients = 32;
const maxRequestBytes = 256;
/** Whoever connects and asks nothing is sent away. */
const requestMs = 5000;
/** A reader that lets this much pile up is dropped: the daemon does not wait for it, nor keep samples for it. */
const maxWaitingBytes = 1024 * 1024;
/** Answering needs 6 MB that sampling does not; they are let go this long after the last client has left. */
const releaseMs = 5000;

/**
 * Listens on `path`. What a killed daemon left of its socket is replaced.
 * @throws Error where another process answers there, where something else is there, and the system's errors.
 */
export async function openControlServer(
  path: string,
  answers: ControlAnswers,
): Promise<ControlServer> {
  makeFolder(dirname(path));
  await removeStale(path);
  const clients = new Set<Socket>();
  let release: NodeJS.Timeout | undefined;
  const server = createServer((client) => {
    clients.add(client);
    client.on("error", () => client.destroy());
    clearTimeout(release);
    client.on("close", () => {
      clients.delete(client);
      if (clients.size > 0 || !server.listening) return;
      release = setTimeout(() => void releaseUnusedPages(), releaseMs).unref();
    });
    serve(client, answers);
  });
  server.maxConnections = maxClients;
  await listen(server, path);
  return {
    close: () =>
      new Promise((resolve) => {
        clearTimeout(release);
        // Takes the socket's file away, too.
        server.close(() => resolve());
        for (const client of clients) client.destroy();
      }),
  };
}

function serve(client: Socket, answers: ControlAnswers): void {
  const timer = setTimeout(() => client.destroy(), requestMs);
  client.on("close", () => clearTimeout(timer));
  let request = "";
  const read = (chunk: Buffer): void => {
    request += chunk.toString("latin1");
    const end = request.indexOf("\n");
    if (end === -1 && request.length <= maxRequestBytes) return;
    clearTimeout(timer);
    client.off("data", read);
    // What else it sends is nobody's concern, but its end is.
    client.resume();
    answer(client, request.slice(0, end).trim(), answers);
  };
  client.on("data", read);
}

function answer(client: Socket, request: string, answers: ControlAnswers): void {
  if (request === "status") {
    client.end(toLine(answers.status()));
  } else if (request === "tail" && answers.tail !== undefined) {
    const stop = answers.tail((sample) => {
      client.write(toLine(sample));
      if (client.writableLength > maxWaitingBytes) client.destroy();
    });
    client.on("close", stop);
    // A reader that has ended its half wants no more.
    client.on("end", () => client.destroy());
  } else {
    const known = answers.tail === undefined ? "status" : "status and tail";
    client.end(toLine({ error: `Cannot answer "${request}": known are ${known}` }));
  }
}

function toLine(value: object): string {
  return `${JSON.stringify(value)}\n`;
}

async function removeStale(path: string): Promise<void> {
  const found = lstatSync(path, { throwIfNoEntry: false });
  if (found === undefined) return;
  if (!found.isSocket()) throw new Error(`Cannot listen on ${path}: it is there, and is no socket`);
  if (await isAnswered(path)) {
    throw new Error(`Cannot listen on ${path}: another process answers there`);
  }
  unlinkSync(path);
}

async function isAnswered(path: string): Promise<boolean> {
  return await new Promise((resolve) => {
    const client = connect(path);
    client.on("connect", () => {
      client.destroy();
      resolve(true);
    });
    client.on("error", () => resolve(false));
  });
}

async function listen(server: Server, path: string): Promise<void> {
  const listening = new Promise<void>((resolve, reject) => {
    server.once("error", reject);
    server.once("listening", resolve);
  });
  // The file is made within listen(): nobody else may open it for a moment even.
  const before = process.umask(0o777 & ~mode);
  try {
    server.listen(path);
  } finally {
    process.umask(before);
  }
  await listening;
  chmodSync(path, mode);
}
