// A portal, or another gateway: batches go to it under the names that they came with.
import { hostFactsHeader } from "@perfanalysis/contract/host-facts";
import { messageOf } from "../message-of.ts";
import { describeAnswer, judge, toStreamUrl } from "../upload/answers.ts";
import { createHttpClient } from "../upload/http.ts";
import { sendRequest, toApiUrl } from "../upload/request.ts";
import { whyUnreachable } from "../upload/unreachable.ts";
import { isZipped, type Batch } from "./batch.ts";
import type { Destination, Outcome } from "./destination.ts";

export interface PortalOptions {
  portal: URL;
  /** Asked again whenever the portal did not know the key, so that a new one is found without a restart. */
  readKey: () => string;
  now: () => number;
  connections?: number;
  silenceMs?: number;
}

/** Over a line of 80 ms, 200 machines can send a sample a second. */
const usualConnections = 16;

export async function createPortal(options: PortalOptions): Promise<Destination> {
  const { portal, readKey, now, connections = usualConnections, silenceMs = 30_000 } = options;
  const client = await createHttpClient(portal.protocol, now, { connections, silenceMs });
  const streamUrl = toStreamUrl(portal);
  let key: string | null = null;
  return {
    place: portal.href,
    parallel: connections,
    async deliver(batch, signal) {
      const outcome = await send(batch, signal);
      // Something on the way may not like the header of the facts: no reason to set rows aside.
      if (outcome.kind !== "refused" || batch.facts === null) return outcome;
      return await send({ ...batch, facts: null }, signal);
    },
    reload() {
      key = readKey();
    },
    close: () => client.close(),
  };

  async function send(batch: Batch, signal: AbortSignal): Promise<Outcome> {
    let sentWith: string;
    try {
      key ??= readKey();
      sentWith = key;
    } catch (error) {
      return { kind: "misdirected", why: messageOf(error) };
    }
    try {
      const answer = await client.post(toUrl(streamUrl, batch), {
        headers: {
          authorization: `Bearer ${sentWith}`,
          "content-type": "text/csv",
          ...(isZipped(batch.body) ? { "content-encoding": "gzip" } : {}),
          ...(batch.facts === null ? {} : { [hostFactsHeader]: batch.facts }),
        },
        body: batch.body,
        signal,
      });
      const why = describeAnswer(answer);
      const isKeys = answer.status === 403 && !(await maySend(portal, sentWith, signal));
      const kind = isKeys ? "misdirected" : judge(answer);
      // Not one that was read meanwhile.
      if (kind === "misdirected" && key === sentWith) key = null;
      if (kind === "taken") return { kind, warning: answer.warning };
      if (kind !== "later") return { kind, why };
      return {
        kind,
        why,
        retryAfterMs: answer.retryAfterMs,
        isSuspect: answer.status === 500,
      };
    } catch (error) {
      signal.throwIfAborted();
      const why = whyUnreachable(error);
      return { kind: "later", why, retryAfterMs: null, isSuspect: false };
    }
  }
}

/**
 * Whether a batch that was answered with 403 was that because of itself, being of another machine than the key's: a key that may send
 * no samples at all is to be mended, and no reason to set each batch aside.
 * @throws where there is no answer.
 */
async function maySend(portal: URL, key: string, signal: AbortSignal): Promise<boolean> {
  const headers = { authorization: `Bearer ${key}` };
  const { json } = await sendRequest(toApiUrl(portal, "api/v1/auth/validate"), { headers, signal });
  return !Array.isArray(json["scopes"]) || json["scopes"].includes("ingest");
}

function toUrl(streamUrl: URL, { agent, epoch, sequence }: Batch): URL {
  const url = new URL(streamUrl);
  url.searchParams.set("agent", agent);
  url.searchParams.set("epoch", epoch);
  url.searchParams.set("sequence", String(sequence));
  return url;
}
