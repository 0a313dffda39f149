// The built web pages, with the one index.html for every address that the pages themselves route.
import { existsSync } from "node:fs";
import { join } from "node:path";
import helmet from "@fastify/helmet";
import staticFiles from "@fastify/static";
import type { FastifyReply, FastifyRequest } from "fastify";
import type { App, HttpSettings } from "./app.ts";
import { notFound } from "./problem.ts";

/**
 * Scripts come from this server's own files alone. Styles may be inline, because the components set theirs at run time;
 * a style cannot read or send anything, since images, fonts and connections are limited to this server as well.
 */
export async function registerSecurityHeaders(
  app: App,
  { publicUrl }: HttpSettings,
): Promise<void> {
  const isHttps = publicUrl.startsWith("https:");
  await app.register(helmet, {
    contentSecurityPolicy: {
      useDefaults: false,
      directives: {
        defaultSrc: ["'none'"],
        scriptSrc: ["'self'"],
        styleSrc: ["'self'", "'unsafe-inline'"],
        imgSrc: ["'self'", "data:"],
        fontSrc: ["'self'"],
        connectSrc: ["'self'"],
        frameSrc: ["'self'"],
        manifestSrc: ["'self'"],
        baseUri: ["'none'"],
        formAction: ["'self'"],
        frameAncestors: ["'none'"],
      },
    },
    strictTransportSecurity: isHttps && { maxAge: 365 * 24 * 3600, includeSubDomains: false },
    // "no-referrer" would make browsers send `Origin: null` with forms.
    referrerPolicy: { policy: "same-origin" },
    xFrameOptions: { action: "deny" },
  });
}

export async function registerPages(app: App, { webRoot }: HttpSettings): Promise<void> {
  const isBuilt = existsSync(join(webRoot, "index.html"));
  if (isBuilt) {
    await app.register(staticFiles, {
      root: webRoot,
      cacheControl: false,
      setHeaders: (response, path) => {
        // Vite puts a hash of the content into the names of what it writes here.
        const isHashed = path.startsWith(join(webRoot, "assets"));
        response.header(
          "cache-control",
          isHashed ? "public, max-age=31536000, immutable" : "no-cache",
        );
      },
    });
  }
  app.setNotFoundHandler(async (request, reply) => {
    if (isBuilt && asksForPage(request)) return await sendIndex(reply);
    throw notFound(
      isBuilt || !asksForPage(request)
        ? `There is nothing at ${request.method} ${request.url.replace(/\?.*/s, "")}.`
        : "The pages have not been built. Build them with: npm run build -w @perfanalysis/portal-web",
    );
  });
}

function asksForPage({ method, url, headers }: FastifyRequest): boolean {
  return (
    (method === "GET" || method === "HEAD") &&
    !/^\/(?:api|assets)\//.test(url) &&
    (headers.accept ?? "").includes("text/html")
  );
}

function sendIndex(reply: FastifyReply): FastifyReply {
  return reply.sendFile("index.html");
}
