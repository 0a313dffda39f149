import { createHash } from "node:crypto";
import type { Readable } from "node:stream";
import multipart from "@fastify/multipart";
import { Type } from "@fastify/type-provider-typebox";
import {
  MachineId,
  PageQuery,
  StreamQuery,
  StreamReceipt,
  UploadList,
  UploadReceipt,
  Upload as UploadSchema,
} from "@perfanalysis/contract/api";
import { maxBatchBytes } from "@perfanalysis/contract/csv/machine-rows";
import { hostFactsHeader, maxHostFactsBytes } from "@perfanalysis/contract/host-facts";
import type { FastifyRequest } from "fastify";
import { HttpProblem } from "@perfanalysis/contract/http-problem";
import { setHostFacts } from "../machines/machines.ts";
import { asTenant } from "../db/tenant-db.ts";
import { requireOwnMachine, requireScope, type App, type Services } from "../http/app.ts";
import { createLimit } from "../http/limits.ts";
import { requireCursor, toPage, unknownCursor } from "../http/paging.ts";
import { notFound } from "../http/problem.ts";
import { isUuid } from "../http/uuid.ts";
import { compileValidator } from "../http/schemas.ts";
import type { SampleBlock } from "../samples/block.ts";
import { toTime } from "../samples/times.ts";
import { readHostFacts } from "./host-facts.ts";
import { createIntake, feedIntake } from "./intake.ts";
import { storeBatch } from "./stream-batches.ts";
import { readUploadForm } from "./upload-form.ts";
import { getUpload, listUploads, storeUpload, type Upload } from "./uploads.ts";

const MiB = 1024 * 1024;
const maxUploadBytes = 100 * MiB;
/** 80 columns over 208 days: 100 MiB of a row a minute. */
const maxUploadBlobs = 400_000;
const maxBatchBlobs = 50_000;
const uploadsAnHour = 100;
const hourMs = 3_600_000;
/** What those who watch are shown of a batch; older rows, as of an agent that empties its spool, are no news. */
const publishedRows = 60;

const uploadUrl = "/api/v1/performance/upload";
const streamUrl = "/api/v1/performance/stream";
const tags = ["ingest"];

/** Uploads of whole captures, and batches as they are sampled. */
export function registerIngestRoutes(app: App, services: Services): void {
  // A file that is too large is cut, and the intake says so.
  void app.register(multipart, { throwFileSizeLimit: false });
  // The body is left to the route, which reads it as it comes. Where there is no route, that is what a collector has to be told: with
  // 415 it would give up samples that a mended address takes.
  app.addContentTypeParser("text/csv", (request, body, done) => {
    const isLeft = request.is404 || request.routeOptions.url === streamUrl;
    done(isLeft ? null : wrongType(request, "JSON"), body);
  });
  registerUpload(app, services);
  registerUploadLists(app, services);
  registerStream(app, services);
}

function registerUpload(app: App, { database, clock }: Services): void {
  const limit = createLimit(app, {
    max: uploadsAnHour,
    windowMs: hourMs,
    by: ({ principal }) => (principal.kind === "key" ? principal.keyId : principal.sessionId),
    of: "this key or session to upload within an hour",
  });
  app.post(
    uploadUrl,
    {
      onRequest: requireType("multipart/form-data"),
      preHandler: [requireScope("ingest"), (request) => limit.count(request)],
      // The form is read as it streams in; this describes it.
      validatorCompiler: (route) =>
        route.httpPart === "body" ? acceptAny : compileValidator(route),
      schema: {
        tags,
        summary: "Import a CSV file of one machine, all of it or nothing",
        description:
          "Rows whose time the machine has already are duplicates: their values stay, gaps in them are filled. The file may be zipped with gzip; it must not have more than 100 MiB, zipped or not.",
        consumes: ["multipart/form-data"],
        body: Type.Object({
          file: Type.String({ format: "binary" }),
          machine_id: MachineId,
          tenant_id: Type.Optional(Type.String({ format: "uuid" })),
          host: Type.Optional(
            Type.String({
              description: `What the machine was at the end of the file: the JSON of \`host\` of a machine, at most ${maxHostFactsBytes} bytes`,
            }),
          ),
        }),
        response: { 200: UploadReceipt },
      },
    },
    async (request) => {
      const { principal } = request;
      const { tenantId } = principal;
      const form = await readUploadForm(request, {
        tenantId,
        maxBytes: maxUploadBytes,
        maxBlobs: maxUploadBlobs,
        now: clock(),
      });
      requireOwnMachine(principal, form.machineId);
      const { machineId, facts } = form;
      const upload = await asTenant(database, tenantId, async (db) => {
        const stored = await storeUpload(db, {
          ...form,
          uploadedBy: principal.name,
          keyId: principal.kind === "key" ? principal.keyId : null,
        });
        if (facts !== null) await setHostFacts(db, { machineId, facts, now: clock() });
        return stored;
      });
      return {
        status: "success" as const,
        upload_id: upload.uploadId,
        rows_imported: upload.rowsImported,
        rows_duplicate: upload.rowsDuplicate,
        machine_id: upload.machineId,
        timestamp_range: { start: toTime(upload.startS), end: toTime(upload.endS) },
        warnings: upload.warnings,
      };
    },
  );
}

