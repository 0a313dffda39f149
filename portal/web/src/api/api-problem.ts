import type { Fault } from "@perfanalysis/contract/problem";

interface ProblemFacts {
  title: string;
  detail: string;
  /** HTTP status, or null where no answer came at all. */
  status: number | null;
  requestId?: string | null;
  errors?: readonly Fault[];
  retryAfterS?: number | null;
}

/** Why a request to the portal failed; pages branch on `status` and show the rest. */
export class ApiProblem extends Error {
  readonly title: string;
  readonly detail: string;
  readonly status: number | null;
  readonly requestId: string | null;
  readonly errors: readonly Fault[];
  readonly retryAfterS: number | null;

  constructor(
    { title, detail, status, requestId = null, errors = [], retryAfterS = null }: ProblemFacts,
    options?: ErrorOptions,
  ) {
    super(detail === "" ? title : `${title}: ${detail}`, options);
    this.name = "ApiProblem";
    this.title = title;
    this.detail = detail;
    this.status = status;
    this.requestId = requestId;
    this.errors = errors;
    this.retryAfterS = retryAfterS;
  }
}

/** Reads the problem out of an answer that is not 2xx, whether the portal, its sign-in or a proxy in between wrote it. */
export function parseProblem(status: number, headers: Headers, body: string): ApiProblem {
  const fields = parseObject(body);
  const text = (name: string): string | null => {
    const value = fields[name];
    return typeof value === "string" && value !== "" ? value : null;
  };
  return new ApiProblem({
    title: text("title") ?? statusTitle(status),
    // `message` is what better-auth answers.
    detail: text("detail") ?? text("message") ?? "",
    status,
    requestId: text("request_id") ?? headers.get("x-request-id"),
    errors: Array.isArray(fields["errors"]) ? fields["errors"].filter(isFault) : [],
    retryAfterS: parseSeconds(headers.get("retry-after") ?? headers.get("x-retry-after")),
  });
}

function parseObject(body: string): Record<string, unknown> {
  try {
    const value: unknown = JSON.parse(body);
    return typeof value === "object" && value !== null ? { ...value } : {};
  } catch {
    return {}; // A proxy's HTML page: status and title are all there is to tell.
  }
}

function isFault(value: unknown): value is Fault {
  return (
    typeof value === "object" &&
    value !== null &&
    "message" in value &&
    typeof value.message === "string"
  );
}

function parseSeconds(text: string | null): number | null {
  return text !== null && /^\d{1,9}$/.test(text) ? Number(text) : null;
}

function statusTitle(status: number): string {
  if (status === 401) return "Not signed in";
  if (status === 403) return "Not allowed";
  if (status === 404) return "Not found";
  if (status === 429) return "Too many requests";
  if (status === 502 || status === 503 || status === 504) return "The portal is not ready";
  return status >= 500 ? "The portal failed" : "The portal refused the request";
}
