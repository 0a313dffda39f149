import { isCsvTime } from "@perfanalysis/contract/csv/times";
import type { Run } from "../capture/intervals.ts";
import { countOf, countThat } from "../count-of.ts";
import { ExitError, exitCodes } from "../exit.ts";
import { Rows } from "../capture/rows.ts";
import type { SampleSink } from "../capture/write.ts";
import { messageOf } from "../message-of.ts";
import type { Layout } from "../sampling/layout.ts";
import type { RowStore } from "./stores.ts";
import type { StreamSender } from "./stream.ts";

/** What waits in memory at the end may take this long: the whole program ends within 10 s. */
const flushMs = 7000;
/** What waits on disk can wait. */
const briefFlushMs = 2000;
/** A power cut takes no more samples than these. */
const syncIntervalMs = 5000;

export interface TrickleOptions {
  run: Run;
  layout: Layout;
  /** The sender's; they are closed with it. */
  stores: readonly RowStore[];
  /** Ends sampling. */
  signal: AbortSignal;
  /** For people. */
  report: (message: string) => void;
}

/** Turns samples into rows and gives them to the sender. */
export function createTrickle(
  sender: StreamSender,
  { run, layout, stores, signal, report }: TrickleOptions,
): SampleSink {
  const rows = new Rows();
  rows.startRun(run);
  rows.setLayout(layout);
  const isOnDisk = stores.some(({ folder }) => folder !== null);
  const { droppedRows: droppedBefore } = sender.count();
  let clockNeverSet = false;
  let syncedMs = 0;
  const sync = async (): Promise<void> => {
    for (const { spool, folder } of stores) {
      try {
        await spool.syncInBackground();
      } catch (error) {
        report(`Cannot sync ${folder ?? "memory"}: ${messageOf(error)}`);
      }
    }
  };
  sender.start();
  return {
    tick({ clockStepMs }) {
      if (clockStepMs < 0) rows.allowEarlierTime();
    },
    layout: (next) => rows.setLayout(next),
    status() {
      // A source that fails shows as gaps.
    },
    sample(sample) {
      if (!isCsvTime(sample.timeMs / 1000) && !clockNeverSet) {
        clockNeverSet = true;
        report("the clock was never set: nothing is sent to the portal until it is");
      }
      if (!rows.add(sample)) return;
      sender.add(rows);
      if (Math.abs(sample.timeMs - syncedMs) < syncIntervalMs) return;
      syncedMs = sample.timeMs;
      void sync();
    },
    droppedSamples: () => sender.count().droppedRows - droppedBefore,
    describe: () => sender.describe(),
    async close() {
      const waitsInMemory = stores.some(
        ({ spool, folder }) => folder === null && spool.counts().records > 0,
      );
      await sender.close(isOnDisk && !waitsInMemory ? briefFlushMs : flushMs);
      // The one under way, and then what came meanwhile.
      await sync();
      await sync();
      const { refusedRows, droppedRows: droppedByNow } = sender.count();
      const droppedRows = droppedByNow - droppedBefore;
      let unsentRows = 0;
      for (const { spool, folder } of stores) {
        const { records } = spool.counts();
        if (folder === null) unsentRows += records;
        else if (records > 0) {
          const waiting = countThat(records, "sample", { verb: ["waits", "wait"] });
          report(`${waiting} in ${folder} until pcc runs again`);
        }
        spool.close();
      }
      const lost = refusedRows + droppedRows + unsentRows;
      if (lost === 0) return;
      const message = `${countOf(lost, "sample")} did not reach the portal: ${refusedRows} refused, ${droppedRows} dropped, ${unsentRows} unsent`;
      // On disk, what is refused is set aside, and what is dropped is counted in the portal; from memory it is gone.
      if ((!isOnDisk || unsentRows > 0) && !signal.aborted)
        throw new ExitError(exitCodes.unavailable, message);
      report(message);
    },
  };
}
