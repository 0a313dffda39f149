// What a capture holds, and what is missing or wrong in it.
import { readCapture, type CaptureSummary } from "./read.ts";

export interface Inspection extends CaptureSummary {
  /** null where the capture does not tell. */
  machineId: string | null;
  /** Of the last run; null where the capture does not tell. */
  intervalMs: number | null;
  /** Unix milliseconds of the first and the last sample; null where there is none. */
  startMs: number | null;
  endMs: number | null;
  /** Longer than one and a half times the usual time between samples; the longest of them. */
  gaps: Gap[];
  gapCount: number;
  /** Samples that are not later than the one before: the clock was set back. */
  backwards: number;
}

export interface Gap {
  startMs: number;
  endMs: number;
}

const maxGaps = 20;
/** How many times between samples are looked at to tell what is usual where the capture does not say. */
const usualOf = 200;

/** @throws SyntaxError where the file is no capture, and ExitError where it cannot be read; damage is counted. */
export async function inspectCapture(
  path: string,
  { name, afterChunk }: { name: string; afterChunk: (bytesRead: number) => Promise<void> },
): Promise<Inspection> {
  let [machineId, intervalMs]: [string | null, number | null] = [null, null];
  let [startMs, endMs]: [number | null, number | null] = [null, null];
  let [gaps, gapCount, backwards]: [Gap[], number, number] = [[], 0, 0];
  const early: number[] = [];
  let usualMs = Number.NaN;
  const look = (timeMs: number): void => {
    startMs ??= timeMs;
    const beforeMs = endMs;
    endMs = timeMs;
    if (beforeMs === null) return;
    const elapsedMs = timeMs - beforeMs;
    if (elapsedMs <= 0) {
      backwards += 1;
      return;
    }
    if (intervalMs === null && early.length < usualOf) {
      early.push(elapsedMs);
      usualMs = median(early);
    }
    if (!(elapsedMs > 1.5 * (intervalMs ?? usualMs))) return;
    gapCount += 1;
    gaps.push({ startMs: beforeMs, endMs: timeMs });
    if (gaps.length > 2 * maxGaps) gaps = longest(gaps);
  };
  const summary = await readCapture(path, {
    name,
    skipDamaged: true,
    visitor: {
      run(run) {
        machineId = run.machineId;
        intervalMs = run.intervalMs;
      },
      layout() {},
      sample: ({ timeMs }) => look(timeMs),
      importedRow: ({ timestampS }) => look(timestampS * 1000),
      afterChunk,
    },
  });
  return {
    ...summary,
    machineId,
    intervalMs,
    startMs,
    endMs,
    gaps: longest(gaps),
    gapCount,
    backwards,
  };
}

function longest(gaps: readonly Gap[]): Gap[] {
  const length = ({ startMs, endMs }: Gap): number => endMs - startMs;
  return gaps
    .toSorted((left, right) => length(right) - length(left) || left.startMs - right.startMs)
    .slice(0, maxGaps);
}

function median(values: readonly number[]): number {
  return (
    values.toSorted((left, right) => left - right)[Math.floor(values.length / 2)] ?? Number.NaN
  );
}
