import type { TenantDb } from "../db/tenant-db.ts";
import { ensureMachine, touchMachine } from "../machines/machines.ts";
import type { SampleImport } from "../samples/import.ts";
import { storeImport } from "../samples/write.ts";

/** A file whose samples are stored. */
export interface Upload {
  uploadId: string;
  machineId: string;
  fileName: string;
  /** After decompression. */
  byteCount: number;
  rowsImported: number;
  rowsDuplicate: number;
  /** Unix seconds of the first and last row. */
  startS: number;
  endS: number;
  warnings: string[];
  uploadedBy: string;
  createdAt: Date;
}

export interface UploadInput {
  machineId: string;
  fileName: string;
  byteCount: number;
  warnings: string[];
  samples: SampleImport;
  /** Name of the key or e-mail address of the person. */
  uploadedBy: string;
  keyId: string | null;
}

/** Stores the samples, and a record of it; an unknown machine registers itself. */
export async function storeUpload(
  db: TenantDb,
  { machineId, fileName, byteCount, warnings, samples, uploadedBy, keyId }: UploadInput,
): Promise<Upload> {
  const machine = await ensureMachine(db, { machineId });
  const stored = await storeImport(db, machine, samples);
  await touchMachine(db, machine);
  const [row] = await db.query<{ id: string; created_at: Date }>(
    `INSERT INTO upload (machine_id, file_name, byte_count, rows_imported, rows_duplicate, start_s, end_s, warnings, uploaded_by, key_id)
     VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10) RETURNING id, created_at`,
    [
      machine.id,
      fileName,
      byteCount,
      stored.rowsImported,
      stored.rowsDuplicate,
      stored.startS,
      stored.endS,
      warnings,
      uploadedBy,
      keyId,
    ],
  );
  if (row === undefined) throw new Error("Cannot record the upload: INSERT gave no row");
  const { id: uploadId, created_at: createdAt } = row;
  return { uploadId, machineId, fileName, byteCount, ...stored, warnings, uploadedBy, createdAt };
}

/** Newest first; `after` is the last of the page before, null where it is unknown. */
export async function listUploads(
  db: TenantDb,
  {
    limit,
    after,
    machineId,
  }: { limit: number; after?: string | undefined; machineId?: string | undefined },
): Promise<Upload[] | null> {
  if (after !== undefined) {
    const [known] = await db.query("SELECT id FROM upload WHERE id = $1", [after]);
    if (known === undefined) return null;
  }
  const rows = await db.query<UploadRow>(
    `SELECT ${columns} FROM upload JOIN machine ON machine.id = upload.machine_id
      WHERE ($1::uuid IS NULL OR (upload.created_at, upload.id) < (SELECT created_at, id FROM upload WHERE id = $1))
        AND ($2::text IS NULL OR machine.machine_id = $2)
      ORDER BY upload.created_at DESC, upload.id DESC LIMIT $3`,
    [after, machineId, limit],
  );
  return rows.map(toUpload);
}

/** Null where there is no such upload. */
export async function getUpload(
  db: TenantDb,
  { uploadId }: { uploadId: string },
): Promise<Upload | null> {
  const [row] = await db.query<UploadRow>(
    `SELECT ${columns} FROM upload JOIN machine ON machine.id = upload.machine_id WHERE upload.id = $1`,
    [uploadId],
  );
  return row === undefined ? null : toUpload(row);
}

const columns =
  "upload.id, machine.machine_id, file_name, byte_count, rows_imported, rows_duplicate, start_s, end_s, warnings, uploaded_by, upload.created_at";

interface UploadRow {
  id: string;
  machine_id: string;
  file_name: string;
  byte_count: string;
  rows_imported: number;
  rows_duplicate: number;
  start_s: string;
  end_s: string;
  warnings: string[];
  uploaded_by: string;
  created_at: Date;
}

function toUpload(row: UploadRow): Upload {
  return {
    uploadId: row.id,
    machineId: row.machine_id,
    fileName: row.file_name,
    byteCount: Number(row.byte_count),
    rowsImported: row.rows_imported,
    rowsDuplicate: row.rows_duplicate,
    startS: Number(row.start_s),
    endS: Number(row.end_s),
    warnings: row.warnings,
    uploadedBy: row.uploaded_by,
    createdAt: row.created_at,
  };
}
