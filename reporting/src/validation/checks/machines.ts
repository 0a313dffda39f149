import { formatCount } from "../../format.ts";
import { placeAt, type Check } from "../check.ts";
import { flips, listSizes } from "../levels.ts";

export const machines: Check = {
  id: "mixed-machines",
  name: "Machines",
  looksFor:
    "Samples of several machines under one name: total memory, or the number of CPUs, goes back and forth at least four times, staying for less than an hour (or 20 samples) on average. Other machine ids in the input are no fault: their rows are left out.",
  thresholds: "None A, mixed D.",
  judge(context) {
    const mixed = listSizes(context).filter((size) => flips(size, context));
    const [first] = mixed;
    if (first === undefined) {
      const others = context.input.machines.size - 1;
      const left =
        others > 0 ? ` The input has ${formatCount(others, "other machine")}, left out here.` : "";
      return { grade: "A", sentence: `All samples look like those of one machine.${left}` };
    }
    const values = [...new Set(first.levels.map(({ value }) => value))].slice(0, 3);
    const between = values.map(first.describe).join(" and ");
    const reason = "samples of more than one machine are mixed.";
    return {
      grade: "D",
      sentence: `Samples go back and forth between ${between}, ${formatCount(first.levels.length - 1, "time")}: more than one machine reports under this name.`,
      places: first.levels
        .slice(1, 4)
        .map(({ row, value }) => placeAt(context, row, first.describe(value), first.column)),
      forbids: { rightSizing: reason, dailyProfile: reason, trend: reason },
    };
  },
};
