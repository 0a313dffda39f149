// What a server of ours says where there is no request that it could answer.
import { randomUUID } from "node:crypto";
import type { Socket } from "node:net";
import { STATUS_CODES } from "node:http";
import { HttpProblem, problemContentType, toProblem } from "./http-problem.ts";

/** Answers what never became a request: bytes that are no HTTP, headers that are too large or too slow. */
export function refuseConnection(error: Error & { code?: string }, socket: Socket): void {
  // The client is gone already.
  if (error.code === "ECONNRESET" || socket.destroyed) return;
  if (!socket.writable) {
    socket.destroy(error);
    return;
  }
  const problem = toConnectionProblem(error.code);
  const body = JSON.stringify(toProblem(problem, randomUUID()));
  socket.end(
    [
      `HTTP/1.1 ${problem.status} ${STATUS_CODES[problem.status] ?? ""}`,
      `Content-Type: ${problemContentType}`,
      `Content-Length: ${Buffer.byteLength(body)}`,
      "Connection: close",
      "",
      body,
    ].join("\r\n"),
  );
}

function toConnectionProblem(code: string | undefined): HttpProblem {
  if (code === "ERR_HTTP_REQUEST_TIMEOUT")
    return new HttpProblem(408, "Too slow", "The request did not arrive in time.");
  if (code === "HPE_HEADER_OVERFLOW")
    return new HttpProblem(431, "Headers too large", "The headers are larger than 16 KiB.");
  return new HttpProblem(400, "Invalid request", "That is not an HTTP request.");
}
