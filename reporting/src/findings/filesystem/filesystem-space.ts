import { formatValue } from "../../format.ts";
import type { Dataset } from "../../statistics/dataset.ts";
import { warningS } from "../duration.ts";
import { chartIds } from "../finding.ts";
import { holds, thresholdRule, type Signal } from "../threshold-rule.ts";
import { isImage } from "./image.ts";

/** Percent left below which it is critical. */
const criticalPercent = 3;

export const filesystemSpace = thresholdRule({
  id: "filesystem-space",
  title: "Space in file systems",
  quantity: `Space left in a file system (critical ${criticalPercent} %)`,
  provided: "images without a free byte at any time left out",
  limit: { direction: "below", enter: 5, leave: 6, unit: "percent", minimumS: warningS },
  criticalS: null,
  confidence: "high",
  source:
    "node-mixin (Prometheus): NodeFilesystemAlmostOutOfSpace, 5 % left, critical 3 %, for 30 min. The 5 min and the leaving threshold are our own.",
  explains: ["filesystem-filling"],
  perDevice: ["filesystem-filling"],
  missing: ({ mounts }) =>
    mounts.length === 0
      ? "There is no file system in the data."
      : "No file system has its used share in the data.",
  signals: (dataset, { mounts }) =>
    mounts.flatMap((mount) => (isImage(dataset, mount) ? [] : signal(dataset, mount))),
  conclude: (state, states, dataset) => {
    const {
      signal: { device, label },
      worst,
      often,
    } = state;
    const mount = device ?? label;
    const others = states.length - 1;
    const more =
      others === 0 ? "" : others === 1 ? ", and so is another" : `, and so are ${others} others`;
    return {
      title: `File system ${mount} ${holds(state) ? "is nearly full" : `was nearly full${often}`}`,
      sentence: `File system ${mount} ${holds(state) ? "is" : "was"} nearly full${more}: ${left(dataset, mount, worst)}. At the end programs fail to write, and a database may stop.`,
      ...(states.some((each) => each.worst < criticalPercent) ? { severity: "critical" } : {}),
      advice: [
        `See what takes the room: du -xh --max-depth=2 ${mount} | sort -h | tail. Files that are deleted but still open: lsof +L1.`,
        "Clear what grows without end: logs (logrotate, journalctl --vacuum-size), old kernels, container images (docker system prune), dumps.",
        "If the data is needed, enlarge the file system before it is full; growing one that is full is harder.",
      ],
    };
  },
});

function signal(dataset: Dataset, mount: string): Signal[] {
  const used = dataset.measure(`fs_${mount}_used`);
  if (used === null) return [];
  const minutes = dataset.minutes(used);
  return [
    {
      label: `${mount}: space left`,
      minutes: { ...minutes, means: minutes.means.map((mean) => 100 - mean) },
      chartId: chartIds.fileSystem(mount),
      device: mount,
    },
  ];
}

function left(dataset: Dataset, mount: string, worst: number): string {
  const available = dataset.measure(`fs_${mount}_available_bytes`);
  const share = `${formatValue(worst, "percent")} left at the least`;
  return available === null
    ? share
    : `${share}, ${formatValue(dataset.summary(available).min, "bytes")}`;
}
