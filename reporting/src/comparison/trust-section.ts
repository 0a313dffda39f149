import type { Block, Section } from "../document/model.ts";
import { comparisonTexts } from "../texts/english-comparison.ts";
import type { ComparedReport } from "./document.ts";

const words = comparisonTexts.trust;

/** The grades of the data, what it does not support, and the method. */
export function trustSection(reports: readonly ComparedReport[]): Section {
  const checks = [...new Set(reports.flatMap(({ grade }) => grade.checks.map(({ name }) => name)))];
  const limits = reports.flatMap(({ label, grade }) =>
    grade.limits.map((limit) => words.limit(label, limit)),
  );
  const blocks: Block[] = [
    {
      kind: "table",
      caption: words.caption,
      columns: [
        { label: words.check, align: "left" },
        ...reports.map(({ label }) => ({ label, align: "left" as const })),
      ],
      rows: [
        [words.all, ...reports.map(({ grade }) => grade.grade)],
        ...checks.map((name) => [
          name,
          ...reports.map(
            ({ grade }) => grade.checks.find((check) => check.name === name)?.grade ?? "–",
          ),
        ]),
      ],
    },
  ];
  if (limits.length > 0) {
    blocks.push({ kind: "heading", text: words.limits }, { kind: "list", items: limits });
  }
  blocks.push({ kind: "heading", text: words.method }, { kind: "list", items: words.methods });
  return { id: "trust", title: words.title, blocks };
}
