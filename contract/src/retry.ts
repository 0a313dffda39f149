// When a client asks a portal again: after a lost connection or an answer that another time may differ, never before Retry-After,
// with exponential backoff and full jitter (https://aws.amazon.com/builders-library/timeouts-retries-and-backoff-with-jitter/).

const laterStatuses = new Set([408, 425, 429]);

/** Whether the same request may be answered another time. */
export function isTemporary(status: number): boolean {
  return status >= 500 || laterStatuses.has(status);
}

/** Seconds or a date, as milliseconds from now; RFC 9110, section 10.2.3. Null where there is neither. */
export function parseRetryAfter(header: string | undefined, nowMs: number): number | null {
  if (header === undefined) return null;
  if (/^\d{1,9}$/.test(header)) return Number(header) * 1000;
  const dateMs = Date.parse(header);
  return Number.isNaN(dateMs) ? null : Math.max(0, dateMs - nowMs);
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
