import { problemContentType, type Fault, type Problem } from "@perfanalysis/contract/problem";

export interface HttpProblemOptions {
  errors?: Fault[];
  headers?: Record<string, string>;
  cause?: unknown;
}

/** An answer other than success. Any route may throw it; everything in it is shown to the client. */
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

/** The one answer for an id that is unknown, deleted or another tenant's: nobody can tell which. */
export function notFound(detail: string): HttpProblem {
  return new HttpProblem(404, "Not found", detail);
}

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
    ...(problem.errors === undefined ? {} : { errors: problem.errors.slice(0, 100) }),
  };
}

export { problemContentType };
