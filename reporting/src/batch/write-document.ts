// A document as the files that were asked for.
import { createHash } from "node:crypto";
import { dirname } from "node:path";
import { explain, isSystemError, OutputError } from "../cli/exit.ts";
import { print } from "../cli/print.ts";
import type { ReportDocument } from "../document/model.ts";
import { reasonOf, writeAtomically } from "../files.ts";
import { renderHtml } from "../html/render.ts";
import { renderPdf } from "../pdf/render.ts";

/** A file's format, as the cache knows it too. */
export type Format = "html" | "pdf" | "json";

export type Contents = Map<Format, string | Uint8Array>;

export interface WrittenDocument {
  /** Of the document: HTML and PDF, where they were asked for and could be made. */
  contents: Contents;
  /** The files that are there now. */
  written: string[];
  /** Why there is no PDF although one was asked for; null where there is, or none was. */
  pdfFault: string | null;
}

export function formatOf(output: string): Format {
  return /\.pdf$/i.test(output) ? "pdf" : "html";
}

/**
 * Writes the HTML before it lays out the PDF, which takes more memory and time than all before: whatever becomes of that, the HTML is
 * there. "-" is standard output. Throws an OutputError where a file cannot be written, and what stands in the PDF's way where nothing
 * else is asked for.
 */
export async function writeDocument(
  document: ReportDocument,
  { outputs, isMoreAsked }: { outputs: readonly string[]; isMoreAsked: boolean },
): Promise<WrittenDocument> {
  const formats = new Set(outputs.map(formatOf));
  const contents: Contents = new Map();
  if (formats.has("html")) contents.set("html", toHtml(document));
  const written = await writeOutputs(outputs, contents);
  if (!formats.has("pdf")) return { contents, written, pdfFault: null };
  let pdf: Uint8Array;
  try {
    pdf = await renderPdf(document);
  } catch (error) {
    if (contents.size === 0 && !isMoreAsked) throw error;
    return { contents, written, pdfFault: explain(error) };
  }
  const pdfs = await writeOutputs(outputs, new Map([["pdf", pdf]]));
  return { contents: contents.set("pdf", pdf), written: [...written, ...pdfs], pdfFault: null };
}

function toHtml(document: ReportDocument): string {
  return renderHtml(document, (text) => createHash("sha256").update(text).digest("base64"));
}

/** Those whose contents are there; answers which files these are. Throws an OutputError. */
export async function writeOutputs(
  outputs: readonly string[],
  contents: Contents,
): Promise<string[]> {
  const written: string[] = [];
  for (const output of outputs) {
    const content = contents.get(formatOf(output));
    if (content === undefined) continue;
    if (output === "-") {
      await print(content);
      continue;
    }
    await writeAtomically(output, content).catch((error: unknown) => {
      const reason = whyNotWritten(output, error);
      throw new OutputError(`Cannot write ${output}: ${reason}`, { cause: error });
    });
    written.push(output);
  }
  return written;
}

/** What is not there is the folder: the file need not be. */
function whyNotWritten(path: string, error: unknown): string {
  const isFolderMissing = isSystemError(error) && error.code === "ENOENT";
  return isFolderMissing
    ? `there is no folder ${dirname(path)}, or none that takes files`
    : reasonOf(error);
}
