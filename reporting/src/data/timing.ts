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
  /** How many samples lie how many seconds behind the one before. */
  distances: ReadonlyMap<number, number>;
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
      distances: new Map(),
      gaps: [],
      expectedCount: 1,
      coverageRatio: 1,
    };
  }
  const distances = countDistances(timestampsS);
  const intervalS = Math.max(1, Math.round(medianOf(distances, sampleCount - 1)));
  const isGapless = [...distances.keys()].every((distanceS) => distanceS <= 1.5 * intervalS);
  const gaps = isGapless ? [] : findGaps(timestampsS, intervalS);
  const missing = gaps.reduce((sum, gap) => sum + gap.missing, 0);
  const expectedCount = sampleCount + missing;
  const coverageRatio = sampleCount / expectedCount;
  const lengthS = endS - startS + intervalS;
  return {
    startS,
    endS,
    lengthS,
    sampleCount,
    intervalS,
    distances,
    gaps,
    expectedCount,
    coverageRatio,
  };
}

/** How often there are how many seconds from a sample to the one that is `step` behind it. */
export function countDistances(timestampsS: Float64Array, step = 1): Map<number, number> {
  const counts = new Map<number, number>();
  // Most are the same as the one before: the map is asked once for all of them.
  let lastS = NaN;
  let run = 0;
  for (let row = step; row < timestampsS.length; row++) {
    const distanceS = (timestampsS[row] ?? NaN) - (timestampsS[row - step] ?? NaN);
    if (distanceS !== lastS) {
      if (run > 0) counts.set(lastS, (counts.get(lastS) ?? 0) + run);
      lastS = distanceS;
      run = 0;
    }
    run++;
  }
  if (run > 0) counts.set(lastS, (counts.get(lastS) ?? 0) + run);
  return counts;
}

function medianOf(counts: ReadonlyMap<number, number>, count: number): number {
  const ascending = [...counts].toSorted(([a], [b]) => a - b);
  const at = (place: number): number => {
    let behind = place;
    return ascending.find(([, times]) => (behind -= times) < 0)?.[0] ?? NaN;
  };
  const rank = (count - 1) / 2;
  return (at(Math.floor(rank)) + at(Math.ceil(rank))) / 2;
}

/** So many samples in a row at one distance keep an interval of their own: the collector was set to another. */
export const fewestSteady = 30;
/** Share of the first of them by which the others may be off. */
const steadyTolerance = 0.1;

/** By row, for the distance to the row before: 1 where it is one of many in a row that are the same. */
export function markSteady(timestampsS: Float64Array): Uint8Array {
  const marks = new Uint8Array(timestampsS.length);
  let start = 0;
  let firstS = NaN;
  for (let row = 1; row <= timestampsS.length; row++) {
    const distanceS = (timestampsS[row] ?? NaN) - (timestampsS[row - 1] ?? NaN);
    if (Math.abs(distanceS - firstS) <= steadyTolerance * firstS) continue;
    if (row - start >= fewestSteady) marks.fill(1, start, row);
    start = row;
    firstS = distanceS;
  }
  return marks;
}

function findGaps(timestampsS: Float64Array, intervalS: number): Gap[] {
  const gaps: Gap[] = [];
  const steady = markSteady(timestampsS);
  for (let row = 1; row < timestampsS.length; row++) {
    const fromS = timestampsS[row - 1] ?? NaN;
    const toS = timestampsS[row] ?? NaN;
    const distanceS = toS - fromS;
    if (distanceS <= 1.5 * intervalS || steady[row] === 1) continue;
    gaps.push({ fromS, toS, missing: Math.max(1, Math.round(distanceS / intervalS) - 1) });
  }
  return gaps;
}
