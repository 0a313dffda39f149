import { isCsvTime } from "@perfanalysis/contract/csv/times";
import type { Run } from "../capture/intervals.ts";
import { Rows } from "../capture/rows.ts";
import type { SampleSink } from "../capture/write.ts";
import type { Layout } from "../sampling/layout.ts";
import type { StreamSender } from "./stream.ts";

/** What waits at the end may take this long: the whole program ends within 10 s. */
const flushMs = 7000;

/** Turns samples into rows and gives them to the sender. */
export function createTrickle(
  sender: StreamSender,
  { run, layout, report }: { run: Run; layout: Layout; report: (message: string) => void },
): SampleSink {
  const rows = new Rows();
  rows.startRun(run);
  rows.setLayout(layout);
  let clockNeverSet = false;
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
      const { timestampS, columns } = rows;
      sender.add({ timestampS, columns, values: rows.values.slice() });
    },
    async close() {
      await sender.close(flushMs);
      const { waitingRows, refusedRows, droppedRows } = sender.count();
      const lost = waitingRows + refusedRows + droppedRows;
      if (lost > 0) {
        report(
          `${lost} samples did not reach the portal: ${refusedRows} refused, ${droppedRows} dropped, ${waitingRows} unsent`,
        );
      }
    },
  };
}
