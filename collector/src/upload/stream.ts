// Sends rows to POST /api/v1/performance/stream in numbered batches. (agent, epoch, sequence) names a batch once and for all: sent
// again with the same content it gets the same answer and adds nothing, so that whatever was not answered is sent again.
import { gzipSync } from "node:zlib";
import { createCsvRenderer } from "@perfanalysis/contract/csv/write";
import type { Clock } from "../sampling/clock.ts";
import { backoffMs, describeAnswer, judge, toStreamUrl } from "./answers.ts";
import type { Answer, HttpClient } from "./http.ts";

export interface StreamOptions {
  client: HttpClient;
  portal: URL;
  apiKey: string;
  machineId: string;
  /** Chosen anew with every start: sequences begin at 0 in it. */
  epoch: string;
  clock: Clock;
  /** Uniform in 0–1, for the jitter. */
  random: () => number;
  /** For people, where something is out of the ordinary. */
  report: (message: string) => void;
  /** Rows that wait; beyond that the oldest are dropped. */
  maxRows?: number;
}

/** A row of metrics and its columns. */
export interface MetricRow {
  timestampS: number;
  columns: readonly string[];
  values: Float64Array;
}

export interface StreamCounts {
  sentRows: number;
  /** Refused by the portal for good. */
  refusedRows: number;
  /** Given up because too many waited. */
  droppedRows: number;
  /** Still waiting. */
  waitingRows: number;
}

interface Batch {
  sequence: number;
  rowCount: number;
  headers: Record<string, string>;
  body: Uint8Array;
}

const defaultMaxRows = 3600;
const maxBatchRows = 500;
/** The portal takes 8 MiB a batch; a cell has at most 25 bytes. */
const maxBatchCells = 300_000;
/** Below, compressing costs more than it saves. */
const minGzipBytes = 4096;

export class StreamSender {
  private readonly options: StreamOptions;
  private readonly maxRows: number;
  private readonly url: URL;
  private readonly renderBody: ReturnType<typeof createCsvBody>;
  private readonly waiting: MetricRow[] = [];
  private batch: Batch | null = null;
  private sequence = 0;
  private counts = { sentRows: 0, refusedRows: 0, droppedRows: 0 };
  /** Ends all waiting and sending. */
  private readonly stop = new AbortController();
  private running: Promise<void> | null = null;
  /** What is out of the ordinary is said once, and again when it changes. */
  private trouble = "";

  constructor(options: StreamOptions) {
    this.options = options;
    this.maxRows = options.maxRows ?? defaultMaxRows;
    this.renderBody = createCsvBody(options.machineId);
    this.url = toStreamUrl(options.portal);
  }

  count(): StreamCounts {
    const waitingRows = this.waiting.length + (this.batch?.rowCount ?? 0);
    return { ...this.counts, waitingRows };
  }

  /** Takes the row, whose values belong to the sender from then on, and sends it as soon as it can. */
  add(row: MetricRow): void {
    if (this.waiting.length >= this.maxRows) {
      this.waiting.shift();
      this.counts.droppedRows += 1;
      if (this.counts.droppedRows === 1) {
        this.options.report(
          `${this.maxRows} samples wait for the portal: dropping the oldest from now on`,
        );
      }
    }
    this.waiting.push(row);
    this.run();
  }

  /** Sends what waits, for at most this long, and ends. */
  async close(deadlineMs: number): Promise<void> {
    const timer = setTimeout(() => this.stop.abort(), deadlineMs);
    try {
      await this.running;
    } finally {
      clearTimeout(timer);
      this.stop.abort();
      this.options.client.close();
    }
  }

  private run(): void {
    this.running ??= this.sendAll().finally(() => {
      this.running = null;
      // A row may have come after the last look.
      if (this.waiting.length > 0 && !this.stop.signal.aborted) this.run();
    });
  }

