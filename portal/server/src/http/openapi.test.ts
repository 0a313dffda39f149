import { Validator } from "@seriousme/openapi-schema-validator";
import { afterAll, beforeAll, expect, test } from "vitest";
import { newPortal, readProblem, type TestPortal } from "../testing/portal.ts";

interface Operation {
  method: string;
  path: string;
  isOpen: boolean;
}

let portal: TestPortal;
let document: {
  openapi: string;
  paths: Record<
    string,
    Record<
      string,
      {
        security?: unknown[];
        parameters?: { name: string; required: boolean }[];
        responses: Record<string, unknown>;
      }
    >
  >;
};
beforeAll(async () => {
  portal = await newPortal();
  // Checked by the first test.
  document = (await (await portal.fetch("/api/v1/openapi.json")).json()) as typeof document;
});
afterAll(() => portal.close());

/** Every operation, with ids that nobody has in the place of parameters. */
function listOperations(): Operation[] {
  return Object.entries(document.paths).flatMap(([pattern, methods]) =>
    Object.entries(methods).map(([method, { security }]) => ({
      method: method.toUpperCase(),
      path: pattern.replaceAll(/\{[^}]+\}/g, "00000000-0000-4000-8000-000000000000"),
      isOpen: security === undefined,
    })),
  );
}

/** With a body that passes no schema, so that whoever gets in by mistake still does nothing. */
function call({ method, path }: Operation, to: TestPortal, headers: Record<string, string>) {
  if (method === "GET") return to.fetch(path, { headers });
  const json = { "content-type": "application/json" };
  return to.fetch(path, { method, body: "[]", headers: { ...json, ...headers } });
}

test("the document is valid OpenAPI 3.1", async () => {
  expect(document.openapi).toBe("3.1.0");
  const result = await new Validator().validate(structuredClone(document));
  expect(result).toMatchObject({ valid: true });
});

test("the validator would find a fault", async () => {
  const broken = { ...structuredClone(document), paths: { "/x": { get: { responses: 5 } } } };
  expect((await new Validator().validate(broken)).valid).toBe(false);
});

test("every route of the API is described, with its problems", () => {
  const operations = Object.entries(document.paths).flatMap(([path, methods]) =>
    Object.entries(methods).map(([method, operation]) => ({ path, method, ...operation })),
  );
  expect(operations.length).toBeGreaterThan(15);
  for (const { path, responses } of operations)
    expect({ path, kinds: Object.keys(responses) }).toMatchObject({
      kinds: expect.arrayContaining(["4XX", "5XX"]),
    });
});

test("what has a default need not be sent", () => {
  const { parameters } = document.paths["/api/v1/machines/{machine_id}/series"]?.["get"] ?? {};
  const required = parameters?.filter((each) => each.required).map(({ name }) => name);
  expect(required?.toSorted()).toEqual(["machine_id", "metrics"]);
});

test("only probes and signing in and out are open", () => {
  const open = listOperations().filter(({ isOpen }) => isOpen);
  expect(open.map(({ path }) => path).toSorted()).toEqual([
    "/api/auth/change-password",
    "/api/auth/organization/set-active",
    "/api/auth/sign-in/email",
    "/api/auth/sign-out",
    "/health",
    "/livez",
    "/readyz",
  ]);
});

test.each([
  ["no credential", {}],
  ["an unknown key", { authorization: "Bearer pa_admin_0000000000000000000000000000000000000" }],
  ["a forged cookie", { cookie: "perfanalysis-session=x.y" }],
  ["a tenant of one's own choice", { "x-tenant-id": "00000000-0000-4000-8000-000000000000" }],
])("every route refuses %s before it looks at anything else", async (_case, headers) => {
  const guarded = listOperations().filter(({ isOpen }) => !isOpen);
  // A portal of its own, as failures are counted.
  const own = await newPortal();
  for (const operation of guarded)
    expect((await readProblem(await call(operation, own, headers), 401)).errors).toBeUndefined();
});

test("no key of one scope gets into routes of the others", async () => {
  const guarded = listOperations().filter(({ isOpen }) => !isOpen);
  const statuses = async (key: string) =>
    await Promise.all(
      guarded.map(async (operation) => {
        const headers = { authorization: `Bearer ${key}` };
        const { status } = await call(operation, portal, headers);
        return { route: `${operation.method} ${operation.path}`, isRefused: status === 403 };
      }),
    );
  const [ingest, read, admin] = [
    await statuses(portal.keys.ingest),
    await statuses(portal.keys.read),
    await statuses(portal.keys.admin),
  ];
  const openTo = (all: typeof ingest) =>
    all.filter(({ isRefused }) => !isRefused).map(({ route }) => route);
  expect(openTo(ingest).filter((route) => /keys|reports|series|\/me$/.test(route))).toEqual([]);
  expect(openTo(read).filter((route) => /keys|DELETE|PATCH/.test(route))).toEqual([]);
  expect(openTo(read).length).toBeGreaterThan(3);
  // An administrator's key reads as well.
  for (const route of openTo(read).filter((each) => each !== "GET /api/v1/me"))
    expect(openTo(admin)).toContain(route);
});

test("the page that shows it needs nothing from elsewhere and obeys the policy", async () => {
  const page = await portal.fetch("/api/docs");
  const html = await page.text();
  expect(page.status).toBe(200);
  const sources = [...html.matchAll(/(?:src|href)="([^"]+)"/g)].map(([, source]) => source ?? "");
  expect(sources.length).toBeGreaterThan(2);
  for (const source of sources) {
    expect(source).toMatch(/^\/api\/docs\//);
    expect((await portal.fetch(source)).status).toBe(200);
  }
  expect(html).not.toMatch(/<script(?![^>]*\bsrc=)[^>]*>/);
});
