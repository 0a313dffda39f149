import { toSpans } from "../../capacity/spans.ts";
import { formatDuration, formatValue } from "../../format.ts";
import type { Dataset, Measure } from "../../statistics/dataset.ts";
import { measuredS, type Minutes } from "../../statistics/episodes.ts";
import { theilSen } from "../../statistics/theil-sen.ts";
import { chartIds, type Rule, type RuleContext, type Severity, type Verdict } from "../finding.ts";
import { isImage } from "./image.ts";
import { roundly } from "../roundly.ts";

const hourS = 3600;
const dayS = 86_400;
/** Less says nothing: a log may be rotated an hour later. */
const leastS = 6 * hourS;
/** node-mixin looks at it from here on only: a file system with much room gives time. Percent left. */
const leftPercent = 40;
const criticalLeftPercent = 20;
/** A pace of its own at the end is told, too, where it fills the file system within a day: a week before hides it. */
const recentS = leastS;
/** Points of the trend: enough to be sure of, few enough for the slopes between all pairs. */
const trendPoints = 144;
/** Share of the least time for which a file system must have been there. */
const leastMeasured = 0.9;
/** What is available at the end is the mean of so much of it. */
const endS = 600;
/** Full within this is a warning. */
const warningS = dayS;
const criticalS = 4 * hourS;
/** A month ahead may be told from a week. */
const noticeS = 30 * dayS;
const leastForNoticeS = 7 * dayS;
const confidence = 0.95;

export const filesystemFilling: Rule = {
  id: "filesystem-filling",
  title: "Growth of file systems",
  definition:
    `A file system of which less than ${leftPercent} % is left will be full within 24 h (critical ${formatDuration(criticalS)}, less than ${criticalLeftPercent} % left) at the pace of the capture or of its last ${formatDuration(recentS)}, ` +
    `by Theil–Sen with 95 % confidence that it fills at all; from ${formatDuration(leastS)} of data on. Within ${formatDuration(noticeS)}, from ${formatDuration(leastForNoticeS)} of data on, it is a notice.`,
  source:
    "node-mixin (Prometheus): NodeFilesystemSpaceFillingUp, full within 24 h, below 40 % left (critical 4 h, 20 %), by the last 6 h. The median of slopes instead of a least-squares line, the pace of the whole capture, and the notice, are our own.",
  judge,
};

interface Filling {
  mount: string;
  /** Available at the end of the capture: the mean of the last minutes. */
  availableBytes: number;
  leftPercent: number;
  /** Bytes a second that it loses; lower and upper bound. */
  perS: number;
  slowPerS: number;
  fastPerS: number;
  fullInS: number;
  /** Of how much data, up to the end of the capture, that is the pace. */
  paceS: number;
}

interface FileSystem {
  mount: string;
  available: Measure;
  size: Measure;
}

function judge(dataset: Dataset, { mounts }: RuleContext): Verdict {
  const known = mounts.flatMap((mount) => {
    const available = dataset.measure(`fs_${mount}_available_bytes`);
    const size = dataset.measure(`fs_${mount}_size_bytes`);
    return available === null || size === null || isImage(dataset, mount)
      ? []
      : [{ mount, available, size }];
  });
  if (known.length === 0) {
    return {
      outcome: "refused",
      reason:
        mounts.length === 0
          ? "There is no file system in the data."
          : "No file system has its available space in the data.",
    };
  }
  const { lengthS } = dataset.timing;
  if (lengthS < leastS) {
    return {
      outcome: "refused",
      reason: `${formatDuration(lengthS)} of data; growth of a file system shows from ${formatDuration(leastS)} on.`,
    };
  }
  const horizonS = lengthS >= leastForNoticeS ? noticeS : warningS;
  const filling = known
    .flatMap((one) => soonestOf(dataset, one))
    .toSorted((a, b) => a.fullInS - b.fullInS);
  const [first] = filling;
  if (first === undefined || first.fullInS > horizonS) return clear(first, horizonS);
  const soon = filling.filter(({ fullInS }) => fullInS <= horizonS);
  const isCritical = soon.some(
    (one) => one.fullInS <= criticalS && one.leftPercent < criticalLeftPercent,
  );
  const severity: Severity = isCritical
    ? "critical"
    : first.fullInS <= warningS
      ? "warning"
      : "notice";
  const pace = `${first.paceS < lengthS ? "the last" : "these"} ${formatDuration(first.paceS)}`;
  return {
    outcome: "finding",
    finding: {
      severity,
      confidence: first.paceS >= dayS ? "medium" : "low",
      title: `File system ${first.mount} will be full in ${roundly(first.fullInS)}`,
      sentence: `If it goes on filling as in ${pace}, file system ${first.mount} has no room left in ${roundly(first.fullInS)} from the end of the capture.`,
      evidence: soon.map((one) => ({
        sentence: describe(one),
        threshold: `full within ${roundly(severity === "notice" ? noticeS : warningS)}, less than ${leftPercent} % left`,
        ranges: [],
        chartId: chartIds.fileSystem(one.mount),
      })),
      devices: soon.map(({ mount }) => mount),
      advice: [
        `Find what grows: du -xh --max-depth=2 ${first.mount}, now and in an hour, and compare.`,
        "Ask whether it grows without end (logs, uploads, backups that nobody deletes) or up to a limit of its own (a cache, a rotation).",
        "Enlarge it, or let something delete, before that day; and set an alarm at 10 % left.",
      ],
    },
  };
}

