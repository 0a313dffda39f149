import { formatFixed, formatValue } from "../../format.ts";
import { combineMinutes, meanDuring, type Minutes } from "../../statistics/episodes.ts";
import type { Dataset } from "../../statistics/dataset.ts";
import { principalOf } from "../../statistics/devices.ts";
import { minutesOf, sumMinutes } from "../minutes-of.ts";
import { criticalS, warningS } from "../duration.ts";
import { chartIds } from "../finding.ts";
import { signalOf, thresholdRule } from "../threshold-rule.ts";
import { pageBytesOf } from "./page-size.ts";

/** Bytes of a page on x86-64, and on most of arm64, where the data does not tell. */
const usualPageBytes = 4096;
/** Share of what the disks moved from which swapping is what kept them busy. */
const mostOfDisk = 0.5;
/** Times what the disks moved, from which swap does not lie on them. */
const beyondDisk = 1.25;

export const swappingThrash = thresholdRule({
  id: "swapping-thrash",
  title: "Swapping",
  quantity: "Pages brought back from swap",
  limit: { direction: "above", enter: 64, leave: 16, unit: "1/s", minimumS: warningS },
  criticalS,
  confidence: "medium",
  source:
    "PCP pmieconf: memory.exhausted, 5 pages a second swapped out for 30 % of the time. Ours looks at pages that come back, for only these keep programs waiting; 64, whatever the size of a page, for each of them is waited for, the leaving threshold and the times are our own.",
  explains: [
    "disk-saturation",
    "cpu-iowait",
    "cpu-system-share",
    "major-faults",
    "psi-memory",
    "psi-io",
  ],
  contradicts: ["memory-oversized", "swap-used-idle"],
  missing: "vm_swapin_pages has no values.",
  signals: (dataset) =>
    signalOf(dataset, "vm_swapin_pages", { label: "Swapped in", chartId: chartIds.swapping }),
  conclude({ when, often, episodes }, _, dataset, { disks }) {
    const out = minutesOf(dataset, "vm_swapout_pages");
    const outRate = meanDuring(out, episodes);
    const inRate = meanDuring(minutesOf(dataset, "vm_swapin_pages"), episodes);
    const both = outRate > 1;
    const pageBytes = pageBytesOf(dataset);
    const share = diskShare(dataset, { disks, pageBytes: pageBytes ?? usualPageBytes }, episodes);
    const isCompressed = share > beyondDisk;
    return {
      title: isCompressed
        ? `Memory was swapped out and back${often}`
        : `Memory was swapped to disk and back${often}`,
      sentence: isCompressed
        ? `Programs had to wait for parts of their memory to come back ${when}; the disks moved less than that, so swap lies in memory itself (zram, zswap): each wait is short, and paid for in CPU time.`
        : `Programs had to wait for parts of their memory to come back from disk ${when}; a disk is a thousand times slower than memory, so everything they did was slow.`,
      confidence: both ? "high" : "medium",
      ...(isCompressed ? { severity: "warning" } : {}),
      // What swapping hardly took part in has another cause.
      unexplained:
        share >= mostOfDisk && !isCompressed ? [] : ["disk-saturation", "cpu-iowait", "psi-io"],
      evidence: Number.isNaN(outRate)
        ? []
        : [
            {
              sentence: `Swapped out at the same time: ${formatFixed(outRate, 0)} pages a second on average${both ? "" : ": what came back had been swapped out before"}.${inBytes([inRate, outRate], pageBytes)}`,
              threshold: "1 page a second",
              ranges: episodes,
              chartId: chartIds.swapping,
            },
          ],
      advice: [
        "Find who needs more memory than there is in these periods: smem -s swap, or the VmSwap lines of /proc/PID/status.",
        "Make it smaller (buffers, heaps, number of workers), or move work out of these periods.",
        "Add memory; a faster swap disk only makes it hurt less.",
      ],
    };
  },
});

/** " In pages of 64.0 KiB that is 1.25 MiB/s in and 800 KiB/s out."; nothing where nobody knows how large they are. */
function inBytes(rates: [inwards: number, outwards: number], pageBytes: number | null): string {
  if (pageBytes === null) return "";
  const [inwards, outwards] = rates.map((rate) => formatValue(rate * pageBytes, "bytes/s"));
  return ` In pages of ${formatValue(pageBytes, "bytes")} that is ${inwards} in and ${outwards} out.`;
}

/** Swap's part of the bytes that the disks moved; NaN where one of both is not known. */
function diskShare(
  dataset: Dataset,
  { disks, pageBytes }: { disks: readonly string[]; pageBytes: number },
  episodes: Parameters<typeof meanDuring>[1],
): number {
  const pages = sumMinutes(dataset, ["vm_swapin_pages", "vm_swapout_pages"]);
  const moved = sumMinutes(
    dataset,
    // Layers have the bytes of the disks below them again.
    principalOf(disks).flatMap((disk) => [`disk_${disk}_read_bytes`, `disk_${disk}_write_bytes`]),
  );
  if (pages === null || moved === null) return NaN;
  const shares: Minutes = combineMinutes(pages, moved, (rate, bytes) =>
    bytes > 0 ? (rate * pageBytes) / bytes : NaN,
  );
  return meanDuring(shares, episodes);
}
