// A machine's samples and facts from a portal, by its API; needs a key that may read.
import type { MachineDetail } from "@perfanalysis/contract/api";
import { NoInputError } from "../files.ts";
import { toMachineFacts } from "./host-facts.ts";
import { DataError, type Input } from "./input.ts";
import { readCsv, type ReadOptions } from "./read-csv.ts";

export interface PortalSource {
  url: URL;
  key: string;
  machineId: string;
  /** RFC 3339, a date, or Unix seconds; inclusive. Default: the first sample. */
  from?: string | undefined;
  /** Exclusive. Default: behind the last sample. */
  to?: string | undefined;
}

/** The portal cannot be asked now: try again. */
export class PortalUnavailableError extends Error {}
/** The portal does not let this key read. */
export class PortalPermissionError extends Error {}
/** What is asked for is no question that the portal answers. */
export class PortalRequestError extends Error {}

/** How long a portal may take to begin its answer. */
const patienceMs = 60_000;

/**
 * Throws a PortalPermissionError, a PortalRequestError or a NoInputError for what the portal refuses or does not have, a
 * PortalUnavailableError where it does not answer.
 */
export async function readPortal(
  source: PortalSource,
  { onProgress }: Pick<ReadOptions, "onProgress"> = {},
): Promise<{ input: Input; machineName: string }> {
  const { machineId, from, to } = source;
  const detail = await ask(source, `/api/v1/machines/${encodeURIComponent(machineId)}`);
  // The portal checks its answers against this schema.
  const machine = (await detail.json()) as MachineDetail;
  const range = {
    ...(from === undefined ? {} : { start: from }),
    ...(to === undefined ? {} : { end: to }),
  };
  const query = new URLSearchParams({ machine_id: machineId, ...range });
  const { body } = await ask(source, `/api/v1/performance/export?${query.toString()}`);
  if (body === null) throw unavailable(source, "the answer has no body");
  const input = await readCsv(whole(source, body), { machineId, onProgress }).catch(
    (error: unknown) => {
      if (!(error instanceof DataError) || error.faults.length > 0) throw error;
      const span = [from === undefined ? [] : `from ${from}`, to === undefined ? [] : `to ${to}`];
      const when = span.flat().length === 0 ? "" : ` ${span.flat().join(" ")}`;
      const has = machine.timestamp_range;
      const hint =
        has === null ? "it has none at all" : `it has some from ${has.start} to ${has.end}`;
      throw new NoInputError(
        `Cannot report on "${machineId}": ${source.url.host} has no samples of it${when}; ${hint}`,
        { cause: error },
      );
    },
  );
  const facts = toMachineFacts(machine.host ?? {});
  return { input: { ...input, facts }, machineName: machine.name };
}

async function ask(source: PortalSource, path: string): Promise<Response> {
  const url = new URL(`${source.url.pathname.replace(/\/$/, "")}${path}`, source.url);
  const patience = new AbortController();
  const timer = setTimeout(
    () => patience.abort(new Error(`no answer within ${patienceMs / 1000} s`)),
    patienceMs,
  );
  let response: Response;
  try {
    response = await fetch(url, {
      headers: { authorization: `Bearer ${source.key}` },
      // The key is not for whoever the portal might send it to.
      redirect: "manual",
      signal: patience.signal,
    });
  } catch (error) {
    throw unavailable(source, reasonOf(error), error);
  } finally {
    clearTimeout(timer);
  }
  if (response.ok) return response;
  throw await refusal(source, response);
}

async function refusal({ url, machineId }: PortalSource, response: Response): Promise<Error> {
  const { status } = response;
  const detail = await readDetail(response);
  const said = detail === null ? `status ${status}` : detail;
  const what = `Cannot read from ${url.origin}`;
  if (status === 401) {
    return new PortalPermissionError(
      `${what}: the key is not valid there (${said}); give one with --key-file that the portal knows`,
    );
  }
  if (status === 403) {
    return new PortalPermissionError(
      `${what}: the key may not read (${said}); perf-portal key create makes one with --scope read`,
    );
  }
  if (status === 404) {
    return detail === null
      ? new PortalRequestError(
          `${what}: it does not know the page, so it may be no portal; check --portal`,
        )
      : new NoInputError(`Cannot report on "${machineId}": ${said}`);
  }
  if (status === 429 || status >= 500) {
    const after = response.headers.get("retry-after");
    const when = after === null ? "later" : `in ${after} s`;
    return new PortalUnavailableError(`${what}: ${said}; try again ${when}`);
  }
  if (status >= 300 && status < 400) {
    const to = response.headers.get("location") ?? "elsewhere";
    return new PortalRequestError(`${what}: it sends to ${to}; give that as --portal`);
  }
  return new PortalRequestError(`${what}: ${said}`);
}

/** What a problem of RFC 9457 says; null where the answer is none, as of something that is no portal. */
async function readDetail(response: Response): Promise<string | null> {
  try {
    const problem: unknown = await response.json();
    const detail = new Map(Object.entries(problem ?? {})).get("detail");
    return typeof detail === "string" ? detail.replace(/\.$/, "") : null;
  } catch {
    return null;
  }
}

/** The body; where it ends too early, the connection's loss is the error. */
async function* whole(
  source: PortalSource,
  body: AsyncIterable<Uint8Array>,
): AsyncGenerator<Uint8Array> {
  let bytes = 0;
  const chunks = body[Symbol.asyncIterator]();
  for (;;) {
    let next: IteratorResult<Uint8Array>;
    try {
      next = await chunks.next();
    } catch (error) {
      throw unavailable(source, `the connection was lost after ${bytes} bytes`, error);
    }
    if (next.done === true) return;
    bytes += next.value.length;
    yield next.value;
  }
}

function unavailable({ url }: PortalSource, why: string, cause?: unknown): PortalUnavailableError {
  const hint = /certificate|self-signed|unable to verify/i.test(why)
    ? "; NODE_EXTRA_CA_CERTS names a file with further authorities"
    : "";
  return new PortalUnavailableError(`Cannot read from ${url.origin}: ${why}${hint}`, { cause });
}

/** fetch() hides the reason in the cause. */
function reasonOf(error: unknown): string {
  const cause = error instanceof Error ? error.cause : null;
  const told = cause instanceof Error && cause.message !== "" ? cause : error;
  if (!(told instanceof Error)) return String(told);
  return told.message === "" && "code" in told ? String(told.code) : told.message;
}
