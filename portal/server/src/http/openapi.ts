// The API's description, made from the schemas that also check the requests.
import swagger from "@fastify/swagger";
import swaggerUi from "@fastify/swagger-ui";
import { problemContentType } from "@perfanalysis/contract/http-problem";
import { Problem } from "@perfanalysis/contract/problem";
import type { FastifySchema, RouteOptions } from "fastify";
import { IsObject, IsOptional, type TObject } from "typebox";
import packageJson from "../../package.json" with { type: "json" };
import type { App } from "./app.ts";

const documentUrl = "/api/v1/openapi.json";

/** Before the routes: gathers them as they are registered. */
export async function registerOpenApi(app: App): Promise<void> {
  app.addSchema(Problem);
  app.addHook("onRoute", describeRoute);
  await app.register(swagger, {
    openapi: {
      openapi: "3.1.0",
      info: {
        title: "PerfAnalysis",
        version: packageJson.version,
        description:
          "Performance data of Linux machines: upload and stream it, read series and statistics, make reports. Errors are problems of RFC 9457.",
        license: { name: "MIT", identifier: "MIT" },
      },
      servers: [{ url: "/" }],
      components: {
        securitySchemes: {
          key: { type: "http", scheme: "bearer", description: "A key of a tenant: pa_…" },
          enrolment: {
            type: "http",
            scheme: "bearer",
            description: "An enrolment token of a tenant: pa_enrol_…",
          },
          session: {
            type: "apiKey",
            in: "cookie",
            name: "session",
            description: "What signing in sets. Writes must come from the portal's own pages.",
          },
        },
      },
    },
    transform: ({ schema, url }) => ({ schema: withOptionalDefaults(schema), url }),
    refResolver: {
      buildLocalReference: (json, _base, _fragment, i) =>
        typeof json.$id === "string" ? json.$id : `def-${i}`,
    },
  });
}

/** Behind the routes. Both are for everyone: they say nothing that the sources do not. */
export async function registerOpenApiPages(app: App): Promise<void> {
  app.get(documentUrl, { config: { public: true }, schema: { hide: true } }, async () =>
    app.swagger(),
  );
  await app.register(swaggerUi, {
    routePrefix: "/api/docs",
    theme: { title: "PerfAnalysis API" },
    uiConfig: { url: documentUrl, docExpansion: "list", tryItOutEnabled: false },
  });
}

function describeRoute({ url, config, schema }: RouteOptions): void {
  if (schema === undefined || schema.hide === true) return;
  const problem = {
    description: "A problem",
    content: { [problemContentType]: { schema: { $ref: "Problem#" } } },
  };
  schema.response = { ...asRecord(schema.response), "4xx": problem, "5xx": problem };
  if (url.startsWith("/api/") && config?.public !== true)
    schema.security ??= [{ key: [] }, { session: [] }];
}

/** What has a default need not be sent. */
function withOptionalDefaults(schema: FastifySchema): FastifySchema {
  const { body, querystring } = schema;
  return {
    ...schema,
    ...(IsObject(body) ? { body: withoutDefaults(body) } : {}),
    ...(IsObject(querystring) ? { querystring: withoutDefaults(querystring) } : {}),
  };
}

function withoutDefaults(part: TObject): object {
  const required = Object.entries(part.properties)
    .filter(([, field]) => !IsOptional(field) && !("default" in field))
    .map(([name]) => name);
  return { ...part, required };
}

function asRecord(value: unknown): object {
  return typeof value === "object" && value !== null ? value : {};
}
