import { getDocument } from "pdfjs-dist/legacy/build/pdf.mjs";

/** The text of a PDF, as a reader's program finds it. */
export async function readPdfText(bytes: Uint8Array): Promise<string> {
  const task = getDocument({ data: Uint8Array.from(bytes), verbosity: 0 });
  try {
    const pdf = await task.promise;
    const texts: string[] = [];
    for (let number = 1; number <= pdf.numPages; number++) {
      const { items } = await (await pdf.getPage(number)).getTextContent();
      texts.push(...items.map((item) => ("str" in item ? item.str : "")));
    }
    return texts.join(" ");
  } finally {
    await task.destroy();
  }
}
