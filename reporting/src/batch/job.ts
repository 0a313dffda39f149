// One report from its input to its files: what a call of perf-report does once, and what each of its threads does.
import { createHash } from "node:crypto";
import { basename, dirname } from "node:path";
import { OutputError, isSystemError } from "../cli/exit.ts";
import { describeBytesRead, type Progress } from "../cli/progress.ts";
import type { MachineFacts } from "../data/machine-facts.ts";
import { openInput, type Opened, type SourceSettings } from "../data/open-input.ts";
import type { ReportDocument } from "../document/model.ts";
import { toFacts } from "../facts.ts";
import { releaseSamples } from "../data/samples.ts";
import { reasonOf, writeAtomically } from "../files.ts";
import { renderHtml } from "../html/render.ts";
import { renderPdf } from "../pdf/render.ts";
import { makeReport, type ReportOptions } from "../report.ts";
import { cacheKey, digestFiles, openCache } from "./cache.ts";

export interface ReportJob {
  source: SourceSettings;
  /** What the machine is, where the data does not say it; null to leave it to the data. */
  facts: MachineFacts | null;
  /** What the report calls its input; null for what it is called where it comes from. */
  inputName: string | null;
  options: Omit<ReportOptions, "sourceName">;
  /** Files to write, PDF where the name ends so; "-" is left to the caller. */
  outputs: string[];
  /** Whether the conclusions are asked for. */
  json: boolean;
  /** Where reports of unchanged input lie; null to make it in any case. */
  cacheFolder: string | null;
}

export interface MadeReport {
  /** Was there already, of the same input and settings. */
  fromCache: boolean;
  /** What goes to standard output: the HTML of an output "-". */
  printed: string | Uint8Array | null;
  /** The conclusions as JSON, where they were asked for. */
  facts: string | null;
}

const silent: Progress = { begin: () => {}, show: () => {}, end: () => {} };

/** A file's format, as the cache knows it too. */
type Format = "html" | "pdf" | "json";

/** Throws what stands in the way of the report; then none of its files is written. */
export async function runJob(job: ReportJob, progress: Progress = silent): Promise<MadeReport> {
  const formats = new Set<Format>(job.outputs.map(formatOf));
  if (job.json) formats.add("json");
  const cache = await findCache(job);
  let contents = await cache?.get(formats);
  const fromCache = contents !== undefined && contents !== null;
  if (contents === undefined || contents === null) {
    const made = await makeContents(job, formats, progress);
    ({ contents } = made);
    await cache?.put(contents, made.inputSha256);
  }
  for (const output of job.outputs) {
    if (output !== "-") await writeReport(output, contents.get(formatOf(output)) ?? "");
  }
  const facts = contents.get("json");
  return {
    fromCache,
    printed: job.outputs.includes("-") ? (contents.get("html") ?? null) : null,
    facts: facts === undefined ? null : Buffer.from(facts).toString(),
  };
}

function formatOf(output: string): Format {
  return /\.pdf$/i.test(output) ? "pdf" : "html";
}

type Contents = Map<Format, string | Uint8Array>;

async function makeContents(
  { source, facts, inputName, options }: ReportJob,
  formats: ReadonlySet<Format>,
  progress: Progress,
): Promise<{ contents: Contents; inputSha256: string }> {
  const { input, sourceName, machineName } = await readSource(source, progress);
  progress.begin("judging");
  const report = makeReport(
    { ...input, ...(facts === null ? {} : { facts }) },
    {
      ...options,
      sourceName: inputName ?? sourceName,
      machineName: options.machineName ?? machineName,
    },
  );
  progress.begin("writing");
  const contents: Contents = new Map();
  if (formats.has("json")) contents.set("json", `${JSON.stringify(toFacts(report), null, 2)}\n`);
  // What is left takes memory of its own, and to lay out a PDF more than anything before.
  releaseSamples(input.samples);
  if (formats.has("html")) contents.set("html", toHtml(report.document));
  if (formats.has("pdf")) contents.set("pdf", await renderPdf(report.document));
  return { contents, inputSha256: input.sha256 };
}

export function toHtml(document: ReportDocument): string {
  return renderHtml(document, (text) => createHash("sha256").update(text).digest("base64"));
}

export async function readSource(source: SourceSettings, progress: Progress): Promise<Opened> {
  progress.begin("reading");
  try {
    return await openInput(source, {
      onProgress: (bytes) => progress.show(describeBytesRead(bytes)),
      onWait: (message) => progress.show(message),
    });
  } finally {
    progress.end();
  }
}

/** Throws an OutputError. */
export async function writeReport(path: string, content: string | Uint8Array): Promise<void> {
  await writeAtomically(path, content).catch((error: unknown) => {
    throw new OutputError(`Cannot write ${path}: ${whyNotWritten(path, error)}`, { cause: error });
  });
}

/** What is not there is the folder: the file need not be. */
function whyNotWritten(path: string, error: unknown): string {
  const isFolderMissing = isSystemError(error) && error.code === "ENOENT";
  return isFolderMissing
    ? `there is no folder ${dirname(path)}, or none that takes files`
    : reasonOf(error);
}

interface KnownReports {
  /** null unless all of them are there. */
  get(formats: ReadonlySet<Format>): Promise<Contents | null>;
  /** Nothing where the input that was read is not that which was looked up: somebody wrote to it meanwhile. */
  put(contents: Contents, inputSha256: string): Promise<void>;
}

/** null where nothing can be looked up: for portals, standard input and folders, which grow, and where the cache's folder cannot be used. */
async function findCache({
  cacheFolder,
  source: { dataFile: files = [], machineId },
  facts,
  inputName,
  options,
}: ReportJob): Promise<KnownReports | null> {
  if (cacheFolder === null || files.length === 0 || files.includes("-")) return null;
  try {
    const cache = await openCache(cacheFolder);
    // The date of a report is none of what it says of the machine.
    const { nowS: _, ...settings } = options;
    const input = await digestFiles(files);
    const names = files.map((file) => basename(file));
    const key = cacheKey(input, [names, machineId, facts, inputName, settings]);
    return {
      async get(formats) {
        const contents: Contents = new Map();
        for (const format of formats) {
          const content = await cache.get(key, format);
          if (content === null) return null;
          contents.set(format, content);
        }
        return contents;
      },
      async put(contents, inputSha256) {
        if (inputSha256 !== input.sha256) return;
        for (const [format, content] of contents) {
          // A full disk costs the cache, not the report.
          await cache.put(key, format, Buffer.from(content)).catch(() => {});
        }
      },
    };
  } catch (error) {
    // A report without a cache is as good; what is wrong with the input is said when it is read.
    if (isSystemError(error)) return null;
    throw error;
  }
}
