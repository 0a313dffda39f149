export interface DailyProfileOptions {
  /** Seconds by which the reader's clock is ahead of UTC at a time (Unix seconds); asked once in a quarter of an hour. */
  offsetAt?: (timeS: number) => number;
  /** Of each value in its mean; each weighs the same where they are not given. */
  weights?: Float64Array;
}

const hoursPerDay = 24;
const hourS = 3600;
/** Offsets of time zones are whole quarters of an hour, and change at one. */
const quarterS = 900;

/**
 * The course of the average day: the mean by hour of the reader's day, 0–23, of the values of all days; NaN where nothing was measured.
 * Gaps (NaN) are ignored. `timestampsS` is ascending.
 */
export function dailyProfile(
  timestampsS: Float64Array,
  values: Float64Array,
  { offsetAt = () => 0, weights }: DailyProfileOptions = {},
): Float64Array {
  const weighted = new Float64Array(hoursPerDay);
  const total = new Float64Array(hoursPerDay);
  let quarter = NaN;
  let hour = 0;
  for (let row = 0; row < values.length; row++) {
    const value = values[row] ?? NaN;
    if (value !== value) continue;
    const timeS = timestampsS[row] ?? NaN;
    const own = Math.floor(timeS / quarterS);
    if (own !== quarter) {
      quarter = own;
      hour = Math.floor((timeS + offsetAt(timeS)) / hourS) % hoursPerDay;
    }
    const weight = weights?.[row] ?? 1;
    weighted[hour] = (weighted[hour] ?? 0) + weight * value;
    total[hour] = (total[hour] ?? 0) + weight;
  }
  return weighted.map((sum, at) => sum / (total[at] || NaN));
}
