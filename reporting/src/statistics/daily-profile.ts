import { percentiles } from "./percentiles.ts";

/** What was measured in an hour. Where `count` is 0, the others are NaN. */
export interface HourSummary {
  /** Every value weighs the same, unless weights are given. */
  mean: number;
  /** Every value weighs the same. */
  p95: number;
  count: number;
}

export interface DailyProfile {
  /** By hour of the day, 0–23, all days together. */
  hours: HourSummary[];
  /** From the first day to the last, those without values included. */
  days: { startS: number; hours: HourSummary[] }[];
}

export interface DailyProfileOptions {
  /** Seconds by which the reader's clock is ahead of UTC at a time (Unix seconds); asked once in a quarter of an hour. */
  offsetAt?: (timeS: number) => number;
  /** Of each value in its mean, above 0. */
  weights?: Float64Array;
}

const hoursPerDay = 24;
const hourS = 3600;
const dayS = 86_400;
/** Offsets of time zones are whole quarters of an hour, and change at one. */
const quarterS = 900;

/**
 * The course of the day: means and exact 95th percentiles (R type 7) by hour of the day, and by day and hour. `startS` of a day
 * is its midnight as Unix seconds, on the reader's clock read as UTC. Gaps (NaN) are ignored. Copies the values once.
 */
export function dailyProfile(
  timestampsS: Float64Array,
  values: Float64Array,
  { offsetAt = () => 0, weights }: DailyProfileOptions = {},
): DailyProfile {
  const localHours = toLocalHours(timestampsS, values, offsetAt);
  const { firstDay, dayCount } = findDays(localHours);
  // By hour first, so that an hour of all days is one stretch, and so is the hour of a day within.
  const cellOf = (localHour: number): number =>
    (localHour % hoursPerDay) * dayCount + Math.floor(localHour / hoursPerDay) - firstDay;
  const starts = new Float64Array(hoursPerDay * dayCount + 1);
  for (const localHour of localHours) {
    if (localHour >= 0) {
      const next = cellOf(localHour) + 1;
      starts[next] = (starts[next] ?? 0) + 1;
    }
  }
  for (let cell = 1; cell < starts.length; cell++) {
    starts[cell] = (starts[cell] ?? 0) + (starts[cell - 1] ?? 0);
  }
  const grouped = new Float64Array(starts.at(-1) ?? 0);
  const groupedWeights = weights && new Float64Array(grouped.length);
  const next = starts.slice();
  for (let row = 0; row < localHours.length; row++) {
    const localHour = localHours[row] ?? -1;
    if (localHour < 0) continue;
    const cell = cellOf(localHour);
    const place = next[cell] ?? 0;
    grouped[place] = values[row] ?? NaN;
    if (groupedWeights !== undefined) groupedWeights[place] = weights?.[row] ?? NaN;
    next[cell] = place + 1;
  }
  const between = (from: number, to: number): HourSummary =>
    summarizeHour(
      grouped.subarray(starts[from], starts[to]),
      groupedWeights?.subarray(starts[from], starts[to]),
    );
  return {
    hours: Array.from({ length: hoursPerDay }, (_, hour) =>
      between(hour * dayCount, (hour + 1) * dayCount),
    ),
    days: Array.from({ length: dayCount }, (_, day) => ({
      startS: (firstDay + day) * dayS,
      hours: Array.from({ length: hoursPerDay }, (_hour, hour) =>
        between(hour * dayCount + day, hour * dayCount + day + 1),
      ),
    })),
  };
}

/** Hours since 1970 on the reader's clock; −1 where nothing was measured. */
function toLocalHours(
  timestampsS: Float64Array,
  values: Float64Array,
  offsetAt: (timeS: number) => number,
): Int32Array {
  const hours = new Int32Array(values.length).fill(-1);
  let quarter = NaN;
  let offsetS = 0;
  for (let row = 0; row < values.length; row++) {
    const value = values[row] ?? NaN;
    if (value !== value) continue;
    const timeS = timestampsS[row] ?? NaN;
    const own = Math.floor(timeS / quarterS);
    if (own !== quarter) {
      quarter = own;
      offsetS = offsetAt(timeS);
    }
    hours[row] = Math.floor((timeS + offsetS) / hourS);
  }
  return hours;
}

function findDays(localHours: Int32Array): { firstDay: number; dayCount: number } {
  let first = Infinity;
  let last = -Infinity;
  for (const hour of localHours) {
    if (hour < 0) continue;
    if (hour < first) first = hour;
    if (hour > last) last = hour;
  }
  if (last < first) return { firstDay: 0, dayCount: 0 };
  const firstDay = Math.floor(first / hoursPerDay);
  return { firstDay, dayCount: Math.floor(last / hoursPerDay) - firstDay + 1 };
}

function summarizeHour(values: Float64Array, weights?: Float64Array): HourSummary {
  let [weighted, total] = [0, 0];
  // By index, as in the histogram.
  for (let index = 0; index < values.length; index++) {
    const weight = weights?.[index] ?? 1;
    weighted += weight * (values[index] ?? NaN);
    total += weight;
  }
  const [p95 = NaN] = percentiles(values, [0.95]);
  return { mean: values.length === 0 ? NaN : weighted / total, p95, count: values.length };
}
