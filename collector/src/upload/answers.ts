// What a portal's answer to a batch means for whoever sent it, and when to try again.
import type { Answer } from "./http.ts";

/**
 * `taken`: it is stored. `later`: the same batch can be taken another time. `refused`: it would be refused again, and others may be taken.
 * `misdirected`: no batch is taken until somebody mends the key or the address.
 */
export type Verdict = "taken" | "later" | "refused" | "misdirected";

const laterStatuses = new Set([408, 425, 429]);
/** No portal stands at this address, or it does not know the key. */
const misdirectedStatuses = new Set([401, 404, 405, 407, 410, 421]);

export function judge({ status, isReceipt = true }: Answer): Verdict {
  // What says 200 and gives no receipt is no portal: a proxy's page, for example.
  if (status >= 200 && status < 300) return isReceipt ? "taken" : "misdirected";
  if (status >= 500 || laterStatuses.has(status)) return "later";
  return status < 400 || misdirectedStatuses.has(status) ? "misdirected" : "refused";
}

export function describeAnswer({ status, detail }: Answer): string {
  return detail === "" ? `HTTP ${status}` : `HTTP ${status}: ${detail}`;
}

/** A server that asks for more is mistaken; a timer of more than 24 days would end at once. */
const maxRetryAfterMs = 3_600_000;

/** Full jitter, so that many do not come back at once; never before the server wants it. */
export function backoffMs(
  failures: number,
  {
    retryAfterMs,
    random,
    firstMs = 1000,
    mostMs = 60_000,
  }: {
    retryAfterMs: number | null;
    /** Uniform in 0–1. */
    random: () => number;
    /** The first wait's ceiling; each further one's is twice that of the one before. */
    firstMs?: number;
    mostMs?: number;
  },
): number {
  const ceilingMs = Math.min(mostMs, firstMs * 2 ** failures);
  return Math.min(maxRetryAfterMs, retryAfterMs ?? 0) + random() * ceilingMs;
}

/** Where batches go to; a portal may live under a path of its own. */
export function toStreamUrl(portal: URL): URL {
  return new URL("api/v1/performance/stream", portal.href.replace(/\/?$/, "/"));
}
