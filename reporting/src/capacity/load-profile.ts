// When the machine works: by hours of the week, in batches, over the capture, and which resources move together.
import { autocorrelation } from "../statistics/autocorrelation.ts";
import { dailyProfile } from "../statistics/daily-profile.ts";
import type { Dataset, Measure } from "../statistics/dataset.ts";
import { busiestHour, hoursOf, type ClockHour } from "../statistics/hours.ts";
import type { Minutes } from "../statistics/episodes.ts";
import { measuredSeconds } from "../statistics/measured-seconds.ts";
import { percentiles } from "../statistics/percentiles.ts";
import { spearman } from "../statistics/spearman.ts";
import { theilSen } from "../statistics/theil-sen.ts";
import type { TimeZone } from "../time-zone.ts";
import { findBatchWindows, type BatchWindow, type Load } from "./batch-windows.ts";
import { minuteOfWeek, periodAt, periods, type BusinessHours, type Period } from "./calendar.ts";
import { findLevelChanges, type LevelChange } from "./level-changes.ts";
import { listResources, type Devices, type ResourceUse } from "./resources.ts";
import { toSpans } from "./spans.ts";

export interface PeriodLoad {
  period: Period;
  /** Seconds measured in minutes of which there is a mean. */
  measuredS: number;
  /** Of the minutes' means, each weighing its measured seconds: the mean of the samples. NaN where none was measured. */
  mean: number;
  /** Of the minutes' means. */
  p95: number;
}

/** Change over the capture, by Theil–Sen of the means of equal spans, with 95 % confidence. */
export interface LoadTrend {
  /** In the measure's unit, a day. */
  perDay: number;
  lowPerDay: number;
  highPerDay: number;
}

export interface ResourceProfile {
  use: ResourceUse;
  /** Those that the capture has. */
  periods: PeriodLoad[];
  /** Of the reader's clock; null below two hours of data. */
  busiestHour: ClockHour | null;
  /** Mean by hour of the reader's day, 0–23, of the samples of all days, each by its time; NaN where nothing was measured. Null below three days. */
  hours: Float64Array | null;
  /** Null where the capture is too short to tell. */
  trend: LoadTrend | null;
  /** Where its level of use changed, in order of time. */
  changes: LevelChange[];
  /** How much each hour resembles the same hour of the day before: autocorrelation, −1 to 1. Null below three days, or where it does not vary. */
  dayResemblance: number | null;
}

export interface Correlation {
  one: string;
  other: string;
  /** Spearman's, −1 to 1. */
  coefficient: number;
  /** Means that were compared. */
  count: number;
}

export interface LoadProfile {
  hours: BusinessHours;
  /** Name of the reader's. */
  timeZone: string;
  resources: ResourceProfile[];
  batchWindows: BatchWindow[];
  /** The strongest first; pairs that move together, or against one another, clearly. */
  correlations: Correlation[];
}

export interface ProfileOptions {
  businessHours: BusinessHours;
  timeZone: TimeZone;
}

/** Of disks and interfaces, the first that are shown. */
const mostDisks = 2;
const mostInterfaces = 1;
const hourS = 3600;
const hoursPerDay = 24;
const dayS = 86_400;
/** Days of which the hours of a day can be told. */
export const leastDays = 3;
/** Slopes between all pairs: more points cost time and tell no more. */
const mostTrendPoints = 168;
const leastTrendPoints = 8;
const mostCorrelated = 1500;
/** Below this many minutes a correlation is an accident; our own choice. */
const leastCorrelated = 30;
/** Correlations from here on are called strong (Evans 1996). */
const strong = 0.6;
const mostCorrelations = 8;

