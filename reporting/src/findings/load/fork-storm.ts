import { formatFixed } from "../../format.ts";
import { meanDuring } from "../../statistics/episodes.ts";
import { warningS } from "../duration.ts";
import { minutesOf } from "../minutes-of.ts";
import { describeMeasures, thresholdRule } from "../threshold-rule.ts";
import { toMultiples } from "./relative.ts";

/** New tasks a second below which there is no storm: in all, and for each CPU. To start a program takes about a millisecond. */
const floor = 200;
const floorPerCpu = 100;

export const forkStorm = thresholdRule({
  id: "fork-storm",
  title: "Tasks created",
  quantity: "Tasks created, as a multiple of the machine's median,",
  limit: { direction: "above", enter: 5, leave: 2.5, unit: "times", minimumS: warningS },
  provided: `where they are at least ${floor} a second, and ${floorPerCpu} for each CPU`,
  criticalS: null,
  confidence: "medium",
  source:
    "Brendan Gregg, Systems Performance, on short-lived processes that top does not show. All figures are our own.",
  explains: ["context-switch-storm", "cpu-system-share"],
  missing: "forks has no values.",
  signals(dataset, { cpuCount }) {
    const measure = dataset.measure("forks");
    if (measure === null) return [];
    const minutes = toMultiples(dataset.minutes(measure), {
      floor: Math.max(floor, floorPerCpu * (cpuCount ?? 0)),
      least: 1,
    });
    return [{ label: "Tasks created", minutes, chartId: null, device: null }];
  },
  inOrder: (dataset) => describeMeasures(dataset, ["forks"]),
  conclude({ when, often, episodes }, _, dataset) {
    const rate = meanDuring(minutesOf(dataset, "forks"), episodes);
    return {
      title: `Very many short-lived processes were started${often}`,
      sentence: `The machine started ${formatFixed(rate, 0)} new tasks a second ${when}, many times what it usually does; starting them costs CPU time that lists of running programs do not show.`,
      advice: [
        "See what is started, and by whom: execsnoop from bcc or bpftrace, or ps -eo ppid,comm --sort=start_time in these periods.",
        "Look for scripts that start a program for each line or file, for services that crash and restart at once, and for checks that run every second.",
        "Replace them by one process that stays, or let them do more work for each start.",
      ],
    };
  },
});
