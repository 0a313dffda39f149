import pino, { type DestinationStream, type Logger } from "pino";
import type { LogLevel } from "../config.ts";
import type { App } from "./app.ts";

const secrets = ["authorization", "cookie", "set-cookie", "password", "token", "key", "secret"];

/** One line of JSON an event, on standard output unless told. Nothing that opens a door is ever part of one. */
export function createLog(
  level: LogLevel,
  destination: DestinationStream = process.stdout,
): Logger {
  return pino(
    {
      level,
      redact: {
        paths: secrets.flatMap((name) => [`["${name}"]`, `*["${name}"]`, `*.*["${name}"]`]),
        censor: "[redacted]",
      },
    },
    destination,
  );
}

/** A line a request; of probes and of the pages' files only where they fail. */
export function registerRequestLog(app: App): void {
  app.addHook("onResponse", async (request, reply) => {
    const isQuiet = !request.url.startsWith("/api/") && reply.statusCode < 400;
    request.log[isQuiet ? "debug" : "info"](
      {
        method: request.method,
        // The pattern, not the address: ids and query strings stay out of the log.
        route: request.routeOptions.url ?? "unknown",
        status: reply.statusCode,
        durationMs: Math.round(reply.elapsedTime * 10) / 10,
      },
      "answered",
    );
  });
}