export function profileLoad(
  dataset: Dataset,
  { disks, interfaces, speeds }: Devices,
  { businessHours, timeZone }: ProfileOptions,
): LoadProfile {
  const uses = listResources(dataset, {
    disks: disks.slice(0, mostDisks),
    interfaces: interfaces.slice(0, mostInterfaces),
    speeds,
  }).filter(({ measure }) => dataset.summary(measure).max > 0);
  const [first] = uses;
  // Minute by minute the same for every measure.
  const grid: Minutes =
    first === undefined
      ? {
          startS: 0,
          bucketS: 60,
          means: new Float64Array(),
          window: { startS: 0, endS: 0 },
          edges: new Map(),
        }
      : dataset.minutes(first.measure);
  const { startS, bucketS, means } = grid;
  const periodOf = Array.from(means, (_, minute) =>
    periodAt(minuteOfWeek(startS + minute * bucketS, timeZone), businessHours),
  );
  const loads = uses.flatMap((use): Load[] =>
    use.kind === "memory"
      ? []
      : [
          {
            label: use.label,
            unit: use.measure.unit,
            minutes: dataset.minutes(use.measure),
            limit: use.limit,
          },
        ],
  );
  const isBusiness = Uint8Array.from(periodOf, (period) => Number(period === "business"));
  return {
    hours: businessHours,
    timeZone: timeZone.name,
    resources: uses.map((use): ResourceProfile => {
      const hours = hourlyMeans(dataset, use.measure, timeZone);
      const trend = trendOf(dataset, use.measure);
      const usual = (): ((timeS: number) => number) =>
        usualCourse(dataset, use.measure, { periodOf, zone: timeZone, trend });
      return {
        use,
        periods: loadByPeriod(dataset, use.measure, periodOf),
        busiestHour: findBusiestHour(dataset, use.measure, timeZone),
        hours,
        trend,
        changes: findLevelChanges(dataset.minutes(use.measure), {
          limit: use.limit,
          usual: hours === null ? null : usual(),
        }),
        dayResemblance: hours === null ? null : dayResemblance(dataset, use.measure),
      };
    }),
    batchWindows: findBatchWindows(loads, { isBusiness, hours: businessHours, zone: timeZone }),
    correlations: correlate(dataset, uses),
  };
}

function loadByPeriod(
  dataset: Dataset,
  measure: Measure,
  periodOf: readonly Period[],
): PeriodLoad[] {
  const minutes = dataset.minutes(measure);
  const { means } = minutes;
  const secondsOf = measuredSeconds(minutes, dataset.timing);
  return periods.flatMap((period): PeriodLoad[] => {
    let weighted = 0;
    let measuredS = 0;
    const measured = means.filter((mean, minute) => {
      if (periodOf[minute] !== period || Number.isNaN(mean)) return false;
      const seconds = secondsOf[minute] ?? 0;
      weighted += seconds * mean;
      measuredS += seconds;
      return true;
    });
    if (measured.length === 0) return [];
    const [p95 = NaN] = percentiles(measured, [0.95]);
    return [{ period, measuredS, mean: weighted / measuredS, p95 }];
  });
}

/** The same hour that the resource's own section names. */
function findBusiestHour(dataset: Dataset, measure: Measure, zone: TimeZone): ClockHour | null {
  if (dataset.timing.lengthS < 2 * hourS) return null;
  return busiestHour(hoursOf(dataset.minutes(measure), { timing: dataset.timing, zone }));
}

/** Of each minute, Unix seconds. */
function startsOf({ startS, bucketS, means }: Minutes): Float64Array {
  return means.map((_, minute) => startS + minute * bucketS);
}

function hourlyMeans(dataset: Dataset, measure: Measure, zone: TimeZone): Float64Array | null {
  if (dataset.timing.lengthS < leastDays * dayS) return null;
  return meansByHour(dataset, dataset.minutes(measure), zone);
}

function meansByHour(dataset: Dataset, minutes: Minutes, zone: TimeZone): Float64Array {
  return dailyProfile(startsOf(minutes), minutes.means, {
    offsetAt: (timeS) => zone.offsetAt(timeS),
    weights: measuredSeconds(minutes, dataset.timing),
  });
}

/**
 * What an average business day, or an average day off, holds at a time: a weekend is no change of level. Without the trend: an average of days that rise
 * would rise, too, and leave a step at every midnight.
 */
