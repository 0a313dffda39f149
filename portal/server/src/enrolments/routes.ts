import { Type } from "@fastify/type-provider-typebox";
import {
  EnrolInput,
  EnrolReceipt,
  Enrolment as EnrolmentSchema,
  EnrolmentInput,
  EnrolmentList,
  HostFacts,
  NewEnrolment,
  PageQuery,
} from "@perfanalysis/contract/api";
import type { FastifyRequest } from "fastify";
import { Value } from "typebox/value";
import { HttpProblem } from "@perfanalysis/contract/http-problem";
import { recordAudit } from "../audit/audit.ts";
import { asTenant } from "../db/tenant-db.ts";
import { requireScope, type App, type Principal, type Services } from "../http/app.ts";
import { createLimit } from "../http/limits.ts";
import { requireCursor, toPage } from "../http/paging.ts";
import { invalidField, notFound } from "../http/problem.ts";
import { isUuid } from "../http/uuid.ts";
import {
  createEnrolment,
  enrolHost,
  isValidEnrolment,
  listEnrolments,
  revokeEnrolment,
  type Enrolment,
} from "./enrolments.ts";
import { toEnrolmentJson } from "./json.ts";

const EnrolmentPath = Type.Object({ enrolment_id: Type.String({ format: "uuid" }) });
const tags = ["enrolments"];

/** Administrators make tokens, hosts use them. */
export function registerEnrolmentRoutes(app: App, services: Services): void {
  registerTokens(app, services);
  registerEnrol(app, services);
}

function registerTokens(app: App, { database }: Services): void {
  const preHandler = requireScope("admin");
  // As with keys: another transaction, after which at worst nobody has seen a token.
  const audit = (
    principal: Principal,
    action: "enrolment.create" | "enrolment.revoke",
    { enrolmentId }: Enrolment,
  ) =>
    asTenant(database, principal.tenantId, (db) =>
      recordAudit(db, principal, { action, target: enrolmentId }),
    );

  app.get(
    "/api/v1/enrolments",
    {
      preHandler,
      schema: {
        tags,
        summary: "The tenant's enrolment tokens, newest first, past ones too",
        querystring: PageQuery,
        response: { 200: EnrolmentList },
      },
    },
    async ({ principal, query: { cursor, limit } }) => {
      const { tenantId } = principal;
      requireCursor(cursor, isUuid);
      const found = await listEnrolments(database, { tenantId, limit: limit + 1, after: cursor });
      const toCursor = ({ enrolmentId }: Enrolment): string => enrolmentId;
      const { page, nextCursor } = toPage(found, { limit, toCursor });
      return { enrolments: page.map(toEnrolmentJson), next_cursor: nextCursor };
    },
  );

  app.post(
    "/api/v1/enrolments",
    {
      preHandler,
      schema: {
        tags,
        summary: "Make a token with which hosts enrol within an hour; shown in this answer only",
        body: EnrolmentInput,
        response: { 201: NewEnrolment },
      },
    },
    async ({ principal, body: { name, max_uses: maxUses } }, reply) => {
      const { tenantId, name: createdBy } = principal;
      const made = await createEnrolment(database, { tenantId, name, maxUses, createdBy }).catch(
        (error: unknown) => {
          throw error instanceof RangeError ? invalidField("/name", error.message) : error;
        },
      );
      await audit(principal, "enrolment.create", made);
      return reply
        .code(201)
        .header("cache-control", "no-store")
        .send({ ...toEnrolmentJson(made), token: made.token });
    },
  );

  app.delete(
    "/api/v1/enrolments/:enrolment_id",
    {
      preHandler,
      schema: {
        tags,
        summary: "Revoke an enrolment token; the hosts that it let in keep their keys",
        params: EnrolmentPath,
        response: { 200: EnrolmentSchema },
      },
    },
    async ({ principal, params: { enrolment_id: enrolmentId } }) => {
      const { tenantId } = principal;
      const revoked = await revokeEnrolment(database, { tenantId, enrolmentId });
      if (revoked === null) throw notFound("There is no enrolment token with this id.");
      await audit(principal, "enrolment.revoke", revoked);
      return toEnrolmentJson(revoked);
    },
  );
}

function registerEnrol(app: App, { database, clock }: Services): void {
  // Of addresses, not of tokens: there are more of them than anybody can guess.
  const failures = createLimit(app, {
    max: 60,
    windowMs: 60_000,
    of: "your address without a valid enrolment token",
  });
  const refuse = async (request: FastifyRequest): Promise<never> => {
    await failures.count(request);
    throw new HttpProblem(
      401,
      "Not let in",
      'This needs an enrolment token: "Authorization: Bearer pa_enrol_…". It is unknown, used up, expired or revoked.',
      { headers: { "www-authenticate": 'Bearer realm="PerfAnalysis"' } },
    );
  };
  app.post(
    "/api/v1/enrol",
    {
      // The token is no key, and is looked at before the body is.
      config: { public: true },
      onRequest: async (request) => {
        await failures.check(request);
        if (!(await isValidEnrolment(database, tokenOf(request)))) await refuse(request);
      },
      schema: {
        tags,
        summary: "Register this host with an enrolment token; the answer holds a key of its own",
        security: [{ enrolment: [] }],
        body: EnrolInput,
        response: { 201: EnrolReceipt },
      },
    },
    async (request, reply) => {
      const { machine_id: machineId, host } = request.body;
      // The schema has checked those that are known.
      const facts = host && (Value.Clean(HostFacts, host) as HostFacts);
      const enrolled = await enrolHost(database, tokenOf(request), {
        machineId,
        facts,
        now: clock(),
      });
      if (enrolled === null) return await refuse(request);
      const { tenantId, tenantName, isNew, key } = enrolled;
      return reply.code(201).header("cache-control", "no-store").send({
        tenant_id: tenantId,
        tenant_name: tenantName,
        machine_id: machineId,
        is_new: isNew,
        key_id: key.keyId,
        key: key.token,
      });
    },
  );
}

/** Empty where there is none. */
function tokenOf({ headers }: FastifyRequest): string {
  return /^Bearer +(\S+)$/i.exec(headers.authorization ?? "")?.[1] ?? "";
}
