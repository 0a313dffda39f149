import { expect, test } from "vitest";
import { backoffMs, isTemporary, parseRetryAfter } from "./retry.ts";

test("isTemporary() of what the server may answer another time, and of nothing that a client must mend", () => {
  expect([408, 425, 429, 500, 502, 503, 504].map(isTemporary)).not.toContain(false);
  expect([200, 301, 400, 401, 403, 404, 409, 413, 422].map(isTemporary)).not.toContain(true);
});

test("parseRetryAfter() reads seconds and dates, and takes nothing else for a time", () => {
  const nowMs = Date.UTC(2026, 2, 2);
  expect(parseRetryAfter("7", nowMs)).toBe(7000);
  expect(parseRetryAfter("Mon, 02 Mar 2026 00:01:00 GMT", nowMs)).toBe(60_000);
  expect(parseRetryAfter("Sun, 01 Mar 2026 00:00:00 GMT", nowMs)).toBe(0);
  expect([undefined, "", "soon"].map((header) => parseRetryAfter(header, nowMs))).toEqual([
    null,
    null,
    null,
  ]);
});

test("backoffMs() grows twofold up to its most, anywhere below it, and never under Retry-After", () => {
  const waits = (random: number, retryAfterMs: number | null): number[] =>
    Array.from({ length: 8 }, (_, failures) =>
      backoffMs(failures, { retryAfterMs, random: () => random }),
    );
  expect(waits(1, null)).toEqual([1000, 2000, 4000, 8000, 16_000, 32_000, 60_000, 60_000]);
  expect(waits(0, null)).toEqual(Array.from({ length: 8 }, () => 0));
  expect(waits(0, 7000)).toEqual(Array.from({ length: 8 }, () => 7000));
  expect(backoffMs(0, { retryAfterMs: 1e12, random: () => 0 })).toBe(3_600_000);
});
