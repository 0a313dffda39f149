import { formatFixed } from "../../format.ts";
import { combineMinutes, meanWithin } from "../../statistics/episodes.ts";
import { chartIds } from "../finding.ts";
import { minutesOf } from "../minutes-of.ts";
import { signalOf, thresholdRule } from "../threshold-rule.ts";
import { theCpus } from "./the-cpus.ts";

/** Tasks waiting for a disk, in a minute's mean: fewer, and hardly anyone is kept waiting. */
const leastBlocked = 0.5;

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
  conclude({ when, often, longest }, _, dataset, { cpuCount }) {
    const blocked = minutesOf(dataset, "procs_blocked");
    const waiting = meanWithin(blocked, longest);
    return {
      title: `Work waited${often} for the disks, not for ${theCpus(cpuCount)}`,
      sentence: `There was nothing to do but wait for disks ${when}; more CPU would not help, faster or fewer disk requests would.`,
      confidence: blocked === null ? "low" : "medium",
      evidence: Number.isNaN(waiting)
        ? []
        : [
            {
              sentence: `Tasks blocked on a disk: ${formatFixed(waiting, 1)} on average in the longest period.`,
              threshold: `${leastBlocked} tasks`,
              ranges: [longest],
              chartId: null,
            },
          ],
      advice: [
        "Find who waits and for which disk: pidstat -d 5, iotop -ao, and the disks' own figures in this report.",
        "Take the share for a hint, not for a measure: it is idle time during which a request was outstanding, so a busy machine hides it and an idle one shows it at once.",
        "See whether reads could be served from memory, and whether writes could be spread or done in the background.",
      ],
    };
  },
});
