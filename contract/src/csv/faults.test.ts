import { expect, test } from "vitest";
import { renderFaults, sortFaults } from "./faults.ts";

test("renderFaults() tells the first fault by its line, and how many there are", () => {
  const faults = [
    { line: 9, message: "Is late." },
    { line: 2, column: "cpu_user", value: "x", message: "Is no number." },
  ];
  expect(renderFaults(faults, 7)).toBe(
    '7 faults, the first on line 2, column cpu_user, "x": Is no number.',
  );
  expect(renderFaults(faults.slice(0, 1), 1)).toBe("one fault on line 9: Is late.");
  expect(sortFaults(faults).map(({ line }) => line)).toEqual([2, 9]);
});
