// Sends rows to POST /api/v1/performance/stream in numbered batches. (agent, epoch, sequence) names a batch once and for all: sent
// again with the same content it gets the same answer and adds nothing, so that whatever was not answered is sent again. A row leaves
// its spool only when the portal has answered that it is stored, or never will be.
import { join } from "node:path";
import type { HostFacts } from "@perfanalysis/contract/api";
import { renderTextCell } from "@perfanalysis/contract/csv/write";
import { hostFactsHeader } from "@perfanalysis/contract/host-facts";
import { backoffMs } from "@perfanalysis/contract/retry";
import { messageOf } from "../message-of.ts";
import type { Clock } from "../sampling/clock.ts";
import { describeAnswer, judge, toStreamUrl } from "./answers.ts";
import type { Answer, HttpClient } from "./http.ts";
import { setAside } from "./refused.ts";
import { takeBatch, type RowBatch } from "./row-batch.ts";
import { createRowRenderer, type MetricRow } from "./row-lines.ts";
import type { RowStore } from "./stores.ts";
import { ToldFacts } from "./told-facts.ts";
import { whyUnreachable } from "./unreachable.ts";

/** Where rows go. */
export interface Connection {
  client: HttpClient;
  portal: URL;
}

export interface StreamOptions extends Connection {
  /** Asked again while the portal does not take the key. */
  readApiKey: () => string;
  machineId: string;
  /** What the machine is at this moment. */
  readFacts: () => HostFacts;
  /** A row waits in the first that takes it; what waits in an earlier one is sent first. */
  stores: readonly [RowStore, ...RowStore[]];
  clock: Clock;
  /** Uniform in 0–1, for the jitter. */
  random: () => number;
  /** For people, where something is out of the ordinary. */
  report: (message: string) => void;
}

export interface StreamCounts {
  sentRows: number;
  /** Refused by the portal for good. */
  refusedRows: number;
  /** Given up because too many waited; where they wait on disk, since the spool was made. */
  droppedRows: number;
  /** Lost to a disk that gives back other bytes than were written, since the spool was made. */
  damagedRows: number;
  waitingRows: number;
}

const rowKind = 1;
const everything = {
  maxRecords: Number.POSITIVE_INFINITY,
  maxBytes: Number.POSITIVE_INFINITY,
};
/** Until somebody has mended a key or an address, the portal is hardly ever asked; a key that was exchanged is soon seen. */
const misdirectedMs = 300_000;
const keyLookMs = 30_000;

export class StreamSender {
  private readonly options: StreamOptions;
  private client: HttpClient;
  private portal: URL;
  private url: URL;
  private readonly render: ReturnType<typeof createRowRenderer>;
  private readonly toldFacts: ToldFacts;
  private apiKey: string;
  private batch: RowBatch | null = null;
  /** Whether the batch is on its way: its answer is still to come. */
  private isSending = false;
  private sentRows = 0;
  private refusedRows = 0;
  /** Ends all waiting and sending. */
  private readonly stop = new AbortController();
  /** Ends the waiting that is under way. */
  private pause = new AbortController();
  private running: Promise<void> | null = null;
  /** Whether there may be rows that were not looked at. */
  private hasNews = false;
  /** What is out of the ordinary is said once, and again when it changes. */
  private trouble = "";
  private spoolTrouble = false;
  private toldDropped: number;
  private toldWarning = "";
  private lastSentMs: number | null = null;
  /** null: the portal takes what it is sent. */
  private lastError: string | null = null;

  constructor(options: StreamOptions) {
    this.options = options;
    this.client = options.client;
    this.portal = options.portal;
    this.apiKey = options.readApiKey();
    this.render = createRowRenderer(options.machineId);
    this.url = toStreamUrl(options.portal);
    this.toldFacts = new ToldFacts(options.readFacts, options.clock);
    this.toldDropped = this.count().droppedRows;
  }

  count(): StreamCounts {
    let droppedRows = 0;
    let damagedRows = 0;
    let waitingRows = 0;
    for (const { spool } of this.options.stores) {
      const { records, droppedRecords, damagedRecords } = spool.counts();
      droppedRows += droppedRecords;
      damagedRows += damagedRecords;
      waitingRows += records;
    }
    const { sentRows, refusedRows } = this;
    return { sentRows, refusedRows, droppedRows, damagedRows, waitingRows };
  }

  /** What pcctl shows of it. */
  describe(): object {
    const { sentRows, refusedRows, droppedRows, damagedRows, waitingRows } = this.count();
    const onDisk = this.options.stores.find(({ folder }) => folder !== null);
    return {
      kind: "portal",
      url: this.portal.href,
      sent_rows: sentRows,
      refused_rows: refusedRows,
      dropped_rows: droppedRows,
      damaged_rows: damagedRows,
      waiting_rows: waitingRows,
      spool_bytes: onDisk?.spool.counts().bytes ?? null,
      last_sent: this.lastSentMs === null ? null : new Date(this.lastSentMs).toISOString(),
      last_error: this.lastError,
    };
  }

