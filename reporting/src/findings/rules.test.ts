import { expect, test } from "vitest";
import { rules } from "./rules.ts";

const ids = rules.map(({ id }) => id);

test("rules have ids of their own, and name only rules that are there", () => {
  expect(new Set(ids).size).toBe(ids.length);
  const named = rules.flatMap(({ explains = [], contradicts = [] }) => [
    ...explains,
    ...contradicts,
  ]);
  expect(named.filter((id) => !ids.includes(id))).toEqual([]);
});

test("rules explain one another in one direction only: of a circle none would be told", () => {
  const explained = new Map(rules.map(({ id, explains = [] }) => [id, explains]));
  const reached = (from: string, seen = new Set<string>()): Set<string> => {
    for (const id of explained.get(from) ?? []) {
      if (!seen.has(id)) reached(id, seen.add(id));
    }
    return seen;
  };
  expect(ids.filter((id) => reached(id).has(id))).toEqual([]);
});

test.each(rules)(
  "$id defines itself with a number and says where its thresholds come from",
  (rule) => {
    expect(rule.definition).toMatch(/\d.*\.$/);
    expect(rule.source).toMatch(/\.$/);
  },
);
