// Takes batches out of a spool and brings each to its destination; what is refused for good is set aside, so that it holds up nothing.
import { backoffMs } from "@perfanalysis/contract/retry";
import { countOf } from "../count-of.ts";
import { messageOf } from "../message-of.ts";
import type { Clock } from "../sampling/clock.ts";
import type { Spool, SpoolRecord } from "../spool/spool.ts";
import { decodeBatch, type Batch } from "./batch.ts";
import type { DeadLetters } from "./dead-letters.ts";
import type { Destination, Outcome } from "./destination.ts";

export interface ForwarderOptions {
  spool: Spool;
  destination: Destination;
  deadLetters: DeadLetters;
  clock: Clock;
  /** Uniform in 0–1, for the jitter. */
  random: () => number;
  /** For people, where something is out of the ordinary. */
  report: (message: string) => void;
}

export interface ForwarderCounts {
  batches: number;
  rows: number;
  /** Attempts after which a batch has to be sent again. */
  failures: number;
  refusedBatches: number;
}

/** `unknown`: nothing has been sent yet. */
export type UpstreamState = "unknown" | "up" | "down" | "misdirected";

/** A batch that was read from the spool and is not acknowledged to it. */
interface Waiting {
  id: number;
  /** Null where the record is no batch. */
  batch: Batch | null;
  bytes: number;
  state: "waiting" | "sending" | "done";
  tries: number;
  /** Answers that may be this batch's own fault. */
  suspicions: number;
  /** How many batches had been taken when the first suspicion came. */
  takenBefore: number;
}

/** What is in memory of a spool. */
const maxWaiting = 64;
const maxWaitingBytes = 4 * 1024 * 1024;
/** A receiver that fails so often over one batch, and takes others, fails because of it. */
const maxSuspicions = 10;
/** People mend keys and addresses, and say so with SIGHUP. */
const misdirected = { firstMs: 30_000, mostMs: 600_000 };

export class Forwarder {
  private readonly options: ForwarderOptions;
  private readonly waiting: Waiting[] = [];
  private lastReadId: number;
  private sending = 0;
  /** In a row; a pause counts once, however many attempts it ended. */
  private failures = 0;
  private pause: AbortController | null = null;
  /** Attempts that began before the last pause say nothing about the time after it. */
  private generation = 0;
  private wakeUp: (() => void) | null = null;
  private isDraining = false;
  /** Ends all sending and waiting. */
  private readonly stop = new AbortController();
  private readonly running: Promise<void>;
  private counted = { batches: 0, rows: 0, failures: 0, refusedBatches: 0 };
  private toldWarning = "";
  private current: { state: UpstreamState; why: string } = { state: "unknown", why: "" };

  constructor(options: ForwarderOptions) {
    this.options = options;
    this.lastReadId = options.spool.acknowledgedId;
    this.running = this.run();
  }

  get counts(): ForwarderCounts {
    return this.counted;
  }

  /** Whether the destination takes batches, and if not, why. */
  get upstream(): { state: UpstreamState; why: string } {
    return this.current;
  }

  /** There may be something new in the spool. */
  wake(): void {
    this.wakeUp?.();
  }

  /** Tries again at once, whatever it waits for. */
  retryNow(): void {
    this.pause?.abort();
  }

  /**
   * Sends what waits for at most this long, or until the destination takes no more, and ends. What is left stays in the spool. The
   * destination is closed.
   */
  async close(deadlineMs: number): Promise<void> {
    this.isDraining = true;
    this.wake();
    const timer = setTimeout(() => this.end(), deadlineMs);
    try {
      await this.running;
    } finally {
      clearTimeout(timer);
      this.end();
      this.options.destination.close();
    }
  }

  private end(): void {
    this.stop.abort();
    this.pause?.abort();
    this.wake();
  }

  private async run(): Promise<void> {
    // Not before whoever made it has finished.
    await Promise.resolve();
    while (!this.stop.signal.aborted) {
      if (this.pause === null) {
        this.refill();
        for (let next = this.choose(); next !== null; next = this.choose()) this.start(next);
      }
      if (this.isDraining && this.sending === 0 && (this.pause !== null || this.isEmpty())) return;
      await new Promise<void>((resolve) => {
        this.wakeUp = resolve;
      });
    }
    while (this.sending > 0) {
      await new Promise<void>((resolve) => {
        this.wakeUp = resolve;
      });
    }
  }

  private isEmpty(): boolean {
    return !this.waiting.some(({ state }) => state === "waiting");
  }

  private refill(): void {
    const bytes = this.waiting.reduce((sum, waiting) => sum + waiting.bytes, 0);
    const room = {
      maxRecords: maxWaiting - this.waiting.length,
      maxBytes: maxWaitingBytes - bytes,
    };
    if (room.maxRecords <= 0 || room.maxBytes <= 0) return;
    for (const record of this.options.spool.read(this.lastReadId, room)) {
      this.waiting.push(this.toWaiting(record));
      this.lastReadId = record.id;
    }
  }

  private toWaiting({ id, payload }: SpoolRecord): Waiting {
    const waiting = {
      id,
      bytes: payload.length,
      state: "waiting" as const,
      tries: 0,
      suspicions: 0,
      takenBefore: 0,
    };
    try {
      return { ...waiting, batch: decodeBatch(payload) };
    } catch (error) {
      this.options.report(`record ${id} of the spool is no batch: ${messageOf(error)}`);
      return { ...waiting, batch: null };
    }
  }

