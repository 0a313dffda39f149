// Answers other than success. Format: https://www.rfc-editor.org/rfc/rfc9457
import type { Fault, Problem } from "@perfanalysis/contract/problem";

// contract/problem has it too, with the schemas that only the portal needs.
export const problemContentType = "application/problem+json";

/** Everything in it is shown to the client. */
export class Refusal extends Error {
  readonly status: number;
  readonly title: string;
  readonly errors: Fault[] | undefined;
  readonly headers: Record<string, string>;

  constructor(
    status: number,
    title: string,
    detail: string,
    {
      errors,
      headers = {},
      cause,
    }: { errors?: Fault[]; headers?: Record<string, string>; cause?: unknown } = {},
  ) {
    super(detail, { cause });
    this.status = status;
    this.title = title;
    this.errors = errors;
    this.headers = headers;
  }
}

/** The client may send the same again, later: nothing of it was kept. */
export function busy(
  detail: string,
  { retryAfterS, cause }: { retryAfterS: number; cause?: unknown },
): Refusal {
  return new Refusal(503, "Not available now", detail, {
    headers: { "retry-after": String(retryAfterS) },
    cause,
  });
}

export function toProblem(refusal: Refusal, requestId: string): Problem {
  return {
    type: "about:blank",
    title: refusal.title,
    status: refusal.status,
    detail: refusal.message,
    request_id: requestId,
    ...(refusal.errors === undefined ? {} : { errors: refusal.errors }),
  };
}
