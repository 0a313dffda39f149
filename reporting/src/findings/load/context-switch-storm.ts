import { formatFixed, formatNumber, formatValue } from "../../format.ts";
import type { Dataset } from "../../statistics/dataset.ts";
import { combineMinutes, meanDuring, type Minutes } from "../../statistics/episodes.ts";
import { percentiles } from "../../statistics/percentiles.ts";
import { kernelMinutes, userMinutes } from "../cpu/cpu-time.ts";
import { theCpus } from "../cpu/the-cpus.ts";
import { warningS } from "../duration.ts";
import { minutesOf } from "../minutes-of.ts";
import { describeMeasures, thresholdRule } from "../threshold-rule.ts";

/** Switches a second for each CPU below which there is no storm: at 2 to 5 µs each, cold caches included, they take a tenth of it at most. */
const floorPerCpu = 20_000;
/** Percent of the CPU time in the kernel from which the switches are likely to cost something. */
const costly = 25;
/** Percent of the CPU time worked from which somebody is likely to feel it. */
const felt = 70;
/** Switches for each second worked, where the median is below: programs that work for 50 µs at a time are usual on machines that serve requests. */
const leastUsual = 20_000;

export const contextSwitchStorm = thresholdRule({
  id: "context-switch-storm",
  title: "Context switches",
  quantity:
    "Context switches for each second of CPU time worked, as a multiple of the machine's median,",
  limit: { direction: "above", enter: 2.5, leave: 1.75, unit: "times", minimumS: warningS },
  provided: `where they are at least ${formatFixed(floorPerCpu, 0)} a second for each CPU, the kernel takes ${costly} % of the CPU time, and, for a warning, ${felt} % of it were worked`,
  criticalS: null,
  severity: "notice",
  confidence: "medium",
  source:
    "PCP pmieconf: cpu.context_switch, 4,000 a second for each CPU, which servers pass on any day. More work needs more of them; a storm is more for the same work. That comparison, and all figures, are our own.",
  missing: "Context switches, CPU time or the number of CPUs are not in the data.",
  signals(dataset, { cpuCount }) {
    const minutes = cpuCount === null ? null : storm(dataset, cpuCount);
    return minutes === null
      ? []
      : [{ label: "Context switches for the work done", minutes, chartId: null, device: null }];
  },
  inOrder: (dataset) => describeMeasures(dataset, ["context_switches"]),
  conclude({ when, often, episodes }, _, dataset, { cpuCount }) {
    const rate = meanDuring(minutesOf(dataset, "context_switches"), episodes);
    const spent = meanDuring(kernelMinutes(dataset), episodes);
    const worked = meanDuring(workedMinutes(dataset), episodes);
    const isFelt = worked >= felt;
    const sliceMicroseconds = (1e4 * worked * (cpuCount ?? NaN)) / rate;
    return {
      title: `Programs handed ${theCpus(cpuCount)} to one another unusually often${often}`,
      sentence: `For the same work the machine changed from one task to another several times as often as usual ${when}, while the kernel took ${formatValue(spent, "percent")} of the CPU time${isFelt ? "" : "; there was time to spare, so hardly anybody felt it"}.`,
      severity: isFelt ? "warning" : "notice",
      evidence: [
        {
          sentence: `${formatValue(rate, "1/s")} switches on average: a task worked for ${formatNumber(sliceMicroseconds)} µs at a time. ${formatValue(spent, "percent")} of the CPU time in the kernel, ${formatValue(worked, "percent")} worked in all.`,
          threshold: `${costly} % in the kernel`,
          ranges: episodes,
          chartId: null,
        },
      ],
      advice: [
        "See who switches, and whether by choice: pidstat -w -t 5 (cswch/s: waits for locks or data; nvcswch/s: was displaced by others).",
        "Waiting on locks: look for many threads that share few of them (perf lock, off-CPU profiles).",
        "Displaced: fewer threads than now, about one for each CPU, do the same work with fewer changes.",
      ],
    };
  },
});

/** Percent of the CPU time. */
function workedMinutes(dataset: Dataset): Minutes | null {
  const [user, kernel] = [userMinutes(dataset), kernelMinutes(dataset)];
  return user === null || kernel === null ? null : combineMinutes(user, kernel, (a, b) => a + b);
}

/** Multiples of the usual number of switches for each second worked; 0 where they are few or cost little. */
function storm(dataset: Dataset, cpuCount: number): Minutes | null {
  const switches = minutesOf(dataset, "context_switches");
  const [worked, kernel] = [workedMinutes(dataset), kernelMinutes(dataset)];
  if (switches === null || worked === null || kernel === null) return null;
  const forWork = combineMinutes(switches, worked, (rate, percent) =>
    percent > 0 ? rate / (0.01 * percent * cpuCount) : 0,
  );
  const [median = NaN] = percentiles(forWork.means, [0.5]);
  const usual = Math.max(median, leastUsual);
  const many = combineMinutes(forWork, switches, (each, rate) =>
    rate >= floorPerCpu * cpuCount ? each / usual : 0,
  );
  return combineMinutes(many, kernel, (times, percent) => (percent >= costly ? times : 0));
}
