import { percentiles } from "../statistics/percentiles.ts";

/** A hole in the series: no sample between two that are more than 1.5 intervals apart, unless many in a row are as far apart. */
export interface Gap {
  /** Last sample before and first sample behind the hole. Unix seconds. */
  fromS: number;
  toS: number;
  /** Samples that would have been taken in between. */
  missing: number;
}

export interface Timing {
  /** First and last sample, Unix seconds. */
  startS: number;
  endS: number;
  /** From the first sample to the end of the last one's interval, in seconds: a day at 1 s is a day. */
  lengthS: number;
  sampleCount: number;
  /** Median distance of samples; null where there is only one. */
  intervalS: number | null;
  gaps: Gap[];
  /** Samples that the window would hold without gaps. */
  expectedCount: number;
  /** Share (0–1) of the expected samples that are there. */
  coverageRatio: number;
}

/** `timestampsS` must be ascending without repetition. Throws a RangeError where it is empty. */
export function measureTiming(timestampsS: Float64Array): Timing {
  const sampleCount = timestampsS.length;
  const startS = timestampsS[0];
  const endS = timestampsS[sampleCount - 1];
  if (startS === undefined || endS === undefined) {
    throw new RangeError("Cannot measure the timing of a series: it has no samples");
  }
  if (sampleCount === 1) {
    return {
      startS,
      endS,
      lengthS: 0,
      sampleCount,
      intervalS: null,
      gaps: [],
      expectedCount: 1,
      coverageRatio: 1,
    };
  }
  const distancesS = toDistances(timestampsS);
  const [medianS = NaN] = percentiles(distancesS, [0.5]);
  const intervalS = Math.max(1, Math.round(medianS));
  const gaps = findGaps(timestampsS, distancesS, intervalS);
  const missing = gaps.reduce((sum, gap) => sum + gap.missing, 0);
  const expectedCount = sampleCount + missing;
  const coverageRatio = sampleCount / expectedCount;
  const lengthS = endS - startS + intervalS;
  return { startS, endS, lengthS, sampleCount, intervalS, gaps, expectedCount, coverageRatio };
}

function toDistances(timestampsS: Float64Array): Float64Array {
  const distancesS = new Float64Array(timestampsS.length - 1);
  for (let index = 0; index < distancesS.length; index++) {
    distancesS[index] = (timestampsS[index + 1] ?? NaN) - (timestampsS[index] ?? NaN);
  }
  return distancesS;
}

/** So many samples in a row at one distance keep an interval of their own: the collector was set to another. */
export const fewestSteady = 30;
/** Share of the first of them by which the others may be off. */
const steadyTolerance = 0.1;

/** By row, for the distance to the row before: 1 where it is one of many in a row that are the same. */
export function markSteady(timestampsS: Float64Array): Uint8Array {
  const marks = new Uint8Array(timestampsS.length);
  let [start, firstS] = [0, NaN];
  for (let row = 1; row <= timestampsS.length; row++) {
    const distanceS = (timestampsS[row] ?? NaN) - (timestampsS[row - 1] ?? NaN);
    if (Math.abs(distanceS - firstS) <= steadyTolerance * firstS) continue;
    if (row - start >= fewestSteady) marks.fill(1, start, row);
    [start, firstS] = [row, distanceS];
  }
  return marks;
}

function findGaps(timestampsS: Float64Array, distancesS: Float64Array, intervalS: number): Gap[] {
  const gaps: Gap[] = [];
  const farthestS = distancesS.reduce((most, distanceS) => Math.max(most, distanceS), 0);
  if (farthestS <= 1.5 * intervalS) return gaps;
  const steady = markSteady(timestampsS);
  for (let index = 0; index < distancesS.length; index++) {
    const distanceS = distancesS[index] ?? NaN;
    if (distanceS <= 1.5 * intervalS || steady[index + 1] === 1) continue;
    gaps.push({
      fromS: timestampsS[index] ?? NaN,
      toS: timestampsS[index + 1] ?? NaN,
      missing: Math.max(1, Math.round(distanceS / intervalS) - 1),
    });
  }
  return gaps;
}
