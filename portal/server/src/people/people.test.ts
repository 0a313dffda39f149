import { randomUUID } from "node:crypto";
import { afterAll, beforeAll, expect, test } from "vitest";
import { newTenant, testDatabase } from "../testing/postgres.ts";
import { newPortal, readProblem, type TestPortal } from "../testing/portal.ts";
import { createUser, setPassword } from "./people.ts";

let portal: TestPortal;
beforeAll(async () => {
  portal = await newPortal();
});
afterAll(() => portal.close());

function signIn(
  to: TestPortal,
  credentials: { email: string; password: string },
  headers: Record<string, string> = {},
): Promise<Response> {
  return to.fetch("/api/auth/sign-in/email", {
    method: "POST",
    headers: { "content-type": "application/json", origin: to.url, ...headers },
    body: JSON.stringify(credentials),
  });
}

test("signing in sets a cookie that scripts and other sites cannot use, and gives nothing else", async () => {
  const response = await signIn(portal, await portal.createPerson());
  expect(await response.json()).toEqual({ success: true });
  const [cookie, ...others] = response.headers.getSetCookie();
  expect(others).toEqual([]);
  expect(cookie).toMatch(
    /^perfanalysis-session=[^;]+; Max-Age=604800; Path=\/; HttpOnly; SameSite=Lax$/,
  );
});

test("behind https the cookie belongs to this host alone", async () => {
  const secure = await newPortal({ publicUrl: "https://portal.example.com" });
  const person = await secure.createPerson();
  const response = await signIn(secure, person, { origin: "https://portal.example.com" });
  const [cookie = ""] = response.headers.getSetCookie();
  expect(cookie).toMatch(/^__Host-perfanalysis-session=/);
  expect(cookie).toMatch(/; Path=\/;.* Secure/);
  expect(cookie).not.toContain("Domain");
  const session = cookie.replace(/;.*/, "");
  expect((await secure.fetch("/api/v1/me", { headers: { cookie: session } })).status).toBe(200);
  // The name that a plain portal would read is nobody here.
  const plain = session.replace("__Host-", "");
  expect((await secure.fetch("/api/v1/me", { headers: { cookie: plain } })).status).toBe(401);
  expect(response.headers.get("strict-transport-security")).toContain("max-age");
});

test("a wrong password and an unknown address get the same answer", async () => {
  const { email } = await portal.createPerson();
  const wrong = await readProblem(
    await signIn(portal, { email, password: "not the password" }),
    401,
  );
  const unknown = await readProblem(
    await signIn(portal, { email: `${randomUUID()}@example.com`, password: "not the password" }),
    401,
  );
  expect({ ...unknown, request_id: "" }).toEqual({ ...wrong, request_id: "" });
});

test("each sign-in makes a session of its own, whatever cookie was there before", async () => {
  const person = await portal.createPerson();
  const first = await person.signIn();
  const [second = ""] = (await signIn(portal, person, first)).headers.getSetCookie();
  expect(second.replace(/;.*/, "")).not.toBe(first.cookie);
});

test("signing out ends the session itself, not only the cookie", async () => {
  const session = await (await portal.createPerson()).signIn();
  const response = await portal.fetch("/api/auth/sign-out", { method: "POST", headers: session });
  expect(response.status).toBe(200);
  expect((await portal.fetch("/api/v1/me", { headers: session })).status).toBe(401);
});

test("a new password ends all sessions, and the old password", async () => {
  const person = await portal.createPerson();
  const session = await person.signIn();
  await setPassword(testDatabase(), { email: person.email, password: "a whole new one" });
  expect((await portal.fetch("/api/v1/me", { headers: session })).status).toBe(401);
  expect((await signIn(portal, person)).status).toBe(401);
  expect((await signIn(portal, { ...person, password: "a whole new one" })).status).toBe(200);
});

test("changing the password needs the old one and ends the other sessions where asked", async () => {
  const person = await portal.createPerson();
  const [session, other] = [await person.signIn(), await person.signIn()];
  const change = (currentPassword: string) =>
    portal.fetch("/api/auth/change-password", {
      method: "POST",
      headers: { ...session, "content-type": "application/json" },
      body: JSON.stringify({
        currentPassword,
        newPassword: "a whole new one",
        revokeOtherSessions: true,
      }),
    });
  expect((await change("not the password")).status).toBe(400);
  expect((await change(person.password)).status).toBe(200);
  expect((await portal.fetch("/api/v1/me", { headers: other })).status).toBe(401);
  const late = await portal.fetch("/api/auth/change-password", {
    method: "POST",
    headers: { ...other, "content-type": "application/json" },
    body: JSON.stringify({ currentPassword: "a whole new one", newPassword: "another new one" }),
  });
  expect((await readProblem(late, 401)).detail).toContain("Sign in first");
});

