import { formatCount } from "../../format.ts";
import { mostPlaces, placeAt, type Check, type CheckResult } from "../check.ts";
import { flips, listSizes } from "../levels.ts";
import { findConflicts, type MachineConflict } from "../machine-conflicts.ts";

export const machines: Check = {
  id: "mixed-machines",
  name: "Machines",
  looksFor:
    "Samples of several machines under one name: total memory, or the number of CPUs, goes back and forth at least four times, staying for less than an hour (or 20 samples) on average; or rows of one time tell of different total memory, four of them at least; or captures that are made one series cannot be of one machine: one goes on behind the boot that another tells of, or two of the same time differ in their host's name, their CPUs or, by more than 1 %, their memory. Other machine ids in the input are no fault: their rows are left out.",
  thresholds: "None A, mixed D.",
  judge(context) {
    const mixed = listSizes(context).filter((size) => flips(size, context));
    const [first] = mixed;
    const [conflict, ...others] = findConflicts(context.input.captures);
    if (conflict !== undefined) return describeConflicts([conflict, ...others]);
    const { otherMemory } = context.input.corrections.contradictions;
    if (first === undefined && otherMemory >= fewestOther) {
      return {
        grade: "D",
        sentence: `${formatCount(otherMemory, "row")} tell of another total memory (mem_total) than another row of the same time: more than one machine reports under this name.`,
        forbids,
      };
    }
    if (first === undefined) {
      const left = context.input.machines.size - 1;
      const told =
        left > 0 ? ` The input has ${formatCount(left, "other machine")}, left out here.` : "";
      return { grade: "A", sentence: `All samples look like those of one machine.${told}` };
    }
    const values = [...new Set(first.levels.map(({ value }) => value))].slice(0, 3);
    const between = values.map(first.describe).join(" and ");
    return {
      grade: "D",
      sentence: `Samples go back and forth between ${between}, ${formatCount(first.levels.length - 1, "time")}: more than one machine reports under this name.`,
      places: first.levels
        .slice(1, 4)
        .map(({ row, value }) => placeAt(context, row, first.describe(value), first.column)),
      forbids,
    };
  },
};

/** Rows; what is written wrongly now and then is no machine. */
const fewestOther = 4;

const reason = "samples of more than one machine are mixed.";
const forbids = { rightSizing: reason, dailyProfile: reason, trend: reason };

function describeConflicts(
  conflicts: readonly [MachineConflict, ...MachineConflict[]],
): CheckResult {
  const [{ one, other, saysOne, saysOther, isAtOnce }] = conflicts;
  const times = isAtOnce
    ? "both hold samples of the same time"
    : "samples of the older boot go on behind the newer one";
  return {
    grade: "D",
    sentence: `Captures of more than one machine make this series: by ${one.name} ${saysOne}, by ${other.name} ${saysOther}; ${times}. Make a report of each machine's captures, or compare them.`,
    places: conflicts.slice(0, mostPlaces).map((each) => ({
      timeS: each.other.firstS,
      line: null,
      column: null,
      value: `${each.other.name}: ${each.saysOther}; ${each.one.name}: ${each.saysOne}`,
    })),
    forbids,
  };
}
