import type { Clock } from "./clock.ts";

export interface Tick {
  timeMs: number;
  monotonicUs: number;
  /** Ticks between the one before and this one that nobody took: the machine or this process had no time. */
  missedTicks: number;
  /** By how much the wall clock was set since the tick before; 0 where it was not. */
  clockStepMs: number;
}

/** The wall clock is slewed all the time; more than this was a step. */
const minClockStepMs = 500;

/**
 * Ticks at whole multiples of the interval by the wall clock, so that the samples of many machines fall on the same moments. Never
 * early; late ticks do not shift those that follow. Ends with the signal.
 */
export async function* createTicks(
  clock: Clock,
  { intervalMs, signal }: { intervalMs: number; signal: AbortSignal },
): AsyncGenerator<Tick> {
  let before: { timeMs: number; monotonicUs: number } | null = null;
  while (!signal.aborted) {
    await sleepToMultiple(clock, intervalMs, signal);
    if (signal.aborted) return;
    const now = { timeMs: clock.wallMs(), monotonicUs: clock.monotonicUs() };
    yield { ...now, ...compare(before, now, intervalMs) };
    before = now;
  }
}

/** The time for a sample, or with `fast` also one of the times between for a fast sample. */
export interface SampleTick {
  /** Counts missed fast ticks; null where samples are not taken faster. */
  fast: Tick | null;
  /** The interval ends here; null between. */
  tick: Tick | null;
}

/** Ticks of both intervals; the shorter one has to divide the other. A late tick ends the interval that it comes too late for. */
export async function* createSampleTicks(
  clock: Clock,
  {
    intervalMs,
    fastMs,
    signal,
  }: { intervalMs: number; fastMs: number | null; signal: AbortSignal },
): AsyncGenerator<SampleTick> {
  if (fastMs === null) {
    for await (const tick of createTicks(clock, { intervalMs, signal })) yield { fast: null, tick };
    return;
  }
  let interval = Math.floor(clock.wallMs() / intervalMs);
  let before: Tick | null = null;
  for await (const fast of createTicks(clock, { intervalMs: fastMs, signal })) {
    const now = Math.floor(fast.timeMs / intervalMs);
    // Also an earlier one, when the clock is set back.
    if (now === interval) {
      yield { fast, tick: null };
      continue;
    }
    const tick: Tick = { ...fast, ...compare(before, fast, intervalMs) };
    interval = now;
    before = tick;
    yield { fast, tick };
  }
}

async function sleepToMultiple(
  clock: Clock,
  intervalMs: number,
  signal: AbortSignal,
): Promise<void> {
  let targetMs = nextMultiple(clock.wallMs(), intervalMs);
  while (!signal.aborted) {
    const leftMs = targetMs - clock.wallMs();
    if (leftMs <= 0) return;
    // A clock that was set back must not make the tick wait for more than an interval.
    if (leftMs > intervalMs) targetMs = nextMultiple(clock.wallMs(), intervalMs);
    // Timers can end a fraction of a millisecond early, and then wait another round.
    else await clock.sleep(leftMs, signal);
  }
}

function nextMultiple(timeMs: number, intervalMs: number): number {
  return (Math.floor(timeMs / intervalMs) + 1) * intervalMs;
}

function compare(
  before: { timeMs: number; monotonicUs: number } | null,
  now: { timeMs: number; monotonicUs: number },
  intervalMs: number,
): { missedTicks: number; clockStepMs: number } {
  if (before === null) return { missedTicks: 0, clockStepMs: 0 };
  const elapsedMs = (now.monotonicUs - before.monotonicUs) / 1000;
  const driftMs = now.timeMs - before.timeMs - elapsedMs;
  const stepped = Math.abs(driftMs) >= minClockStepMs;
  // Where the clock was set, only the time that really passed tells how many ticks there should have been.
  const endMs = stepped ? before.timeMs + elapsedMs : now.timeMs;
  const ticks = Math.floor(endMs / intervalMs) - Math.floor(before.timeMs / intervalMs);
  return { missedTicks: Math.max(0, ticks - 1), clockStepMs: stepped ? Math.round(driftMs) : 0 };
}
