// Takes samples and hands them out.
import { StatisticsCollector } from "./capture/statistics.ts";
import type { SampleSink } from "./capture/write.ts";
import { messageOf } from "./message-of.ts";
import type { Clock } from "./sampling/clock.ts";
import type { Layout } from "./sampling/layout.ts";
import type { StatusChange } from "./sampling/probe.ts";
import type { Sampler } from "./sampling/sampler.ts";
import type { SelfCounts } from "./sampling/self-probe.ts";
import { StatusFilter } from "./sampling/status-filter.ts";
import type { SampleTick, Tick } from "./sampling/ticks.ts";
import type { ProcessReader, TopProcesses } from "./sampling/top-processes.ts";

export class Recorder {
  private sampler: Sampler;
  private readonly sinks: readonly SampleSink[];
  private statistics: StatisticsCollector | null;
  private readonly counts: SelfCounts;
  private readonly processes: ProcessReader | null;
  private readonly statuses = new StatusFilter();
  /** That the sinks know. */
  private layout: Layout;

  /** The sampler has been read once, which found `statuses`; the sinks were opened with its layout. */
  constructor(
    sampler: Sampler,
    {
      sinks,
      statuses,
      isFast,
      counts,
      processes = null,
    }: {
      sinks: readonly SampleSink[];
      statuses: readonly StatusChange[];
      isFast: boolean;
      /** Kept up to date for the sample that has them. */
      counts: SelfCounts;
      /** null: they are not asked for. */
      processes?: ProcessReader | null;
    },
  ) {
    this.sampler = sampler;
    this.sinks = sinks;
    this.counts = counts;
    this.processes = processes;
    this.statistics = isFast ? new StatisticsCollector() : null;
    this.layout = sampler.layout;
    this.tell(statuses);
  }

  /** Goes on with another sampler, which has been read once, too. */
  setSampler(sampler: Sampler, statuses: readonly StatusChange[]): void {
    this.sampler = sampler;
    const failing = new Set(statuses.map(({ source }) => source));
    const mended = this.statuses.listFailing().filter((source) => !failing.has(source));
    this.tell([...statuses, ...mended.map((source) => ({ source, error: null }))]);
  }

  setFast(isFast: boolean): void {
    if (isFast !== (this.statistics !== null)) {
      this.statistics = isFast ? new StatisticsCollector() : null;
    }
  }

  take({ fast, tick }: SampleTick): void {
    const { sampler, sinks, statistics } = this;
    const now = tick ?? fast;
    if (now === null) return;
    if (tick !== null) this.count(tick);
    const changes = sampler.read(now.timeMs, now.monotonicUs);
    statistics?.add(sampler.sample, sampler.layout, fast?.missedTicks ?? 0);
    if (tick !== null) for (const sink of sinks) sink.tick(tick);
    this.tell(changes);
    if (tick === null) return;
    const taken = statistics?.take(now.timeMs);
    const processes = this.readProcesses(tick);
    for (const sink of sinks) {
      if (sampler.layout !== this.layout) sink.layout(sampler.layout);
      if (taken !== undefined) sink.statistics?.(taken);
      if (processes !== null) sink.processes?.(processes);
      sink.sample(sampler.sample);
    }
    this.layout = sampler.layout;
  }

  /** null where they are not asked for, or cannot be read. */
  private readProcesses({ timeMs, monotonicUs }: Tick): TopProcesses | null {
    if (this.processes === null) return null;
    try {
      const read = this.processes.read(timeMs, monotonicUs);
      this.tell([{ source: "processes", error: null }]);
      return read;
    } catch (error) {
      this.tell([{ source: "processes", error: messageOf(error) }]);
      return null;
    }
  }

  /** The sample of an interval that ends before its time. */
  takeLast(clock: Clock): void {
    const now = { timeMs: clock.wallMs(), monotonicUs: clock.monotonicUs() };
    const tick = { ...now, missedTicks: 0, clockStepMs: 0 };
    this.take({ fast: this.statistics === null ? null : tick, tick });
  }

  private count({ missedTicks }: Tick): void {
    let droppedSamples = 0;
    for (const sink of this.sinks) droppedSamples += sink.droppedSamples?.() ?? 0;
    this.counts.missedTicks += missedTicks;
    this.counts.droppedSamples = droppedSamples;
  }

  private tell(changes: readonly StatusChange[]): void {
    const { timeMs, monotonicUs } = this.sampler.sample;
    for (const change of this.statuses.select(changes, monotonicUs)) {
      for (const sink of this.sinks) sink.status(timeMs, change);
    }
  }
}
