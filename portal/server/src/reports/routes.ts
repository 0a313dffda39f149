import { promisify } from "node:util";
import { gunzip } from "node:zlib";
import { Type } from "@fastify/type-provider-typebox";
import { MachineId, Report, ReportInput, ReportList } from "@perfanalysis/contract/api";
import type { Fault } from "@perfanalysis/contract/problem";
import { HttpProblem } from "@perfanalysis/contract/http-problem";
import { recordAudit } from "../audit/audit.ts";
import { asTenant, type TenantDb } from "../db/tenant-db.ts";
import { requireScope, type App, type Services } from "../http/app.ts";
import { notFound } from "../http/problem.ts";
import { getMachine } from "../machines/machines.ts";
import { readTimeRange, type TimeRange } from "../samples/read.ts";
import { parseTime, toTime } from "../samples/times.ts";
import {
  createReport,
  deleteReport,
  getReport,
  getReportHtml,
  getReportPdf,
  listReports,
  type ReportFile,
  type ReportRecord,
} from "./reports.ts";

const ReportPath = Type.Object({ report_id: Type.String({ maxLength: 64 }) });
const ReportQuery = Type.Object({ machine_id: Type.Optional(MachineId) });
const defaultRangeS = 24 * 3600;

/**
 * A report may run its own inline script and style, and nothing else: no connection, no form, no other page's data. The
 * sandbox gives it an origin of its own, so that it cannot use the session of whoever reads it.
 */
const reportPolicy = [
  "sandbox allow-scripts allow-modals allow-downloads",
  "default-src 'none'",
  "script-src 'unsafe-inline'",
  "style-src 'unsafe-inline'",
  "img-src data:",
  "font-src data:",
  "base-uri 'none'",
  "form-action 'none'",
  "frame-ancestors 'self'",
].join("; ");

/** For the browser's own viewer of PDFs. Not a sandbox: Chromium's viewer refuses to show anything in one. */
const pdfPolicy = [
  "default-src 'none'",
  "object-src 'self'",
  "style-src 'unsafe-inline'",
  "base-uri 'none'",
  "form-action 'none'",
  "frame-ancestors 'self'",
].join("; ");

export function registerReportRoutes(app: App, { database, jobs }: Services): void {
  const preHandler = requireScope("read");
  const tags = ["reports"];

  app.post(
    "/api/v1/reports",
    {
      preHandler,
      schema: {
        tags,
        summary: "Make a report of a machine, by default of the last 24 hours of its samples",
        body: ReportInput,
        response: { 202: Report },
      },
    },
    async ({ principal, body, log }, reply) => {
      const { tenantId } = principal;
      const times = parseTimes(body);
      const report = await asTenant(database, tenantId, async (db) => {
        const requested = await requestReport(db, { machineId: body.machine_id, times });
        const { reportId: target } = requested;
        await recordAudit(db, principal, { action: "report.create", target });
        return requested;
      });
      const { reportId } = report;
      // Where this fails, the sweep finds the row: the report is late, not lost.
      await jobs
        .enqueue("report", { tenantId, reportId }, reportId)
        .catch((error: unknown) => log.warn({ err: error, reportId }, "Cannot enqueue a report"));
      return reply.code(202).header("location", pathOf(report)).send(toJson(report));
    },
  );

  app.get(
    "/api/v1/reports",
    {
      preHandler,
      schema: {
        tags,
        summary: "The newest 100 reports, newest first",
        querystring: ReportQuery,
        response: { 200: ReportList },
      },
    },
    async ({ principal: { tenantId }, query: { machine_id: machineId } }) => {
      const reports = await asTenant(database, tenantId, (db) => listReports(db, { machineId }));
      return { reports: reports.map(toJson) };
    },
  );

  app.get(
    "/api/v1/reports/:report_id",
    {
      preHandler,
      schema: {
        tags,
        summary: "How far a report is",
        params: ReportPath,
        response: { 200: Report },
      },
    },
    async ({ principal: { tenantId }, params }) => {
      const reportId = parseReportId(params.report_id);
      const report = await asTenant(database, tenantId, (db) => getReport(db, { reportId }));
      if (report === null) throw unknownReport(reportId);
      return toJson(report);
    },
  );

  app.get(
    "/api/v1/reports/:report_id/html",
    {
      preHandler,
      schema: {
        tags,
        summary: "The report itself, one HTML file that needs nothing else",
        params: ReportPath,
        response: {
          200: { content: { "text/html": { schema: Type.Unsafe<Buffer>({ type: "string" }) } } },
        },
      },
    },
    async ({ principal: { tenantId }, params, headers }, reply) => {
      const reportId = parseReportId(params.report_id);
      const html = await asTenant(database, tenantId, (db) => getReportHtml(db, { reportId }));
      if (html === null) throw notFound(`There is no finished report "${reportId}".`);
      const isGzipTaken = /\bgzip\b/.test(headers["accept-encoding"] ?? "");
      return await reply
        .headers({
          "content-security-policy": reportPolicy,
          "x-frame-options": "SAMEORIGIN",
          "cache-control": "private, no-cache",
          "content-disposition": `inline; filename="${fileName(html)}.html"`,
          vary: "accept-encoding",
          ...(isGzipTaken ? { "content-encoding": "gzip" } : {}),
        })
        .type("text/html; charset=utf-8")
        .send(isGzipTaken ? html.content : await promisify(gunzip)(html.content));
    },
  );

  app.get(
    "/api/v1/reports/:report_id/pdf",
    {
      preHandler,
      schema: {
        tags,
        summary: "The report as PDF",
        params: ReportPath,
        response: {
          200: {
            content: {
              "application/pdf": {
                schema: Type.Unsafe<Buffer>({ type: "string", format: "binary" }),
              },
            },
          },
        },
      },
    },
    async ({ principal: { tenantId }, params }, reply) => {
      const reportId = parseReportId(params.report_id);
      const pdf = await asTenant(database, tenantId, (db) => getReportPdf(db, { reportId }));
      if (pdf === null) throw notFound(`There is no finished report "${reportId}" with a PDF.`);
      return await reply
        .headers({
          "content-security-policy": pdfPolicy,
          "cache-control": "private, no-cache",
          "content-disposition": `inline; filename="${fileName(pdf)}.pdf"`,
        })
        .type("application/pdf")
        .send(pdf.content);
    },
  );

  app.delete(
    "/api/v1/reports/:report_id",
    {
      preHandler: requireScope("admin"),
      schema: {
        tags,
        summary: "Delete a report, finished or not",
        params: ReportPath,
        response: { 204: Type.Null({ description: "Deleted" }) },
      },
    },
    async ({ principal, params }, reply) => {
      const reportId = parseReportId(params.report_id);
      const existed = await asTenant(database, principal.tenantId, async (db) => {
        const isDeleted = await deleteReport(db, { reportId });
        if (isDeleted)
          await recordAudit(db, principal, { action: "report.delete", target: reportId });
        return isDeleted;
      });
      if (!existed) throw unknownReport(reportId);
      return await reply.code(204).send(null);
    },
  );
}