  /** Goes on with what an earlier process left. */
  start(): void {
    this.run();
  }

  /** Takes the row, and sends it as soon as it can. */
  add(row: MetricRow): void {
    const { head, line } = this.render(row);
    for (const { spool, folder } of this.options.stores) {
      try {
        spool.append(rowKind, line, head);
        if (folder !== null) {
          this.tellSpooling(folder, null);
          if (!this.isSending) this.moveToDisk();
        }
        break;
      } catch (error) {
        this.tellSpooling(folder ?? "memory", messageOf(error));
      }
    }
    this.tellDropped();
    this.run();
  }

  /**
   * Goes on at once with the key as it is now, and with another connection where there is one. Answers whether the key is another one
   * than before.
   */
  reconnect(connection: Connection | null): boolean {
    if (connection !== null) {
      this.client.close();
      this.client = connection.client;
      this.portal = connection.portal;
      this.url = toStreamUrl(connection.portal);
      this.toldFacts.forget();
    }
    const hasNewKey = this.hasNewKey();
    // Whether it helped is said in any case.
    if (this.trouble !== "") this.trouble = "mended";
    this.pause.abort();
    return hasNewKey;
  }

  /** Sends what waits, for at most this long, and ends. */
  async close(deadlineMs: number): Promise<void> {
    const timer = setTimeout(() => this.stop.abort(), deadlineMs);
    try {
      await this.running;
    } finally {
      clearTimeout(timer);
      this.stop.abort();
      this.client.close();
    }
    this.moveToDisk();
  }

  private run(): void {
    if (this.stop.signal.aborted) return;
    this.hasNews = true;
    this.running ??= this.sendAll().finally(() => {
      this.running = null;
      // A row may have come after the last look.
      if (this.hasNews) this.run();
    });
  }

  private async sendAll(): Promise<void> {
    let failures = 0;
    while (!this.stop.signal.aborted) {
      const batch = (this.batch ??= this.createBatch());
      if (batch === null) return;
      this.isSending = true;
      const facts = this.isOwn(batch) && !batch.goesAlone ? this.toldFacts.next() : null;
      const answer = await this.post(batch, facts);
      this.isSending = false;
      const isSettled = this.settle(batch, answer, { hadFacts: facts !== null });
      if (!this.spoolTrouble) this.moveToDisk();
      if (isSettled) {
        failures = 0;
        continue;
      }
      await this.wait(answer, failures);
      failures += 1;
    }
  }

  /**
   * What waits in memory, once the disk takes it again: it would end with the process. Rows that were sent already get another name
   * there, so that the portal may see them twice and adds nothing.
   */
  private moveToDisk(): void {
    const disk = this.options.stores.find(({ folder }) => folder !== null);
    if (disk === undefined) return;
    for (const { spool, folder } of this.options.stores) {
      if (folder !== null) continue;
      for (const { id, kind, payload, head } of spool.read(spool.acknowledgedId, everything)) {
        try {
          disk.spool.append(kind, payload, head);
        } catch {
          // They wait where they are; the next row tells.
          return;
        }
        if (this.batch?.store.spool === spool) this.batch = null;
        spool.acknowledge(id);
      }
    }
  }

  /** Whether to go on at once. */
  private settle(
    batch: RowBatch,
    answer: Answer | null,
    { hadFacts }: { hadFacts: boolean },
  ): boolean {
    if (answer === null) return false;
    const verdict = judge(answer);
    if (verdict === "taken") {
      this.sentRows += batch.rowCount;
      if (this.trouble !== "") this.options.report("the portal takes samples again");
      this.trouble = "";
      this.lastError = null;
      this.lastSentMs = this.options.clock.wallMs();
      if (hadFacts || batch.goesAlone) this.toldFacts.setTold();
      this.tellWarning(answer);
      this.finish(batch);
      return true;
    }
    if (verdict === "later") {
      const what = `the portal takes no samples now (${describeAnswer(answer)}); trying again`;
      this.tell(what, `later ${answer.status}`);
      return false;
    }
    if (isAboutKey(answer) && (this.isOwn(batch) || answer.status !== 403)) {
      const what = `the portal takes no samples with this key or at this address (${describeAnswer(answer)}): mend it; samples wait until then`;
      this.tell(what, `misdirected ${answer.status}`);
      return false;
    }
    if (answer.status === 409 && !batch.renamed) {
      batch.store.epoch.renew();
      this.batch = { ...batch, renamed: true };
      return true;
    }
    if (hadFacts) {
      // Something on the way may not like their header: no reason to give up rows.
      this.batch = { ...batch, goesAlone: true };
      return true;
    }
    this.refuse(batch, answer);
    this.finish(batch);
    return true;
  }