  private async sendAll(): Promise<void> {
    let failures = 0;
    while (!this.stop.signal.aborted) {
      this.batch ??= this.createBatch();
      if (this.batch === null) return;
      const answer = await this.post(this.batch);
      if (answer === null || judge(answer) === "later") {
        const delayMs = backoffMs(failures, {
          retryAfterMs: answer?.retryAfterMs ?? null,
          random: this.options.random,
        });
        failures += 1;
        await this.options.clock.sleep(delayMs, this.stop.signal);
        continue;
      }
      failures = 0;
      this.settle(this.batch, answer);
      this.batch = null;
    }
  }

  private settle(batch: Batch, answer: Answer): void {
    if (judge(answer) === "taken") {
      this.counts.sentRows += batch.rowCount;
      if (this.trouble !== "") this.options.report("the portal takes samples again");
      this.trouble = "";
      return;
    }
    this.counts.refusedRows += batch.rowCount;
    this.tell(
      `the portal refuses samples for good (${describeAnswer(answer)}); they are dropped, ${this.counts.refusedRows} so far`,
      `refused ${answer.status}`,
    );
  }

  /** null where there was no answer. */
  private async post({ headers, body, sequence }: Batch): Promise<Answer | null> {
    const { client, machineId, epoch } = this.options;
    const url = new URL(this.url);
    url.searchParams.set("agent", machineId);
    url.searchParams.set("epoch", epoch);
    url.searchParams.set("sequence", String(sequence));
    try {
      const answer = await client.post(url, { headers, body, signal: this.stop.signal });
      if (judge(answer) === "later") {
        this.tell(
          `the portal takes no samples now (${describeAnswer(answer)}); trying again`,
          `temporary ${answer.status}`,
        );
      }
      return answer;
    } catch (error) {
      if (!this.stop.signal.aborted) {
        const why = error instanceof Error ? error.message || error.name : String(error);
        this.tell(`Cannot reach the portal at ${url.origin}: ${why}; trying again`, "unreachable");
      }
      return null;
    }
  }

  /** As many rows as have the same columns; null where none wait. */
  private createBatch(): Batch | null {
    const [first] = this.waiting;
    if (first === undefined) return null;
    const different = this.waiting.findIndex(({ columns }) => columns !== first.columns);
    const count = Math.min(
      different === -1 ? this.waiting.length : different,
      maxBatchRows,
      Math.max(1, Math.floor(maxBatchCells / first.columns.length)),
    );
    const rows = this.waiting.splice(0, count);
    const sequence = this.sequence;
    this.sequence += 1;
    const csv = this.renderBody(first.columns, rows);
    const headers: Record<string, string> = {
      authorization: `Bearer ${this.options.apiKey}`,
      "content-type": "text/csv",
    };
    if (csv.length < minGzipBytes) return { sequence, rowCount: count, headers, body: csv };
    headers["content-encoding"] = "gzip";
    return { sequence, rowCount: count, headers, body: gzipSync(csv) };
  }

  private tell(message: string, kind: string): void {
    if (kind === this.trouble) return;
    this.trouble = kind;
    this.options.report(message);
  }
}

/** Remembers what the last columns need: they change only with the devices. */
function createCsvBody(
  machineId: string,
): (columns: readonly string[], rows: readonly MetricRow[]) => Uint8Array {
  let known: readonly string[] = [];
  let renderer = createCsvRenderer(known);
  let header = renderer.renderHeader();
  return (columns, rows) => {
    if (columns !== known) {
      known = columns;
      renderer = createCsvRenderer(columns);
      header = renderer.renderHeader();
    }
    const body = renderer.renderRows({
      machineId,
      rowCount: rows.length,
      timestampsS: rows.map(({ timestampS }) => timestampS),
      columns,
      values: columns.map((_, column) => rows.map(({ values }) => values[column] ?? Number.NaN)),
    });
    return Buffer.concat([header, body]);
  };
}
