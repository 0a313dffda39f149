import type { ReportProgress } from "@perfanalysis/contract/api";

/** Where each stage begins, in percent of the whole work. Reading takes its share as the samples go by. */
const begins: Record<ReportProgress["stage"], number> = { reading: 0, judging: 60, writing: 80 };
const everyMs = 500;

export interface Following {
  onStage: (stage: ReportProgress["stage"]) => void;
  /** Samples up to this time have been handed over; Unix seconds. */
  onTime: (timeS: number) => void;
  /** Resolves when nothing is being noted any more; notes nothing from then on. */
  settle: () => Promise<void>;
}

/**
 * Notes how far a report is, one note at a time and at most two a second: what is not noted in time is overtaken by what
 * follows. A note that fails is left out; the report does not depend on it.
 */
export function followProgress(
  { fromS, toS }: { fromS: number; toS: number },
  note: (progress: ReportProgress) => Promise<void>,
  clock: () => number = () => performance.now(),
): Following {
  let stage: ReportProgress["stage"] = "reading";
  let notedMs = -Infinity;
  let noting: Promise<void> | null = null;
  let isSettled = false;
  const tell = (percent: number, isDue: boolean): void => {
    if (isSettled || noting !== null || !isDue) return;
    notedMs = clock();
    noting = note({ stage, percent })
      .catch(() => undefined)
      .finally(() => (noting = null));
  };
  return {
    onStage(begun) {
      stage = begun;
      tell(begins[begun], true);
    },
    onTime(timeS) {
      if (stage !== "reading") return;
      const share = Math.min(1, Math.max(0, (timeS - fromS) / (toS - fromS)));
      tell(Math.floor(share * begins.judging), clock() - notedMs >= everyMs);
    },
    async settle() {
      isSettled = true;
      await noting;
    },
  };
}
