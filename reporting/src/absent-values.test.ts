// What the report shows where the data holds nothing of a resource: neither tables without rows nor charts without marks.
import { expect, test } from "vitest";
import type { ReportDocument } from "./document/model.ts";
import { listFindings } from "./findings/ranking.ts";
import type { Report } from "./report.ts";
import { testSamples, type Course } from "./testing/machine.ts";
import { measuredInFull } from "./testing/machines.ts";
import { testReport, toPage } from "./testing/report.ts";

/** A day at 10 s. */
const make = (columns: Record<string, Course | null>) => testReport({ rows: 8640, columns });
const render = ({ document }: Report) => toPage(document);

const required = ["cpu_user", "cpu_system", "cpu_idle", "mem_total", "mem_free"];
const known = testSamples({ rows: 1, columns: measuredInFull }).columns.map(({ name }) => name);
const gap: Course = () => NaN;
/** Required columns cannot be left out, only left empty; the others are left out, or empty too. */
const without = (pattern: RegExp, { empty }: { empty: boolean }) =>
  Object.fromEntries(
    known
      .filter((name) => pattern.test(name))
      .map((name) => [name, empty || required.includes(name) ? gap : null] as const),
  );

test("a file of the required columns alone still makes a report that says what is missing", async () => {
  const others = known.filter((name) => !required.includes(name));
  const columns = Object.fromEntries(others.map((name) => [name, null]));
  const report = await make(columns);
  const { document, judgements } = report;
  const page = render(report);
  expect(page).toContain("The file has no values of disks and the network.");
  expect(page).toContain("free memory alone does not tell, for the kernel caches files in it.");
  expect(page).toMatch(/Not in the data at all: Load and kernel activity, Paging, Pressure, Disks/);
  expect(page).toContain("mem_available has no values");
  expect(page).toMatch(/nothing wrong was found in the \w+ of \w+ checks that could be made/);
  expect(listFindings(judgements).map(({ rule }) => rule.id)).toEqual(["data-quality"]);
  expect(listVoid(document)).toEqual([]);
});

test("a file whose required columns hold nothing makes a report of sentences", async () => {
  const report = await make(without(/./, { empty: true }));
  const page = render(report);
  expect(page).toContain("The file has no values of CPU time, memory, disks and the network.");
  expect(page).not.toContain('class="tiles"');
  expect(listVoid(report.document)).toEqual([]);
  expect(page).not.toContain("<svg");
});

test.each([
  ["CPU", /^cpu/, "The file has no values of CPU time."],
  ["memory", /^(mem|swap|vm)_/, "The file has no values of memory."],
  ["disk", /^disk_/, "The file has no values of disks."],
  ["network", /^net_/, "The file has no values of the network."],
  ["load", /^(load|procs_|context|interrupts|forks)/, "Load and kernel activity"],
  ["pressure", /^psi_/, "Not in the data at all: Pressure"],
])("a report without %s has no chart and no table of it, and says so", async (_, pattern, says) => {
  for (const empty of [false, true]) {
    const columns = { ...measuredInFull, ...without(pattern, { empty }) };
    const report = await make(columns);
    expect(render(report)).toContain(says);
    expect(listVoid(report.document)).toEqual([]);
  }
});

test("a report without cpu_idle tells the CPU time by its modes, and that it knows no more", async () => {
  const page = render(await make({ cpu_idle: gap }));
  expect(page).toContain("How much of the CPU time was in use is not in the data");
  expect(page).toContain("Means by mode: user");
  expect(page).not.toContain('id="chart-cpu-busy"');
});

test("a report of an I/O wait that was never measured is that of a file without it", async () => {
  const { dataset } = await make({ cpu_iowait: gap });
  expect(dataset.measure("cpu_busy")).not.toBeNull();
});

test("a file of containers alone is a report of them, without sections of a machine that it does not hold", async () => {
  const containers: Record<string, Course> = {
    container_web_cpu: () => 33,
    container_web_memory_bytes: () => 3e8,
    container_db_cpu: () => 12,
    container_db_memory_bytes: () => 5e8,
  };
  const report = await make({ ...without(/./, { empty: true }), ...containers });
  const page = render(report).replaceAll("\u{a0}", " ");
  expect(page).toContain(
    "The file holds 2 containers and nothing of the machine beneath: it has no values of CPU time, memory, disks and the network.",
  );
  const { sections } = report.document;
  expect(sections.map(({ id }) => id)).toEqual([
    "verdict",
    "containers",
    "checks",
    "quality",
    "annex",
  ]);
  const tiles = sections[0]?.blocks.find(({ kind }) => kind === "tiles");
  expect(tiles).toMatchObject({
    tiles: [{ label: "web: CPU time, of one CPU" }, { label: "db: memory" }],
  });
  expect(listVoid(report.document)).toEqual([]);
});

/** Tables without rows and pictures without marks. */
function listVoid({ sections }: ReportDocument): string[] {
  return sections.flatMap(({ blocks }) =>
    blocks.flatMap((block): string[] => {
      if (block.kind === "table") return block.rows.length === 0 ? [block.caption] : [];
      const figures = block.kind === "figure" ? [block] : block.kind === "row" ? block.figures : [];
      return figures
        .filter(({ chart }) => !/ (?:d="M|points=")|<rect/.test(chart.svg.toString()))
        .map(({ title }) => title);
    }),
  );
}
