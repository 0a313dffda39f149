// https://owasp.org/www-project-cheat-sheets: Fetch Metadata first, Origin where a browser does not send it.
import type { FastifyRequest } from "fastify";
import { HttpProblem } from "@perfanalysis/contract/http-problem";
import type { HttpSettings } from "./app.ts";

/** Refuses a write that another site made the browser send along with the session's cookie. Reads pass. */
export function requireSameOrigin(request: FastifyRequest, settings: HttpSettings): void {
  if (request.method === "GET" || request.method === "HEAD") return;
  const site = request.headers["sec-fetch-site"];
  if (site === undefined ? isOwnOrigin(request, settings) : site === "same-origin") return;
  throw new HttpProblem(
    403,
    "Not allowed",
    "Cannot take this from another site: with a session, writes must come from the portal's own pages.",
  );
}

/** Whether the Origin header names the portal itself, by its public address or the one that was asked for. */
export function isOwnOrigin(request: FastifyRequest, { publicUrl }: HttpSettings): boolean {
  const { origin } = request.headers;
  if (origin === undefined || !URL.canParse(origin)) return false;
  const { origin: asked, host } = new URL(origin);
  return asked === new URL(publicUrl).origin || host === request.host;
}
