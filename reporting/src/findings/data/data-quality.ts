import { formatTime } from "../../format.ts";
import type { Dataset } from "../../statistics/dataset.ts";
import type { Evidence, Rule, RuleContext, Verdict } from "../finding.ts";
import type { Place } from "../../validation/check.ts";
import { mostConfident } from "../ranking.ts";

export const dataQuality: Rule = {
  id: "data-quality",
  title: "Worth of the data",
  definition:
    "At least 1 check of the data has grade C or worse; a notice that says what cannot be concluded, a warning where machines are mixed, samples of one time contradict one another, or the grade is F. To data of grade F no rule on the machine is applied.",
  source: "The grade of the data, chapter Data quality; its limits are our own.",
  aboutData: true,
  judge,
};

function judge(dataset: Dataset, { grade: { grade, checks, limits } }: RuleContext): Verdict {
  const bad = checks.filter((check) => check.grade >= "C");
  if (grade < "C" || bad.length === 0) {
    return {
      outcome: "clear",
      sentence: `The data has grade ${grade} in ${checks.length} checks (a notice from grade C on).`,
      confidence: "high",
    };
  }
  const { gaps } = dataset.timing;
  const kind = bad.every(({ id }) => id === "amount")
    ? kinds.short
    : bad.some(({ id }) => id === "mixed-machines")
      ? kinds.mixed
      : bad.some(({ id }) => id === "contradictions")
        ? kinds.double
        : bad.every(({ id }) => id === "missing-columns")
          ? kinds.partial
          : kinds.faulty;
  const worst = bad.toSorted((a, b) => Number(b.grade > a.grade) - Number(b.grade < a.grade));
  return {
    outcome: "finding",
    finding: {
      severity: grade === "F" ? "warning" : kind.severity,
      confidence: "high",
      title: grade === "F" ? (kind.titleOfNone ?? kind.title) : kind.title,
      sentence:
        grade === "F"
          ? `${kind.cause}, so much so that nothing on the machine itself is concluded: it would be a guess.`
          : `${kind.cause}, so no finding on the machine itself is surer than “${mostConfident[grade]} confidence”, and silence about a time without data means nothing.`,
      evidence: worst.map(({ id, name, sentence, places, grade: own }): Evidence => ({
        sentence: `${name}: ${sentence}${id === "mixed-machines" ? describePlaces(places) : ""}`,
        threshold: `grade B, here ${own}`,
        ranges: id === "gaps" ? gaps.map(({ fromS, toS }) => ({ startS: fromS, endS: toS })) : [],
        chartId: null,
      })),
      advice: [
        ...(limits.length === 0 || grade === "F"
          ? []
          : [`Ask nothing of this data that it does not carry: ${limits.join(" ")}`]),
        ...kind.advice,
      ],
    },
  };
}

/** Where samples change from one machine to the other; " First: …" to follow a sentence. */
function describePlaces(places: readonly Place[]): string {
  const words = places.flatMap(({ timeS, column, value }) =>
    timeS === null || column === null ? [] : [`${formatTime(timeS)} UTC ${column} of ${value}`],
  );
  return words.length === 0 ? "" : ` First: ${words.join("; ")}.`;
}

interface Kind {
  severity: "warning" | "notice";
  title: string;
  /** Where nothing can be concluded, if that is said otherwise. */
  titleOfNone?: string;
  /** A sentence's begin. */
  cause: string;
  advice: string[];
}

const kinds: Record<"short" | "partial" | "mixed" | "double" | "faulty", Kind> = {
  // Nothing is wrong with it: there is only little of it.
  short: {
    severity: "notice",
    title: "The capture is too short to conclude much from it",
    titleOfNone: "The capture is too short to conclude anything from it",
    cause: "There is little data",
    advice: ["Capture for longer, an hour at least, and make the report again."],
  },
  // What is there may be faultless.
  partial: {
    severity: "notice",
    title: "Much of the machine was not measured",
    cause: "Columns that the main rules need are not in the data",
    advice: [
      "Where the whole machine is to be judged, record what is missing, too, and make the report again.",
    ],
  },
  mixed: {
    severity: "warning",
    title: "The samples are those of more than one machine",
    cause: "Samples of several machines are one series here, and its figures no single machine's",
    advice: [
      "Of captures and other files, give each machine's by themselves, and make a report of each.",
      "Of a single CSV, tell the rows apart by what differs (the columns named above, or who sent them), write each machine's name into their machine_id, and make a report of each (--all).",
      "Where the data is taken, give each machine an id of its own: copies of one disk image often share it.",
    ],
  },
  double: {
    severity: "warning",
    title: "Samples of the same time contradict one another",
    cause:
      "Two machines, or two collectors, are one series here, or samples were taken more than once a second, or the clock went back, and only the first sample of each time is used",
    advice: [
      "See who writes under this name: of two machines or collectors, give each one's files by themselves, or its rows a machine_id of their own, and make a report of each (--all).",
      "Of one collector, take at most one sample a second, and let the clock run on (UTC, NTP): times that come twice are those of a clock that was set back.",
    ],
  },
  faulty: {
    severity: "notice",
    title: "The data has faults that limit what can be concluded",
    titleOfNone: "The data has faults that leave nothing to conclude",
    cause: "Parts of the data are missing or doubtful",
    advice: [
      "See why in the chapter on data quality, mend it where the data is taken, and make the report again.",
    ],
  },
};
