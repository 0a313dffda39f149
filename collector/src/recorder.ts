// Takes samples and hands them out.
import { StatisticsCollector } from "./capture/statistics.ts";
import type { SampleSink } from "./capture/write.ts";
import type { Clock } from "./sampling/clock.ts";
import type { Layout } from "./sampling/layout.ts";
import type { StatusChange } from "./sampling/probe.ts";
import type { Sampler } from "./sampling/sampler.ts";
import type { SampleTick } from "./sampling/ticks.ts";

export class Recorder {
  private readonly sampler: Sampler;
  private readonly sinks: readonly SampleSink[];
  private readonly statistics: StatisticsCollector | null;
  /** That the sinks know. */
  private layout: Layout;

  /** The sampler has been read once, which found `statuses`; the sinks were opened with its layout. */
  constructor(
    sampler: Sampler,
    {
      sinks,
      statuses,
      isFast,
    }: { sinks: readonly SampleSink[]; statuses: readonly StatusChange[]; isFast: boolean },
  ) {
    this.sampler = sampler;
    this.sinks = sinks;
    this.statistics = isFast ? new StatisticsCollector() : null;
    this.layout = sampler.layout;
    for (const sink of sinks) {
      for (const status of statuses) sink.status(sampler.sample.timeMs, status);
    }
  }

  take({ fast, tick }: SampleTick): void {
    const { sampler, sinks, statistics } = this;
    const now = tick ?? fast;
    if (now === null) return;
    const statuses = sampler.read(now.timeMs, now.monotonicUs);
    statistics?.add(sampler.sample, sampler.layout, fast?.missedTicks ?? 0);
    const taken = tick === null ? undefined : statistics?.take(now.timeMs);
    for (const sink of sinks) {
      if (tick !== null) sink.tick(tick);
      for (const status of statuses) sink.status(now.timeMs, status);
      if (tick === null) continue;
      if (sampler.layout !== this.layout) sink.layout(sampler.layout);
      if (taken !== undefined) sink.statistics?.(taken);
      sink.sample(sampler.sample);
    }
    if (tick !== null) this.layout = sampler.layout;
  }

  /** The sample of an interval that ends before its time. */
  takeLast(clock: Clock): void {
    const now = { timeMs: clock.wallMs(), monotonicUs: clock.monotonicUs() };
    const tick = { ...now, missedTicks: 0, clockStepMs: 0 };
    this.take({ fast: this.statistics === null ? null : tick, tick });
  }
}
