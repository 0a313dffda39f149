import { describe, expect, test } from "vitest";
import type { Clock } from "./clock.ts";
import { createSampleTicks, createTicks, type SampleTick, type Tick } from "./ticks.ts";

/** A clock that passes only by sleeping, and then as `sleeps` says for each sleep: by how much more or less, and how far it is set. */
function createFakeClock(
  startMs: number,
  sleeps: { late?: number; stepMs?: number }[] = [],
): Clock & { pass(durationMs: number): void } {
  let wallMs = startMs;
  let monotonicMs = 50;
  const clock = {
    wallMs: () => wallMs,
    monotonicUs: () => monotonicMs * 1000,
    pass(durationMs: number) {
      wallMs += durationMs;
      monotonicMs += durationMs;
    },
    sleep(durationMs: number) {
      const { late = 0, stepMs = 0 } = sleeps.shift() ?? {};
      clock.pass(durationMs + late);
      wallMs += stepMs;
      return Promise.resolve();
    },
  };
  return clock;
}

async function take(count: number, clock: Clock, work: () => void = () => {}): Promise<Tick[]> {
  const stop = new AbortController();
  const ticks: Tick[] = [];
  for await (const tick of createTicks(clock, { intervalMs: 1000, signal: stop.signal })) {
    ticks.push(tick);
    work();
    if (ticks.length === count) stop.abort();
  }
  return ticks;
}

test("createTicks() ticks at whole multiples of the interval", async () => {
  const ticks = await take(3, createFakeClock(1_700_000_000_250));
  expect(ticks.map(({ timeMs }) => timeMs)).toEqual([
    1_700_000_001_000, 1_700_000_002_000, 1_700_000_003_000,
  ]);
  expect(
    ticks.every(({ missedTicks, clockStepMs }) => missedTicks === 0 && clockStepMs === 0),
  ).toBe(true);
});

test("createTicks() is never early when timers are", async () => {
  const clock = createFakeClock(1_700_000_000_250, [
    { late: -0.7 },
    {},
    { late: -3 },
    { late: -1 },
  ]);
  const ticks = await take(2, clock);
  expect(ticks.map(({ timeMs }) => timeMs)).toEqual([1_700_000_001_000, 1_700_000_002_000]);
});

test("createTicks() tells missed ticks and makes up for none of them", async () => {
  const ticks = await take(3, createFakeClock(1_700_000_000_900, [{}, { late: 2300 }]));
  expect(ticks.map(({ timeMs, missedTicks }) => [timeMs, missedTicks])).toEqual([
    [1_700_000_001_000, 0],
    [1_700_000_004_300, 2],
    [1_700_000_005_000, 0],
  ]);
});

test("createTicks() counts ticks that the work itself missed", async () => {
  const clock = createFakeClock(1_700_000_000_900);
  const ticks = await take(2, clock, () => clock.pass(1500));
  expect(ticks.map(({ timeMs, missedTicks }) => [timeMs, missedTicks])).toEqual([
    [1_700_000_001_000, 0],
    [1_700_000_003_000, 1],
  ]);
});

test.each([3_600_000, -3_600_000])(
  "createTicks() goes on at once when the clock is set by %d ms, and tells it",
  async (stepMs) => {
    const clock = createFakeClock(1_700_000_000_000, [{}, { stepMs }]);
    const ticks = await take(3, clock);
    const elapsedS = ticks.map(({ monotonicUs }) => (monotonicUs - 50_000) / 1e6);
    expect(ticks.map(({ clockStepMs }) => clockStepMs)).toEqual([0, stepMs, 0]);
    expect(ticks.map(({ missedTicks }) => missedTicks)).toEqual([0, stepMs < 0 ? 1 : 0, 0]);
    expect(elapsedS[2]).toBeLessThanOrEqual(4);
    expect((ticks[1]?.timeMs ?? 0) % 1000).toBe(0);
  },
);

test("createTicks() ends with the signal while it waits", async () => {
  const stop = new AbortController();
  const clock: Clock = {
    wallMs: () => 1_700_000_000_000,
    monotonicUs: () => 0,
    sleep: () => {
      stop.abort();
      return Promise.resolve();
    },
  };
  const ticks: Tick[] = [];
  for await (const tick of createTicks(clock, { intervalMs: 1000, signal: stop.signal })) {
    ticks.push(tick);
  }
  expect(ticks).toEqual([]);
});

describe("createSampleTicks()", () => {
  async function takeBoth(
    count: number,
    clock: Clock,
    fastMs: number | null = 1000,
  ): Promise<SampleTick[]> {
    const stop = new AbortController();
    const taken: SampleTick[] = [];
    const options = { intervalMs: 3000, fastMs, signal: stop.signal };
    for await (const tick of createSampleTicks(clock, options)) {
      taken.push(tick);
      if (taken.length === count) stop.abort();
    }
    return taken;
  }
  const missed = (ticks: SampleTick[]): (number | null)[][] =>
    ticks.map(({ fast, tick }) => [fast?.missedTicks ?? null, tick?.missedTicks ?? null]);

  test("createSampleTicks() ends the interval at its multiples, and ticks fast between", async () => {
    const ticks = await takeBoth(5, createFakeClock(1_699_999_999_100));
    expect(ticks.map(({ fast }) => fast?.timeMs)).toEqual([
      1_700_000_000_000, 1_700_000_001_000, 1_700_000_002_000, 1_700_000_003_000, 1_700_000_004_000,
    ]);
    expect(ticks.map(({ tick }) => tick?.timeMs ?? null)).toEqual([
      null,
      1_700_000_001_000,
      null,
      null,
      1_700_000_004_000,
    ]);
  });

  test("createSampleTicks() ends an interval late rather than not at all, and counts both kinds of missed ticks", async () => {
    const late = createFakeClock(1_699_999_999_100, [{}, {}, { late: 2300 }, { late: 5000 }]);
    expect(missed(await takeBoth(4, late))).toEqual([
      [0, null],
      [0, 0],
      [2, 0],
      [5, 1],
    ]);
  });

  test("createSampleTicks() goes on at once when the clock is set back", async () => {
    const back = createFakeClock(1_699_999_999_100, [{}, {}, { stepMs: -3_600_000 }]);
    const ticks = await takeBoth(5, back);
    expect(ticks.map(({ tick }) => tick?.clockStepMs ?? null)).toEqual([
      null,
      0,
      -3_600_000,
      0,
      null,
    ]);
  });

  test("createSampleTicks() ticks at the interval only where nothing is fast", async () => {
    const ticks = await takeBoth(2, createFakeClock(1_699_999_999_100), null);
    expect(ticks.map(({ fast, tick }) => [fast, tick?.timeMs])).toEqual([
      [null, 1_700_000_001_000],
      [null, 1_700_000_004_000],
    ]);
  });
});
