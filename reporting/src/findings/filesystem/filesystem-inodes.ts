import type { Dataset } from "../../statistics/dataset.ts";
import { combineMinutes } from "../../statistics/episodes.ts";
import { warningS } from "../duration.ts";
import { chartIds } from "../finding.ts";
import { holds, thresholdRule, type Signal } from "../threshold-rule.ts";
import { isImage } from "./image.ts";

/** Percent left below which it is critical. */
const criticalPercent = 3;

export const filesystemInodes = thresholdRule({
  id: "filesystem-inodes",
  title: "Inodes of file systems",
  quantity: `Inodes left in a file system (critical ${criticalPercent} %)`,
  provided: "images without a free byte at any time left out",
  limit: { direction: "below", enter: 5, leave: 6, unit: "percent", minimumS: warningS },
  criticalS: null,
  confidence: "high",
  source:
    "node-mixin (Prometheus): NodeFilesystemAlmostOutOfFiles, 5 % left, critical 3 %, for 1 h. The 5 min and the leaving threshold are our own.",
  missing: ({ mounts }) =>
    mounts.length === 0
      ? "There is no file system in the data."
      : "No file system has a number of inodes in the data: none sets such a limit.",
  signals: (dataset, { mounts }) =>
    mounts.flatMap((mount) => (isImage(dataset, mount) ? [] : signal(dataset, mount))),
  conclude: (state, states) => {
    const {
      signal: { device, label },
      often,
    } = state;
    const mount = device ?? label;
    return {
      title: `File system ${mount} ${holds(state) ? "can hold hardly any more files" : `could hold hardly any more files${often}`}`,
      sentence: `File system ${mount} ${holds(state) ? "has" : "had"} room, but hardly any inodes left: without them no file can be made there, and the error will say that the disk is full.`,
      ...(states.some((each) => each.worst < criticalPercent) ? { severity: "critical" } : {}),
      advice: [
        `Find the folder with the many small files: du --inodes -x ${mount} | sort -n | tail. Sessions, caches, mail queues and old containers are the usual ones.`,
        "Delete what nobody needs, and see to it that something does so from now on.",
        "The number of inodes of ext4 is set when it is made; XFS grows it as needed.",
      ],
    };
  },
});

function signal(dataset: Dataset, mount: string): Signal[] {
  const all = dataset.measure(`fs_${mount}_inodes`);
  const free = dataset.measure(`fs_${mount}_inodes_free`);
  if (all === null || free === null) return [];
  return [
    {
      label: `${mount}: inodes left`,
      minutes: combineMinutes(dataset.minutes(free), dataset.minutes(all), (left, whole) =>
        whole > 0 ? (100 * left) / whole : NaN,
      ),
      chartId: chartIds.inodes(mount),
      device: mount,
    },
  ];
}
