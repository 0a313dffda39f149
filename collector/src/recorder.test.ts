import { expect, test } from "vitest";
import type { SampleSink } from "./capture/write.ts";
import { Recorder } from "./recorder.ts";
import { createFakeProcfs } from "./sampling/fake-procfs.ts";
import { offsetOf } from "./sampling/layout.ts";
import { Sampler } from "./sampling/sampler.ts";
import { createSelfProbe, selfFields } from "./sampling/self-probe.ts";

/** Keeps what each sample says of the collector itself. */
function createSink(sampler: Sampler, dropped: () => number) {
  const seen: { missed: number; dropped: number }[] = [];
  const nothing = (): void => {};
  const sink: SampleSink = {
    tick: nothing,
    layout: nothing,
    status: nothing,
    sample({ values }) {
      const of = (field: (typeof selfFields)[number]): number =>
        values[offsetOf(sampler.layout, "self") + selfFields.indexOf(field)] ?? Number.NaN;
      seen.push({ missed: of("missed_ticks"), dropped: of("dropped_samples") });
    },
    droppedSamples: dropped,
    close: async () => {},
  };
  return { seen, sink };
}

test("Recorder.take() tells missed ticks and dropped samples with the very sample that comes behind them", () => {
  const counts = { missedTicks: 0, droppedSamples: 0 };
  const { path: procfs } = createFakeProcfs();
  const sampler = new Sampler({ procfs, filters: {}, probes: [createSelfProbe(counts)] });
  const statuses = sampler.read(0, 0);
  let droppedSamples = 0;
  const { seen, sink } = createSink(sampler, () => droppedSamples);
  const recorder = new Recorder(sampler, { sinks: [sink], statuses, isFast: false, counts });
  const take = (atS: number, missedTicks: number): void => {
    const tick = { timeMs: atS * 1000, monotonicUs: atS * 1e6, missedTicks, clockStepMs: 0 };
    recorder.take({ fast: null, tick });
  };
  take(1, 0);
  take(5, 3);
  droppedSamples = 2;
  take(6, 0);
  take(8, 1);
  expect(seen).toEqual([
    { missed: 0, dropped: 0 },
    { missed: 3, dropped: 0 },
    { missed: 3, dropped: 2 },
    { missed: 4, dropped: 2 },
  ]);
  sampler.close();
});
