import { formatFixed, formatValue } from "../../format.ts";
import type { Dataset } from "../../statistics/dataset.ts";
import { principalOf } from "../../statistics/devices.ts";
import { combineMinutes, meanDuring, meanWithin, type Episode } from "../../statistics/episodes.ts";
import { chartIds } from "../finding.ts";
import { minutesOf } from "../minutes-of.ts";
import { signalOf, thresholdRule } from "../threshold-rule.ts";
import { theCpus } from "./the-cpus.ts";

/** Tasks waiting for a disk, in a minute's mean: fewer, and hardly anyone is kept waiting. */
const leastBlocked = 0.5;
/** Percent busy below which it was not that disk for which they waited. */
const restingDisk = 25;

export const cpuIowait = thresholdRule({
  id: "cpu-iowait",
  title: "CPU time idle while tasks wait for disks",
  quantity: "I/O wait",
  limit: { direction: "above", enter: 40, leave: 20, unit: "percent", minimumS: 600 },
  provided: `with at least ${leastBlocked} tasks blocked on a disk where their number is known`,
  criticalS: null,
  confidence: "medium",
  source:
    "Netdata: 10min_cpu_iowait, a mean of 10 min, warns at 40 % until 20 %. The number of blocked tasks is our own.",
  explains: ["psi-io"],
  missing: "cpu_iowait has no values.",
  signals(dataset) {
    const signals = signalOf(dataset, "cpu_iowait", { chartId: chartIds.cpuModes });
    const waiting = minutesOf(dataset, "procs_blocked");
    if (waiting === null) return signals;
    return signals.map((signal) => ({
      ...signal,
      raw: { minutes: signal.minutes, unit: "percent" },
      minutes: combineMinutes(signal.minutes, waiting, (share, tasks) =>
        tasks >= leastBlocked ? share : 0,
      ),
    }));
  },
  conclude({ when, often, longest, episodes }, _, dataset, { cpuCount, disks }) {
    const blocked = minutesOf(dataset, "procs_blocked");
    const waiting = meanWithin(blocked, longest);
    const busiest = busiestDisk(dataset, disks, episodes);
    const isElsewhere = busiest !== null && busiest.busy < restingDisk;
    return {
      title: `Work waited${often} for ${isElsewhere ? "files that lie elsewhere" : "the disks"}, not for ${theCpus(cpuCount)}`,
      sentence: isElsewhere
        ? `There was nothing to do but wait for files ${when}, and no disk of this data was busy: they may lie on a network file system, or on disks that were not measured. More CPU would not help.`
        : `There was nothing to do but wait for disks ${when}; more CPU would not help, faster or fewer disk requests would.`,
      confidence: blocked === null ? "low" : "medium",
      evidence: [
        ...(Number.isNaN(waiting)
          ? []
          : [
              {
                sentence: `Tasks blocked on a disk: ${formatFixed(waiting, 1)} on average in the longest period.`,
                threshold: `${leastBlocked} tasks`,
                ranges: [longest],
                chartId: null,
              },
            ]),
        ...(busiest === null
          ? []
          : [
              {
                sentence: `The busiest disk, ${busiest.disk}, was busy ${formatValue(busiest.busy, "percent")} on average at these times.`,
                threshold: `${restingDisk} %`,
                ranges: episodes,
                chartId: chartIds.diskBusy(busiest.disk),
              },
            ]),
      ],
      advice: [
        isElsewhere
          ? "Look at file systems over the network: findmnt -t nfs,nfs4,cifs,ceph names them, nfsiostat 5 tells how long their requests take; and at who waits: ps -eo stat,wchan:32,comm | grep ^D."
          : "Find who waits and for which disk: pidstat -d 5, iotop -ao, and the disks' own figures in this report.",
        "Take the share for a hint, not for a measure: it is idle time during which a request was outstanding, so a busy machine hides it and an idle one shows it at once.",
        "See whether reads could be served from memory, and whether writes could be spread or done in the background.",
      ],
    };
  },
});

/** At these times; null where no disk has its busy share in the data. */
function busiestDisk(
  dataset: Dataset,
  disks: readonly string[],
  episodes: Episode[],
): { disk: string; busy: number } | null {
  const [busiest] = principalOf(disks)
    .map((disk) => ({ disk, busy: meanDuring(minutesOf(dataset, `disk_${disk}_busy`), episodes) }))
    .filter(({ busy }) => !Number.isNaN(busy))
    .toSorted((a, b) => b.busy - a.busy);
  return busiest ?? null;
}
