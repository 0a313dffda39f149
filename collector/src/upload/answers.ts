// What a portal's answer to a batch means for whoever sent it.
import { isTemporary } from "@perfanalysis/contract/retry";
import type { Answer } from "./http.ts";

/**
 * `taken`: it is stored. `later`: the same batch can be taken another time. `refused`: it would be refused again, and others may be taken.
 * `misdirected`: no batch is taken until somebody mends the key or the address.
 */
export type Verdict = "taken" | "later" | "refused" | "misdirected";

/** No portal stands at this address, or it does not know the key. */
const misdirectedStatuses = new Set([401, 404, 405, 407, 410, 421]);

export function judge({ status, isReceipt = true }: Answer): Verdict {
  // What says 200 and gives no receipt is no portal: a proxy's page, for example.
  if (status >= 200 && status < 300) return isReceipt ? "taken" : "misdirected";
  if (isTemporary(status)) return "later";
  return status < 400 || misdirectedStatuses.has(status) ? "misdirected" : "refused";
}

export function describeAnswer({ status, detail }: Answer): string {
  return detail === "" ? `HTTP ${status}` : `HTTP ${status}: ${detail}`;
}

/** Where batches go to; a portal may live under a path of its own. */
export function toStreamUrl(portal: URL): URL {
  return new URL("api/v1/performance/stream", portal.href.replace(/\/?$/, "/"));
}
