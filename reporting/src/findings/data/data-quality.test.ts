import { expect, test } from "vitest";
import type { DataGrade } from "../../validation/grade-data.ts";
import { judgeMachine } from "../../testing/machine.ts";
import { dataQuality } from "./data-quality.ts";

const graded = (grade: DataGrade["grade"]): DataGrade => ({
  grade,
  checks: [
    { id: "amount", name: "Amount", grade: "A", sentence: "Enough.", places: [] },
    { id: "gaps", name: "Gaps", grade, sentence: "1 gap, the longest 20 min.", places: [] },
  ],
  limits: ["Findings are stated with medium confidence at most."],
  forbids: { rightSizing: null, dailyProfile: null, trend: null },
});

test("data-quality notices data that limits what can be concluded, and says how", () => {
  const verdict = judgeMachine(dataQuality, {}, { grade: graded("C") });
  expect(verdict).toMatchObject({
    finding: {
      severity: "notice",
      confidence: "high",
      sentence: expect.stringMatching(
        /doubtful, so no finding on the machine itself is surer than “medium/,
      ),
      evidence: [{ sentence: "Gaps: 1 gap, the longest 20 min.", threshold: "grade B, here C" }],
      advice: [expect.stringMatching(/does not carry: .*medium confidence/), expect.any(String)],
    },
  });
  expect(judgeMachine(dataQuality, {}, { grade: graded("D") })).toMatchObject({
    finding: { sentence: expect.stringContaining("surer than “low") },
  });
});

test("data-quality is silent on good data", () => {
  expect(judgeMachine(dataQuality, {}, { grade: graded("B") })).toMatchObject({
    outcome: "clear",
    sentence: expect.stringContaining("grade B"),
  });
});

test("data-quality finds no fault with a capture that is only short", () => {
  const short = { ...graded("D") };
  short.checks = short.checks.map((check) => ({
    ...check,
    grade: check.id === "amount" ? ("D" as const) : ("A" as const),
  }));
  expect(judgeMachine(dataQuality, {}, { grade: short })).toMatchObject({
    finding: {
      title: "The capture is too short to conclude much from it",
      sentence: expect.stringMatching(/^There is little data, so no finding on the machine itself/),
      advice: [expect.any(String), expect.stringMatching(/^Capture for longer/)],
    },
  });
});

test("data-quality finds no fault with a capture of a part of the machine", () => {
  const partial = graded("C");
  partial.checks = partial.checks.map((check) => ({
    ...check,
    id: check.grade === "C" ? "missing-columns" : check.id,
  }));
  expect(judgeMachine(dataQuality, {}, { grade: partial })).toMatchObject({
    finding: {
      severity: "notice",
      title: "Much of the machine was not measured",
      sentence: expect.stringMatching(/^Columns that the main rules need are not in the data, so/),
      advice: [{}, expect.stringMatching(/^Where the whole machine is to be judged/)],
    },
  });
});

test("data-quality warns of data that carries no conclusion, its worst fault first", () => {
  const broken = graded("F");
  broken.checks.unshift({ id: "jitter", name: "Jitter", grade: "C", sentence: "A.", places: [] });
  expect(judgeMachine(dataQuality, {}, { grade: broken })).toMatchObject({
    finding: {
      severity: "warning",
      title: "The data has faults that leave nothing to conclude",
      sentence: expect.stringMatching(/nothing on the machine itself is concluded/),
      evidence: [{ sentence: expect.stringMatching(/^Gaps/) }, { sentence: "Jitter: A." }],
    },
  });
  broken.checks = [{ id: "amount", name: "Amount", grade: "F", sentence: "2.", places: [] }];
  expect(judgeMachine(dataQuality, {}, { grade: broken })).toMatchObject({
    finding: { title: "The capture is too short to conclude anything from it" },
  });
});

test("data-quality warns of samples of the same time that contradict one another", () => {
  const double = graded("D");
  double.checks.push({
    id: "contradictions",
    name: "Contradictions",
    grade: "D",
    sentence: "Half.",
    places: [],
  });
  expect(judgeMachine(dataQuality, {}, { grade: double })).toMatchObject({
    finding: {
      severity: "warning",
      title: "Samples of the same time contradict one another",
      sentence: expect.stringContaining("only the first sample of each time is used"),
    },
  });
});

test("data-quality warns of machines that are mixed, whatever else there is", () => {
  const mixed = graded("D");
  mixed.checks.push({
    id: "mixed-machines",
    name: "Machines",
    grade: "D",
    sentence: "Captures of more than one machine make this series.",
    places: [
      { timeS: Date.UTC(2026, 2, 2) / 1000, line: null, column: "mem_total", value: "64 GiB" },
      { timeS: null, line: null, column: null, value: "of no row" },
    ],
  });
  expect(judgeMachine(dataQuality, {}, { grade: mixed })).toMatchObject({
    finding: {
      severity: "warning",
      title: "The samples are those of more than one machine",
      evidence: [
        {},
        {
          sentence:
            "Machines: Captures of more than one machine make this series. First: 2 Mar 2026 00:00 UTC mem_total of 64 GiB.",
        },
      ],
      advice: expect.arrayContaining([expect.stringMatching(/machine_id, .* \(--all\)/)]),
    },
  });
});
