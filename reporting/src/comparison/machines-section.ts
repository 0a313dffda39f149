import type { Section, Text } from "../document/model.ts";
import { listFindings } from "../findings/ranking.ts";
import { formatValue } from "../format.ts";
import { comparisonTexts } from "../texts/english-comparison.ts";
import type { ComparedReport } from "./document.ts";

const words = comparisonTexts.machines;

/** What the machines are, and what each capture's own rules found. */
export function machinesSection(reports: readonly ComparedReport[]): Section {
  const rows: [label: string, value: (report: ComparedReport) => Text | number | null][] = [
    [words.id, ({ dataset }) => code(dataset.machineId)],
    [words.kernel, ({ facts }) => facts.kernel],
    [words.distribution, ({ facts }) => facts.distribution],
    [words.processor, ({ facts }) => facts.cpuModel],
    [words.cpus, ({ facts, cpuCount }) => facts.cpuCount ?? cpuCount],
    [words.memory, memoryOf],
    [words.cloudType, ({ facts }) => facts.instanceType],
    [words.cost, ({ costPerHour }) => costPerHour],
    [words.digest, ({ source }) => code(source.sha256)],
  ];
  const known = rows
    .map(([label, value]) => [label, ...reports.map((report) => cell(value(report)))])
    .filter(([, ...values]) => values.some((value) => value !== "–"));
  const findings = reports.map(({ judgements }) =>
    listFindings(judgements).map(({ finding }) => finding.title),
  );
  const titles = [...new Set(findings.flat())];
  const columns = [
    { label: words.fact, align: "left" as const },
    ...reports.map(({ label }) => ({ label, align: "left" as const })),
  ];
  return {
    id: "machines",
    title: words.title,
    blocks: [
      { kind: "table", caption: words.caption, columns, rows: known },
      titles.length === 0
        ? { kind: "paragraph", text: words.noFindings }
        : {
            kind: "table",
            caption: words.findings,
            columns,
            rows: titles.map((title) => [
              title,
              ...findings.map((own) => (own.includes(title) ? words.found : "–")),
            ]),
          },
    ],
  };
}

function cell(value: Text | number | null): Text {
  return typeof value === "number" ? String(value) : (value ?? "–");
}

/** Of many digits, which break anywhere: in one line, a table of them would be wider than the page. */
function code(text: string): Text {
  return [{ kind: "code", text }];
}

function memoryOf({ facts, dataset }: ComparedReport): string | null {
  const total = dataset.measure("mem_total");
  const bytes = facts.memoryBytes ?? (total === null ? null : dataset.summary(total).max);
  return bytes === null ? null : formatValue(bytes, "bytes");
}
