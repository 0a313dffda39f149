import { randomUUID } from "node:crypto";
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { Scope } from "@perfanalysis/contract/api";
import { problemContentType } from "@perfanalysis/contract/http-problem";
import { Problem } from "@perfanalysis/contract/problem";
import { Value } from "typebox/value";
import { onTestFinished } from "vitest";
import type { TenantId } from "../db/tenant-id.ts";
import type { Services } from "../http/app.ts";
import { createKey } from "../keys/keys.ts";
import { startPortal, type PortalConfig } from "../main.ts";
import { createUser, type Role } from "../people/people.ts";
import { newTenant, testAccess } from "./postgres.ts";

/** A tenant with keys, seen from outside. */
export interface TestTenant {
  tenantId: TenantId;
  /** A key for each scope. */
  keys: Record<Scope, string>;
  /** Makes a person of this tenant. */
  createPerson: (role?: Role) => Promise<Person>;
}

interface Person {
  email: string;
  password: string;
  /** Signs in over HTTP; headers that the page's own requests would have. */
  signIn: () => Promise<{ cookie: string; origin: string }>;
}

export interface TestPortal extends TestTenant {
  /** Origin, without a slash at its end. */
  url: string;
  services: Services;
  close: () => Promise<void>;
  /** Another tenant of the same portal. */
  newTenant: () => Promise<TestTenant>;
  /** `fetch` of a path of this portal, with the key as bearer where one is given. */
  fetch: (path: string, options?: RequestInit & { key?: string | undefined }) => Promise<Response>;
}

/**
 * A real server on a port of its own, on the tests' PostgreSQL, with a tenant of its own. Called in a test, it ends with
 * the test; called in beforeAll, `close` is the caller's to call.
 */
export async function newPortal(config: Partial<PortalConfig> = {}): Promise<TestPortal> {
  const emptyFolder = await mkdtemp(join(tmpdir(), "perfanalysis-pages-"));
  const portal = await startPortal({
    access: testAccess(),
    host: "127.0.0.1",
    port: 0,
    logLevel: "silent",
    webRoot: emptyFolder,
    runJobs: false,
    checksAnswers: true,
    maxEventLoopDelayMs: 0,
    ...config,
  });
  let isClosed = false;
  const close = async () => {
    if (isClosed) return;
    isClosed = true;
    await portal.close();
    await rm(emptyFolder, { recursive: true });
  };
  try {
    onTestFinished(close);
  } catch {
    // Outside of a test, as in beforeAll.
  }
  const { url, services } = portal;
  const makeTenant = () => createTestTenant({ url, services });
  return {
    url,
    services,
    close,
    newTenant: makeTenant,
    fetch: (path, { key, headers, ...options } = {}) => {
      const all = new Headers(headers);
      if (key !== undefined) all.set("authorization", `Bearer ${key}`);
      return fetch(new URL(path, url), { ...options, headers: all });
    },
    ...(await makeTenant()),
  };
}

/** The problem of an answer. Throws where it is none, or not one of this status. */
export async function readProblem(response: Response, status: number): Promise<Problem> {
  const body = await response.text();
  const isProblem = response.headers.get("content-type") === problemContentType;
  if (response.status !== status || !isProblem)
    throw new Error(`Expected a problem ${status}, but got ${response.status}: ${body}`);
  return Value.Parse(Problem, JSON.parse(body));
}

async function createTestTenant({
  url,
  services: { database },
}: Pick<TestPortal, "url" | "services">): Promise<TestTenant> {
  const tenantId = await newTenant();
  const makeKey = async (scope: Scope) =>
    (await createKey(database, { tenantId, name: `test ${scope}`, scopes: [scope] })).token;
  const [ingest, read, admin] = await Promise.all([
    makeKey("ingest"),
    makeKey("read"),
    makeKey("admin"),
  ]);
  return {
    tenantId,
    keys: { ingest, read, admin },
    createPerson: async (role = "owner") => {
      const email = `${randomUUID()}@example.com`;
      const password = randomUUID();
      await createUser(database, { email, name: "Test person", password, tenantId, role });
      return { email, password, signIn: () => signIn(url, { email, password }) };
    },
  };
}

async function signIn(url: string, credentials: { email: string; password: string }) {
  const response = await fetch(`${url}/api/auth/sign-in/email`, {
    method: "POST",
    headers: { "content-type": "application/json", origin: url },
    body: JSON.stringify(credentials),
  });
  if (!response.ok) throw new Error(`Cannot sign in: ${response.status} ${await response.text()}`);
  const cookie = response.headers
    .getSetCookie()
    .map((line) => line.replace(/;.*/s, ""))
    .join("; ");
  return { cookie, origin: url };
}
