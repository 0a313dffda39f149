import { beforeAll, afterAll, describe, expect, test } from "vitest";
import { createKey, revokeKey } from "../keys/keys.ts";
import { newPortal, readProblem, type TestPortal } from "../testing/portal.ts";

let portal: TestPortal;
beforeAll(async () => {
  portal = await newPortal();
});
afterAll(() => portal.close());

/** Needs the scope `admin` and touches only the caller's own tenant. */
const path = "/api/v1/keys";

describe("a key", () => {
  test("lets in with the scope that the route names", async () => {
    expect((await portal.fetch(path, { key: portal.keys.admin })).status).toBe(200);
  });

  test("without the scope gets 403 that names it", async () => {
    const { detail } = await readProblem(await portal.fetch(path, { key: portal.keys.read }), 403);
    expect(detail).toContain('"admin"');
    expect(detail).toContain("test read");
  });

  test.each([
    ["no header", undefined],
    ["another scheme", "Basic cGFfYWRtaW46"],
    ["no token", "Bearer"],
    ["two tokens", "Bearer a b"],
    ["a token that is no key", "Bearer pa_admin_nonsense"],
    ["a well-formed key that nobody has", "Bearer pa_admin_0123456789abcdefghijklmnopqabcdef"],
  ])("with %s gets 401 and is told how to send one", async (_case, authorization) => {
    const headers = authorization === undefined ? {} : { authorization };
    const response = await portal.fetch(path, { headers });
    expect(response.headers.get("www-authenticate")).toContain("Bearer");
    await readProblem(response, 401);
  });

  test("that has expired gets 401", async () => {
    const { tenantId } = portal;
    const { token } = await createKey(portal.services.database, {
      tenantId,
      name: "expired",
      scopes: ["admin"],
      expiresAt: new Date(Date.now() - 1000),
    });
    expect((await portal.fetch(path, { key: token })).status).toBe(401);
  });

  test("that is revoked gets 401 with the next request", async () => {
    const { tenantId, services } = portal;
    const { token, keyId } = await createKey(services.database, {
      tenantId,
      name: "revoked",
      scopes: ["admin"],
    });
    expect((await portal.fetch(path, { key: token })).status).toBe(200);
    await revokeKey(services.database, { tenantId, keyId });
    expect((await portal.fetch(path, { key: token })).status).toBe(401);
  });

  test("decides the tenant, whatever headers, host or cookie say", async () => {
    const rival = await portal.newTenant();
    const { cookie } = await (await rival.createPerson()).signIn();
    const response = await portal.fetch("/api/v1/auth/validate", {
      key: portal.keys.read,
      headers: { "x-tenant-id": rival.tenantId, "x-forwarded-host": "rival.example.com", cookie },
    });
    expect(await response.json()).toMatchObject({ tenant_id: portal.tenantId });
  });

  test("is slowed down after many wrong ones from one address", async () => {
    const guesser = await newPortal();
    const guesses = Array.from({ length: 80 }, () =>
      guesser.fetch(path, { key: "pa_admin_nonsense" }),
    );
    const responses = await Promise.all(guesses);
    const refused = responses.find(({ status }) => status === 429);
    expect(Number(refused?.headers.get("retry-after"))).toBeGreaterThan(0);
    expect(responses.filter(({ status }) => status === 401).length).toBeLessThanOrEqual(70);
  });
});

describe("a session", () => {
  test("reads from anywhere, since an answer cannot be read across sites", async () => {
    const { cookie } = await (await portal.createPerson()).signIn();
    expect((await portal.fetch(path, { headers: { cookie } })).status).toBe(200);
  });

  test.each([
    ["the portal's own page", { "sec-fetch-site": "same-origin" }, 201],
    ["the portal's own page in a browser without Fetch Metadata", { origin: "own" }, 201],
    ["another site", { "sec-fetch-site": "cross-site", origin: "own" }, 403],
    ["a neighbouring subdomain", { "sec-fetch-site": "same-site" }, 403],
    ["another origin", { origin: "https://evil.example.com" }, 403],
    ["a sandboxed frame", { origin: "null" }, 403],
    ["nobody knows where", {}, 403],
  ])(
    "writes from %s: %s → %i",
    async (_case, { origin, ...headers }: Record<string, string>, status) => {
      const { cookie } = await (await portal.createPerson()).signIn();
      const response = await portal.fetch(path, {
        method: "POST",
        headers: {
          ...headers,
          ...(origin === undefined ? {} : { origin: origin === "own" ? portal.url : origin }),
          cookie,
          "content-type": "application/json",
        },
        body: JSON.stringify({ name: "made by a page", scopes: ["read"] }),
      });
      expect(response.status).toBe(status);
    },
  );

  test("of a member may read but not administer", async () => {
    const member = await (await portal.createPerson("member")).signIn();
    expect((await portal.fetch("/api/v1/me", { headers: member })).status).toBe(200);
    expect((await portal.fetch(path, { headers: member })).status).toBe(403);
  });

  test("with a forged signature gets 401", async () => {
    const { cookie } = await (await portal.createPerson()).signIn();
    const forged = cookie.replace(/\.[^.]+$/, `.${encodeURIComponent("A".repeat(43))}%3D`);
    expect(forged).not.toBe(cookie);
    expect((await portal.fetch(path, { headers: { cookie: forged } })).status).toBe(401);
  });
});
