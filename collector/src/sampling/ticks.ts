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
