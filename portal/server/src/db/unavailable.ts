/**
 * No connection could be had: the server is away, or all connections are in use. Nothing was done; the caller may try
 * again. HTTP answers 503.
 */
export class DatabaseUnavailable extends Error {
  override readonly name = "DatabaseUnavailable";
}

// https://www.postgresql.org/docs/current/errcodes-appendix.html: connection exceptions, too many connections,
// and a server that starts, stops or has ended the session.
const connectionStates = /^(08...|53300|57P0[1-5])$/;
const socketErrors = new Set([
  "ECONNREFUSED",
  "ECONNRESET",
  "EHOSTUNREACH",
  "ENETUNREACH",
  "ENOENT",
  "ENOTFOUND",
  "EPIPE",
  "ETIMEDOUT",
]);
const lostMessages = /^(Connection terminated|timeout expired|Client has encountered)/;

/** Whether `error` says that the connection, not the statement, is at fault. */
function isConnectionLost(error: unknown): boolean {
  if (!(error instanceof Error)) return false;
  const code = "code" in error && typeof error.code === "string" ? error.code : "";
  return connectionStates.test(code) || socketErrors.has(code) || lostMessages.test(error.message);
}

/** `error` itself, or a DatabaseUnavailable with it as cause where the connection is at fault. */
export function toDatabaseError(error: unknown): unknown {
  if (!isConnectionLost(error)) return error;
  const why = error instanceof Error ? error.message || error.name : String(error);
  return new DatabaseUnavailable(`Cannot reach the database: ${why}`, { cause: error });
}
