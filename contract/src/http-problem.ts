// Answers other than success, of the portal and of the gateway that stands for it. Format: https://www.rfc-editor.org/rfc/rfc9457
import type { Fault, Problem } from "./problem.ts";

// problem.ts has it as a schema, which costs a gateway more than all of its own code.
export const problemContentType = "application/problem+json";

const maxErrors = 100;

export interface HttpProblemOptions {
  errors?: Fault[];
  headers?: Record<string, string>;
  cause?: unknown;
}

/** Any route may throw it; everything in it is shown to the client. */
export class HttpProblem extends Error {
  readonly status: number;
  readonly title: string;
  readonly errors: Fault[] | undefined;
  readonly headers: Record<string, string>;

  constructor(
    status: number,
    title: string,
    detail: string,
    { errors, headers = {}, cause }: HttpProblemOptions = {},
  ) {
    super(detail, { cause });
    this.name = "HttpProblem";
    this.status = status;
    this.title = title;
    this.errors = errors;
    this.headers = headers;
  }
}

/** The client may send the same again, later: nothing of it was kept. */
export function unavailable(
  detail: string,
  { retryAfterS, cause }: { retryAfterS: number; cause?: unknown },
): HttpProblem {
  return new HttpProblem(503, "Not available now", detail, {
    headers: { "retry-after": String(retryAfterS) },
    cause,
  });
}

export function toProblem(problem: HttpProblem, requestId: string): Problem {
  return {
    type: "about:blank",
    title: problem.title,
    status: problem.status,
    detail: problem.message,
    request_id: requestId,
    ...(problem.errors === undefined ? {} : { errors: problem.errors.slice(0, maxErrors) }),
  };
}