  private finish(batch: RowBatch): void {
    batch.store.spool.acknowledge(batch.lastId);
    this.batch = null;
  }

  private refuse({ store, sequence, csv, rowCount }: RowBatch, answer: Answer): void {
    this.refusedRows += rowCount;
    let fate = "they are dropped";
    if (store.folder !== null) {
      const folder = join(store.folder, "refused");
      try {
        setAside(folder, { sequence, status: answer.status, csv });
        fate = `they are set aside in ${folder}`;
      } catch (error) {
        fate = `they are dropped, since they cannot be set aside in ${folder}: ${messageOf(error)}`;
      }
    }
    this.tell(
      `the portal refuses samples for good (${describeAnswer(answer)}); ${fate}, ${this.refusedRows} so far`,
      `refused ${answer.status}`,
    );
  }

  /** null where there was no answer. */
  private async post(
    { store, sequence, encoding, body }: RowBatch,
    facts: string | null,
  ): Promise<Answer | null> {
    const { client } = this;
    const { machineId } = this.options;
    const url = new URL(this.url);
    url.searchParams.set("agent", machineId);
    url.searchParams.set("epoch", store.epoch.id);
    url.searchParams.set("sequence", String(sequence));
    const headers: Record<string, string> = {
      authorization: `Bearer ${this.apiKey}`,
      "content-type": "text/csv",
    };
    if (encoding !== "identity") headers["content-encoding"] = encoding;
    if (facts !== null) headers[hostFactsHeader] = facts;
    try {
      return await client.post(url, { headers, body, signal: this.stop.signal });
    } catch (error) {
      if (!this.stop.signal.aborted && client === this.client) {
        const why = whyUnreachable(error);
        this.tell(`Cannot reach the portal at ${url.origin}: ${why}; trying again`, "unreachable");
      }
      return null;
    }
  }

  private async wait(answer: Answer | null, failures: number): Promise<void> {
    const { pause } = this;
    await this.waitFor(answer, failures, AbortSignal.any([this.stop.signal, pause.signal]));
    if (pause.signal.aborted) this.pause = new AbortController();
  }

  private async waitFor(
    answer: Answer | null,
    failures: number,
    signal: AbortSignal,
  ): Promise<void> {
    const { clock, random } = this.options;
    const retryAfterMs = answer?.retryAfterMs ?? 0;
    if (answer === null || !isAboutKey(answer)) {
      await clock.sleep(backoffMs(failures, { retryAfterMs, random }), signal);
      return;
    }
    const leastMs = Math.max(misdirectedMs, retryAfterMs);
    let leftMs = backoffMs(failures, {
      retryAfterMs: leastMs,
      random,
      firstMs: misdirectedMs,
      mostMs: misdirectedMs,
    });
    while (leftMs > 0 && !signal.aborted && !this.hasNewKey()) {
      await clock.sleep(Math.min(keyLookMs, leftMs), signal);
      leftMs -= keyLookMs;
    }
  }

  private hasNewKey(): boolean {
    try {
      const before = this.apiKey;
      this.apiKey = this.options.readApiKey();
      return this.apiKey !== before;
    } catch {
      // It is just being exchanged.
      return false;
    }
  }

  /** null where no row waits. */
  private createBatch(): RowBatch | null {
    this.hasNews = false;
    for (const store of this.options.stores) {
      const batch = takeBatch(store);
      if (batch !== null) return batch;
    }
    return null;
  }

  /** Whether this machine measured it. */
  private isOwn({ machineCell }: RowBatch): boolean {
    return machineCell === renderTextCell(this.options.machineId);
  }

  private tell(message: string, kind: string): void {
    this.lastError = message;
    if (kind === this.trouble) return;
    this.trouble = kind;
    this.options.report(message);
  }

  private tellWarning({ warning = "" }: Answer): void {
    if (warning !== "" && warning !== this.toldWarning)
      this.options.report(`the portal takes samples, but says: ${warning}`);
    if (warning !== "") this.toldWarning = warning;
  }

  private tellSpooling(place: string, why: string | null): void {
    if (this.spoolTrouble === (why !== null)) return;
    this.spoolTrouble = why !== null;
    this.options.report(
      why === null
        ? `${place}: spooling again`
        : `Cannot spool in ${place}: ${why}; samples wait in memory`,
    );
  }

  private tellDropped(): void {
    const { droppedRows } = this.count();
    // Once, however many follow.
    if (this.toldDropped === Number.POSITIVE_INFINITY || droppedRows <= this.toldDropped) return;
    this.toldDropped = Number.POSITIVE_INFINITY;
    this.options.report(
      "there is no room for more samples that wait for the portal: dropping the oldest from now on",
    );
  }
}

/** Nothing of this machine will be taken before somebody has mended what it sends with. */
function isAboutKey(answer: Answer): boolean {
  return answer.status === 403 || judge(answer) === "misdirected";
}
