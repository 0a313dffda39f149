// Works on queued reports. Called by the job queue, which may call again for the same report.
import { promisify } from "node:util";
import { gzip } from "node:zlib";
import type { FastifyBaseLogger } from "fastify";
import type { Database } from "../db/database.ts";
import { asTenant, type TenantId } from "../db/tenant-db.ts";
import { renderCsvExport } from "../exports/export.ts";
import type { JobQueue } from "../jobs/queue.ts";
import { forEachTenant } from "../jobs/tenants.ts";
import { getHostFacts } from "../machines/machines.ts";
import { beginSnapshot } from "../samples/read.ts";
import { followProgress } from "./progress.ts";
import { renderReport, ReportFailure, type RenderedReport, type RenderOptions } from "./render.ts";
import {
  failReport,
  finishReport,
  listAbandonedReports,
  noteProgress,
  startReport,
  type StartedReport,
} from "./reports.ts";

const maxAttempts = 3;
/** Longer than a report's job waits and works, its retries included. */
const abandoned = { queuedS: 120, runningS: 600 };

export interface MakeReportOptions extends Omit<RenderOptions, "machineName" | "host" | "onStage"> {
  tenantId: TenantId;
  reportId: string;
}

/** Leaves the report done or failed. Throws only where another attempt may do better. */
export async function makeReport(
  database: Database,
  { tenantId, reportId, ...options }: MakeReportOptions,
): Promise<void> {
  const report = await asTenant(database, tenantId, (db) => startReport(db, { reportId }));
  if (report === null) return;
  try {
    if (report.attempt > maxAttempts)
      throw new ReportFailure(
        `The report was begun ${maxAttempts} times, and each time the portal or its database stopped before it was ready.`,
      );
    const made = await renderFollowed(database, { tenantId, report, reportId, options });
    const html = await promisify(gzip)(made.html);
    await asTenant(database, tenantId, (db) => finishReport(db, { ...made, reportId, html }));
  } catch (error) {
    if (!(error instanceof ReportFailure)) throw error;
    await asTenant(database, tenantId, (db) => failReport(db, { reportId, error: error.message }));
  }
}

/** Reads the samples as they were at one moment, and notes beside it how far the report is. */
async function renderFollowed(
  database: Database,
  {
    tenantId,
    reportId,
    report,
    options,
  }: {
    tenantId: TenantId;
    reportId: string;
    report: StartedReport;
    options: Omit<MakeReportOptions, "tenantId" | "reportId">;
  },
): Promise<RenderedReport> {
  const { onStage, onTime, settle } = followProgress(report, (progress) =>
    asTenant(database, tenantId, (db) => noteProgress(db, { reportId, ...progress })),
  );
  try {
    return await asTenant(database, tenantId, async (db) => {
      await beginSnapshot(db);
      const { machine, machineId, machineName, fromS, toS } = report;
      const host = await getHostFacts(db, machine);
      const csv = renderCsvExport(db, { ...machine, machineId }, { fromS, toS }, onTime);
      return await renderReport(csv, { machineName, host, onStage, ...options });
    });
  } finally {
    await settle();
  }
}

/**
 * Enqueues again what was queued but whose job is lost: the row and its job live in different schemas, under different
 * logins, so no transaction holds them together (docs/decisions/report-jobs.md).
 */
export async function sweepReports(
  { database, jobs, log }: { database: Database; jobs: JobQueue; log: FastifyBaseLogger },
  signal: AbortSignal,
): Promise<void> {
  await forEachTenant({ database, log, signal }, async (tenantId) => {
    const reportIds = await asTenant(database, tenantId, (db) =>
      listAbandonedReports(db, abandoned),
    );
    for (const reportId of reportIds) {
      await jobs.enqueue("report", { tenantId, reportId }, reportId);
      log.info({ tenantId, reportId }, "Enqueued an abandoned report again");
    }
  });
}
