import { connect } from "node:net";
import * as consumers from "node:stream/consumers";
import { Problem } from "@perfanalysis/contract/problem";
import { Value } from "typebox/value";
import { afterAll, beforeAll, expect, test } from "vitest";
import { newPortal, readProblem, type TestPortal } from "../testing/portal.ts";
import { toHttpProblem } from "./errors.ts";

let portal: TestPortal;
beforeAll(async () => {
  portal = await newPortal();
});
afterAll(() => portal.close());

const json = { "content-type": "application/json" };

test.each([
  ["an unknown path", "GET", "/api/v1/nothing", {}, undefined, 404],
  ["an unknown page", "GET", "/nothing", {}, undefined, 404],
  [
    "CSV to an unknown path",
    "POST",
    "/perf/api/v1/performance/stream",
    { "content-type": "text/csv" },
    "timestamp",
    404,
  ],
  ["a wrong method", "PUT", "/api/v1/keys", {}, undefined, 405],
  ["JSON that is none", "POST", "/api/v1/keys", json, "{", 400],
  ["an empty body", "POST", "/api/v1/keys", json, "", 400],
  ["a poisoned prototype", "POST", "/api/v1/keys", json, '{"__proto__": {"a": 1}}', 400],
  ["a missing field", "POST", "/api/v1/keys", json, '{"name": "x"}', 400],
  ["a wrong type", "POST", "/api/v1/keys", json, '{"name": 1, "scopes": ["read"]}', 400],
  [
    "a field too many",
    "POST",
    "/api/v1/keys",
    json,
    '{"name": "x", "scopes": ["read"], "tenant_id": "y"}',
    400,
  ],
  ["a wrong query", "GET", "/api/v1/keys?limit=many", {}, undefined, 400],
  ["another content type", "POST", "/api/v1/keys", { "content-type": "text/plain" }, "x", 415],
  [
    "a content type with a tab",
    "POST",
    "/api/v1/keys",
    { "content-type": "application/json\ta" },
    '{"name": 1}',
    415,
  ],
  ["a body that is too large", "POST", "/api/v1/keys", json, `"${"x".repeat(1024 * 1024)}"`, 413],
  ["a path that cannot be decoded", "GET", "/api/v1/keys/%E0%A4%A", {}, undefined, 400],
  ["no credential", "GET", "/api/v1/keys", { authorization: "" }, undefined, 401],
])(
  "%s gives a problem that tells nothing about us",
  async (_case, method, path, headers, body, status) => {
    const response = await portal.fetch(path, {
      method,
      headers: { authorization: `Bearer ${portal.keys.admin}`, ...headers },
      ...(body === undefined ? {} : { body }),
    });
    const text = await response.text();
    expect(response.status).toBe(status);
    expect(response.headers.get("content-type")).toBe("application/problem+json");
    const problem: unknown = JSON.parse(text);
    expect(Value.Errors(Problem, problem)).toEqual([]);
    expect(problem).toMatchObject({ status, request_id: response.headers.get("x-request-id") });
    expect(text).not.toMatch(/node_modules|\.ts:|SELECT|FST_/);
  },
);

test("a body with faults names each field", async () => {
  const response = await portal.fetch("/api/v1/keys", {
    method: "POST",
    key: portal.keys.admin,
    headers: json,
    body: JSON.stringify({ name: 5, scopes: ["read", "write"] }),
  });
  expect(await response.json()).toMatchObject({
    errors: [
      { column: "/name", message: "must be string" },
      { column: "/scopes/1", message: 'must be one of "ingest", "read", "admin"' },
    ],
  });
});

test("a body of another type is told which one is taken", async () => {
  const body = new URLSearchParams({ name: "x" });
  const response = await portal.fetch("/api/v1/keys", {
    method: "POST",
    key: portal.keys.admin,
    body,
  });
  expect((await readProblem(response, 415)).detail).toContain("send application/json");
});

test("a request that is not HTTP is answered and closed", async () => {
  const { port } = new URL(portal.url);
  const socket = connect(Number(port), "127.0.0.1");
  socket.end("GARBAGE\r\n\r\n");
  const answer = await consumers.text(socket);
  expect(answer).toMatch(/^HTTP\/1\.1 400 /);
  expect(answer).toContain("application/problem+json");
});

test("every answer has the headers that keep browsers safe", async () => {
  const { headers } = await portal.fetch("/api/v1/nothing");
  const policy = headers.get("content-security-policy") ?? "";
  expect(policy).toContain("script-src 'self';");
  expect(policy).toContain("frame-ancestors 'none'");
  expect(headers.get("x-content-type-options")).toBe("nosniff");
  // Over plain HTTP it would lock people out.
  expect(headers.get("strict-transport-security")).toBeNull();
});

test("toHttpProblem() tells nothing of an error that nobody expected", () => {
  const error = new Error("SELECT secret FROM vault", { cause: "tenant 5" });
  const problem = toHttpProblem(error);
  expect(problem.status).toBe(500);
  expect(problem.message).not.toContain("secret");
  expect(problem.cause).toBe(error);
});

test.each([
  ["no connection became free", new Error("timeout exceeded when trying to connect")],
  ["the server is away", Object.assign(new Error("connect"), { code: "ECONNREFUSED" })],
  ["the server is starting", Object.assign(new Error("starting"), { code: "57P03" })],
  ["the statement took too long", Object.assign(new Error("canceled"), { code: "57014" })],
  [
    "too many connections",
    new Error("wrapped", { cause: Object.assign(new Error("full"), { code: "53300" }) }),
  ],
])("toHttpProblem() asks to try again where %s", (_case, error) => {
  const problem = toHttpProblem(error);
  expect(problem.status).toBe(503);
  expect(Number(problem.headers["retry-after"])).toBeGreaterThan(0);
});
