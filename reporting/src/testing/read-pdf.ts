// What a reader's program finds in a PDF.
import { getDocument } from "pdfjs-dist/legacy/build/pdf.mjs";

export interface PdfContent {
  /** The text of each page, its runs parted by single blanks. */
  pages: string[];
  title: unknown;
  language: unknown;
  isTagged: boolean;
  bookmarks: string[];
  /** Families, without the prefix of a subset. */
  fonts: Set<string>;
  /** Links within the document: the pages they stand on and lead to, counted from 1. */
  links: { page: number; to: number }[];
  /** Of a page, in points, and how far its text reaches. */
  width: number;
  rightmost: number;
}

export async function readPdf(bytes: Uint8Array): Promise<PdfContent> {
  const task = getDocument({ data: Uint8Array.from(bytes), useSystemFonts: false, verbosity: 0 });
  const pdf = await task.promise;
  try {
    const { info } = await pdf.getMetadata();
    const content: PdfContent = {
      pages: [],
      title: "Title" in info ? info.Title : undefined,
      language: "Language" in info ? info.Language : undefined,
      isTagged: (await pdf.getMarkInfo())?.Marked === true,
      bookmarks: ((await pdf.getOutline()) ?? []).map(({ title }) => title),
      fonts: new Set(),
      links: [],
      width: 0,
      rightmost: 0,
    };
    for (let number = 1; number <= pdf.numPages; number++) {
      const page = await pdf.getPage(number);
      const { items, styles } = await page.getTextContent();
      const runs = items.filter((item) => "str" in item).filter(({ str }) => str.trim() !== "");
      content.pages.push(runs.map(({ str }) => str).join(" "));
      content.width = page.view[2] ?? 0;
      for (const { transform, width } of runs)
        content.rightmost = Math.max(content.rightmost, Number(transform[4]) + width);
      await page.getOperatorList();
      for (const name of Object.keys(styles)) {
        const font: unknown = page.commonObjs.get(name);
        if (typeof font === "object" && font !== null && "name" in font)
          content.fonts.add(String(font.name).replace(/^[A-Z]{6}\+/, ""));
      }
      for (const { dest } of await page.getAnnotations()) {
        const place: unknown = typeof dest === "string" ? await pdf.getDestination(dest) : dest;
        if (!Array.isArray(place)) continue;
        content.links.push({ page: number, to: (await pdf.getPageIndex(place[0])) + 1 });
      }
    }
    return content;
  } finally {
    await task.destroy();
  }
}
