// What the report says by itself: titles, captions, labels, method, sentences around figures. A rule's own words stand in its file, a
// metric's in the catalogue. In this folder alone, so that they read as one text; another language would be another of these. Parameters are
// formatted already.

import { resourceTexts } from "./english-resources.ts";
import { useTexts } from "./english-use.ts";
import { listed } from "./listed.ts";

const figures = { mean: "Mean", p95: "p95", p99: "p99", max: "Max" };

export const texts = {
  /** Around the sections, in HTML and PDF. */
  page: {
    brand: "PerfAnalysis",
    skip: "Skip the cover",
    contents: "Contents",
    darkColors: "Dark colours",
    verdict: "Verdict",
    dataQuality: "Data quality",
    confidence: "confidence",
    rule: "Rule",
    evidence: "Evidence",
    limit: "Limit:",
    when: "When:",
    seeChart: "See the chart",
    whatToDo: "What to do",
    source: "Source of the thresholds:",
    explained: "Consequences of the above",
    clear: "Checked and in order",
    refused: "Not judged",
    page: "Page",
    of: "of",
    footer: (generator: string) =>
      `Made by ${generator}. This file is complete: it loads nothing from elsewhere.`,
  },
  cover: {
    window: "Window",
    windowIn: (zone: string) => `Window in ${zone}`,
    length: "Length",
    samples: "Samples",
    every: (count: string, interval: string) => `${count}, every ${interval}`,
    coverage: "Coverage",
    machineId: "Machine id",
    input: "Input",
    digest: "SHA-256",
    times: "Times",
    timesIn: (zone: string) => `UTC; hours of the day also in ${zone}`,
    made: "Made",
    madeBy: (time: string, generator: string) => `${time} UTC by ${generator}`,
  },
  machine: {
    hostName: "Host name",
    distribution: "Distribution",
    kernel: "Kernel",
    processor: "Processor",
    memory: "Memory",
    hardware: "Hardware",
    booted: "Booted",
    disks: "Disks",
    interfaces: "Interfaces",
    notOneByOne: "measured together, not one by one",
    virtual: (kind: string) => (kind === "unknown" ? "virtual" : `virtual (${kind})`),
    andMore: (shown: string, count: number) => `${shown} and ${count} more`,
    speed: (name: string, speed: string) => `${name} (${speed})`,
    speedGiven: (name: string, speed: string) => `${name} (${speed}, as given)`,
    speedDoubted: (name: string, told: string, carried: string) =>
      `${name} (told ${told}, but carried ${carried})`,
    speedsTold: (list: string) => `${list}; speeds as the machine tells`,
  },
  figure: {
    describe: (
      label: string,
      { mean, p95, max }: { mean: string; p95: string; max: string },
    ): string => `${label}: mean ${mean}, 95th percentile ${p95}, maximum ${max}.`,
    describeBar: (label: string, p95: string, max: string) =>
      `${label}: 95th percentile ${p95}, maximum ${max}.`,
    everySample: "Every sample is drawn. Times are UTC.",
    resolution: (duration: string) => `Each point stands for ${duration}. Times are UTC.`,
    exact: "Percentiles of all samples, exact.",
  },
  use: {
    caption: (resource: string) => `${resource}: utilisation, saturation, errors`,
    columns: { kind: "Kind", measuredBy: "Measured by", ...figures },
    utilisation: "Utilisation",
    saturation: "Saturation",
    errors: "Errors",
    absent: "not in the data",
    noneMeasured: (resource: string) =>
      `${resource}: neither utilisation nor saturation nor errors are in the data.`,
  },
  course: {
    noHour: (title: string) => `${title} by the hour: no hour has data for half of it or more.`,
    busiest: (when: string, title: string, mean: string) =>
      `The busiest hour was ${when}: ${title}, ${mean} on average.`,
    title: (title: string) => `${title} by hour and day`,
    note: (zone: string) =>
      `Means of hours; hours are those of ${zone}. Hatched hours were not measured, or to less than their half.`,
  },
  distribution: {
    histogram: (title: string) => `${title}: how often which value`,
    histogramNote: "A bar's height is the share of all samples in it.",
    curve: (title: string) => `${title}: share of samples up to a value`,
    curveNote: "Percentiles are exact.",
    beyond: (share: string, max: string) =>
      `Not shown: ${share} of the samples, larger ones up to ${max}.`,
  },
  statistics: {
    metric: "Metric",
    unit: "Unit",
    count: "count",
    min: "Min",
    mean: "Mean",
    max: "Max",
    standardDeviation: "SD",
    medianAbsoluteDeviation: "MAD",
  },
  ...resourceTexts,
  capacity: {
    use: "In use, in percent of what there is",
    averageDay: "The average day, in percent of what there is",
    describeDay: (label: string, most: string, hour: number) =>
      `${label}: at most ${most} at ${hour}:00.`,
    averageDayNote: (zone: string) =>
      `Means by hour of the day, all days together. Hours are those of ${zone}.`,
  },
  ...useTexts,
  quality: {
    title: "Data quality",
    introduction: (grade: string, meaning: string) =>
      `The data has grade ${grade}, that of its worst check. ${meaning}`,
    meanings: {
      A: "It supports every conclusion of this report.",
      B: "It has blemishes that do not change a conclusion.",
      C: "Conclusions hold in the main; single figures may be off.",
      D: "It is too thin or too broken for firm conclusions: take them as hints.",
      F: "It supports no conclusion.",
    },
    checks: "What was checked",
    check: "Check",
    grade: "Grade",
    found: "Found",
    places: "Where: the first places of each, or the worst",
    at: "At",
    column: "Column",
    allColumns: "all",
    throughout: "throughout",
    line: (number: string) => `line ${number}`,
    checksMeaning: "What the checks look for",
    allChecks: "Every check, with its limits; the worst decides on the grade",
    looksFor: "Looks for",
    grades: "Grades",
    limits: "What this data does not support",
    longestGaps: (shown: number, all: string) => `The ${shown} longest of ${all}`,
    gaps: "Gaps: no sample between these two",
    between: "Between",
    length: "Length",
    missing: "Samples missing",
    otherMachines: (list: string) =>
      `The file also has other machines, which this report leaves out: ${list}.`,
    machine: (id: string, rows: string) => `${id} (${rows})`,
    notes: "Notes on the file",
  },
  verdict: {
    title: "Verdict",
    numbers: ["no", "one", "two", "three", "four", "five", "six", "seven", "eight", "nine"],
    checksTitle: "Checks",
    furtherTitle: "Further findings",
    /** Before the name of the section, and a full stop. */
    further: (count: string, isOne: boolean) =>
      `${count} more of less weight ${isOne ? "stands" : "stand"} under `,
    checks:
      "Each check with its figures and limit, and each that could not be made with the reason, stands under ",
    explained: (sentence: string, cause: string) =>
      `${sentence} At the same time: ${cause}, the likelier cause.`,
    tooLittle: "Not enough data to judge",
    notJudged: "Nothing is judged",
    noneApplied: "The data has grade F, and no rule was applied.",
    isUndecided: "Undecided",
    noFinding: (made: number, all: number) => `No finding in ${made} of ${all} checks`,
    nothing: "Nothing is wrong",
    finding: "finding",
    warning: "warning",
    criticalFinding: "critical finding",
    ofWhichCritical: (findings: string, critical: number) => `${findings}, ${critical} critical`,
    check: "check",
    allClear: (checks: string, isAll: boolean) =>
      `CPU, memory and disks were measured, and none of the ${checks}${isAll ? "" : " that could be made"} found a problem.`,
    noneChecked: "Neither CPU nor memory nor disks could be checked.",
    onlyHints: "The data has grade D: silence is a hint, too, and no proof.",
    notAllChecked: "Not all of CPU, memory and disks could be checked.",
    window: (length: string, name: string) => `In the ${length} of data from ${name}`,
    onlySample: (name: string) => `In the one sample from ${name}`,
    trust: (grade: string) =>
      ` The data has grade ${grade}, which limits how firmly this can be said.`,
    andMore: (count: string) => `; and ${count} more`,
    othersClear: (count: string, isOne: boolean) =>
      ` ${count} other ${isOne ? "check" : "checks"} found nothing wrong.`,
    attention: (window: string, count: string | null, titles: string) =>
      `${window}, ${count === null ? "one thing needs" : `${count} things need`} attention: ${titles}.`,
    besides: (titles: string) => ` Undecided, since too short to be told from a burst: ${titles}.`,
    undecided: (window: string, titles: string) =>
      `${window}, something was wrong, though not for long enough at a stretch to be told from a burst: ${titles}. Nobody can say from this that the machine is well.`,
    absent: (nouns: readonly string[]) => `The file has no values of ${listed(nouns)}.`,
    onlyContainers: (containers: string, nouns: readonly string[]) =>
      `The file holds ${containers} and nothing of the machine beneath: it has no values of ${listed(nouns)}.`,
    unknown: (window: string) =>
      `${window} there is too little to judge by: neither CPU nor memory nor disks could be checked. The figures below are what was measured; they are no verdict.`,
    untrusted: (window: string, titles: string) =>
      `${window} nothing is judged${titles === "" ? "" : `: ${titles}`}. The data has grade F: a conclusion would be a guess, so no rule on the machine was applied. What is wrong with the data, and what to do about it, stands below. The figures further on are what it says; they are no verdict.`,
    tooShort: (window: string) =>
      `${window} there is too little to judge by: a load must last for minutes before it is more than a burst. Capture for an hour or longer. The figures below are what was measured; they are no verdict.`,
    partlyClear: (window: string, made: string, all: string) =>
      `${window}, nothing wrong was found in the ${made} of ${all} checks that could be made.`,
    clear: (window: string, made: string) =>
      `${window}, nothing is wrong: CPU, memory and disks were measured, and none of the ${made} checks found a problem.`,
    notices: (count: string, isOne: boolean) =>
      ` ${count} ${isOne ? "notice says" : "notices say"} what else there is to know.`,
    unjudged: (count: string, isOne: boolean) =>
      ` ${count} ${isOne ? "check" : "checks"} could not be made.`,
    moreEvidence: (count: number) =>
      `${count} more of the kind ${count === 1 ? "is" : "are"} in the conclusions as JSON.`,
    moreTimes: (count: number) => `and ${count} more`,
    tiles: {
      p95: "95th percentile",
      cpu: "CPU busy",
      memory: "Memory available",
      memoryNote: "lowest, of all memory",
      diskBusy: (name: string) => `Disk ${name} busy`,
      busiest: (count: number) => `95th percentile, the busiest of ${count}`,
      diskWritten: (name: string) => `Disk ${name} written`,
      sent: (name: string) => `${name} sent`,
      received: (name: string) => `${name} received`,
      containerCpu: (name: string) => `${name}: CPU time, of one CPU`,
      containerMemory: (name: string) => `${name}: memory`,
    },
  },
  annex: {
    title: "Annex",
    metrics: "All metrics",
    rules: "Rules",
    method: "Method",
    glossary: "Glossary",
    resources: {
      cpu: "CPU",
      load: "Load and kernel activity",
      memory: "Memory and swap",
      paging: "Paging",
      pressure: "Pressure",
      disk: "Disks",
      network: "Network",
      filesystem: "File systems",
      container: "Containers",
      collector: "The collector's own cost",
    },
    absent: (names: string) => `Not in the data at all: ${names}.`,
    empty: (names: string) => `Columns without a single value: ${names}.`,
    rulesCaption: "When each rule fires, and where its thresholds come from",
    rulesColumns: { rule: "Rule", firesWhen: "Fires when", source: "Source" },
    glossaryCaption:
      "What the metrics mean; Δ is growth over an interval, Δt the seconds that passed",
    glossaryColumns: { metric: "Metric", meaning: "Meaning", measured: "How it is measured" },
    methods: (point: string, judged: string, zone: string) => [
      "Percentiles are exact, of the raw samples, by definition 7 of Hyndman and Fan (1996), the default of R and NumPy: every sample weighs the same.",
      "Means are weighed by time: a sample stands for the seconds since the one before, after a gap for one interval. At a steady pace that is the plain mean.",
      "SD is the standard deviation. MAD is the median distance from the median, which rare extremes do not move; for normally distributed values it is 0.67 SD.",
      "Gaps are gaps: an empty cell or a missing sample enters no figure, breaks the line of a chart, and ends a period that a rule looks at.",
      "CPU busy is 100 − idle − I/O wait. I/O wait is a kind of idle: the CPU could have worked, had there been work that did not wait for a disk.",
      "Available memory is the kernel's own estimate (MemAvailable) of what programs could get without swapping.",
      `Charts show ${point} a point: the line is the mean of its samples, the band reaches from the smallest to the largest. Where most points hold 20 samples or more, a darker band within it reaches from the 5th to the 95th percentile: exact up to 100 samples a point, beyond that of 100 that are spread evenly over it.`,
      "Heat maps show means of the hours of a day; an hour of which less than half was measured is a gap. Histograms show the share of all samples between their edges.",
      `Rules judge means of ${judged}, with one threshold to enter a state and a milder one to leave it, so that a value around the limit is one period, not many.`,
      "The disk shown first moved the most bytes, the interface shown first had the most traffic; loop devices, memory disks, layers of other disks, the loopback interface and the near ends of containers come last.",
      `Times are UTC${zone === "UTC" ? "" : `; hours of the day are those of ${zone}`}.`,
    ],
  },
};
