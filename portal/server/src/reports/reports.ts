import type { ReportProgress } from "@perfanalysis/contract/api";
import type { TenantDb } from "../db/tenant-db.ts";

export interface ReportRecord {
  reportId: string;
  machineId: string;
  /** Unix seconds; the last one exclusive. */
  fromS: number;
  toS: number;
  status: "queued" | "running" | "done" | "failed";
  error: string | null;
  /** Null where it is not running, or has told nothing yet. */
  progress: ReportProgress | null;
  hasPdf: boolean;
  /** Why a report that is done has no PDF; null where it has one, or was made before there were PDFs. */
  pdfError: string | null;
  createdAt: Date;
  finishedAt: Date | null;
}

interface ReportRow {
  id: string;
  machine_id: string;
  from_s: string;
  to_s: string;
  status: ReportRecord["status"];
  error: string | null;
  stage: ReportProgress["stage"] | null;
  percent: number;
  has_pdf: boolean;
  pdf_error: string | null;
  created_at: Date;
  finished_at: Date | null;
}

const columns = `r.id, m.machine_id, r.from_s, r.to_s, r.status, r.error, r.stage, r.percent,
  r.pdf IS NOT NULL AS has_pdf, r.pdf_error, r.created_at, r.finished_at`;

/** A queued report about samples from `fromS` to before `toS`; `machine` is the row's id. */
export async function createReport(
  db: TenantDb,
  { machine, fromS, toS }: { machine: { id: number }; fromS: number; toS: number },
): Promise<ReportRecord> {
  const [row] = await db.query<ReportRow>(
    `WITH r AS (INSERT INTO report (machine_id, from_s, to_s) VALUES ($1, $2, $3) RETURNING *)
     SELECT ${columns} FROM r JOIN machine m ON m.id = r.machine_id`,
    [machine.id, fromS, toS],
  );
  if (row === undefined) throw new Error("Cannot create the report: its row did not come back");
  return toRecord(row);
}

export async function getReport(
  db: TenantDb,
  { reportId }: { reportId: string },
): Promise<ReportRecord | null> {
  const [row] = await db.query<ReportRow>(
    `SELECT ${columns} FROM report r JOIN machine m ON m.id = r.machine_id WHERE r.id = $1`,
    [reportId],
  );
  return row === undefined ? null : toRecord(row);
}

/** Newest first; at most 100. */
export async function listReports(
  db: TenantDb,
  { machineId }: { machineId: string | undefined },
): Promise<ReportRecord[]> {
  const rows = await db.query<ReportRow>(
    `SELECT ${columns} FROM report r JOIN machine m ON m.id = r.machine_id
      WHERE $1::text IS NULL OR m.machine_id = $1
      ORDER BY r.created_at DESC, r.id LIMIT 100`,
    [machineId ?? null],
  );
  return rows.map(toRecord);
}

export interface ReportFile {
  content: Buffer;
  machineId: string;
  /** Of the samples that it is about, Unix seconds. */
  fromS: number;
}

/** The document of a report that is done, gzipped; null where there is none. */
export function getReportHtml(
  db: TenantDb,
  { reportId }: { reportId: string },
): Promise<ReportFile | null> {
  return getReportFile(
    db,
    `SELECT r.html AS content, m.machine_id, r.from_s FROM report r JOIN machine m ON m.id = r.machine_id WHERE r.id = $1`,
    reportId,
  );
}

/** Null where there is none: the report is not done, its PDF could not be made, or it was made before there were PDFs. */
export function getReportPdf(
  db: TenantDb,
  { reportId }: { reportId: string },
): Promise<ReportFile | null> {
  return getReportFile(
    db,
    `SELECT r.pdf AS content, m.machine_id, r.from_s FROM report r JOIN machine m ON m.id = r.machine_id WHERE r.id = $1`,
    reportId,
  );
}

