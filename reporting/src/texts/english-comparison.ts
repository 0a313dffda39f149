// The comparison of captures. A part of english.ts, and of its own because a report does not need it.
import type { Alignment } from "../comparison/alignment.ts";
import { formatCount, formatDuration, two } from "../format.ts";
import { listed } from "./listed.ts";

export const comparisonTexts = {
  cover: {
    worstOf: (meaning: string) => `Of the worst of them. ${meaning}`,
    capture: (range: string, samples: string, source: string) =>
      `${range}, ${samples}. ${source}, SHA-256 `,
    every: (samples: string, interval: string) => `${samples}, every ${interval}`,
    made: "Made",
    madeBy: (time: string, generator: string) => `${time} UTC by ${generator}`,
    same: "No difference that matters",
    noneWorse: (count: number) => `${formatCount(count, "difference")}, none for the worse`,
    worse: (count: number, worse: number) =>
      `${formatCount(count, "difference")}, ${worse} for the worse`,
    worseNamed: (labels: readonly string[], more: number) =>
      `Worse: ${more > 0 ? `${labels.join(", ")} and ${more} more` : listed(labels)}.`,
  },
  differences: {
    title: "What differs",
    introduction: (first: string, others: readonly string[], time: string, count: string) =>
      `${listed(others.map(quoted))} compared with ${quoted(first)}, ${time}: ${count}`,
    none: "nothing differs in a way that anyone would act on.",
    some: (count: number, { worse, better, other }: Record<Judged, number>) => {
      const parts = [
        worse === 0 ? [] : `${worse} for the worse`,
        better === 0 ? [] : `${better} for the better`,
        other === 0 ? [] : `${other} because the load was another one`,
      ].flat();
      return `${formatCount(count, "thing")} ${count === 1 ? "differs" : "differ"}, ${listed(parts)}.`;
    },
    time: (alignment: Alignment, startS: number, endS: number) => {
      switch (alignment) {
        case "elapsed":
          return `over the first ${formatDuration(endS - startS)} of each`;
        case "time-of-day":
          return `at the times of day that all have, ${clock(startS)} – ${clock(endS)} UTC`;
        case "marker":
          return `from ${aroundMarker(startS)} to ${aroundMarker(endS)} their markers`;
      }
    },
    /** After the quantity's name, which is of one thing or of many. `isHigher` tells of most values; the mean may have gone the other way. */
    inWords: ({ isHigher, meanAgrees, verdict, ...of }: DifferenceInWords) =>
      `, ${meanAgrees ? "" : "mostly "}${isHigher ? "higher" : "lower"} in ${quoted(of.other)}: ${meanAgrees ? "" : "though "}${of.after} on average instead of ${of.before} in ${quoted(of.base)}${of.times === null ? "" : ` (${of.times} times as much)`}, ` +
      `and ${of.afterP95} instead of ${of.beforeP95} at the 95th percentile.${verdict === "other" ? "" : ` This is ${verdict}.`}`,
    caption: "By the size of the effect (Cliff's δ), the clearest first",
    columns: {
      quantity: "Quantity",
      capture: "Capture",
      mean: (label: string) => `Mean, ${label}`,
      p95: (label: string) => `p95, ${label}`,
      /** In place of a label, where several are compared with the first. */
      theCapture: "the capture",
      delta: "δ",
      effect: "Effect",
      judged: "Judged",
    },
    sizes: { negligible: "negligible", small: "small", medium: "medium", large: "large" },
    verdicts: { worse: "worse", better: "better", other: "–" },
    ofCpu: "CPU",
    ofDisk: "Busiest disk",
    ofInterface: "Primary interface",
    perCpu: (label: string) => `${label} per CPU`,
    ofMemory: (label: string) => `${label}, share of all memory`,
    noSwap: (labels: readonly string[]) =>
      `${listed(labels.map(quoted))} ${labels.length === 1 ? "has" : "have"} no swap: swapping is not judged there.`,
  },
  sideBySide: {
    title: "Side by side",
    resolution: (duration: string) => `Each point is the mean of ${duration}.`,
    describe: (label: string, mean: string, p95: string) =>
      `${label}: mean ${mean}, 95th percentile ${p95}.`,
    notMeasured: (label: string) => `${label}: not measured.`,
    axes: {
      elapsed: "since the start of each capture",
      clock: "time of day, UTC",
      marker: "since each marker",
    },
  },
  radar: {
    title: "How hard each machine was used",
    note: "95th percentiles. Shares end at 100 %, other axes at the highest of the captures.",
    axes: {
      cpu: "CPU busy",
      cpuPressure: "CPU pressure",
      memory: "Memory used",
      memoryPressure: "Memory pressure",
      disk: "Disk busy",
      diskAwait: "Disk await",
      ioPressure: "I/O pressure",
      received: "Network received",
      sent: "Network sent",
    },
    describe: (axis: string, values: readonly string[]) => `${axis}: ${values.join(", ")}.`,
  },
  machines: {
    title: "The machines",
    caption: "What they are",
    fact: "Fact",
    id: "Machine id",
    kernel: "Kernel",
    distribution: "Distribution",
    processor: "CPU",
    cpus: "CPUs",
    memory: "Memory",
    cloudType: "Cloud type",
    cost: "Cost an hour",
    digest: "Input, SHA-256",
    noFindings: "No rule found anything in any of the captures by itself.",
    findings: "What was found in each by itself",
    found: "found",
  },
  price: {
    title: "Price and performance",
    introduction:
      "What the work of an hour cost at the load that was measured. A machine that is hardly used is dear by this measure whatever it could do.",
    caption: "Cost in the currency that was given",
    capture: "Capture",
    hour: "An hour",
    kinds: {
      cpu: "A busy CPU for an hour",
      traffic: "A GiB of traffic",
      requests: "A million disk requests",
      connections: "A thousand TCP connections",
    },
  },
  trust: {
    title: "How far this can be trusted",
    caption: "Grades of the data",
    check: "Check",
    all: "All",
    limits: "What this data does not support",
    limit: (label: string, limit: string) => `${label}: ${limit}`,
    method: "Method",
    methods: [
      "Only the time that all captures have is compared; a gap in one of them stays a gap.",
      "Cliff's δ says how much more often a value of one capture exceeds one of the other than the other way round: 0 means that neither does, ±1 that all do. From 0.147 an effect is called small, from 0.33 medium, from 0.474 large (Romano et al., 2006). Of long captures 10,000 evenly taken samples enter it.",
      "Listed are differences of at least a small effect whose mean or 95th percentile changes by 5 % and by an amount that someone could notice: 1 % of a share, 0.5 ms, 50 kB/s, 10 a second, 16 MiB, 0.2 of a count.",
      "More CPU time, waiting, queues, pressure, errors and swapping are called worse. More work done (bytes, requests, packets) is neither: it says that the load was another one.",
      "Where the machines differ in their number of CPUs, tasks and load are compared per CPU; where they differ in memory by more than 5 %, memory in use and cache as a share of it. Swapping is judged only between machines that have swap.",
      "The busiest disk and the primary interface of each capture are compared with one another, whatever their names.",
    ],
  },
  annex: {
    title: "Annex",
    caption: "All quantities that were compared, over the time that all captures have",
    quantity: "Quantity",
    capture: "Capture",
    figures: { mean: "Mean", p50: "p50", p95: "p95", p99: "p99", max: "Max" },
  },
};

type Judged = "worse" | "better" | "other";

interface DifferenceInWords {
  isHigher: boolean;
  /** Whether the mean went the same way. */
  meanAgrees: boolean;
  /** Labels of the captures. */
  base: string;
  other: string;
  /** Values as they are shown. */
  before: string;
  after: string;
  beforeP95: string;
  afterP95: string;
  /** How many times as much; null where that says no more than the numbers. */
  times: string | null;
  verdict: Judged;
}

function quoted(label: string): string {
  return `“${label}”`;
}

/** Of a time behind midnight that of the next day; midnight itself is the end of a day. */
function clock(secondS: number): string {
  const minutes = Math.floor((secondS > 86_400 ? secondS - 86_400 : secondS) / 60);
  return `${two(Math.floor(minutes / 60))}:${two(minutes % 60)}`;
}

function aroundMarker(secondS: number): string {
  return `${formatDuration(Math.abs(secondS))} ${secondS < 0 ? "before" : "after"}`;
}
