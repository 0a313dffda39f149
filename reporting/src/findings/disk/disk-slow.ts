import { formatValue } from "../../format.ts";
import type { Dataset } from "../../statistics/dataset.ts";
import { combineMinutes } from "../../statistics/episodes.ts";
import { percentiles } from "../../statistics/percentiles.ts";
import { warningS } from "../duration.ts";
import { chartIds } from "../finding.ts";
import { minutesOf, sumMinutes } from "../minutes-of.ts";
import { thresholdRule } from "../threshold-rule.ts";
import { ofEachDisk, type EachDisk } from "./each-disk.ts";

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
  ...ofEachDisk({
    missing: "No disk has await_ms: how long requests took is not in the data.",
    signal,
    describe,
  }),
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

function signal(dataset: Dataset, disk: string): ReturnType<EachDisk["signal"]> {
  const own = minutesOf(dataset, `disk_${disk}_await_ms`);
  if (own === null) return null;
  const { reference } = usualMs(dataset, disk);
  const requests = sumMinutes(dataset, [`disk_${disk}_reads`, `disk_${disk}_writes`]);
  const times = (ms: number, count: number): number =>
    ms >= floorMs && count >= leastRequests ? ms / reference : 0;
  const long =
    requests === null
      ? { ...own, means: own.means.map((ms) => (ms === ms ? times(ms, Infinity) : NaN)) }
      : combineMinutes(own, requests, times);
  const busy = minutesOf(dataset, `disk_${disk}_busy`);
  return {
    label: `${disk}: time of a request`,
    minutes:
      busy === null
        ? long
        : combineMinutes(long, busy, (multiple, share) => (share >= leastBusy ? multiple : 0)),
    chartId: chartIds.diskAwait(disk),
  };
}

function describe(dataset: Dataset, disk: string): string | null {
  const minutes = minutesOf(dataset, `disk_${disk}_await_ms`);
  if (minutes === null) return null;
  const [p50 = NaN, p95 = NaN] = percentiles(minutes.means, [0.5, 0.95]);
  return `${disk}: a request took ${formatValue(p50, "ms")} in the median minute, ${formatValue(p95, "ms")} at the 95th percentile`;
}

function usualMs(dataset: Dataset, disk: string): { median: number; reference: number } {
  const minutes = minutesOf(dataset, `disk_${disk}_await_ms`);
  const [median = NaN] = minutes === null ? [] : percentiles(minutes.means, [0.5]);
  return { median, reference: median > 0 ? Math.min(median, floorMs) : floorMs };
}
