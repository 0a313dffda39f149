// What pcprocess says of a conversion.
import type { InputSummary } from "./capture/convert-options.ts";
import type { ContainersSummary } from "./capture/to-containers.ts";
import type { CsvSummary } from "./capture/to-csv.ts";
import type { ProcessesSummary } from "./capture/to-processes.ts";
import type { SarSummary } from "./capture/to-sar.ts";
import { countOf, countThat } from "./count-of.ts";
import { groupFailures } from "./failed-sources.ts";
import type { PcprocessRunArguments } from "./pcprocess-arguments.ts";
import { isAbsence } from "./status-report.ts";

/** Of what was converted; null: it was not wanted. */
export interface Summaries {
  csv: CsvSummary | null;
  sar: SarSummary | null;
  containers: ContainersSummary | null;
  processes: ProcessesSummary | null;
}

/** What is out of the ordinary; what is so of several inputs is said once. */
export function renderWarnings({ csv, sar, containers, processes }: Summaries): string[] {
  const inputsByText = new Map<string, string[]>();
  for (const summary of (csv ?? sar ?? containers ?? processes)?.inputs ?? []) {
    for (const text of listOddities(summary)) {
      inputsByText.set(text, [...(inputsByText.get(text) ?? []), summary.input]);
    }
  }
  const warnings = [...inputsByText].map(([text, inputs]) => `${renderInputs(inputs)}: ${text}`);
  if (csv === null) return warnings;
  if (csv.sharingSamples > 0) {
    warnings.push(
      `${countThat(csv.sharingSamples, "sample", { verb: ["shares", "share"] })} the row of another input's of the same second`,
    );
  }
  const rowless = csv.mergedSamples - csv.sharingSamples;
  if (rowless > 0) {
    warnings.push(
      `${countThat(rowless, "sample", { verb: ["has no row of its own", "have no row of their own"] })}: of the same second as another, a little older than the one before, or of a clock never set`,
    );
  }
  if (csv.timesBack > 0) {
    warnings.push(
      `the clock was set back ${countOf(csv.timesBack, "time")}: the rows from then on stand behind later ones, and a second may come twice`,
    );
  }
  if (csv.samplesWithoutStatistics > 0) {
    warnings.push(
      `${countThat(csv.samplesWithoutStatistics, "sample", { verb: ["gives", "give"] })} no row: without statistics`,
    );
  }
  if (csv.rows === 0 && csv.outside !== null) {
    const { rows, startS, endS } = csv.outside;
    warnings.push(
      `no row is of the time that --from and --to give; the input has ${countOf(rows, "row")}, ${renderRange(startS, endS)}`,
    );
  }
  return warnings;
}

/** What has become of the inputs. */
export function renderResults(
  { csv, sar, containers, processes }: Summaries,
  { output, sarFolder, containersFile, processesFile }: PcprocessRunArguments,
): string[] {
  const results: string[] = [];
  if (csv !== null) {
    const { rows, columns, machineId, startS, endS } = csv;
    const range = startS === null || endS === null ? "" : `, ${renderRange(startS, endS)},`;
    results.push(
      `${countOf(rows, "row")} of ${countOf(columns, "column")} of ${machineId}${range} into ${output ?? ""}`,
    );
  }
  if (processes !== null) {
    results.push(`${countOf(processes.lines, "line")} of processes into ${processesFile ?? ""}`);
  }
  if (containers !== null) {
    const { lines, containers: count } = containers;
    results.push(
      `${countOf(lines, "line")} of ${countOf(count, "container")} into ${containersFile ?? ""}`,
    );
  }
  if (sar !== null) {
    const lines = Object.values(sar.lines).reduce((sum, count) => sum + count, 0);
    const files = Object.keys(sar.lines).length;
    results.push(`${countOf(lines, "line")} in ${countOf(files, "file")} into ${sarFolder ?? ""}`);
  }
  return results;
}

export function toJson({ csv, sar, containers, processes }: Summaries): object {
  return {
    csv: csv && toCsvJson(csv),
    sar: sar && { lines: sar.lines, inputs: sar.inputs.map(toInputJson) },
    containers: containers && {
      containers: containers.containers,
      lines: containers.lines,
      inputs: containers.inputs.map(toInputJson),
    },
    processes: processes && { lines: processes.lines, inputs: processes.inputs.map(toInputJson) },
  };
}

function listOddities(summary: InputSummary): string[] {
  const { damagedLines, damage, missedTicks, notes } = summary;
  const texts: string[] = [];
  if (damagedLines > 0) {
    texts.push(`${countThat(damagedLines, "damaged line")} skipped, the first: ${damage[0] ?? ""}`);
  }
  if (summary.tornTail) texts.push("the last line is cut off and was left out");
  texts.push(...notes);
  if (missedTicks > 0) texts.push(`${countThat(missedTicks, "tick")} missed`);
  const failed = Object.entries(summary.failedSources).filter(([, error]) => !isAbsence(error));
  for (const { subject, error } of groupFailures(failed)) {
    texts.push(`${subject} could not be read at times: ${error}`);
  }
  const skipped = Object.keys(summary.skipped);
  if (skipped.length > 0) texts.push(`not converted: ${skipped.slice(0, 10).join(", ")}`);
  return texts;
}

function renderInputs([first = "", ...others]: readonly string[]): string {
  return others.length === 0 ? first : `${first} and ${countOf(others.length, "other input")}`;
}

function toCsvJson(csv: CsvSummary): object {
  const { startS, endS } = csv;
  return {
    machine_id: csv.machineId,
    rows: csv.rows,
    columns: csv.columns,
    merged_samples: csv.mergedSamples,
    times_back: csv.timesBack,
    samples_without_statistics: csv.samplesWithoutStatistics,
    rows_outside: csv.outside?.rows ?? 0,
    timestamp_range:
      startS === null || endS === null ? null : { start: toIso(startS), end: toIso(endS) },
    inputs: csv.inputs.map(toInputJson),
  };
}

function toInputJson(summary: InputSummary): object {
  return {
    input: summary.input,
    format: summary.format,
    lines: summary.lines,
    samples: summary.samples,
    machine: summary.machine,
    restarts: summary.restarts,
    missed_ticks: summary.missedTicks,
    clock_steps: summary.clockSteps,
    failed_sources: summary.failedSources,
    skipped: summary.skipped,
    damaged_lines: summary.damagedLines,
    damage: summary.damage,
    notes: summary.notes,
    torn_tail: summary.tornTail,
  };
}

function renderRange(startS: number, endS: number): string {
  return `${toIso(startS)} to ${toIso(endS)}`;
}

function toIso(timestampS: number): string {
  return new Date(timestampS * 1000).toISOString().replace(".000Z", "Z");
}
