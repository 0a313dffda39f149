// One upstream's way through the gateway: taken into its own spool, then forwarded. What stalls one upstream does not hold up another.
import { join } from "node:path";
import { HttpProblem, unavailable } from "@perfanalysis/contract/http-problem";
import { messageOf } from "../message-of.ts";
import type { Clock } from "../sampling/clock.ts";
import { openSpool } from "../spool/disk-spool.ts";
import type { Spool, SpoolCounts } from "../spool/spool.ts";
import { batchKind, encodeBatch, type Batch } from "./batch.ts";
import { openDeadLetters, type DeadLetterCounts, type DeadLetters } from "./dead-letters.ts";
import type { Destination } from "./destination.ts";
import { Forwarder, type ForwarderCounts, type UpstreamState } from "./forward.ts";
import { openBatchNames, type BatchNames, type TakenBatch } from "./names.ts";

export interface LaneOptions {
  name: string;
  /** Of this upstream alone. */
  folder: string;
  destination: Destination;
  maxSpoolBytes: number;
  maxDeadLetterBytes: number;
  clock: Clock;
  random: () => number;
  report: (message: string) => void;
}

export interface LaneCounts {
  takenBatches: number;
  takenRows: number;
  repeatedBatches: number;
}

export interface LaneStatus extends LaneCounts {
  upstream: { state: UpstreamState; why: string; place: string };
  spool: SpoolCounts & { maxBytes: number };
  forwarded: ForwarderCounts;
  deadLetters: DeadLetterCounts;
  /** Why nothing can be taken in; null: it can. */
  trouble: string | null;
}

/** A client that waits so long sends more rows at once. */
const fullRetryAfterS = 15;
const brokenRetryAfterS = 5;
/** Of a record and what the spool notes beside it. */
const overheadBytes = 4096;
/** After that it is worth another try: where nobody sends to what is not ready, nobody would find out. */
const troubleHoldsUs = 10_000_000;

export class Lane {
  readonly name: string;
  private readonly options: LaneOptions;
  private readonly spool: Spool;
  private readonly names: BatchNames;
  private readonly deadLetters: DeadLetters;
  private readonly forwarder: Forwarder;
  /** Batches that are appended and not yet synced, by their names. */
  private readonly unsynced = new Map<string, Batch>();
  /** Who waits for the next sync: what they wait for is appended. */
  private waiters: PromiseWithResolvers<void>[] = [];
  private isSyncing = false;
  private counted: LaneCounts = { takenBatches: 0, takenRows: 0, repeatedBatches: 0 };
  private trouble: { why: string; sinceUs: number } | null = null;

  /** @throws LockedError where another process has the folder, and what the spool and the system throw. */
  constructor(options: LaneOptions) {
    const { name, folder, destination, clock, random } = options;
    const report = (message: string): void => options.report(`${name}: ${message}`);
    this.options = { ...options, report };
    this.name = name;
    // Makes the folder, and makes sure that it is ours alone.
    this.spool = openSpool(join(folder, "spool"), { maxBytes: options.maxSpoolBytes, report });
    try {
      this.names = openBatchNames(join(folder, "taken"), report);
      this.deadLetters = openDeadLetters(join(folder, "refused"), {
        maxBytes: options.maxDeadLetterBytes,
        now: () => clock.wallMs(),
      });
    } catch (error) {
      this.spool.close();
      throw error;
    }
    const { spool, deadLetters } = this;
    this.forwarder = new Forwarder({ spool, destination, deadLetters, clock, random, report });
  }

  /**
   * Resolves when the batch survives a power cut: new, or the same one as before.
   * @throws HttpProblem where there is another batch of that name, or no room.
   */
  async take(batch: Batch): Promise<TakenBatch> {
    const key = `${batch.agent} ${batch.epoch} ${batch.sequence}`;
    const unsynced = this.unsynced.get(key);
    const known = unsynced ?? this.names.find(batch);
    if (known !== null) {
      if (known.digest !== batch.digest) throw otherBatch(batch);
      if (unsynced !== undefined) await this.sync();
      this.counted.repeatedBatches += 1;
      return known;
    }
    this.append(batch);
    this.unsynced.set(key, batch);
    try {
      await this.sync();
      // Only now: a name that outlives its batch would be an answer without the data.
      this.names.add(batch);
    } finally {
      this.unsynced.delete(key);
    }
    this.counted.takenBatches += 1;
    this.counted.takenRows += batch.rowCount;
    this.forwarder.wake();
    return batch;
  }

