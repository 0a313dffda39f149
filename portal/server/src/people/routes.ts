import { Type } from "@fastify/type-provider-typebox";
import { Me } from "@perfanalysis/contract/api";
import type { FastifyReply, FastifyRequest } from "fastify";
import { HttpProblem } from "@perfanalysis/contract/http-problem";
import { requireScope, type App, type Services } from "../http/app.ts";
import { createLimit } from "../http/limits.ts";
import { requireSameOrigin } from "../http/origin.ts";
import { minPasswordLength, maxPasswordLength } from "./passwords.ts";
import { findSession } from "./people.ts";

const signInUrl = "/api/auth/sign-in/email";
const Password = Type.String({ minLength: 1, maxLength: maxPasswordLength });
const SignIn = Type.Object(
  { email: Type.String({ minLength: 3, maxLength: 254 }), password: Password },
  { additionalProperties: false },
);
const PasswordChange = Type.Object(
  {
    currentPassword: Password,
    newPassword: Type.String({ minLength: minPasswordLength, maxLength: maxPasswordLength }),
    /** Ends the person's other sessions. */
    revokeOtherSessions: Type.Optional(Type.Boolean()),
  },
  { additionalProperties: false },
);
const TenantChoice = Type.Object(
  { organizationId: Type.String({ format: "uuid" }) },
  { additionalProperties: false },
);
const Done = Type.Object({ success: Type.Literal(true) });

/**
 * Of better-auth's many endpoints these four are reachable, and nothing of its answers but the status and the cookies:
 * the bodies would hand the session's token to scripts.
 */
export function registerPeopleRoutes(app: App, services: Services): void {
  const byAddress = createLimit(app, { max: 30, windowMs: 60_000, of: "your address" });
  const byEmail = createLimit(app, {
    max: 20,
    windowMs: 300_000,
    by: ({ body }) => emailOf(body),
    of: "all addresses together for this account",
  });
  const tags = ["people"];
  const config = { public: true };
  const onRequest = async (request: FastifyRequest) => {
    requireSameOrigin(request, services.settings);
    // Before the body is read, let alone a password hashed.
    await byAddress.count(request);
  };
  const forward = async (request: FastifyRequest, reply: FastifyReply) => {
    await forwardToAuth(services, request, reply);
    return { success: true as const };
  };

  app.post(
    signInUrl,
    {
      config,
      onRequest,
      schema: { tags, summary: "Sign in", body: SignIn, response: { 200: Done } },
    },
    async (request, reply) => {
      await byEmail.count(request);
      return await forward(request, reply);
    },
  );
  app.post(
    "/api/auth/sign-out",
    { config, onRequest, schema: { tags, summary: "End the session", response: { 200: Done } } },
    forward,
  );
  app.post(
    "/api/auth/change-password",
    {
      config,
      onRequest,
      schema: {
        tags,
        summary: "Change the password",
        body: PasswordChange,
        response: { 200: Done },
      },
    },
    forward,
  );
  app.post(
    "/api/auth/organization/set-active",
    {
      config,
      onRequest,
      schema: {
        tags,
        summary: "Choose the tenant, where one belongs to several",
        body: TenantChoice,
        response: { 200: Done },
      },
    },
    forward,
  );

  app.get(
    "/api/v1/me",
    {
      preHandler: requireScope("read"),
      schema: { tags, summary: "Who is signed in", response: { 200: Me } },
    },
    async ({ headers }) => {
      const session = await findSession(services.people, headers.cookie ?? "");
      if (session === null)
        throw new HttpProblem(
          403,
          "Not allowed",
          "Only a person who has signed in can ask this; a key is nobody. See /api/v1/auth/validate.",
        );
      const { email, name, tenantId, tenantName, role } = session;
      return { email, name, tenant_id: tenantId, tenant_name: tenantName, role };
    },
  );
}

function emailOf(body: unknown): string {
  const isSignIn = typeof body === "object" && body !== null && "email" in body;
  return isSignIn ? String(body.email).trim().toLowerCase() : "";
}

async function forwardToAuth(
  { people, settings }: Services,
  request: FastifyRequest,
  reply: FastifyReply,
): Promise<void> {
  const headers = new Headers({
    "content-type": "application/json",
    "user-agent": request.headers["user-agent"] ?? "",
    "x-forwarded-for": request.ip,
  });
  if (request.headers.cookie !== undefined) headers.set("cookie", request.headers.cookie);
  const response = await people.handleAuth(
    new Request(new URL(request.url, settings.publicUrl), {
      method: "POST",
      headers,
      body: JSON.stringify(request.body ?? {}),
    }),
  );
  for (const cookie of response.headers.getSetCookie()) reply.header("set-cookie", cookie);
  reply.header("cache-control", "no-store");
  if (response.status === 401) throw notSignedIn(request);
  if (!response.ok) throw toProblem(response.status, await readMessage(response));
}

async function readMessage(response: Response): Promise<string> {
  const body: unknown = await response.json().catch(() => null);
  return typeof body === "object" && body !== null && "message" in body ? String(body.message) : "";
}

function notSignedIn({ routeOptions }: FastifyRequest): HttpProblem {
  return new HttpProblem(
    401,
    "Not signed in",
    routeOptions.url === signInUrl
      ? "The e-mail address or the password is wrong."
      : "Sign in first: there is no valid session.",
  );
}

function toProblem(status: number, message: string): HttpProblem {
  if (status >= 500) throw new Error(`better-auth answered ${status}: ${message}`);
  return new HttpProblem(status, "Refused", `${message || "That cannot be done"}.`);
}
