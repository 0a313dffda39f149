// Asks a daemon over its control socket; server.ts says how.
import { connect, type Socket } from "node:net";
import { ExitError, exitCodeOf } from "../exit.ts";
import { messageOf } from "../message-of.ts";

/** A daemon that hangs must not hang whoever asks. */
const timeoutMs = 5000;
const maxLineBytes = 16 * 1024 * 1024;

/**
 * The daemon's answer to `status`, or null where nobody listens on `path`.
 * @throws ExitError where one may not open the socket, and Error where the answer is none.
 */
export async function askStatus(path: string): Promise<Record<string, unknown> | null> {
  const socket = await open(path);
  if (socket === null) return null;
  socket.setTimeout(timeoutMs, () => {
    socket.destroy(new Error(`Cannot ask ${path}: no answer within ${timeoutMs / 1000} s`));
  });
  socket.write("status\n");
  for await (const line of readLines(socket)) return parseAnswer(path, line);
  throw new Error(`Cannot ask ${path}: it answers nothing`);
}

/**
 * What the daemon samples from now on, until the signal; null where nobody listens on `path`.
 * @throws as askStatus().
 */
export async function followSamples(
  path: string,
  signal: AbortSignal,
): Promise<AsyncIterable<Record<string, unknown>> | null> {
  const socket = await open(path);
  if (socket === null) return null;
  signal.addEventListener("abort", () => socket.destroy(), { once: true });
  if (signal.aborted) socket.destroy();
  socket.write("tail\n");
  return readSamples(path, socket, signal);
}

async function* readSamples(
  path: string,
  socket: Socket,
  signal: AbortSignal,
): AsyncGenerator<Record<string, unknown>> {
  try {
    for await (const line of readLines(socket)) yield parseAnswer(path, line);
  } catch (error) {
    if (!signal.aborted) throw error;
  } finally {
    socket.destroy();
  }
}

async function open(path: string): Promise<Socket | null> {
  return await new Promise((resolve, reject) => {
    const socket = connect(path);
    socket.once("connect", () => {
      socket.off("error", fail);
      resolve(socket);
    });
    const fail = (error: NodeJS.ErrnoException): void => {
      // No file, or one that a killed daemon left.
      if (error.code === "ENOENT" || error.code === "ECONNREFUSED") resolve(null);
      else reject(toExitError(path, error));
    };
    socket.once("error", fail);
  });
}

function toExitError(path: string, error: NodeJS.ErrnoException): ExitError {
  const advice = error.code === "EACCES" ? "; its owner, its group and root may (sudo)" : "";
  const message = `Cannot ask ${path}: ${messageOf(error)}${advice}`;
  return new ExitError(exitCodeOf(error), message, { cause: error });
}

async function* readLines(socket: Socket): AsyncGenerator<string> {
  let rest = "";
  socket.setEncoding("utf8");
  // With an encoding set, a socket gives strings.
  for await (const chunk of socket as AsyncIterable<string>) {
    rest += chunk;
    if (rest.length > maxLineBytes) throw new Error("Cannot read the answer: a line has no end");
    for (let end = rest.indexOf("\n"); end !== -1; end = rest.indexOf("\n")) {
      yield rest.slice(0, end);
      rest = rest.slice(end + 1);
    }
  }
}

function parseAnswer(path: string, line: string): Record<string, unknown> {
  const json: unknown = JSON.parse(line);
  if (typeof json !== "object" || json === null || Array.isArray(json)) {
    throw new Error(`Cannot ask ${path}: its answer is no object`);
  }
  // An object that is no array has string keys.
  const answer = json as Record<string, unknown>;
  if (typeof answer["error"] === "string") throw new Error(answer["error"]);
  return answer;
}
