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

test("data-quality warns of machines that are mixed, whatever else there is", () => {
  const mixed = graded("D");
  mixed.checks.push({
    id: "mixed-machines",
    name: "Machines",
    grade: "D",
    sentence: "Captures of more than one machine make this series.",
    places: [],
  });
  expect(judgeMachine(dataQuality, {}, { grade: mixed })).toMatchObject({
    finding: {
      severity: "warning",
      title: "The samples are those of more than one machine",
      evidence: [{}, { sentence: "Machines: Captures of more than one machine make this series." }],
    },
  });
});
