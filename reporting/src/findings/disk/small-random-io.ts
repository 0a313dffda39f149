import { formatValue } from "../../format.ts";
import type { Dataset } from "../../statistics/dataset.ts";
import { combineMinutes, meanWithin, type Minutes } from "../../statistics/episodes.ts";
import { warningS } from "../duration.ts";
import { chartIds } from "../finding.ts";
import { minutesOf } from "../minutes-of.ts";
import { thresholdRule } from "../threshold-rule.ts";
import { ofEachDisk, type EachDisk } from "./each-disk.ts";

/** Bytes. The page of memory is 4 KiB, a database's 8 or 16; larger requests are mostly sequential. */
const smallBytes = 16 * 1024;
/** Requests a second, about twice what a rotating disk does. */
const manyRequests = 200;

export const smallRandomIo = thresholdRule({
  id: "small-random-io",
  title: "Small requests to disks",
  quantity: "Busy share of a disk",
  provided: `in minutes of more than ${manyRequests} requests/s of less than ${formatValue(smallBytes, "bytes")} each`,
  limit: { direction: "above", enter: 70, leave: 50, unit: "percent", minimumS: warningS },
  criticalS: null,
  severity: "notice",
  confidence: "medium",
  source:
    "Our own, after Brendan Gregg, Systems Performance, 9.3: the size of requests tells random from sequential use.",
  ...ofEachDisk({
    missing: "No disk has its busy share, requests and bytes: their size is not in the data.",
    signal,
    describe,
  }),
  conclude: ({ signal: { device, label }, longest, when, often }, _, dataset) => {
    const disk = device ?? label;
    const parts = partsOf(dataset, disk);
    const evidence =
      parts === null
        ? []
        : [
            {
              sentence: `${disk}: ${formatValue(meanWithin(parts.requests, longest), "1/s")} requests of ${formatValue(meanWithin(parts.bytes, longest) / meanWithin(parts.requests, longest), "bytes")} on average in the longest period.`,
              threshold: `${manyRequests} /s of less than ${formatValue(smallBytes, "bytes")}`,
              ranges: [],
              chartId: chartIds.diskRequests(disk),
            },
          ];
    return {
      title: `Disk ${disk} was kept busy by small requests${often}`,
      sentence: `Disk ${disk} was busy ${when} with many small requests, which cost it far more than the same bytes in few large ones.`,
      evidence,
      advice: [
        "Find who writes or reads so little at a time (biosnoop, pidstat -d): a log that is flushed line by line, a database with missing indexes or small pages.",
        "Batch what can be batched: group commits, larger buffers, fewer fsync calls.",
        "If reads prevail, more page cache or a larger database buffer takes most of them off the disk.",
      ],
    };
  },
});

function describe(dataset: Dataset, disk: string): string | null {
  const parts = partsOf(dataset, disk);
  if (parts === null) return null;
  const mean = ({ means }: Minutes): number => {
    const measured = means.filter((value) => !Number.isNaN(value));
    return measured.reduce((sum, value) => sum + value, 0) / measured.length;
  };
  const [busy, requests, bytes] = [mean(parts.busy), mean(parts.requests), mean(parts.bytes)];
  const size = requests > 0 ? ` of ${formatValue(bytes / requests, "bytes")}` : "";
  return `${disk}: ${formatValue(requests, "1/s")} requests${size} on average, busy ${formatValue(busy, "percent")}`;
}

interface Parts {
  busy: Minutes;
  requests: Minutes;
  bytes: Minutes;
}

function partsOf(dataset: Dataset, disk: string): Parts | null {
  const minutes = (field: string): Minutes | null => minutesOf(dataset, `disk_${disk}_${field}`);
  const [busy, reads, writes] = [minutes("busy"), minutes("reads"), minutes("writes")];
  const [read, written] = [minutes("read_bytes"), minutes("write_bytes")];
  if (busy === null || reads === null || writes === null) return null;
  if (read === null || written === null) return null;
  const sum = (a: number, b: number): number => a + b;
  return {
    busy,
    requests: combineMinutes(reads, writes, sum),
    bytes: combineMinutes(read, written, sum),
  };
}

/** The busy share, 0 in minutes of few or of large requests. */
function signal(dataset: Dataset, disk: string): ReturnType<EachDisk["signal"]> {
  const parts = partsOf(dataset, disk);
  if (parts === null) return null;
  const small = combineMinutes(parts.requests, parts.bytes, (requests, bytes) =>
    Number(requests > manyRequests && bytes < smallBytes * requests),
  );
  return {
    label: `${disk}: busy with small requests`,
    minutes: combineMinutes(parts.busy, small, (busy, counts) => busy * counts),
    chartId: chartIds.diskBusy(disk),
  };
}
