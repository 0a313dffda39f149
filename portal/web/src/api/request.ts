import { ApiProblem, parseProblem } from "./api-problem.ts";

interface RequestOptions {
  method?: "GET" | "POST" | "DELETE";
  /** Sent as JSON. */
  body?: unknown;
  signal?: AbortSignal;
}

/** Asks the portal and returns the JSON of its answer; throws an ApiProblem. */
export async function request<Answer>(path: string, options: RequestOptions = {}): Promise<Answer> {
  const { response, text } = await exchange(path, options);
  try {
    // The portal serialises every answer by the contract's schema that Answer comes from.
    const answer: Answer = JSON.parse(text);
    return answer;
  } catch (error) {
    throw new ApiProblem(
      {
        title: "Unreadable answer",
        detail: `Cannot read the answer to ${path}: it is not JSON. Is something between this page and the portal?`,
        status: response.status,
        requestId: response.headers.get("x-request-id"),
      },
      { cause: error },
    );
  }
}

/** Tells the portal to do something whose answer does not matter; throws an ApiProblem where it did not. */
export async function command(path: string, options: RequestOptions): Promise<void> {
  await exchange(path, options);
}

async function exchange(path: string, { method = "GET", body, signal }: RequestOptions) {
  const response = await fetchFromPortal(path, {
    method,
    headers: {
      accept: "application/json",
      ...(body === undefined ? {} : { "content-type": "application/json" }),
    },
    ...(body === undefined ? {} : { body: JSON.stringify(body) }),
    ...(signal === undefined ? {} : { signal }),
  });
  const text = await response.text();
  if (!response.ok) throw parseProblem(response.status, response.headers, text);
  return { response, text };
}

async function fetchFromPortal(path: string, init: RequestInit): Promise<Response> {
  try {
    return await fetch(path, init);
  } catch (error) {
    if (init.signal?.aborted === true) throw error;
    throw new ApiProblem(
      {
        title: "Portal unreachable",
        detail: "No answer came. Check that the portal runs and that this computer is connected.",
        status: null,
      },
      { cause: error },
    );
  }
}
