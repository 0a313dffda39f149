import { execFile } from "node:child_process";
import { mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { promisify } from "node:util";
import { expect, onTestFinished, test } from "vitest";
import type { Block, ReportDocument } from "../document/model.ts";
import { during, testSamples, toCsv, type TestMachine } from "../testing/machine.ts";
import { readPdf } from "../testing/read-pdf.ts";
import { testReport } from "../testing/report.ts";
import { renderPdf } from "./render.ts";

const documentOf = async (machine: TestMachine) => (await testReport(machine)).document;

const busyDay: TestMachine = {
  rows: 8640,
  columns: {
    cpu_idle: during(60, 90, { high: 1, low: 80 }),
    cpu_iowait: () => 0,
    procs_running: during(60, 90, { high: 12, low: 1 }),
  },
};

/** A document of a section with these blocks, by a machine of this name. */
async function documentWith(blocks: Block[], heading = "web-01"): Promise<ReportDocument> {
  const { cover, ...document } = await documentOf({ rows: 20 });
  const sections = [{ id: "verdict", title: "Verdict", blocks }];
  return { ...document, cover: { ...cover, heading }, sections };
}

test("renderPdf() makes a tagged PDF/UA with title, language, bookmarks, and the number of each page", async () => {
  const document = await documentOf(busyDay);
  const bytes = await renderPdf(document);
  const pdf = await readPdf(bytes);
  expect(pdf).toMatchObject({
    title: "web-01 – Performance report",
    language: "en",
    isTagged: true,
  });
  expect(Buffer.from(bytes).toString("latin1")).toContain("<pdfuaid:part>1</pdfuaid:part>");
  expect(pdf.bookmarks.slice(0, 2)).toEqual(["1 Verdict", "2 CPU"]);
  expect(pdf.bookmarks).toEqual(
    document.sections.map(({ title }, index) => `${index + 1} ${title}`),
  );
  const [cover = "", ...pages] = pdf.pages;
  expect(cover).toMatch(
    /web-01 Performance report Verdict 1 (?:warning|critical finding) [A-Z][^.]+\. A Data quality/,
  );
  expect(cover).toMatch(/Contents.* 2 CPU [. ]+ \d/i);
  expect(cover).toContain(`Page 1 of ${pdf.pages.length}`);
  for (const [index, page] of pages.entries()) {
    expect(page).toMatch(/^web-01 Performance report /);
    expect(page).toContain(`Page ${index + 2} of ${pdf.pages.length}`);
  }
});

test("renderPdf() links contents to sections and evidence to its chart", async () => {
  const document = await documentOf(busyDay);
  const { links, pages } = await readPdf(await renderPdf(document));
  const contents = links.filter(({ page }) => page === 1);
  expect(contents).toHaveLength(document.sections.length);
  const chart = pages.findIndex((page) => page.includes("CPU busy, all CPUs together")) + 1;
  expect(links).toContainEqual({ page: 2, to: chart });
});

test("renderPdf() repeats the head of a table on each page that the table fills", async () => {
  const rows = Array.from({ length: 120 }, (_, row) => [`name ${row}`, String(row)]);
  const columns = [
    { label: "Head of names", align: "left" as const },
    { label: "Head of numbers", align: "right" as const },
  ];
  const document = await documentWith([{ kind: "table", caption: "All of them", columns, rows }]);
  const { pages } = await readPdf(await renderPdf(document));
  const filled = pages.filter((page) => /name \d/.test(page));
  expect(filled.length).toBeGreaterThan(2);
  for (const page of filled) expect(page).toContain("Head of names Head of numbers");
});

test("renderPdf() breaks thousands of long names of one text", async () => {
  const names = Array.from(
    { length: 2000 },
    (_, at) => `container_web-${at}_cpu_throttled_periods`,
  );
  const text = `Columns without a single value: ${names.join(", ")}.`;
  const table = {
    kind: "table",
    caption: "All",
    columns: [{ label: "a", align: "left" }],
  } as const;
  const blocks: Block[] = [
    { kind: "paragraph", text },
    { kind: "list", items: [text] },
    { kind: "verdicts", verdicts: [{ outcome: "clear", title: "All", sentence: text }] },
    { ...table, columns: [...table.columns], rows: [[[{ kind: "code", text }]]] },
  ];
  const { pages } = await readPdf(await renderPdf(await documentWith(blocks)));
  const close = pages.join("").replaceAll(/\s/g, "");
  expect(close.split("container_web-1999_cpu_throttled_periods")).toHaveLength(5);
});

test("renderPdf() has all contents on the cover of a machine that tells all of itself", async () => {
  const document = await documentOf(busyDay);
  const fact = { label: "Fact", value: "26 Nov 2026 13:58:57 – 14:05:16 Europe/Berlin" };
  const cover = { ...document.cover, facts: Array.from({ length: 22 }, () => fact) };
  const sections = Array.from({ length: 14 }, (_, at) => {
    return { id: `part-${at}`, title: `Part number ${at}`, blocks: [] };
  });
  const { pages } = await readPdf(await renderPdf({ ...document, cover, sections }));
  for (const { title } of sections) expect(pages[0]).toContain(title);
  expect(pages[1]).not.toContain("Contents");
  expect(pages[1]).toContain("Part number 0");
});

test("renderPdf() parts no row of a table between two pages, but one that would not fit a page", async () => {
  const lines = (row: number, of: number) =>
    Array.from({ length: of }, (_, line) => `r${row}w${line}`).join(" ");
  const columns = ["Name", "Words"].map((label) => ({ label, align: "left" as const }));
  const tableOf = async (rows: string[][]) => {
    const document = await documentWith([{ kind: "table", caption: "All", columns, rows }]);
    return (await readPdf(await renderPdf(document))).pages.join("\f");
  };
  const many = Array.from({ length: 40 }, (_, row) => [`name ${row}`, lines(row, 80)]);
  const pages = await tableOf(many);
  for (const [row] of many.entries()) {
    expect(pages).toMatch(new RegExp(`r${row}w0 [^\f]*r${row}w79\\b`));
  }
  const long = await tableOf([["name", lines(0, 9000)]]);
  expect(long).toContain("r0w8999");
});

test.each(["image/svg+xml", "image/png"] as const)(
  "renderPdf() carries the reader's own name, colour and logo (%s)",
  async (mediaType) => {
    const [svg, png] = [
      Buffer.from(
        `<svg xmlns="http://www.w3.org/2000/svg" width="9" height="9"><path d="M0 0h9v9z"/></svg>`,
      ),
      Buffer.from(pixel, "base64"),
    ];
    const base64 = (mediaType === "image/png" ? png : svg).toString("base64");
    const colors = { light: "#7a1f5c", dark: "#ffffff" };
    const branding = { name: "Acme #Co", colors, logo: { mediaType, base64 } };
    const bytes = await renderPdf({ ...(await documentWith([])), branding });
    expect((await readPdf(bytes)).pages[0]).toMatch(/^ACME #CO web-01/);
    // The logo has an alternative text, or this would be none.
    expect(Buffer.from(bytes).toString("latin1")).toContain("<pdfuaid:part>1</pdfuaid:part>");
  },
);

/** A PNG of one pixel. */
const pixel =
  "iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mNk+M9QDwADhgGAWjR9awAAAABJRU5ErkJggg==";

const hostile = [
  `#import "/etc/passwd": *`,
  String.raw`\ $x^2$ ] ) } */ // <label> @ref`,
  "*bold* _emphasis_ `raw` = heading --- ~ 'quoted'",
  "#{panic()} #eval(sys.version)",
  "Ünïcödé Ελληνικά Кириллица",
];

test.each(hostile)("renderPdf() takes %j for text, wherever it stands", async (name) => {
  const text = [
    { kind: "strong", text: name } as const,
    " ",
    { kind: "code", text: name } as const,
  ];
  const figures = (await documentOf({ rows: 20 })).sections.flatMap(({ blocks }) =>
    blocks.filter((block) => block.kind === "figure"),
  );
  const blocks: Block[] = [
    { kind: "heading", text: name },
    { kind: "paragraph", text, lead: true },
    { kind: "list", items: [name, text] },
    { kind: "tiles", tiles: [{ label: name, value: name, note: name, anchor: "nowhere" }] },
    ...figures.slice(0, 1).map((figure) => ({ ...figure, id: name, title: name, note: name })),
    { kind: "table", caption: name, columns: [{ label: name, align: "left" }], rows: [[name]] },
    {
      kind: "finding",
      id: `finding ${name}`,
      ruleId: name,
      severity: "critical",
      confidence: "high",
      title: name,
      sentence: name,
      evidence: [{ sentence: name, threshold: name, times: [name], anchor: name }],
      further: name,
      advice: [name],
      source: name,
    },
    { kind: "verdicts", verdicts: [{ outcome: "clear", title: name, sentence: name }] },
  ];
  const { pages, title } = await readPdf(await renderPdf(await documentWith(blocks, name)));
  expect(title).toBe(`${name} – Performance report`);
  // Each line is a run of its own, and wide blanks part words as well.
  const close = (words: string) => words.replaceAll(/\s/g, "");
  expect(close(pages.join("")).split(close(name)).length).toBeGreaterThan(23);
});

test("renderPdf() keeps the words of scripts from right to left", async () => {
  const { pages } = await readPdf(await renderPdf(await documentWith([], "שרת-01")));
  expect(pages.join()).toMatch(/שרת|תרש/);
});

test.each([
  ["an emoji that no font at hand may have", "web-\u{1fae8}"],
  ["control characters and halves of pairs", "web-\u{0}\u{1b}\u{d800}"],
])("renderPdf() makes a PDF of a name with %s", async (_case, name) => {
  const { pages, isTagged } = await readPdf(await renderPdf(await documentWith([], name)));
  expect(pages[0]).toContain("web-");
  expect(isTagged).toBe(true);
});

test("renderPdf() breaks long names within the page, and leaves no trace of it in the text", async () => {
  const name = "/var/lib/docker/overlay2/" + "0123456789abcdef".repeat(8);
  const columns = ["Name", "A", "B", "C"].map((label) => ({ label, align: "left" as const }));
  const rows = [[name, name, "short", "short"]];
  const blocks: Block[] = [
    { kind: "heading", text: name },
    { kind: "table", caption: "Names", columns, rows },
  ];
  const pdf = await readPdf(await renderPdf(await documentWith(blocks)));
  expect(pdf.pages.join("")).not.toContain("\u{200b}");
  expect(pdf.pages.join("").replaceAll(" ", "").split(name).length).toBeGreaterThan(3);
  expect(pdf.rightmost).toBeLessThan(pdf.width - 50);
});

test("renderPdf() keeps the columns of a wide table apart", async () => {
  const labels = Array.from({ length: 11 }, (_, index) => `Label number ${index}`);
  const columns = labels.map((label) => ({ label, align: "right" as const }));
  const rows = [
    ["a-name-of-one-word-01", ...labels.slice(1).map((_, index) => `${index}23.45 MiB/s`)],
  ];
  const blocks: Block[] = [{ kind: "table", caption: "Wide", columns, rows }];
  const { pages, rightmost, width } = await readPdf(await renderPdf(await documentWith(blocks)));
  const text = pages.join().replaceAll(/\s/g, "");
  for (const cell of rows[0] ?? []) expect(text).toContain(cell.replaceAll(/\s/g, ""));
  expect(rightmost).toBeLessThan(width - 50);
});

test("renderPdf() gives the same bytes for the same document", async () => {
  const [one, other] = [await documentOf(busyDay), await documentOf(busyDay)];
  expect(Buffer.from(await renderPdf(one)).equals(await renderPdf(other))).toBe(true);
});

const run = promisify(execFile);
/** Fonts that a machine has, out of sight for what runs in it. */
const withoutFonts = ["-m", "sh", "-c", 'mount -t tmpfs none /usr/share/fonts && exec "$@"', "sh"];
const canHideFonts = await run("unshare", [...withoutFonts, "true"]).then(
  () => true,
  () => false,
);

test("renderPdf() uses fonts of its own", async () => {
  const { fonts } = await readPdf(await renderPdf(await documentOf(busyDay)));
  expect([...fonts].toSorted()).toEqual(["DejaVuSansMono", "Inter-Regular", "Inter-SemiBold"]);
});

test.skipIf(!canHideFonts)(
  "renderPdf() writes text where the machine has no fonts (needs the right to mount)",
  async () => {
    const folder = await mkdtemp(join(tmpdir(), "perf-report-"));
    onTestFinished(() => rm(folder, { recursive: true }));
    const [csv, output] = [join(folder, "web-01.csv"), join(folder, "web-01.pdf")];
    await writeFile(csv, toCsv(testSamples({ rows: 720 })));
    const program = join(import.meta.dirname, "../cli.mjs");
    const args = [program, "--data-file", csv, "--output", output];
    await run("unshare", [...withoutFonts, process.execPath, ...args]);
    const { pages, fonts } = await readPdf(await readFile(output));
    expect(pages[0]).toContain("Nothing is wrong");
    expect(pages.join()).toContain("cpu_user");
    expect(fonts).toContain("DejaVuSansMono");
  },
);
