import type { Dataset } from "../../statistics/dataset.ts";
import type { Evidence, Rule, RuleContext, Verdict } from "../finding.ts";
import { mostConfident } from "../ranking.ts";

export const dataQuality: Rule = {
  id: "data-quality",
  title: "Worth of the data",
  definition:
    "At least 1 check of the data has grade C or D; a notice that says what cannot be concluded, a warning where machines are mixed. To data of grade F no rule is applied.",
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
      : kinds.faulty;
  const surest = grade === "F" ? "low" : mostConfident[grade];
  return {
    outcome: "finding",
    finding: {
      severity: kind.severity,
      confidence: "high",
      title: kind.title,
      sentence: `${kind.cause}, so no finding on the machine itself is surer than “${surest} confidence”, and silence about a time without data means nothing.`,
      evidence: bad.map(({ id, name, sentence, grade: own }): Evidence => ({
        sentence: `${name}: ${sentence}`,
        threshold: `grade B, here ${own}`,
        ranges: id === "gaps" ? gaps.map(({ fromS, toS }) => ({ startS: fromS, endS: toS })) : [],
        chartId: null,
      })),
      advice: [
        ...(limits.length === 0
          ? []
          : [`Ask nothing of this data that it does not carry: ${limits.join(" ")}`]),
        kind.advice,
      ],
    },
  };
}

interface Kind {
  severity: "warning" | "notice";
  title: string;
  /** A sentence's begin. */
  cause: string;
  advice: string;
}

const kinds: Record<"short" | "mixed" | "faulty", Kind> = {
  // Nothing is wrong with it: there is only little of it.
  short: {
    severity: "notice",
    title: "The capture is too short to conclude much from it",
    cause: "There is little data",
    advice: "Capture for longer, an hour at least, and make the report again.",
  },
  mixed: {
    severity: "warning",
    title: "The samples are those of more than one machine",
    cause: "Samples of several machines are one series here, and its figures no single machine's",
    advice:
      "Tell the machines apart where the data is taken, or give each one's files by themselves, and make a report of each.",
  },
  faulty: {
    severity: "notice",
    title: "The data has faults that limit what can be concluded",
    cause: "Parts of the data are missing or doubtful",
    advice:
      "See why in the chapter on data quality, mend it where the data is taken, and make the report again.",
  },
};
