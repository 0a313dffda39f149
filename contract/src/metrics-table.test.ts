import { expect, test } from "vitest";
import { metrics, type Metric } from "./metrics.ts";

// Written anew with: npx vitest run contract/src/metrics-table.test.ts -u

test("docs/metrics.md shows the catalogue", async () => {
  await expect(renderMetricTable()).toMatchFileSnapshot("../../docs/metrics.md");
});

const intro = `# Metrics

What PerfAnalysis measures: the columns of its CSV, the names in its API and on its pages. Made from \`contract/src/metrics.ts\`.

Δ is the growth of a kernel counter over the interval, Δt the seconds that really passed. A counter that went backwards, a device that
has just appeared and a source that the kernel does not have give a gap, never a zero. Rates are per second.
`;

const titles: Record<Metric["resource"], string> = {
  cpu: "CPU",
  load: "Load and run queue",
  memory: "Memory",
  paging: "Paging",
  pressure: "Pressure",
  disk: "Disks, per whole device",
  network: "Network",
  filesystem: "File systems, per mount",
  container: "Containers",
  collector: "The collector itself",
};

function renderMetricTable(): string {
  const resources = [...new Set(metrics.map(({ resource }) => resource))];
  return [intro, ...resources.map(renderResource)].join("\n");
}

function renderResource(resource: Metric["resource"]): string {
  const rows = metrics.filter((metric) => metric.resource === resource).map(renderRow);
  return `## ${titles[resource]}

| Column | Unit | Kind | Source | Formula | sar | OpenTelemetry | Meaning |
|---|---|---|---|---|---|---|---|
${rows.join("\n")}
`;
}

function renderRow(metric: Metric): string {
  const { name, unit, kind, source, formula, sar, openTelemetry, help } = metric;
  const cells = [
    code(name),
    unit,
    kind,
    code(source),
    formula,
    code(sar),
    code(openTelemetry),
    help,
  ];
  return `| ${cells.map((cell) => cell.replaceAll("|", "\\|")).join(" | ")} |`;
}

function code(text: string | null): string {
  return text === null ? "–" : `\`${text}\``;
}
