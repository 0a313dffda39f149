import { expect, test } from "vitest";
import { judge, toStreamUrl } from "./answers.ts";

test.each([
  [200, "taken"],
  [204, "taken"],
  [301, "misdirected"],
  [400, "refused"],
  [401, "misdirected"],
  [403, "refused"],
  [404, "misdirected"],
  [408, "later"],
  [409, "refused"],
  [413, "refused"],
  [415, "refused"],
  [422, "refused"],
  [429, "later"],
  [500, "later"],
  [502, "later"],
  [503, "later"],
  [504, "later"],
])("judge() of HTTP %d is %s", (status, verdict) => {
  expect(judge({ status, retryAfterMs: null, detail: "" })).toBe(verdict);
});

test("judge() of a success without a portal's receipt is misdirected: nothing was stored", () => {
  const answer = { status: 200, retryAfterMs: null, detail: "<!doctype html>" };
  expect(judge({ ...answer, isReceipt: false })).toBe("misdirected");
  expect(judge({ ...answer, isReceipt: true })).toBe("taken");
});

test.each([
  ["https://portal.example", "https://portal.example/api/v1/performance/stream"],
  ["https://example.com/perf", "https://example.com/perf/api/v1/performance/stream"],
  ["https://example.com/perf/", "https://example.com/perf/api/v1/performance/stream"],
])("toStreamUrl() of %s", (portal, url) => {
  expect(toStreamUrl(new URL(portal)).href).toBe(url);
});