test("a person whose membership has ended is nobody", async () => {
  const person = await portal.createPerson();
  const session = await person.signIn();
  await testDatabase().control.query(
    "DELETE FROM member WHERE person_id = (SELECT id FROM person WHERE email = $1)",
    [person.email],
  );
  expect((await portal.fetch("/api/v1/me", { headers: session })).status).toBe(401);
});

test("a person of two tenants acts for the one that was chosen, and for no third", async () => {
  const [person, rival] = [await portal.createPerson(), await portal.newTenant()];
  await testDatabase().control.query(
    `INSERT INTO member (tenant_id, person_id, role)
     SELECT $1, id, 'member' FROM person WHERE email = $2`,
    [rival.tenantId, person.email],
  );
  const session = await person.signIn();
  const choose = (organizationId: string) =>
    portal.fetch("/api/auth/organization/set-active", {
      method: "POST",
      headers: { ...session, "content-type": "application/json" },
      body: JSON.stringify({ organizationId }),
    });
  const me = () => portal.fetch("/api/v1/me", { headers: session }).then((answer) => answer.json());
  expect(await me()).toMatchObject({ tenant_id: portal.tenantId, role: "owner" });
  expect((await choose(rival.tenantId)).status).toBe(200);
  expect(await me()).toMatchObject({ tenant_id: rival.tenantId, role: "member" });
  const third = await newTenant();
  expect((await choose(third)).status).toBe(403);
  expect(await me()).not.toMatchObject({ tenant_id: third });
});

test("a session that has expired is nobody", async () => {
  const person = await portal.createPerson();
  const session = await person.signIn();
  await testDatabase().control.query(
    "UPDATE session SET expires_at = now() WHERE person_id = (SELECT id FROM person WHERE email = $1)",
    [person.email],
  );
  expect((await portal.fetch("/api/v1/me", { headers: session })).status).toBe(401);
});

test.each([
  ["sign-up/email", { email: "new@example.com", password: "long enough 123", name: "New" }],
  ["organization/create", { name: "Mine", slug: "mine" }],
  ["delete-user", {}],
  ["update-user", { name: "Other" }],
  ["api-key/create", {}],
])("better-auth's %s cannot be reached", async (path, body) => {
  const session = await (await portal.createPerson()).signIn();
  const response = await portal.fetch(`/api/auth/${path}`, {
    method: "POST",
    headers: { ...session, "content-type": "application/json" },
    body: JSON.stringify(body),
  });
  await readProblem(response, 404);
  expect(response.headers.getSetCookie()).toEqual([]);
});

test("a sign-in that another site sends is refused", async () => {
  const response = await signIn(portal, await portal.createPerson(), {
    origin: "https://evil.example.com",
  });
  await readProblem(response, 403);
  expect(response.headers.getSetCookie()).toEqual([]);
});

test("sign-ins are limited by account before anything is hashed", async () => {
  const own = await newPortal();
  const { email } = await own.createPerson();
  const attempts = await Promise.all(
    Array.from({ length: 28 }, () => signIn(own, { email, password: "not the password" })),
  );
  expect(attempts.filter(({ status }) => status === 401)).toHaveLength(20);
  const refused = attempts.filter(({ status }) => status === 429);
  expect(refused).toHaveLength(8);
  expect(Number(refused[0]?.headers.get("retry-after"))).toBeGreaterThan(0);
});

test("sign-ins are limited by address, whichever accounts they try", async () => {
  const own = await newPortal();
  const attempts = await Promise.all(
    Array.from({ length: 33 }, () =>
      signIn(own, { email: `${randomUUID()}@example.com`, password: "wrong" }),
    ),
  );
  expect(attempts.filter(({ status }) => status === 401)).toHaveLength(30);
  expect(attempts.filter(({ status }) => status === 429)).toHaveLength(3);
});

test.each([
  ["an address that is none", { email: "nobody" }, /not an e-mail address/],
  ["a short password", { password: "short" }, /12 to 128/],
])("createUser() refuses %s", async (_case, change, message) => {
  const user = {
    email: `${randomUUID()}@example.com`,
    name: "Test",
    password: "long enough 123",
    tenantId: portal.tenantId,
    role: "member" as const,
  };
  await expect(createUser(testDatabase(), { ...user, ...change })).rejects.toThrow(message);
});

test("createUser() refuses an address that is taken, in any case", async () => {
  const { email } = await portal.createPerson();
  const again = createUser(testDatabase(), {
    email: email.toUpperCase(),
    name: "Test",
    password: "long enough 123",
    tenantId: portal.tenantId,
    role: "member",
  });
  await expect(again).rejects.toThrow("has an account already");
});
