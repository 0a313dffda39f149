// better-auth makes and ends sessions. What is left out here (sign-up, social sign-in, its API keys) does not exist.
import { betterAuth } from "better-auth";
import { organization } from "better-auth/plugins/organization";
import type { Control } from "../db/database.ts";
import { hashPassword, maxPasswordLength, minPasswordLength, verifyPassword } from "./passwords.ts";
import { sessionCookieName } from "./session-cookie.ts";

export interface AuthOptions {
  pool: Control["pool"];
  publicUrl: string;
  secret: string;
}

/** Web-standard request in, response out; paths under /api/auth. */
export type AuthHandler = (request: Request) => Promise<Response>;

const sessionLifetimeS = 7 * 24 * 3600;

// Our names in the database: person and tenant instead of user and organization, underscores instead of capitals.
const createdAt = "created_at";
const times = { createdAt, updatedAt: "updated_at" } as const;
const organizationId = "tenant_id";

export function createAuthHandler({ pool, publicUrl, secret }: AuthOptions): AuthHandler {
  const isHttps = publicUrl.startsWith("https:");
  const { handler } = betterAuth({
    appName: "PerfAnalysis",
    baseURL: publicUrl,
    basePath: "/api/auth",
    secret,
    database: pool,
    telemetry: { enabled: false },
    // It would print addresses of people and whole errors; failures reach our own log through the answer.
    logger: { disabled: true },
    // What is not the client's fault goes to the one error handler.
    onAPIError: { throw: true },
    // Ours count before anything is hashed: http/limits.ts.
    rateLimit: { enabled: false },
    emailAndPassword: {
      enabled: true,
      disableSignUp: true,
      minPasswordLength,
      maxPasswordLength,
      password: { hash: hashPassword, verify: verifyPassword },
    },
    // Read anew with each request, so that ending it acts at once.
    session: {
      modelName: "session",
      fields: {
        userId: "person_id",
        expiresAt: "expires_at",
        ipAddress: "ip_address",
        userAgent: "user_agent",
        ...times,
      },
      expiresIn: sessionLifetimeS,
      disableSessionRefresh: true,
      cookieCache: { enabled: false },
    },
    user: { modelName: "person", fields: { emailVerified: "email_verified", ...times } },
    account: {
      fields: {
        userId: "person_id",
        accountId: "account_id",
        providerId: "provider_id",
        accessToken: "access_token",
        refreshToken: "refresh_token",
        idToken: "id_token",
        accessTokenExpiresAt: "access_token_expires_at",
        refreshTokenExpiresAt: "refresh_token_expires_at",
        ...times,
      },
    },
    verification: { fields: { expiresAt: "expires_at", ...times } },
    advanced: {
      // The tables are made by our own migrations, and tried by our own tests.
      database: { generateId: "uuid", validateSchema: false },
      // The name carries the prefix itself: better-auth knows only __Secure-.
      useSecureCookies: false,
      cookies: {
        session_token: { name: sessionCookieName(publicUrl), attributes: { secure: isHttps } },
      },
      defaultCookieAttributes: { httpOnly: true, sameSite: "lax", secure: isHttps },
      // http/origin.ts refuses other sites before a request comes here.
      disableCSRFCheck: true,
    },
    plugins: [
      organization({
        allowUserToCreateOrganization: false,
        disableOrganizationDeletion: true,
        schema: {
          organization: { fields: { createdAt } },
          member: { fields: { organizationId, userId: "person_id", createdAt } },
          invitation: {
            fields: {
              organizationId,
              inviterId: "inviter_id",
              expiresAt: "expires_at",
              createdAt,
            },
          },
          session: { fields: { activeOrganizationId: "active_tenant_id" } },
        },
      }),
    ],
  });
  return handler;
}