  status(): LaneStatus {
    const { forwarder, spool, deadLetters, trouble, options } = this;
    const isRecent =
      trouble !== null && options.clock.monotonicUs() - trouble.sinceUs < troubleHoldsUs;
    return {
      ...this.counted,
      upstream: { ...forwarder.upstream, place: options.destination.place },
      spool: { ...spool.counts(), maxBytes: options.maxSpoolBytes },
      forwarded: forwarder.counts,
      deadLetters: deadLetters.counts(),
      trouble: isRecent ? trouble.why : null,
    };
  }

  /** Tries the upstream again at once, with the key that its file holds now. */
  reload(): void {
    try {
      this.options.destination.reload?.();
    } catch (error) {
      this.options.report(`${messageOf(error)}; going on with the key that it has`);
    }
    this.forwarder.retryNow();
  }

  /** Forwards what waits, for at most this long; the rest stays in the spool. */
  async close(deadlineMs: number): Promise<void> {
    try {
      await this.forwarder.close(deadlineMs);
    } finally {
      this.names.close();
      this.spool.close();
    }
  }

  private append(batch: Batch): void {
    const { maxSpoolBytes } = this.options;
    const payload = encodeBatch(batch);
    // The spool would make room by dropping what others were promised to be kept.
    if (this.spool.counts().bytes + payload.length + overheadBytes > maxSpoolBytes) {
      this.setTrouble("the spool is full");
      throw unavailable(
        `The spool for "${this.name}" is full: nothing was kept. Send it again when the upstream takes batches again.`,
        { retryAfterS: fullRetryAfterS },
      );
    }
    try {
      this.spool.append(batchKind, payload);
    } catch (cause) {
      throw this.cannotKeep(cause);
    }
  }

  /** One sync for all that comes while the one before is under way. */
  private sync(): Promise<void> {
    const waiter = Promise.withResolvers<void>();
    this.waiters.push(waiter);
    if (!this.isSyncing) void this.syncForAll();
    return waiter.promise;
  }

  private async syncForAll(): Promise<void> {
    this.isSyncing = true;
    while (this.waiters.length > 0) {
      const waiters = this.waiters;
      this.waiters = [];
      try {
        await this.spool.syncInBackground();
        this.endTrouble();
        for (const { resolve } of waiters) resolve();
      } catch (cause) {
        const refusal = this.cannotKeep(cause);
        // Those that came meanwhile wrote into the same file, of which nobody knows any more what is on disk.
        for (const { reject } of [...waiters, ...this.waiters.splice(0)]) reject(refusal);
      }
    }
    this.isSyncing = false;
  }

  private cannotKeep(cause: unknown): HttpProblem {
    this.setTrouble(`the spool cannot be written: ${messageOf(cause)}`);
    return unavailable(
      "The gateway cannot write its spool: nothing was kept. Send it again later.",
      {
        retryAfterS: brokenRetryAfterS,
        cause,
      },
    );
  }

  private setTrouble(why: string): void {
    if (this.trouble === null) this.options.report(`${why}; clients are told to come back`);
    this.trouble = { why, sinceUs: this.options.clock.monotonicUs() };
  }

  private endTrouble(): void {
    if (this.trouble !== null) this.options.report("batches are taken again");
    this.trouble = null;
  }
}

function otherBatch({ agent, epoch, sequence }: Batch): HttpProblem {
  return new HttpProblem(
    409,
    "Another batch has this name",
    `Nothing was kept: batch ${sequence} of agent "${agent}", epoch "${epoch}" was sent before with other content. Begin a new epoch.`,
  );
}