function registerUploadLists(app: App, { database }: Services): void {
  const preHandler = requireScope("read");
  app.get(
    "/api/v1/uploads",
    {
      preHandler,
      schema: {
        tags,
        summary: "Files that were uploaded, newest first",
        querystring: Type.Object({ ...PageQuery.properties, machine_id: Type.Optional(MachineId) }),
        response: { 200: UploadList },
      },
    },
    async ({ principal, query: { cursor, limit, machine_id: machineId } }) => {
      requireCursor(cursor, isUuid);
      const found = await asTenant(database, principal.tenantId, (db) =>
        listUploads(db, { limit: limit + 1, after: cursor, machineId }),
      );
      if (found === null) throw unknownCursor(cursor ?? "");
      const { page, nextCursor } = toPage(found, { limit, toCursor: ({ uploadId }) => uploadId });
      return { uploads: page.map(toJson), next_cursor: nextCursor };
    },
  );
  app.get(
    "/api/v1/uploads/:upload_id",
    {
      preHandler,
      schema: {
        tags,
        summary: "A file that was uploaded",
        params: Type.Object({ upload_id: Type.String({ format: "uuid" }) }),
        response: { 200: UploadSchema },
      },
    },
    async ({ principal, params }) => {
      const upload = await asTenant(database, principal.tenantId, (db) =>
        getUpload(db, { uploadId: params.upload_id }),
      );
      if (upload === null) throw notFound("There is no upload with this id.");
      return toJson(upload);
    },
  );
}

function registerStream(app: App, { database, live, clock }: Services): void {
  app.post(
    streamUrl,
    {
      config: { carriesMachines: true },
      onRequest: requireType("text/csv"),
      preHandler: requireScope("ingest"),
      validatorCompiler: (route) =>
        route.httpPart === "body" ? acceptAny : compileValidator(route),
      schema: {
        tags,
        summary: "Store a batch of rows of one machine as they are sampled",
        description:
          "The body is a CSV file with its header, plain or with `Content-Encoding: gzip`, of at most 8 MiB. (agent, epoch, sequence) names the batch: sent again, it gets the same answer and adds nothing; another body under the same name is refused with 409. The answer comes after the commit. What the machine is may come along as a header; what is wrong with that stands in `warnings` and costs no rows.",
        consumes: ["text/csv"],
        querystring: StreamQuery,
        headers: StreamHeaders,
        body: Type.String(),
        response: { 200: StreamReceipt },
      },
    },
    async (request) => {
      const { principal, query } = request;
      requireEncoding(request);
      const blocks: SampleBlock[] = [];
      const hash = createHash("sha256");
      const intake = createIntake({
        maxBytes: maxBatchBytes,
        maxBlobs: maxBatchBlobs,
        now: clock(),
        onBytes: (bytes) => hash.update(bytes),
        onBlock: (block) => blocks.push(copyBlock(block)),
      });
      // The content type parser above hands the stream through.
      const received = await feedIntake(intake, request.body as unknown as Readable);
      if (received instanceof HttpProblem) throw received;
      const { machineId } = received;
      requireOwnMachine(principal, machineId);
      const told = request.headers[hostFactsHeader]?.toString();
      const { facts, warnings } = readHostFacts(told, machineId);
      const stored = await asTenant(database, principal.tenantId, async (db) => {
        const batch = { name: query, digest: hash.digest(), machineId, blocks };
        const outcome = await storeBatch(db, batch);
        if (facts !== null && outcome.kind !== "conflict")
          await setHostFacts(db, { machineId, facts, now: clock() });
        return outcome;
      });
      if (stored.kind === "conflict") throw otherBatch(query);
      if (stored.kind === "new") {
        for (const sample of newestSamples(blocks))
          live.publish(principal.tenantId, { machineId, ...sample });
      }
      const { rowsImported, rowsDuplicate } = stored.receipt;
      return {
        status: "success" as const,
        rows_imported: rowsImported,
        rows_duplicate: rowsDuplicate,
        machine_id: machineId,
        ...(warnings.length === 0 ? {} : { warnings }),
      };
    },
  );
}

