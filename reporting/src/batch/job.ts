// One report from its input to its files: what a call of perf-report does once, and what each of its threads does.
import { stat } from "node:fs/promises";
import { basename } from "node:path";
import { isSystemError } from "../cli/exit.ts";
import { describeBytesRead, type Progress } from "../cli/progress.ts";
import { readFactsBeside } from "../data/facts-beside.ts";
import type { MachineFacts } from "../data/machine-facts.ts";
import { openInput, type Opened, type SourceSettings } from "../data/open-input.ts";
import type { ReportDocument } from "../document/model.ts";
import { toFacts } from "../facts.ts";
import { releaseSamples } from "../data/samples.ts";
import { makeReport, type ReportOptions } from "../report.ts";
import { cacheKey, digestFiles, openCache } from "./cache.ts";
import {
  formatOf,
  writeDocument,
  writeOutputs,
  type Contents,
  type Format,
} from "./write-document.ts";

export interface ReportJob {
  source: SourceSettings;
  /** What the machine is, where the data does not say it; null to leave it to the data. */
  facts: MachineFacts | null;
  /** What the report calls its input; null for what it is called where it comes from. */
  inputName: string | null;
  options: Omit<ReportOptions, "sourceName">;
  /** Files to write, PDF where the name ends so; "-" is standard output. */
  outputs: string[];
  /** Whether the conclusions are asked for. */
  json: boolean;
  /** Where reports of unchanged input lie; null to make it in any case. */
  cacheFolder: string | null;
}

export interface MadeReport {
  /** Was there already, of the same input and settings. */
  fromCache: boolean;
  /** The files that were written. */
  written: string[];
  /** Why there is no PDF although one was asked for; null where there is, or none was. */
  pdfFault: string | null;
  /** The conclusions as JSON, where they were asked for. */
  facts: string | null;
}

const silent: Progress = { begin: () => {}, show: () => {}, end: () => {} };

/** Throws what stands in the way of the report, or of its PDF where nothing else was asked for. */
export async function runJob(job: ReportJob, progress: Progress = silent): Promise<MadeReport> {
  const { outputs } = job;
  const formats = new Set<Format>(outputs.map(formatOf));
  if (job.json) formats.add("json");
  const cache = await findCache(job);
  const known = (await cache?.get(formats)) ?? null;
  if (known !== null) {
    const written = await writeOutputs(outputs, known);
    return { fromCache: true, written, pdfFault: null, facts: textOf(known.get("json")) };
  }
  const { document, facts, inputSha256 } = await makeDocument(job, progress);
  progress.begin("writing");
  const how = { outputs, isMoreAsked: job.json };
  const { contents, written, pdfFault } = await writeDocument(document, how);
  if (facts !== null) contents.set("json", facts);
  await cache?.put(contents, inputSha256);
  return { fromCache: false, written, pdfFault, facts };
}

function textOf(content: string | Uint8Array | undefined): string | null {
  return content === undefined ? null : Buffer.from(content).toString();
}

interface MadeDocument {
  document: ReportDocument;
  /** As JSON, where they are asked for. */
  facts: string | null;
  inputSha256: string;
}

async function makeDocument(
  { source, facts, inputName, options, json }: ReportJob,
  progress: Progress,
): Promise<MadeDocument> {
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
  const conclusions = json ? `${JSON.stringify(toFacts(report), null, 2)}\n` : null;
  // What is left takes memory of its own, and to lay out a PDF more than anything before.
  releaseSamples(input.samples);
  return { document: report.document, facts: conclusions, inputSha256: input.sha256 };
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

interface KnownReports {
  /** null unless all of them are there. */
  get(formats: ReadonlySet<Format>): Promise<Contents | null>;
  /** Nothing where the input that was read is not that which was looked up: somebody wrote to it meanwhile. */
  put(contents: Contents, inputSha256: string): Promise<void>;
}

/** null where nothing can be looked up: for portals, standard input, pipes and folders, which grow, and where the cache's folder cannot be used. */
async function findCache({
  cacheFolder,
  source: { dataFile: files = [], machineId },
  facts,
  inputName,
  options,
}: ReportJob): Promise<KnownReports | null> {
  if (cacheFolder === null || files.length === 0) return null;
  try {
    for (const file of files) if (file === "-" || !(await stat(file)).isFile()) return null;
    const cache = await openCache(cacheFolder);
    // The date of a report is none of what it says of the machine.
    const { nowS: _, ...settings } = options;
    const input = await digestFiles(files);
    const names = files.map((file) => basename(file));
    const told = facts ?? (await readFactsBeside(files));
    const key = cacheKey(input, [names, machineId, told, inputName, settings]);
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
