// A machine's samples and facts from a portal, by its API; needs a key that may read.
import { setTimeout as sleepFor } from "node:timers/promises";
import type { MachineDetail } from "@perfanalysis/contract/api";
import { backoffMs, isTemporary, parseRetryAfter } from "@perfanalysis/contract/retry";
import { NoInputError } from "../files.ts";
import { formatDuration } from "../format.ts";
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
export class PortalUnavailableError extends Error {
  /** How long it asks to wait; null where it does not say, undefined where another time would not help. */
  readonly retryAfterMs: number | null | undefined;

  constructor(message: string, options: ErrorOptions & { retryAfterMs?: number | null } = {}) {
    super(message, options);
    this.retryAfterMs = options.retryAfterMs;
  }
}
/** The portal does not let this key read. */
export class PortalPermissionError extends Error {}
/** What is asked for is no question that the portal answers. */
export class PortalRequestError extends Error {}

/** How long a portal may take to begin its answer. */
const patienceMs = 60_000;
/** How often it is asked again: for up to half a minute, where it does not say when. */
const mostRetries = 5;
/** Whoever waits for a report would rather know that the portal wants longer than this. */
const longestWaitMs = 120_000;

export interface PortalOptions extends Pick<ReadOptions, "onProgress"> {
  /** Told before each wait. */
  onWait?: ((message: string) => void) | undefined;
  sleep?: (ms: number) => Promise<unknown>;
  /** Uniform in 0–1, for the jitter. */
  random?: () => number;
}

interface PortalInput {
  input: Input;
  machineName: string;
}

/**
 * Asks again where the portal has too much to do, is not ready, or the connection was lost. Throws a PortalPermissionError, a
 * PortalRequestError or a NoInputError for what it refuses or does not have, a PortalUnavailableError where it does not answer.
 */
export async function readPortal(
  source: PortalSource,
  { onProgress, onWait, sleep = sleepFor, random = Math.random }: PortalOptions = {},
): Promise<PortalInput> {
  for (let failures = 0; ; failures++) {
    try {
      return await readOnce(source, onProgress);
    } catch (error) {
      if (!(error instanceof PortalUnavailableError) || error.retryAfterMs === undefined)
        throw error;
      const { message, retryAfterMs } = error;
      const waitMs = backoffMs(failures, { retryAfterMs, random });
      if (failures === mostRetries || waitMs > longestWaitMs) {
        const tries = failures === 0 ? "" : `gave up after ${failures + 1} tries, `;
        const when = retryAfterMs === null ? "later" : `in ${formatDuration(retryAfterMs / 1000)}`;
        throw new PortalUnavailableError(`${message}; ${tries}try again ${when}`, { cause: error });
      }
      onWait?.(`${message}; trying again in ${formatDuration(Math.ceil(waitMs / 1000))}`);
      await sleep(waitMs);
    }
  }
}

async function readOnce(
  source: PortalSource,
  onProgress: ReadOptions["onProgress"],
): Promise<PortalInput> {
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
    throw unavailable(source, reasonOf(error), { cause: error, isLost: wasLost(error) });
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
  if (isTemporary(status)) {
    const after = response.headers.get("retry-after") ?? undefined;
    const retryAfterMs = parseRetryAfter(after, Date.now());
    return new PortalUnavailableError(`${what}: ${said}`, { retryAfterMs });
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
      const why = `the connection was lost after ${bytes} bytes`;
      throw unavailable(source, why, { cause: error, isLost: true });
    }
    if (next.done === true) return;
    bytes += next.value.length;
    yield next.value;
  }
}

function unavailable(
  { url }: PortalSource,
  why: string,
  { cause, isLost = false }: { cause?: unknown; isLost?: boolean } = {},
): PortalUnavailableError {
  const hint = /certificate|self-signed|unable to verify/i.test(why)
    ? "; NODE_EXTRA_CA_CERTS names a file with further authorities"
    : "";
  return new PortalUnavailableError(`Cannot read from ${url.origin}: ${why}${hint}`, {
    cause,
    ...(isLost ? { retryAfterMs: null } : {}),
  });
}

/** What a portal that restarts, or a line that drops packets, looks like; not a wrong name or certificate. */
const lostCodes = new Set([
  "ECONNREFUSED",
  "ECONNRESET",
  "EPIPE",
  "ETIMEDOUT",
  "EAI_AGAIN",
  "UND_ERR_SOCKET",
  "UND_ERR_CONNECT_TIMEOUT",
]);

function wasLost(error: unknown): boolean {
  const cause = error instanceof Error ? error.cause : null;
  return cause instanceof Error && "code" in cause && lostCodes.has(String(cause.code));
}

/** fetch() hides the reason in the cause. */
function reasonOf(error: unknown): string {
  const cause = error instanceof Error ? error.cause : null;
  const told = cause instanceof Error && cause.message !== "" ? cause : error;
  if (!(told instanceof Error)) return String(told);
  return told.message === "" && "code" in told ? String(told.code) : told.message;
}
