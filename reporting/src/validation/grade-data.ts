// How far the data can be trusted. The worst check decides: a chain of evidence is as good as its weakest link.
import { formatDuration } from "../format.ts";
import type { Dataset } from "../statistics/dataset.ts";
import type { Check, CheckContext, CheckResult, Conclusion, Place } from "./check.ts";
import { checks } from "./checks.ts";
import { worstOf, type Grade } from "./grade.ts";
import { scanSamples } from "./scan.ts";

export interface GradedCheck extends Pick<Check, "id" | "name"> {
  grade: Grade;
  /** What was found, with its numbers. */
  sentence: string;
  places: Place[];
}

export interface DataGrade {
  grade: Grade;
  /** In the order of the list of checks. */
  checks: GradedCheck[];
  /** What this data does not support, in words; empty where it supports everything the report says. */
  limits: string[];
  /** For each conclusion why the data does not carry it, in words and with numbers; null where it does. */
  forbids: Record<Conclusion, string | null>;
}

const dayS = 86_400;
const shortestTrendS = 3600;

export function gradeData(input: CheckContext["input"], dataset: Dataset): DataGrade {
  const context = { input, dataset, scan: scanSamples(dataset) };
  const results = checks.map((check) => ({ check, result: check.judge(context) }));
  const grade = worstOf(results.map(({ result }) => result.grade));
  const forbids = forbidsOf(
    dataset,
    grade,
    results.map(({ result }) => result),
  );
  return {
    grade,
    checks: results.map(({ check: { id, name }, result }) => ({
      id,
      name,
      grade: result.grade,
      sentence: result.sentence,
      places: result.places ?? [],
    })),
    limits: limitsOf(grade, forbids),
    forbids,
  };
}

/** The data's length first: it is what the reader can change. */
function forbidsOf(
  { timing }: Dataset,
  grade: Grade,
  results: readonly CheckResult[],
): DataGrade["forbids"] {
  const { lengthS, coverageRatio } = timing;
  const faults = (conclusion: Conclusion): string | null =>
    results.flatMap(({ forbids }) => forbids?.[conclusion] ?? [])[0] ??
    (grade === "F" ? "the data has grade F." : null);
  const because = (what: string, conclusion: Conclusion): string | null => {
    const reason = faults(conclusion);
    return reason === null ? null : `${what}: ${reason}`;
  };
  const captured = `${formatDuration(lengthS)} captured`;
  const isDay = lengthS >= dayS;
  // A day of which half is missing is not a day.
  const measured = `${formatDuration(lengthS * coverageRatio)} of ${formatDuration(lengthS)} measured`;
  const isMeasuredDay = lengthS * coverageRatio >= 0.6 * dayS;
  const ofDay = (what: string): string | null =>
    !isDay
      ? `${captured}: ${what} below 24 h.`
      : isMeasuredDay
        ? null
        : `${measured}: ${what} below 60 % of a day.`;
  return {
    rightSizing: ofDay("no right-sizing") ?? because("No right-sizing", "rightSizing"),
    dailyProfile:
      ofDay("nothing about the daily course") ??
      because("Nothing about the daily course", "dailyProfile"),
    trend:
      lengthS < shortestTrendS ? `${captured}: no trend below 1 h.` : because("No trend", "trend"),
  };
}

function limitsOf(grade: Grade, forbids: DataGrade["forbids"]): string[] {
  const limits: string[] = [];
  if (grade === "F") {
    limits.push("No rule is applied: grade F means that a conclusion would be a guess.");
  }
  if (grade === "D") limits.push("Findings are stated with low confidence at most.");
  if (grade === "C") limits.push("Findings are stated with medium confidence at most.");
  for (const reason of [forbids.rightSizing, forbids.dailyProfile, forbids.trend]) {
    if (reason !== null && !limits.includes(reason)) limits.push(reason);
  }
  return limits;
}
