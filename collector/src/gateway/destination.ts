import type { Batch } from "./batch.ts";

/** What became of a batch. */
export type Outcome =
  | {
      kind: "taken";
      /** What was not taken besides the rows; not given: nothing. */
      warning?: string | undefined;
    }
  /** It would be refused again; others may be taken. */
  | { kind: "refused"; why: string }
  | {
      kind: "later";
      why: string;
      /** How long the receiver asks to wait; null where it does not say. */
      retryAfterMs: number | null;
      /** The receiver failed over this batch, perhaps because of it. */
      isSuspect: boolean;
    }
  /** Nothing is taken until somebody mends the key or the address. */
  | { kind: "misdirected"; why: string };

/** Where batches go. */
export interface Destination {
  /** For people: where it is. */
  readonly place: string;
  /** How many batches it takes at once, of different agents. */
  readonly parallel: number;
  /** `taken` is final: the batch survives a power cut there. Rejects never but where the signal ends it. */
  deliver(batch: Batch, signal: AbortSignal): Promise<Outcome>;
  /**
   * Reads anew what it sends with; not there where there is nothing.
   * @throws where it cannot be read; it goes on with what it has.
   */
  reload?(): void;
  close(): void;
}
