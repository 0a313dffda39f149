import { afterAll, beforeAll, expect, test } from "vitest";
import { newPortal, readProblem, type TestPortal } from "../testing/portal.ts";

let portal: TestPortal;
beforeAll(async () => {
  portal = await newPortal();
});
afterAll(() => portal.close());

test.each([
  ["/health", { status: "healthy" }],
  ["/livez", { status: "alive" }],
  ["/readyz", { status: "ready", checks: { database: "ok", migrations: "ok", queue: "ok" } }],
])("%s answers without a credential", async (path, body) => {
  const response = await portal.fetch(path);
  expect(response.status).toBe(200);
  expect(await response.json()).toEqual(body);
});

test("/metrics counts requests by route, without ids and names", async () => {
  const { tenantId, keys } = portal;
  await portal.fetch("/api/v1/reports/00000000-0000-4000-8000-000000000000", { key: keys.read });
  const text = await (await portal.fetch("/metrics")).text();
  expect(text).toContain(
    'http_request_duration_seconds_count{method="GET",route="/api/v1/reports/:report_id",status="404"} 1',
  );
  expect(text).toContain("nodejs_eventloop_lag_seconds");
  expect(text).not.toContain(tenantId);
});

test.each([
  ["x-forwarded-for", "127.0.0.1"],
  ["forwarded", "for=127.0.0.1"],
])("/metrics is not there for what came through a proxy: %s", async (name, value) => {
  await readProblem(await portal.fetch("/metrics", { headers: { [name]: value } }), 404);
  expect((await portal.fetch("/metrics")).status).toBe(200);
});