/** Describes it; what it holds must cost no rows, so that the route looks at it itself. */
const StreamHeaders = Type.Object({
  [hostFactsHeader]: Type.Optional(
    Type.String({
      description: `What the machine is: the JSON of \`host\` of a machine, in ASCII (others as \\u1234), at most ${maxHostFactsBytes} bytes`,
    }),
  ),
});

const acceptAny = () => true;

/** Before anything of the body is read. */
function requireType(type: string): (request: FastifyRequest) => Promise<void> {
  return async (request) => {
    const [sent = ""] = (request.headers["content-type"] ?? "").split(";");
    if (sent.trim().toLowerCase() !== type) throw wrongType(request, type);
  };
}

function wrongType({ headers }: FastifyRequest, expected: string): HttpProblem {
  const sent = headers["content-type"] ?? "";
  return new HttpProblem(
    415,
    "Wrong type of content",
    `Cannot read a body of type "${sent.slice(0, 80)}" here: send ${expected}.`,
  );
}

/** What the body is, its first bytes tell. */
function requireEncoding({ headers }: FastifyRequest): void {
  const encoding = headers["content-encoding"] ?? "identity";
  if (/^(?:identity|gzip|x-gzip)$/i.test(encoding)) return;
  throw new HttpProblem(
    415,
    "Wrong type of content",
    `Cannot decode "${encoding.slice(0, 80)}": send the CSV as it is, or with Content-Encoding: gzip.`,
    { headers: { "accept-encoding": "gzip" } },
  );
}

function otherBatch({ agent, epoch, sequence }: StreamQuery): HttpProblem {
  return new HttpProblem(
    409,
    "Another batch has this name",
    `Nothing was stored: batch ${sequence} of agent "${agent}", epoch "${epoch}" was sent before with other content. Begin a new epoch.`,
  );
}

function copyBlock({ columns, rowCount, timestampsS, values }: SampleBlock): SampleBlock {
  return {
    columns,
    rowCount,
    timestampsS: timestampsS.slice(0, rowCount),
    values: values.map((column) => column.slice(0, rowCount)),
  };
}

function newestSamples(
  blocks: readonly SampleBlock[],
): { time: number; values: Record<string, number | null> }[] {
  const rows = blocks.flatMap((block) =>
    Array.from(block.timestampsS, (time, row) => ({ time, row, block })),
  );
  return rows
    .toSorted((one, other) => one.time - other.time)
    .slice(-publishedRows)
    .map(({ time, row, block }) => ({
      time,
      values: Object.fromEntries(
        block.columns.map((column, at) => {
          const value = block.values[at]?.[row] ?? Number.NaN;
          return [column, Number.isNaN(value) ? null : value];
        }),
      ),
    }));
}

function toJson(upload: Upload): UploadSchema {
  return {
    upload_id: upload.uploadId,
    machine_id: upload.machineId,
    file_name: upload.fileName,
    bytes: upload.byteCount,
    rows_imported: upload.rowsImported,
    rows_duplicate: upload.rowsDuplicate,
    timestamp_range: { start: toTime(upload.startS), end: toTime(upload.endS) },
    warnings: upload.warnings,
    uploaded_by: upload.uploadedBy,
    created_at: upload.createdAt.toISOString(),
  };
}