interface Times {
  fromS: number | undefined;
  toS: number | undefined;
}

function parseTimes({ from, to }: { from?: string; to?: string }): Times {
  const faults: Fault[] = [];
  const parse = (column: string, text: string | undefined) => {
    const timeS = text === undefined ? undefined : parseTime(text);
    if (timeS !== null) return timeS;
    const value = text?.slice(0, 80) ?? "";
    const message = `"${value}" is neither RFC 3339 (2026-01-31T12:00:00Z) nor Unix seconds`;
    faults.push({ column, value, message });
    return undefined;
  };
  const times = { fromS: parse("/from", from), toS: parse("/to", to) };
  if (faults.length > 0) throw invalid(faults);
  return times;
}

async function requestReport(
  db: TenantDb,
  { machineId, times }: { machineId: string; times: Times },
): Promise<ReportRecord> {
  const machine = await getMachine(db, { machineId });
  if (machine === null) throw notFound(`There is no machine "${machineId}".`);
  const samples = await readTimeRange(db, machine);
  if (samples === null) throw nothingToReport(`"${machineId}" has no samples yet.`);
  const range = chooseRange(samples, times);
  const { startS, endS } = samples;
  if (range.toS <= startS || range.fromS > endS)
    throw nothingToReport(
      `"${machineId}" has samples from ${toTime(startS)} to ${toTime(endS)}, none from ${toTime(range.fromS)} to ${toTime(range.toS)}.`,
    );
  return await createReport(db, { machine, ...range });
}

function chooseRange(
  { startS, endS }: { startS: number; endS: number },
  { fromS: asked, toS = endS + 1 }: Times,
): TimeRange {
  const fromS = asked ?? Math.max(Math.min(startS, toS - 1), toS - defaultRangeS);
  if (fromS < toS) return { fromS, toS };
  throw invalid([
    { column: "/from", message: `${toTime(fromS)} is not before the end, ${toTime(toS)}` },
  ]);
}

function nothingToReport(detail: string): HttpProblem {
  return new HttpProblem(409, "Nothing to report", detail);
}

function invalid(errors: Fault[]): HttpProblem {
  const what = errors.map(({ column, message }) => `${column} ${message}`).join("; ");
  return new HttpProblem(400, "Invalid request", `Cannot make the report: ${what}.`, { errors });
}

function parseReportId(text: string): string {
  if (/^[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}$/.test(text)) return text;
  throw unknownReport(text);
}

/** "web-01-2026-03-02": whoever keeps many tells them apart. Ids of machines hold nothing that a header would not. */
function fileName({ machineId, fromS }: ReportFile): string {
  return `${machineId}-${toTime(fromS).slice(0, 10)}`;
}

function unknownReport(reportId: string): HttpProblem {
  return notFound(`There is no report "${reportId}".`);
}

function pathOf({ reportId }: ReportRecord): string {
  return `/api/v1/reports/${reportId}`;
}

function toJson(report: ReportRecord): Report {
  return {
    report_id: report.reportId,
    machine_id: report.machineId,
    timestamp_range: { start: toTime(report.fromS), end: toTime(report.toS) },
    status: report.status,
    error: report.error,
    progress: report.progress,
    created_at: report.createdAt.toISOString(),
    finished_at: report.finishedAt?.toISOString() ?? null,
    html: report.status === "done" ? `${pathOf(report)}/html` : null,
    pdf: report.hasPdf ? `${pathOf(report)}/pdf` : null,
    pdf_error: report.pdfError,
  };
}
