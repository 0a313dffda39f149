import { formatFixed, formatValue } from "../../format.ts";
import { percentiles } from "../../statistics/percentiles.ts";
import type { Dataset } from "../../statistics/dataset.ts";
import { tooShort, warningS } from "../duration.ts";
import type { Rule, Verdict } from "../finding.ts";

/** Percent of swap in use, in the median, from which people ask. */
const used = 25;
/** Pages a second swapped in, at the 99th percentile of minutes, up to which nobody misses what was swapped out. */
const idle = 1;

export const swapUsedIdle: Rule = {
  id: "swap-used-idle",
  title: "Swap in use",
  definition: `At least ${used} % of swap in use in the median, while at most ${idle} page/s came back from it at the 99th percentile of minutes, over ${warningS / 60} min or more; a notice.`,
  source:
    "The kernel's admin-guide/sysctl/vm.rst on swappiness: pages that nobody uses are swapped out for the sake of cache. Both figures are our own.",
  judge,
};

function judge(dataset: Dataset): Verdict {
  const [swap, total, back] = ["swap_used", "swap_total", "vm_swapin_pages"].map((name) =>
    dataset.measure(name),
  );
  if (!swap || !total || !back) {
    return {
      outcome: "refused",
      reason: "swap_total, swap_free or vm_swapin_pages has no values.",
    };
  }
  const refusal = tooShort(dataset.minutes(swap));
  if (refusal !== null) return { outcome: "refused", reason: refusal };
  const sizeBytes = dataset.summary(total).max;
  if (sizeBytes === 0) {
    return { outcome: "clear", sentence: "The machine has no swap.", confidence: "high" };
  }
  const median = dataset.summary(swap).p50;
  const share = (100 * median) / sizeBytes;
  const [rate = NaN] = percentiles(dataset.minutes(back).means, [0.99]);
  const figures = `${formatValue(median, "bytes")} of ${formatValue(sizeBytes, "bytes")} swap in use in the median (${formatValue(share, "percent")}), ${formatFixed(rate, 0)} pages a second swapped in at the 99th percentile of minutes`;
  if (share < used || rate > idle) {
    return { outcome: "clear", sentence: `${figures} (limit ${used} %).`, confidence: "high" };
  }
  return {
    outcome: "finding",
    finding: {
      severity: "notice",
      confidence: "high",
      title: "Swap is in use, and nobody misses what is in it",
      sentence: `${formatValue(median, "bytes")} of memory that no program asked for again lie on disk; that is harmless, and leaves more memory to what is in use.`,
      evidence: [
        {
          sentence: `${figures}.`,
          threshold: `${used} % in use with at most ${idle} page/s coming back`,
          ranges: [],
          chartId: null,
        },
      ],
      advice: [
        "Nothing needs to be done; an alert on used swap can be replaced by one on pages swapped in.",
        "If it grows from day to day, see whose it is: smem -s swap.",
      ],
    },
  };
}
