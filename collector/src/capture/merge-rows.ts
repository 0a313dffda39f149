import type { RowSink } from "./row-sink.ts";

/** Reads one input's rows into the sink, and waits in `afterChunk`. */
export type RowProducer = (
  sink: Omit<RowSink, "end">,
  afterChunk: (bytesRead: number) => Promise<void>,
) => Promise<void>;

export interface MergeOptions {
  /** All that any of the inputs has. */
  columns: readonly string[];
  sink: Omit<RowSink, "end">;
  /** With the bytes that were read of all of them. */
  onProgress: (bytesRead: number) => Promise<void>;
}

interface Row {
  timestampS: number;
  elapsedS: number | null;
  values: Float64Array;
}

/**
 * Puts inputs that overlap in time together: rows in the order of time. Of several rows of one second, gaps of the first are
 * filled from the others, so that a copy adds nothing and a second file with other columns does. Each input is read no further
 * than it is needed. Answers how many rows were put into others.
 */
export async function mergeRows(
  producers: readonly RowProducer[],
  { columns, sink, onProgress }: MergeOptions,
): Promise<number> {
  const places = new Map(columns.map((name, place) => [name, place]));
  const readBytes = producers.map(() => 0);
  const streams = producers.map(
    (produce, index) =>
      new RowStream(places, produce, (bytesRead) => {
        readBytes[index] = bytesRead;
        return onProgress(readBytes.reduce((sum, bytes) => sum + bytes, 0));
      }),
  );
  sink.setColumns(columns);
  let mergedRows = 0;
  try {
    for (;;) {
      let next: Row | null = null;
      for (const stream of streams) {
        const row = await stream.peek();
        if (row !== null && (next === null || row.timestampS < next.timestampS)) next = row;
      }
      if (next === null) return mergedRows;
      for (const stream of streams) {
        const row = await stream.peek();
        if (row === null || row.timestampS !== next.timestampS) continue;
        stream.take();
        if (row === next) continue;
        fillGaps(next, row);
        mergedRows += 1;
      }
      sink.add(next.timestampS, next.elapsedS, next.values);
    }
  } finally {
    await Promise.all(streams.map((stream) => stream.close()));
  }
}

function fillGaps(row: Row, other: Row): void {
  for (const [place, value] of other.values.entries()) {
    if (Number.isNaN(row.values[place])) row.values[place] = value;
  }
  row.elapsedS ??= other.elapsedS;
}

class ClosedError extends Error {}

/** One input's rows, of which at most a chunk's are in memory. */
class RowStream {
  private rows: Row[] = [];
  private at = 0;
  private isEnded = false;
  private isClosed = false;
  private error: unknown = null;
  private wakeReader: () => void = () => {};
  private wakeProducer: () => void = () => {};
  private readonly ended: Promise<void>;

  constructor(
    places: ReadonlyMap<string, number>,
    produce: RowProducer,
    onProgress: (bytesRead: number) => Promise<void>,
  ) {
    let targets: number[] = [];
    const sink = {
      setColumns: (columns: readonly string[]): void => {
        targets = columns.map((name) => places.get(name) ?? -1);
      },
      add: (timestampS: number, elapsedS: number | null, from: Float64Array): void => {
        const values = new Float64Array(places.size).fill(Number.NaN);
        for (const [index, target] of targets.entries()) {
          if (target !== -1) values[target] = from[index] ?? Number.NaN;
        }
        this.rows.push({ timestampS, elapsedS, values });
      },
    };
    this.ended = produce(sink, async (bytesRead) => {
      await onProgress(bytesRead);
      if (this.rows.length > 0 && !this.isClosed) {
        await new Promise<void>((resolve) => {
          this.wakeProducer = resolve;
          this.wakeReader();
        });
      }
      if (this.isClosed) throw new ClosedError();
    })
      .catch((error: unknown) => {
        this.error = error;
      })
      .finally(() => {
        this.isEnded = true;
        this.wakeReader();
      });
  }

  /** The next row; null where there is none. */
  async peek(): Promise<Row | null> {
    for (;;) {
      const row = this.rows[this.at];
      if (row !== undefined) return row;
      if (this.isEnded) {
        if (this.error !== null) throw this.error;
        return null;
      }
      this.rows = [];
      this.at = 0;
      await new Promise<void>((resolve) => {
        this.wakeReader = resolve;
        this.wakeProducer();
      });
    }
  }

  take(): void {
    this.at += 1;
  }

  /** Ends the reading, wherever it is. */
  async close(): Promise<void> {
    this.isClosed = true;
    this.wakeProducer();
    await this.ended;
  }
}
