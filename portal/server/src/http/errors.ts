// The one place that maps whatever a route threw to an answer. Nothing of an unexpected error reaches the client.
import { HttpProblem, unavailable } from "@perfanalysis/contract/http-problem";
import { DatabaseUnavailable, toDatabaseError } from "../db/unavailable.ts";

export function toHttpProblem(error: unknown): HttpProblem {
  if (error instanceof HttpProblem) return error;
  if (isFrameworkRefusal(error)) {
    const detail = details[error.code] ?? error.message;
    return new HttpProblem(error.statusCode, titles[error.statusCode] ?? "Refused", detail, {
      cause: error,
    });
  }
  if (error instanceof DatabaseUnavailable || isDatabaseBusy(error))
    return unavailable("The database cannot be reached or is busy. Try again in a moment.", {
      retryAfterS: 2,
      cause: error,
    });
  return new HttpProblem(
    500,
    "Internal error",
    "The portal made a mistake. Its log tells more under this request's id.",
    { cause: error },
  );
}

const titles: Record<number, string> = {
  400: "Invalid request",
  404: "Not found",
  408: "Too slow",
  413: "Too large",
  414: "Address too long",
  415: "Wrong type of content",
  429: "Too many requests",
};

/** Where the framework's own words do not say what to do. */
const details: Record<string, string> = {
  // Uploads and streams look at their type themselves.
  FST_ERR_CTP_INVALID_MEDIA_TYPE: "Cannot read a body of this type here: send application/json.",
};

/** Errors of Fastify and its plugins that blame the request; their messages name no internals. */
function isFrameworkRefusal(error: unknown): error is Error & { statusCode: number; code: string } {
  return (
    error instanceof Error &&
    "code" in error &&
    typeof error.code === "string" &&
    error.code.startsWith("FST_") &&
    "statusCode" in error &&
    typeof error.statusCode === "number" &&
    error.statusCode >= 400 &&
    error.statusCode < 500
  );
}

/** Whether the same request may work in a moment. */
function isDatabaseBusy(error: unknown): boolean {
  if (!(error instanceof Error)) return false;
  // What pg's own pool says where no connection became free in time; it has no code.
  if (error.message.startsWith("timeout exceeded when trying to connect")) return true;
  if ("code" in error && busyStates.has(String(error.code))) return true;
  return toDatabaseError(error) instanceof DatabaseUnavailable || isDatabaseBusy(error.cause);
}

// https://www.postgresql.org/docs/current/errcodes-appendix.html
const busyStates = new Set([
  "40001", // serialization failure
  "40P01", // deadlock
  "55P03", // lock not available
  "57014", // statement timeout
]);
