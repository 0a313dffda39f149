import type { Report } from "./report.ts";
import type { Judgement } from "./findings/conflicts.ts";

/** What `--json` prints: the report's conclusions for programs. Times are RFC 3339 in UTC. */
export function toFacts({
  dataset,
  grade,
  judgements,
  ...report
}: Report): Record<string, unknown> {
  const { startS, endS, intervalS, sampleCount, expectedCount, coverageRatio, gaps } =
    dataset.timing;
  return {
    machine_id: dataset.machineId,
    machine_name: report.machineName,
    timestamp_range: { start: toTime(startS), end: toTime(endS) },
    interval_seconds: intervalS,
    samples: sampleCount,
    expected_samples: expectedCount,
    coverage_ratio: coverageRatio,
    gaps: gaps.length,
    grade: grade.grade,
    checks: grade.checks.map(({ places, ...check }) => ({
      ...check,
      places: places.map(({ timeS, ...place }) => ({
        time: timeS === null ? null : toTime(timeS),
        ...place,
      })),
    })),
    limits: grade.limits,
    forbids: {
      right_sizing: grade.forbids.rightSizing,
      daily_profile: grade.forbids.dailyProfile,
      trend: grade.forbids.trend,
    },
    storage_device: report.disks[0] ?? null,
    network_interface: report.interfaces[0] ?? null,
    verdict: report.document.cover.status,
    rules: judgements.map(({ rule, verdict }) => ({ id: rule.id, ...describe(verdict) })),
    input: {
      name: report.source.name,
      bytes: report.source.byteCount,
      sha256: report.source.sha256,
    },
  };
}

function describe(verdict: Judgement["verdict"]): Record<string, unknown> {
  if (verdict.outcome === "clear" || verdict.outcome === "refused") return { ...verdict };
  const { severity, confidence, title, sentence, evidence, advice } = verdict.finding;
  return {
    outcome: verdict.outcome,
    ...(verdict.outcome === "explained" ? { by: verdict.by.id } : {}),
    severity,
    confidence,
    title,
    sentence,
    advice,
    evidence: evidence.map(({ ranges, threshold, ...observation }) => ({
      sentence: observation.sentence,
      threshold,
      ranges: ranges.map(({ startS, endS }) => ({ start: toTime(startS), end: toTime(endS) })),
    })),
  };
}

function toTime(timeS: number): string {
  return new Date(timeS * 1000).toISOString().replace(".000Z", "Z");
}
