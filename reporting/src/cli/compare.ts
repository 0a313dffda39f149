import { readSource } from "../batch/job.ts";
import { mostOverlaid } from "../charts/overlay.ts";
import { compare } from "../comparison/compare.ts";
import { buildComparison, type ComparedReport } from "../comparison/document.ts";
import { toComparisonFacts } from "../comparison/facts.ts";
import type { SourceSettings } from "../data/open-input.ts";
import type { ReportDocument } from "../document/model.ts";
import { analyse, type Analysis, type ReportOptions } from "../report.ts";
import type { Flags } from "./command.ts";
import { UsageError } from "./exit.ts";
import type { Progress } from "./progress.ts";
import { stemOf } from "./plan.ts";

export interface ComparisonMade {
  document: ReportDocument;
  facts: Record<string, unknown>;
}

/** Throws a UsageError where there are too few captures or too many, or labels, costs or markers are not one for each capture, and what the captures have to say. */
export async function makeComparison(
  sources: readonly SourceSettings[],
  flags: Flags,
  { options, progress }: { options: Omit<ReportOptions, "sourceName">; progress: Progress },
): Promise<ComparisonMade> {
  if (sources.length < 2) {
    throw new UsageError(
      "Cannot compare one capture: give --data-file twice or more, or --machine of a file with several",
    );
  }
  if (sources.length > mostOverlaid) {
    throw new UsageError(
      `Cannot compare ${sources.length} captures: in one chart ${mostOverlaid} can be told apart`,
    );
  }
  checkCount("--label", flags.label, sources);
  checkCount("--cost-per-hour", flags.costPerHour, sources);
  checkCount("--marker", flags.marker, sources);
  if (flags.align === "marker" && flags.marker.length === 0) {
    throw new UsageError("Cannot align by marker: give --marker once for each capture");
  }
  const analyses: Analysis[] = [];
  for (const source of sources) {
    const { input, sourceName, machineName } = await readSource(source, progress);
    progress.begin("judging");
    analyses.push(analyse(input, { ...options, sourceName, machineName }));
  }
  const labels = flags.label.length > 0 ? flags.label : labelsOf(sources, analyses);
  const reports = analyses.map((analysis, at): ComparedReport => {
    return { ...analysis, label: labels[at] ?? "", costPerHour: flags.costPerHour[at] ?? null };
  });
  const comparison = compare(reports, { alignment: flags.align, markersS: flags.marker });
  return {
    document: buildComparison({ ...options, reports, comparison }),
    facts: toComparisonFacts(reports, comparison),
  };
}

function checkCount(
  flag: string,
  given: readonly unknown[],
  sources: readonly SourceSettings[],
): void {
  if (given.length === 0 || given.length === sources.length) return;
  throw new UsageError(
    `Cannot use ${flag} ${given.length === 1 ? "once" : `${given.length} times`} for ${sources.length} captures: give it once for each, in their order`,
  );
}

/** The machines' names, or those of the files where that is the same machine; numbered where neither tells them apart. */
function labelsOf(sources: readonly SourceSettings[], analyses: readonly Analysis[]): string[] {
  const machines = analyses.map(({ machineName }) => machineName);
  const files = sources.map(stemOf);
  const distinct = [machines, files].find((names) => new Set(names).size === names.length);
  return distinct ?? machines.map((name, at) => `${name} (${at + 1})`);
}
