// The multipart form of an upload, read as it streams in. Fields may stand before or behind the file.
import type { Multipart, MultipartFile } from "@fastify/multipart";
import type { HostFacts } from "@perfanalysis/contract/api";
import { invalidCsv } from "@perfanalysis/contract/csv/machine-rows";
import { maxHostFactsBytes } from "@perfanalysis/contract/host-facts";
import { isMachineId } from "@perfanalysis/contract/machine-id";
import type { Fault } from "@perfanalysis/contract/problem";
import type { FastifyRequest } from "fastify";
import { HttpProblem } from "@perfanalysis/contract/http-problem";
import type { TenantId } from "../db/tenant-id.ts";
import { isUuid } from "../http/uuid.ts";
import { SampleImport } from "../samples/import.ts";
import { readHostFacts } from "./host-facts.ts";
import { createIntake, feedIntake, type Received } from "./intake.ts";

/** A form whose file is all good, and is of the machine that the form names. */
export interface UploadForm extends Received {
  fileName: string;
  samples: SampleImport;
  /** What the machine was at the end of the file; null where the form does not tell, or the warnings say why it is not taken. */
  facts: HostFacts | null;
}

export interface UploadFormOptions {
  /** The credential's; the form may name no other. */
  tenantId: TenantId;
  maxBytes: number;
  maxBlobs: number;
  now: Date;
}

/** What browsers, curl and our own tools call CSV, zipped or not. */
const csvTypes = new Set([
  "text/csv",
  "text/plain",
  "application/csv",
  "application/vnd.ms-excel",
  "application/octet-stream",
  "application/gzip",
  "application/x-gzip",
]);
const firstRowLine = 2;
const maxFileName = 255;
const maxFields = 10;

/**
 * Reads the request to its end, also where it is refused: a client that is still sending would not hear the answer.
 * Throws an HttpProblem that says why.
 */
export async function readUploadForm(
  request: FastifyRequest,
  { tenantId, ...options }: UploadFormOptions,
): Promise<UploadForm> {
  const fields = new Map<string, string>();
  let file: ReceivedFile | null = null;
  for await (const part of readParts(request, options.maxBytes)) {
    if (part.type === "field") fields.set(part.fieldname, String(part.value));
    else file = await readFile(part, options);
  }
  const machineId = fields.get("machine_id");
  const claimedTenant = fields.get("tenant_id");
  const faults = [
    ...(file === null ? [{ column: "/file", message: "is missing: the CSV file" }] : []),
    ...(claimedTenant === undefined ? [] : checkField("/tenant_id", claimedTenant, isUuid)),
    ...checkField("/machine_id", machineId, isMachineId),
  ];
  if (file === null || machineId === undefined || faults.length > 0) throw invalidForm(faults);
  // Before anything is said of the file.
  if (claimedTenant !== undefined && claimedTenant.toLowerCase() !== tenantId) throw wrongTenant();
  if (file.outcome instanceof HttpProblem) throw file.outcome;
  if (file.outcome.machineId !== machineId) throw wrongMachine(file.outcome, machineId);
  const { fileName, samples, outcome } = file;
  const { facts, warnings } = readHostFacts(fields.get("host"), machineId);
  return { ...outcome, warnings: [...outcome.warnings, ...warnings], fileName, samples, facts };
}

interface ReceivedFile {
  fileName: string;
  samples: SampleImport;
  outcome: Received | HttpProblem;
}

async function readFile(
  { fieldname, file, filename, mimetype }: MultipartFile,
  limits: Omit<UploadFormOptions, "tenantId">,
): Promise<ReceivedFile> {
  const samples = new SampleImport();
  const intake = createIntake({ ...limits, onBlock: (block) => samples.add(block) });
  const outcome = await feedIntake(intake, translateErrors(file));
  return {
    fileName: toFileName(filename),
    samples,
    outcome: refuseFile(fieldname, mimetype) ?? outcome,
  };
}

function refuseFile(fieldname: string, mimetype: string): HttpProblem | null {
  if (fieldname !== "file")
    return invalidForm([
      { column: "/file", message: `is missing: the file came as "${renderText(fieldname)}"` },
    ]);
  if (csvTypes.has(mimetype)) return null;
  return new HttpProblem(
    415,
    "Not CSV",
    `Cannot import a file of type "${renderText(mimetype)}": send text/csv, as it is or zipped once with gzip.`,
  );
}

function readParts(request: FastifyRequest, maxBytes: number): AsyncIterable<Multipart> {
  const parts = request.parts({
    // One byte more than is taken, so that the intake itself refuses; what follows is thrown away.
    limits: {
      files: 1,
      fileSize: maxBytes + 1,
      fields: maxFields,
      // A byte more than is taken, too.
      fieldSize: maxHostFactsBytes + 1,
      fieldNameSize: 100,
      headerPairs: 50,
    },
  });
  return translateErrors(parts);
}

/** The form parser's errors have no status of their own: they tell of a form that is malformed or cut off. */
async function* translateErrors<T>(source: AsyncIterable<T>): AsyncGenerator<T> {
  try {
    yield* source;
  } catch (error) {
    if (error instanceof Error && "code" in error) {
      if (error.code === "FST_FILES_LIMIT") throw invalidForm([tooMany("one file")]);
      if (error.code === "FST_FIELDS_LIMIT") throw invalidForm([tooMany(`${maxFields} fields`)]);
    }
    if (error instanceof Error && "statusCode" in error) throw error;
    throw new HttpProblem(
      400,
      "Invalid request",
      "Cannot read the form: it is malformed or cut off.",
      { cause: error },
    );
  }
}

function tooMany(what: string): Fault {
  return { message: `there is more than ${what}: send a request for each file` };
}

function checkField(
  column: string,
  value: string | undefined,
  isValid: (text: string) => boolean,
): Fault[] {
  if (value === undefined) return [{ column, message: "is missing" }];
  if (isValid(value)) return [];
  return [
    {
      column,
      value: renderText(value),
      message:
        column === "/machine_id" ? "must be 1 to 64 letters, digits, _ or -" : "must be a UUID",
    },
  ];
}

function invalidForm(faults: Fault[]): HttpProblem {
  const what = faults.map(({ column = "", message }) => `${column} ${message}`.trim()).join("; ");
  return new HttpProblem(400, "Invalid request", `Cannot accept the form: ${what}.`, {
    errors: faults,
  });
}

function wrongTenant(): HttpProblem {
  return new HttpProblem(
    403,
    "Wrong tenant",
    "Nothing was stored: the form's tenant_id is not the tenant of this key or session.",
  );
}

function wrongMachine({ machineId }: Received, expected: string): HttpProblem {
  return invalidCsv([
    {
      line: firstRowLine,
      column: "machine_id",
      value: machineId,
      message: `The form says "${expected}": the file is of another machine.`,
    },
  ]);
}

/** The last part of a path, without control characters. */
function toFileName(name: string): string {
  const [last = ""] = name.split(/[/\\]/).slice(-1);
  return last.replaceAll(/\p{C}/gu, "").slice(0, maxFileName) || "upload.csv";
}

function renderText(text: string): string {
  return text.replaceAll(/\p{C}/gu, "\ufffd").slice(0, 80);
}
