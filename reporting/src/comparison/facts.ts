import type { Comparison } from "./compare.ts";
import type { ComparedReport } from "./document.ts";

/** What `--json` prints of a comparison, for programs. Times are RFC 3339 in UTC. */
export function toComparisonFacts(
  reports: readonly ComparedReport[],
  { alignment, aligned, quantities, differences }: Comparison,
): Record<string, unknown> {
  const labelOf = (at: number): string => reports[at]?.label ?? "";
  return {
    captures: reports.map(({ label, dataset, grade, source, costPerHour }) => ({
      label,
      machine_id: dataset.machineId,
      timestamp_range: { start: toTime(dataset.timing.startS), end: toTime(dataset.timing.endS) },
      grade: grade.grade,
      cost_per_hour: costPerHour,
      input: { name: source.name, bytes: source.byteCount, sha256: source.sha256 },
    })),
    alignment,
    common_seconds: { start: aligned.startS, end: aligned.endS },
    differences: differences.map(({ quantity, subject, delta, size, verdict, before, after }) => ({
      metric: quantity.name,
      label: quantity.label,
      unit: quantity.unit,
      capture: labelOf(subject),
      compared_with: labelOf(0),
      cliffs_delta: delta,
      effect: size,
      verdict,
      before: { mean: before.mean, p95: before.p95 },
      after: { mean: after.mean, p95: after.p95 },
    })),
    quantities: quantities.map(({ name, label, unit, summaries }) => ({
      metric: name,
      label,
      unit,
      captures: summaries.map((summary, at) => ({ label: labelOf(at), ...summary })),
    })),
  };
}

function toTime(timeS: number): string {
  return new Date(timeS * 1000).toISOString().replace(".000Z", "Z");
}
