import { readFile } from "node:fs/promises";
import { join } from "node:path";
import type { NodeCompiler, NodeTypstDocument } from "@myriaddreamin/typst-ts-node-compiler";
import type { ReportDocument } from "../document/model.ts";
import { packObjects } from "./pack.ts";
import { toPrint } from "./print.ts";

const fontFamily = "Inter";
/** typst's compiler is a native module, and this platform has none of it. */
export class NoCompilerError extends Error {}

/** What the template may read lies here. */
const workspace = import.meta.dirname;

/**
 * The document as PDF: A4, tagged, with bookmarks. It is PDF/UA-1 unless it holds a character that no font at hand can draw. The
 * same document gives the same bytes where the fonts are the same. Throws a NoCompilerError where this platform has no compiler.
 */
export async function renderPdf(document: ReportDocument): Promise<Uint8Array> {
  const Compiler = await loadCompiler();
  const fontBlobs = await readFonts();
  const compiler = Compiler.create({ workspace, fontArgs: [{ fontBlobs }] });
  const print = toPrint(document, { fontFamily });
  compiler.mapShadow(join(workspace, "document.json"), Buffer.from(print));
  const { logo } = document.branding ?? {};
  if (logo) compiler.mapShadow(join(workspace, "logo"), Buffer.from(logo.base64, "base64"));
  const compiled = compiler.compile({ mainFilePath: join(workspace, "report.typ") });
  const { result } = compiled;
  if (result === null) {
    const diagnostics: unknown[] = compiled.takeDiagnostics()?.shortDiagnostics ?? [];
    throw new Error(`Cannot lay out the PDF: ${diagnostics.map(messageOf).join("; ")}`);
  }
  return packObjects(toPdf(compiler, result));
}

/** Of what typst says, the words; where in its template is of no use to a reader. */
function messageOf(diagnostic: unknown): string {
  const isWorded = typeof diagnostic === "object" && diagnostic !== null && "message" in diagnostic;
  return isWorded ? String(diagnostic.message) : String(diagnostic);
}

function toPdf(compiler: NodeCompiler, laidOut: NodeTypstDocument): Buffer {
  try {
    return compiler.pdf(laidOut, { pdfStandard: "ua-1" });
  } catch {
    // A character without a glyph is against PDF/UA-1; a PDF that shows a box for it is better than none.
    return compiler.pdf(laidOut);
  }
}

/** Not before it is needed: who makes no PDF does not load 50 MB of compiler. */
async function loadCompiler(): Promise<typeof NodeCompiler> {
  try {
    return (await import("@myriaddreamin/typst-ts-node-compiler")).NodeCompiler;
  } catch (error) {
    const platform = `${process.platform} ${process.arch}`;
    throw new NoCompilerError(
      `Cannot make a PDF: typst's compiler cannot be loaded on ${platform}`,
      { cause: error },
    );
  }
}

function readFonts(): Promise<Buffer[]> {
  const urls = [
    import.meta.resolve("@expo-google-fonts/inter/400Regular/Inter_400Regular.ttf"),
    import.meta.resolve("@expo-google-fonts/inter/600SemiBold/Inter_600SemiBold.ttf"),
  ];
  return Promise.all(urls.map((url) => readFile(new URL(url))));
}
