import type { StatusChange } from "./probe.ts";

/** So many changes of a source are told as they come. */
const burst = 10;
/** A source that goes on changing is told as often as this. */
const restUs = 600e6;
/** Beyond it, sources of which there is nothing to remember are forgotten. */
const maxSources = 1000;

interface SourceState {
  /** As it was told last, and as it is; null: it works. */
  told: string | null;
  now: string | null;
  /** Changes that may be told. */
  left: number;
  countedUs: number;
}

/** Tells changes of status, but not all of a source that fails and works by turns: what was told last is true again before long. */
export class StatusFilter {
  private readonly sources = new Map<string, SourceState>();

  /** Takes in what changed by a sample, and answers what is to be told by it. */
  select(changes: readonly StatusChange[], monotonicUs: number): StatusChange[] {
    for (const { source, error } of changes) this.find(source, monotonicUs).now = error;
    const told: StatusChange[] = [];
    for (const [source, state] of this.sources) {
      if ((state.now === null) === (state.told === null)) continue;
      const earned = Math.floor((monotonicUs - state.countedUs) / restUs);
      if (earned > 0) {
        state.left = Math.min(burst, state.left + earned);
        state.countedUs = monotonicUs;
      }
      if (state.left === 0) continue;
      state.left -= 1;
      state.told = state.now;
      told.push({ source, error: state.now });
    }
    return told;
  }

  /** Sources that were told to fail. */
  listFailing(): string[] {
    return Array.from(this.sources, ([source, { told }]) => (told === null ? [] : [source])).flat();
  }

  private find(source: string, monotonicUs: number): SourceState {
    const known = this.sources.get(source);
    if (known !== undefined) return known;
    if (this.sources.size >= maxSources) {
      for (const [name, { told, now }] of this.sources) {
        if (told === null && now === null) this.sources.delete(name);
      }
    }
    const state = { told: null, now: null, left: burst, countedUs: monotonicUs };
    this.sources.set(source, state);
    return state;
  }
}
