import { combineMinutes } from "../../statistics/episodes.ts";
import { chartIds } from "../finding.ts";
import { minutesOf } from "../minutes-of.ts";
import { runningOutRule } from "./running-out.ts";

export const filesystemInodes = runningOutRule({
  id: "filesystem-inodes",
  title: "Inodes of file systems",
  of: "Inodes",
  source:
    "node-mixin (Prometheus): NodeFilesystemAlmostOutOfFiles, 5 % left, critical 3 %, for 1 h. The 5 min and the leaving threshold are our own.",
  missing: "No file system has a number of inodes in the data: none sets such a limit.",
  left(dataset, mount) {
    const all = minutesOf(dataset, `fs_${mount}_inodes`);
    const free = minutesOf(dataset, `fs_${mount}_inodes_free`);
    if (all === null || free === null) return null;
    return {
      label: `${mount}: inodes left`,
      minutes: combineMinutes(free, all, (left, whole) => (whole > 0 ? (100 * left) / whole : NaN)),
      chartId: chartIds.inodes(mount),
    };
  },
  conclude: (mount, { isNow, often }) => ({
    title: `File system ${mount} ${isNow ? "can hold hardly any more files" : `could hold hardly any more files${often}`}`,
    sentence: `File system ${mount} ${isNow ? "has" : "had"} room, but hardly any inodes left: without them no file can be made there, and the error will say that the disk is full.`,
    advice: [
      `Find the folder with the many small files: du --inodes -x ${mount} | sort -n | tail. Sessions, caches, mail queues and old containers are the usual ones.`,
      "Delete what nobody needs, and see to it that something does so from now on.",
      "The number of inodes of ext4 is set when it is made; XFS grows it as needed.",
    ],
  }),
});
