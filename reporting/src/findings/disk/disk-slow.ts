import { formatValue } from "../../format.ts";
import type { Dataset } from "../../statistics/dataset.ts";
import { combineMinutes, type Minutes } from "../../statistics/episodes.ts";
import { percentiles } from "../../statistics/percentiles.ts";
import { principalOf } from "../../statistics/devices.ts";
import { warningS } from "../duration.ts";
import { chartIds } from "../finding.ts";
import { thresholdRule, type Signal } from "../threshold-rule.ts";

/** Nobody waits noticeably for a faster request, whatever the disk is used to. A rotating disk seeks and reads in about this time. */
const floorMs = 20;
/** Requests a second; the time of a few, such as those that wake a disk, says nothing of its load. */
const leastRequests = 1;
/** Percent of the time in which a request was outstanding: whoever waits keeps it so. Below are bursts of writes in the background, which queue behind one another. */
const leastBusy = 25;

export const diskSlow = thresholdRule({
  id: "disk-slow",
  title: "Slow disk requests",
  quantity: `Time of a request of ${floorMs} ms and more, as a multiple of the disk's median (at most ${floorMs} ms),`,
  limit: { direction: "above", enter: 5, leave: 3, unit: "times", minimumS: warningS },
  provided: `in minutes of ${leastRequests} request/s and more on a disk that is busy ${leastBusy} % and more`,
  criticalS: null,
  confidence: "medium",
  source:
    "Our own. Whether a disk rotates is not in the data, so each is compared with itself; from 100 ms on it is slow whatever it is used to (Netdata and node-mixin have no limit for the time of a request).",

  explains: ["cpu-iowait", "psi-io"],
  missing: ({ disks }) =>
    disks.length === 0
      ? "There is no disk in the data."
      : "No disk has await_ms: how long requests took is not in the data.",
  signals: (dataset, { disks }) => principalOf(disks).flatMap((disk) => signal(dataset, disk)),
  inOrder: (dataset, { disks }) =>
    principalOf(disks)
      .slice(0, 3)
      .flatMap((disk) => describe(dataset, disk))
      .join("; "),
  conclude: ({ signal: { device, label }, when, often, worst }, _, dataset) => {
    const disk = device ?? label;
    const usual = usualMs(dataset, disk);
    return {
      title: `Disk ${disk} answered slowly${often}`,
      sentence: `Requests to disk ${disk} took up to ${formatValue(worst * usual.reference, "ms")} ${when}, where ${formatValue(usual.median, "ms")} are usual; whatever read or wrote then waited.`,
      evidence: [
        {
          sentence: `${disk}: a request took ${formatValue(worst * usual.reference, "ms")} in the worst minute; its median is ${formatValue(usual.median, "ms")}.`,
          threshold: `${floorMs} ms`,
          ranges: [],
          chartId: chartIds.diskAwait(disk),
        },
      ],
      advice: [
        `See whether ${disk} was busy at these times: if it was, its load is the cause; if not, the disk or the storage behind it is.`,
        "On a cloud volume look for throttling (burst credits used up, limits of the instance); on shared storage for a neighbour.",
        "On a physical disk read its health: smartctl -a, and the kernel's log for resets and timeouts.",
      ],
    };
  },
});

function signal(dataset: Dataset, disk: string): Signal[] {
  const awaitMs = dataset.measure(`disk_${disk}_await_ms`);
  if (awaitMs === null) return [];
  const { reference } = usualMs(dataset, disk);
  const requests = requestsOf(dataset, disk);
  const times = (ms: number, count: number): number =>
    ms >= floorMs && count >= leastRequests ? ms / reference : 0;
  const own = dataset.minutes(awaitMs);
  const long =
    requests === null
      ? { ...own, means: own.means.map((ms) => (ms === ms ? times(ms, Infinity) : NaN)) }
      : combineMinutes(own, requests, times);
  const busy = dataset.measure(`disk_${disk}_busy`);
  return [
    {
      label: `${disk}: time of a request`,
      minutes:
        busy === null
          ? long
          : combineMinutes(long, dataset.minutes(busy), (multiple, share) =>
              share >= leastBusy ? multiple : 0,
            ),
      chartId: chartIds.diskAwait(disk),
      device: disk,
    },
  ];
}

function describe(dataset: Dataset, disk: string): string[] {
  const awaitMs = dataset.measure(`disk_${disk}_await_ms`);
  if (awaitMs === null) return [];
  const [p50 = NaN, p95 = NaN] = percentiles(dataset.minutes(awaitMs).means, [0.5, 0.95]);
  return [
    `${disk}: a request took ${formatValue(p50, "ms")} in the median minute, ${formatValue(p95, "ms")} at the 95th percentile`,
  ];
}

function usualMs(dataset: Dataset, disk: string): { median: number; reference: number } {
  const measure = dataset.measure(`disk_${disk}_await_ms`);
  const [median = NaN] = measure === null ? [] : percentiles(dataset.minutes(measure).means, [0.5]);
  return { median, reference: median > 0 ? Math.min(median, floorMs) : floorMs };
}

/** Null where the file has no requests. */
function requestsOf(dataset: Dataset, disk: string): Minutes | null {
  const [reads, writes] = ["reads", "writes"].map((field) => {
    const measure = dataset.measure(`disk_${disk}_${field}`);
    return measure === null ? null : dataset.minutes(measure);
  });
  if (reads === null || reads === undefined) return writes ?? null;
  return writes === null || writes === undefined
    ? reads
    : combineMinutes(reads, writes, (a, b) => a + b);
}
