import { formatNumber, formatValue } from "../../format.ts";
import type { Dataset } from "../../statistics/dataset.ts";
import {
  combineMinutes,
  meanDuring,
  type Episode,
  type Minutes,
} from "../../statistics/episodes.ts";
import { percentiles } from "../../statistics/percentiles.ts";
import { warningS } from "../duration.ts";
import { chartIds, type Evidence } from "../finding.ts";
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
    "Our own. Whether a disk rotates is not in the data, so each is compared with itself; from 100 ms on it is slow whatever it is used to (PCP pmieconf: per_disk.average_wait_time, warns of one that grows on a disk 95 % busy; Netdata and node-mixin have no limit for it).",

  explains: ["cpu-iowait", "psi-io"],
  ...ofEachDisk({
    missing: "No disk has await_ms: how long requests took is not in the data.",
    signal,
    describe,
  }),
  conclude: ({ signal: { device, label }, when, often, worst, episodes }, _, dataset) => {
    const disk = device ?? label;
    const usual = usualMs(dataset, disk);
    // What lasts most of the time is what is usual: nothing to compare with.
    const load = often === " at times" ? loadDuring(dataset, disk, episodes) : null;
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
        ...(load === null ? [] : [load.evidence]),
      ],
      advice: [
        load === null
          ? `See whether ${disk} had more to do than usual at these times: if it had, its load is the cause; if not, the disk or the storage behind it is.`
          : load.isMore
            ? `${disk} had more to do than at any other time: see who asked for it (iotop -ao, pidstat -d 5), and whether it can be done at another time or from memory.`
            : `${disk} does as much at other times without being slow: the cause is the disk or the storage behind it.`,
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

/** What the disk did at these times, and what it does at others without being slow; null where its requests or bytes are not known. */
function loadDuring(
  dataset: Dataset,
  disk: string,
  episodes: Episode[],
): { isMore: boolean; evidence: Evidence } | null {
  const [requests, bytes] = [
    sumMinutes(dataset, [`disk_${disk}_reads`, `disk_${disk}_writes`]),
    sumMinutes(dataset, [`disk_${disk}_read_bytes`, `disk_${disk}_write_bytes`]),
  ].map((minutes) => ({
    now: meanDuring(minutes, episodes),
    otherwise: minutes === null ? NaN : busyOutside(minutes, episodes),
  }));
  if (requests === undefined || bytes === undefined) return null;
  if ([requests, bytes].some(({ now, otherwise }) => Number.isNaN(now + otherwise))) return null;
  const told = (key: "now" | "otherwise"): string =>
    `${formatNumber(requests[key])} requests a second and ${formatValue(bytes[key], "bytes/s")}`;
  return {
    isMore: [requests, bytes].some(({ now, otherwise }) => now > otherwise),
    evidence: {
      sentence: `${disk} served ${told("now")} on average at these times; in its busiest minutes of other times ${told("otherwise")}.`,
      threshold: "the 95th percentile of other minutes",
      ranges: episodes,
      chartId: chartIds.diskRequests(disk),
    },
  };
}

/** The 95th percentile of the minutes that lie in none of the episodes. */
function busyOutside({ means, startS, bucketS }: Minutes, episodes: Episode[]): number {
  const others = means.map((mean, minute) => {
    const atS = startS + minute * bucketS;
    const within = episodes.some((each) => atS + bucketS > each.startS && atS < each.endS);
    return within ? NaN : mean;
  });
  return percentiles(others, [0.95])[0] ?? NaN;
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
