import { formatCount } from "../../format.ts";
import { mostPlaces, placeAt, type Check } from "../check.ts";
import { flips, listSizes } from "../levels.ts";

/** A size that is back after so few samples was never another. */
const shortestStay = 3;

export const jumps: Check = {
  id: "jumps",
  name: "Jumps",
  looksFor: `Sizes that machines seldom change: total memory, or the number of CPUs, becomes another (plugged in or taken away, or a balloon), or is another for up to ${shortestStay} samples (a fault).`,
  thresholds: "None A, changes that last B, ones that do not C.",
  judge(context) {
    const sizes = listSizes(context).filter((size) => !flips(size, context));
    const changes = sizes.flatMap(({ column, levels, describe }) =>
      levels.slice(1).map(({ row, value }, index) => {
        const [before, next] = [levels[index], levels[index + 2]];
        const isBlip =
          next !== undefined && next.value === before?.value && next.row - row <= shortestStay;
        return { row, column, text: describe(value), isBlip };
      }),
    );
    if (changes.length === 0)
      return { grade: "A", sentence: "Memory and CPUs stayed as many as they were." };
    const isFault = changes.some(({ isBlip }) => isBlip);
    return {
      grade: isFault ? "C" : "B",
      sentence: `${formatCount(changes.length, "change")} of memory or CPUs${isFault ? ", some of them for a moment only, which no machine does" : ": means and shares are of different sizes"}.`,
      places: changes
        .slice(0, mostPlaces)
        .map(({ row, column, text }) => placeAt(context, row, text, column)),
      forbids: isFault ? {} : { rightSizing: "memory or CPUs changed while data was captured." },
    };
  },
};
