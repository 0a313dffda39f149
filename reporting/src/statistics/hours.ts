// A measure by the hours of the clock: for heat maps, and to name the busiest hour.
import type { Timing } from "../data/timing.ts";
import type { TimeZone } from "../time-zone.ts";
import { addToBuckets, bucketMeans, createBuckets } from "./buckets.ts";
import type { Minutes } from "./episodes.ts";
import { measuredSeconds } from "./measured-seconds.ts";

export interface ClockHour {
  /** Unix seconds. */
  startS: number;
  /** NaN where less than half of the hour was measured. */
  mean: number;
}

const hourS = 3600;
const dayS = 86_400;
const hoursPerDay = 24;
/** Of the samples that an hour would hold. */
const leastShare = 0.5;

/** Every hour of the reader's clock from the first sample's to the last one's. `timestampsS` is ascending. */
export function toHours(
  timestampsS: Float64Array,
  values: Float64Array,
  { intervalS, zone }: { intervalS: number; zone: TimeZone },
): ClockHour[] {
  const first = timestampsS[0];
  const last = timestampsS.at(-1);
  if (first === undefined || last === undefined) return [];
  const startS = hourStart(first, zone);
  const buckets = createBuckets(startS, hourS, Math.floor((last - startS) / hourS) + 1);
  addToBuckets(buckets, timestampsS, values);
  const least = Math.max(1, (leastShare * hourS) / Math.max(intervalS, 1));
  return Array.from(bucketMeans(buckets), (mean, index) => ({
    startS: startS + index * hourS,
    mean: (buckets.count[index] ?? 0) >= least ? mean : NaN,
  }));
}

/** The same by a measure's minutes, each weighing what was measured of it: the means are those of the samples, each by its time. */
export function hoursOf(
  minutes: Minutes,
  { timing, zone }: { timing: Timing; zone: TimeZone },
): ClockHour[] {
  const { startS: firstS, bucketS, means } = minutes;
  if (means.length === 0) return [];
  const startS = hourStart(firstS, zone);
  const length = Math.floor((firstS + (means.length - 1) * bucketS - startS) / hourS) + 1;
  const [weighted, measured] = [new Float64Array(length), new Float64Array(length)];
  const secondsOf = measuredSeconds(minutes, timing);
  for (let minute = 0; minute < secondsOf.length; minute++) {
    const seconds = secondsOf[minute] ?? 0;
    if (seconds === 0) continue;
    const hour = Math.floor((firstS + minute * bucketS - startS) / hourS);
    weighted[hour] = (weighted[hour] ?? 0) + seconds * (means[minute] ?? NaN);
    measured[hour] = (measured[hour] ?? 0) + seconds;
  }
  return Array.from(weighted, (sum, hour) => {
    const measuredS = measured[hour] ?? 0;
    return {
      startS: startS + hour * hourS,
      mean: measuredS >= leastShare * hourS ? sum / measuredS : NaN,
    };
  });
}

/** Where clocks are ahead by parts of an hour, so their hours begin. */
function hourStart(timeS: number, zone: TimeZone): number {
  const aheadS = zone.offsetAt(timeS);
  return Math.floor((timeS + aheadS) / hourS) * hourS - aheadS;
}

/** The hour with the largest mean; null where none was measured. */
export function busiestHour(hours: readonly ClockHour[]): ClockHour | null {
  return hours.reduce<ClockHour | null>((found, hour) => {
    if (Number.isNaN(hour.mean)) return found;
    return found === null || hour.mean > found.mean ? hour : found;
  }, null);
}

/** The same hours in rows of 24, by the date and hour of the reader's clock. What was not measured is NaN. */
export function toDays(
  hours: readonly ClockHour[],
  zone: TimeZone,
): { dayS: number; hours: Float64Array }[] {
  const days: { dayS: number; hours: Float64Array }[] = [];
  for (const { startS, mean } of hours) {
    const localS = startS + zone.offsetAt(startS);
    const ownDayS = Math.floor(localS / dayS) * dayS;
    if (days.at(-1)?.dayS !== ownDayS) {
      days.push({ dayS: ownDayS, hours: new Float64Array(hoursPerDay).fill(NaN) });
    }
    const row = days.at(-1)?.hours;
    const hour = Math.floor((localS - ownDayS) / hourS);
    // An hour that the clock shows twice, when summer ends, shows what was more.
    if (row !== undefined && !((row[hour] ?? NaN) >= mean)) row[hour] = mean;
  }
  return days;
}
