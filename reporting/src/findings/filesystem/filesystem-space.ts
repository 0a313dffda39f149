import { formatValue } from "../../format.ts";
import type { Dataset } from "../../statistics/dataset.ts";
import { combineMinutes, type Minutes } from "../../statistics/episodes.ts";
import { chartIds } from "../finding.ts";
import { minutesOf } from "../minutes-of.ts";
import { runningOutRule } from "./running-out.ts";

export const filesystemSpace = runningOutRule({
  id: "filesystem-space",
  title: "Space in file systems",
  of: "Space",
  source:
    "node-mixin (Prometheus): NodeFilesystemAlmostOutOfSpace, 5 % left, critical 3 %, for 30 min. The 5 min and the leaving threshold are our own.",
  explains: ["filesystem-filling"],
  perDevice: ["filesystem-filling"],
  missing: "No file system has its used share, or its size and what is available, in the data.",
  left(dataset, mount) {
    const minutes = leftPercent(dataset, mount);
    return minutes === null
      ? null
      : { label: `${mount}: space left`, minutes, chartId: chartIds.fileSystem(mount) };
  },
  conclude(mount, { isNow, often, others, worst }, dataset) {
    const more = others === 0 ? "" : others === 1 ? " and in another" : ` and in ${others} others`;
    return {
      title: `File system ${mount} ${isNow ? "is nearly full" : `was nearly full${often}`}`,
      sentence: `Hardly any room ${isNow ? "is" : "was"} left in file system ${mount}${more}: ${least(dataset, mount, worst)}. At the end programs fail to write, and a database may stop.`,
      advice: [
        `See what takes the room: du -xh --max-depth=2 ${mount} | sort -h | tail. Files that are deleted but still open: lsof +L1.`,
        "Clear what grows without end: logs (logrotate, journalctl --vacuum-size), old kernels, container images (docker system prune), dumps.",
        "If the data is needed, enlarge the file system before it is full; growing one that is full is harder.",
      ],
    };
  },
});

/** Of what programs other than root's can use; where nobody recorded that share, of the whole size, which is a little more. */
function leftPercent(dataset: Dataset, mount: string): Minutes | null {
  const used = minutesOf(dataset, `fs_${mount}_used`);
  if (used !== null) return { ...used, means: used.means.map((mean) => 100 - mean) };
  const [available, size] = ["available_bytes", "size_bytes"].map((field) =>
    minutesOf(dataset, `fs_${mount}_${field}`),
  );
  if (!available || !size) return null;
  return combineMinutes(available, size, (left, whole) => (whole > 0 ? (100 * left) / whole : NaN));
}

function least(dataset: Dataset, mount: string, worst: number): string {
  const available = dataset.measure(`fs_${mount}_available_bytes`);
  const share = `${formatValue(worst, "percent")} at the least`;
  return available === null
    ? share
    : `${share}, ${formatValue(dataset.summary(available).min, "bytes")}`;
}
