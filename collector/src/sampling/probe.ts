import type { SourceName } from "./layout.ts";

/** What began to fail, or works again. */
export interface StatusChange {
  /** Path of a file under /proc, or a source's name, with its device behind a colon where it speaks of one: `mounts:/srv`. */
  source: string;
  /** null: it works again. */
  error: string | null;
}

/** Measures what no file of /proc tells in one reading. */
export interface Probe {
  readonly source: SourceName;
  /**
   * Called at each tick, before `fill`; never waits. Answers the names of its devices, filtered – the same list as long as none
   * comes or goes – or null where its source exists once.
   * @throws what becomes the source's status; its values are then NaN.
   */
  update(monotonicUs: number, changes: StatusChange[]): readonly string[] | null;
  /** Sets the values of its devices from `offset` on, in the order of the list; NaN is what was not measured. */
  fill(values: Float64Array, offset: number): void;
  close(): void;
}
