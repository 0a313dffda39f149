import type { Section } from "../document/model.ts";
import { listFindings } from "../findings/ranking.ts";
import { formatValue } from "../format.ts";
import { comparisonTexts } from "../texts/english-comparison.ts";
import type { ComparedReport } from "./document.ts";

const words = comparisonTexts.machines;

/** What the machines are, and what each capture's own rules found. */
export function machinesSection(reports: readonly ComparedReport[]): Section {
  const rows: [label: string, value: (report: ComparedReport) => string | number | null][] = [
    [words.id, ({ dataset }) => dataset.machineId],
    [words.kernel, ({ facts }) => facts.kernel],
    [words.distribution, ({ facts }) => facts.distribution],
    [words.processor, ({ facts }) => facts.cpuModel],
    [words.cpus, ({ facts, cpuCount }) => facts.cpuCount ?? cpuCount],
    [words.memory, memoryOf],
    [words.cloudType, ({ facts }) => facts.instanceType],
    [words.cost, ({ costPerHour }) => costPerHour],
    [words.digest, ({ source }) => source.sha256],
  ];
  const known = rows
    .map(([label, value]) => [label, ...reports.map((report) => String(value(report) ?? "–"))])
    .filter(([, ...values]) => values.some((value) => value !== "–"));
  const findings = reports.map(({ judgements }) =>
    listFindings(judgements).map(({ finding }) => finding.title),
  );
  const titles = [...new Set(findings.flat())];
  const columns = [
    { label: "", align: "left" as const },
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

function memoryOf({ facts, dataset }: ComparedReport): string | null {
  const total = dataset.measure("mem_total");
  const bytes = facts.memoryBytes ?? (total === null ? null : dataset.summary(total).max);
  return bytes === null ? null : formatValue(bytes, "bytes");
}