  /** The next batch to send: none of an agent that has one under way, and those that were tried least first. */
  private choose(): Waiting | null {
    // One attempt tells whether the destination is back.
    const most = this.failures > 0 ? 1 : this.options.destination.parallel;
    if (this.sending >= most) return null;
    const busyAgents = new Set<string>();
    let chosen: Waiting | null = null;
    for (const waiting of this.waiting) {
      if (waiting.state === "done") continue;
      const agent = waiting.batch?.agent ?? "";
      const isNext = waiting.state === "waiting" && !busyAgents.has(agent);
      if (isNext && (chosen === null || waiting.tries < chosen.tries)) chosen = waiting;
      busyAgents.add(agent);
    }
    return chosen;
  }

  private start(waiting: Waiting): void {
    const { batch } = waiting;
    if (batch === null) {
      this.finish(waiting);
      return;
    }
    waiting.state = "sending";
    waiting.tries += 1;
    this.sending += 1;
    void this.send(waiting, batch).finally(() => {
      this.sending -= 1;
      this.wake();
    });
  }

  private async send(waiting: Waiting, batch: Batch): Promise<void> {
    const { generation } = this;
    const { signal } = this.stop;
    let outcome: Outcome;
    try {
      outcome = await this.options.destination.deliver(batch, signal);
    } catch (error) {
      if (signal.aborted) return;
      outcome = { kind: "later", why: messageOf(error), retryAfterMs: null, isSuspect: true };
    }
    if (outcome.kind === "taken") {
      this.counted.batches += 1;
      this.counted.rows += batch.rowCount;
      this.tell("up", "");
      this.tellWarning(outcome.warning ?? "");
      this.finish(waiting);
    } else if (outcome.kind === "refused") {
      this.tell("up", "");
      this.setAside(waiting, batch, outcome.why);
    } else {
      waiting.state = "waiting";
      this.counted.failures += 1;
      if (outcome.kind === "later" && outcome.isSuspect && this.isPoison(waiting)) {
        this.setAside(waiting, batch, `${outcome.why}, ${maxSuspicions} times`);
      }
      this.startPause(outcome, generation);
    }
  }

  private isPoison(waiting: Waiting): boolean {
    if (waiting.suspicions === 0) waiting.takenBefore = this.counted.batches;
    waiting.suspicions += 1;
    return waiting.suspicions >= maxSuspicions && this.counted.batches > waiting.takenBefore;
  }

  private setAside(waiting: Waiting, batch: Batch, why: string): void {
    const { deadLetters, report } = this.options;
    try {
      deadLetters.add(waiting.id, batch, why);
    } catch (error) {
      // It stays in the spool until there is room.
      waiting.state = "waiting";
      report(`Cannot set a refused batch aside: ${messageOf(error)}`);
      const outcome = { kind: "later", why, retryAfterMs: null, isSuspect: false } as const;
      this.startPause(outcome, this.generation);
      return;
    }
    this.counted.refusedBatches += 1;
    report(
      `a batch of ${countOf(batch.rowCount, "row")} of ${batch.machineId} is refused for good and set aside: ${why}`,
    );
    this.finish(waiting);
  }

  /** All records up to the first that is not done with are acknowledged. */
  private finish(waiting: Waiting): void {
    waiting.state = "done";
    const left = this.waiting.findIndex(({ state }) => state !== "done");
    const done = this.waiting.splice(0, left === -1 ? this.waiting.length : left);
    const last = done.at(-1);
    if (last !== undefined) this.options.spool.acknowledge(last.id);
  }

  private startPause(
    outcome: Extract<Outcome, { kind: "later" | "misdirected" }>,
    generation: number,
  ): void {
    this.tell(outcome.kind === "later" ? "down" : "misdirected", outcome.why);
    if (generation !== this.generation) return;
    this.generation += 1;
    const isLater = outcome.kind === "later";
    const delayMs = backoffMs(this.failures, {
      retryAfterMs: isLater ? outcome.retryAfterMs : null,
      random: this.options.random,
      ...(isLater ? {} : misdirected),
    });
    this.failures += 1;
    const pause = new AbortController();
    this.pause = pause;
    void this.options.clock.sleep(delayMs, pause.signal).then(() => {
      this.pause = null;
      this.wake();
      return null;
    });
  }

  private tellWarning(warning: string): void {
    const { report, destination } = this.options;
    if (warning !== "" && warning !== this.toldWarning)
      report(`${destination.place} says: ${warning}`);
    if (warning !== "") this.toldWarning = warning;
  }

  /** Said once, and again when it changes. */
  private tell(state: UpstreamState, why: string): void {
    const before = this.current;
    this.current = { state, why };
    if (state === "up") this.failures = 0;
    if (state === before.state) return;
    const { report, destination } = this.options;
    if (state === "up") {
      if (before.state !== "unknown") report(`${destination.place} takes batches again`);
    } else {
      report(
        state === "down"
          ? `${destination.place} takes no batches now (${why}); they wait in the spool`
          : `${destination.place} takes no batches until its key or address is mended (${why}); they wait in the spool`,
      );
    }
  }
}