function usualCourse(
  dataset: Dataset,
  measure: Measure,
  {
    periodOf,
    zone,
    trend,
  }: { periodOf: readonly Period[]; zone: TimeZone; trend: LoadTrend | null },
): (timeS: number) => number {
  const minutes = dataset.minutes(measure);
  const perMinute = ((trend?.perDay ?? 0) * minutes.bucketS) / dayS;
  const isOff = (minute: number): boolean => periodOf[minute] === "weekend";
  const [daysOff, businessDays] = [true, false].map((off) => {
    const means = minutes.means.map((mean, minute) =>
      isOff(minute) === off ? mean - perMinute * minute : NaN,
    );
    return meansByHour(dataset, { ...minutes, means }, zone);
  });
  return (timeS) => {
    const minute = Math.floor((timeS - minutes.startS) / minutes.bucketS);
    return (isOff(minute) ? daysOff : businessDays)?.[hourOf(timeS, zone)] ?? NaN;
  };
}

function hourOf(timeS: number, zone: TimeZone): number {
  return Math.floor((timeS + zone.offsetAt(timeS)) / hourS) % hoursPerDay;
}

function dayResemblance(dataset: Dataset, measure: Measure): number | null {
  const { spanS, means } = toSpans(dataset.minutes(measure), hourS);
  const coefficient = autocorrelation(means, Math.round(dayS / spanS)).at(-1) ?? NaN;
  return Number.isNaN(coefficient) ? null : coefficient;
}

/** Spans of whole days, or of whole hours, so that few enough are left; of shorter captures of a minute and more. */
function trendOf(dataset: Dataset, measure: Measure): LoadTrend | null {
  const { lengthS } = dataset.timing;
  const wantedS = [60, 600, hourS, 6 * hourS, dayS, 7 * dayS].find(
    (spanS) => lengthS / spanS <= mostTrendPoints,
  );
  const { startsS, means } = toSpans(dataset.minutes(measure), wantedS ?? 7 * dayS);
  const measured = means.filter((mean) => !Number.isNaN(mean)).length;
  if (measured < leastTrendPoints) return null;
  const days = startsS.map((startS) => startS / dayS);
  const { slope, low, high } = theilSen(days, means, { confidence: 0.95 });
  return { perDay: slope, lowPerDay: low, highPerDay: high };
}

/** Beside the resources' use, what often drives it. */
const drivers = ["context_switches", "forks", "tcp_passive_opens", "vm_pgin_bytes"];

function correlate(dataset: Dataset, uses: readonly ResourceUse[]): Correlation[] {
  const series = [
    ...uses.map(({ label, measure }) => ({ label, measure })),
    ...drivers.flatMap((name) => {
      const measure = dataset.measure(name);
      return measure === null ? [] : [{ label: measure.label, measure }];
    }),
  ].flatMap(({ label, measure }) => {
    const { min, max } = dataset.summary(measure);
    if (min === max) return [];
    const minutes = dataset.minutes(measure);
    const spanS = minutes.bucketS * Math.ceil(minutes.means.length / mostCorrelated);
    return [{ label, device: measure.device, means: toSpans(minutes, spanS).means }];
  });
  return series
    .flatMap((one, index) =>
      series.slice(index + 1).flatMap((other): Correlation[] => {
        // The two directions of an interface answer one another: no news.
        if (one.device !== null && one.device === other.device) return [];
        const count = one.means.filter(
          (mean, span) => !Number.isNaN(mean + (other.means[span] ?? NaN)),
        ).length;
        if (count < leastCorrelated) return [];
        const coefficient = spearman(one.means, other.means);
        if (!(Math.abs(coefficient) >= strong)) return [];
        return [{ one: one.label, other: other.label, coefficient, count }];
      }),
    )
    .toSorted((a, b) => Math.abs(b.coefficient) - Math.abs(a.coefficient))
    .slice(0, mostCorrelations);
}