async function getReportFile(
  db: TenantDb,
  query: string,
  reportId: string,
): Promise<ReportFile | null> {
  const [row] = await db.query<{ content: Buffer | null; machine_id: string; from_s: string }>(
    query,
    [reportId],
  );
  if (row === undefined || row.content === null) return null;
  return { content: row.content, machineId: row.machine_id, fromS: Number(row.from_s) };
}

/** Whether there was such a report. */
export async function deleteReport(
  db: TenantDb,
  { reportId }: { reportId: string },
): Promise<boolean> {
  const rows = await db.query("DELETE FROM report WHERE id = $1 RETURNING id", [reportId]);
  return rows.length > 0;
}

export interface StartedReport {
  machine: { id: number };
  machineId: string;
  machineName: string;
  fromS: number;
  toS: number;
  /** 1 for the first. */
  attempt: number;
}

/** Marks it as being worked on; null where it is gone or finished. */
export async function startReport(
  db: TenantDb,
  { reportId }: { reportId: string },
): Promise<StartedReport | null> {
  const [row] = await db.query<{
    row_id: number;
    machine_id: string;
    name: string;
    from_s: string;
    to_s: string;
    attempts: number;
  }>(
    `UPDATE report r SET status = 'running', attempts = r.attempts + 1, started_at = now(),
            stage = NULL, percent = 0
       FROM machine m
      WHERE r.id = $1 AND m.id = r.machine_id AND r.status IN ('queued', 'running')
      RETURNING m.id AS row_id, m.machine_id, m.name, r.from_s, r.to_s, r.attempts`,
    [reportId],
  );
  return row === undefined
    ? null
    : {
        machine: { id: row.row_id },
        machineId: row.machine_id,
        machineName: row.name,
        fromS: Number(row.from_s),
        toS: Number(row.to_s),
        attempt: row.attempts,
      };
}

/** Says how far a running report is. */
export async function noteProgress(
  db: TenantDb,
  { reportId, stage, percent }: ReportProgress & { reportId: string },
): Promise<void> {
  await db.query(
    "UPDATE report SET stage = $2, percent = $3 WHERE id = $1 AND status = 'running'",
    [reportId, stage, percent],
  );
}

export interface FinishedReport {
  reportId: string;
  /** Gzipped. */
  html: Buffer;
  pdf: Buffer | null;
  /** Null where there is a PDF. */
  pdfError: string | null;
}

export async function finishReport(
  db: TenantDb,
  { reportId, html, pdf, pdfError }: FinishedReport,
): Promise<void> {
  await db.query(
    `UPDATE report SET status = 'done', html = $2, pdf = $3, pdf_error = $4, finished_at = now()
      WHERE id = $1 AND status = 'running'`,
    [reportId, html, pdf, pdfError],
  );
}

export async function failReport(
  db: TenantDb,
  { reportId, error }: { reportId: string; error: string },
): Promise<void> {
  await db.query(
    `UPDATE report SET status = 'failed', error = $2, finished_at = now()
      WHERE id = $1 AND status IN ('queued', 'running')`,
    [reportId, error],
  );
}

/** Reports whose job must be lost: it should have been begun, or ended, long ago. */
export async function listAbandonedReports(
  db: TenantDb,
  { queuedS, runningS }: { queuedS: number; runningS: number },
): Promise<string[]> {
  const rows = await db.query<{ id: string }>(
    `SELECT id FROM report
      WHERE status = 'queued' AND created_at < now() - make_interval(secs => $1)
         OR status = 'running' AND started_at < now() - make_interval(secs => $2)
      ORDER BY created_at, id LIMIT 1000`,
    [queuedS, runningS],
  );
  return rows.map(({ id }) => id);
}

function toRecord(row: ReportRow): ReportRecord {
  return {
    reportId: row.id,
    machineId: row.machine_id,
    fromS: Number(row.from_s),
    toS: Number(row.to_s),
    status: row.status,
    error: row.error,
    progress:
      row.status === "running" && row.stage !== null
        ? { stage: row.stage, percent: row.percent }
        : null,
    hasPdf: row.has_pdf,
    pdfError: row.pdf_error,
    createdAt: row.created_at,
    finishedAt: row.finished_at,
  };
}