function describe(one: Filling): string {
  const [slow, perDay, fast] = [one.slowPerS, one.perS, one.fastPerS].map((perS) =>
    formatValue(perS * dayS, "bytes"),
  );
  const between = slow === fast ? "" : ` (between ${slow} and ${fast} with 95 % confidence)`;
  return `${one.mount}: ${formatValue(one.availableBytes, "bytes")} available at the end (${formatValue(one.leftPercent, "percent")} of its size), ${perDay} less a day${between}: full in ${roundly(one.fullInS)}.`;
}

/** By the pace of the whole capture, or of its last hours where that fills it sooner, and within a day. */
function soonestOf(dataset: Dataset, one: FileSystem): Filling[] {
  const { lengthS } = dataset.timing;
  const whole = fillingOf(dataset, one, lengthS);
  if (lengthS < 2 * recentS) return whole;
  const recent = fillingOf(dataset, one, recentS).filter(({ fullInS }) => fullInS <= warningS);
  const [first] = [...whole, ...recent].toSorted((a, b) => a.fullInS - b.fullInS);
  return first === undefined ? [] : [first];
}

/** None where it does not fill with confidence, or has much room. */
function fillingOf(
  dataset: Dataset,
  { mount, available, size }: FileSystem,
  paceS: number,
): Filling[] {
  const minutes = lastOf(dataset.minutes(available), paceS);
  // A disk that is mounted for its backup alone fills as long as one looks.
  if (measuredS(minutes) < leastMeasured * leastS) return [];
  const { startsS, spanS, means } = toSpans(minutes, paceS / trendPoints);
  const middleS = startsS.map((spanStartS) => spanStartS + spanS / 2 - minutes.startS);
  const { slope, high, low } = theilSen(middleS, means, { confidence });
  // Both ends of the interval must lose space.
  if (!(high < 0) || !Number.isFinite(low)) return [];
  const measured = minutes.means.filter((mean) => !Number.isNaN(mean));
  const last = measured.subarray(-Math.max(1, Math.round(endS / minutes.bucketS)));
  const availableBytes = last.reduce((sum, mean) => sum + mean, 0) / last.length;
  const share = (100 * availableBytes) / dataset.summary(size).max;
  if (!(share < leftPercent)) return [];
  return [
    {
      mount,
      availableBytes,
      leftPercent: share,
      perS: -slope,
      slowPerS: -high,
      fastPerS: -low,
      fullInS: availableBytes / -slope,
      paceS,
    },
  ];
}

/** The last minutes of a series, of at least so much time. */
function lastOf(minutes: Minutes, lengthS: number): Minutes {
  const count = Math.min(minutes.means.length, Math.ceil(lengthS / minutes.bucketS));
  const from = minutes.means.length - count;
  return {
    ...minutes,
    startS: minutes.startS + from * minutes.bucketS,
    means: minutes.means.subarray(from),
    edges: new Map(
      [...minutes.edges].flatMap(([minute, span]) =>
        minute < from ? [] : [[minute - from, span]],
      ),
    ),
  };
}

function clear(first: Filling | undefined, horizonS: number): Verdict {
  const within = `(limit ${roundly(horizonS)})`;
  return {
    outcome: "clear",
    sentence:
      first === undefined
        ? `No file system of which less than ${leftPercent} % is left loses room with confidence ${within}.`
        : `${first.mount} loses ${formatValue(first.perS * dayS, "bytes")} a day, and would be full in ${roundly(first.fullInS)} ${within}.`,
    confidence: "medium",
  };
}
