// What rules on file systems have in common of which hardly anything is left, be it room or inodes.
import type { Dataset } from "../../statistics/dataset.ts";
import { warningS } from "../duration.ts";
import type { Rule } from "../finding.ts";
import { limits } from "../limits.ts";
import {
  holds,
  thresholdRule,
  type Conclusion,
  type Signal,
  type State,
  type ThresholdRule,
} from "../threshold-rule.ts";
import { isImage } from "./image.ts";

/** Percent left below which it is critical. */
const criticalPercent = 3;

interface RunningOut extends Pick<
  ThresholdRule,
  "id" | "title" | "source" | "explains" | "perDevice"
> {
  /** Of what little is left: "Space". */
  of: string;
  /** Why nothing can be judged where there are file systems. */
  missing: string;
  /** In percent; null where the data has not what it takes. */
  left: (dataset: Dataset, mount: string) => Omit<Signal, "device"> | null;
  /** `isNow` tells whether the data ends so. */
  conclude: (
    mount: string,
    state: State & { isNow: boolean; others: number },
    dataset: Dataset,
  ) => Conclusion;
}

export function runningOutRule({ of, missing, left, conclude, ...rule }: RunningOut): Rule {
  return thresholdRule({
    ...rule,
    quantity: `${of} left in a file system (critical ${criticalPercent} %)`,
    provided: "images without a free byte at any time left out",
    limit: {
      direction: "below",
      enter: limits.spaceLeftPercent,
      leave: 6,
      unit: "percent",
      minimumS: warningS,
    },
    criticalS: null,
    confidence: "high",
    missing: ({ mounts }) =>
      mounts.length === 0 ? "There is no file system in the data." : missing,
    signals: (dataset, { mounts }) =>
      mounts.flatMap((mount): Signal[] => {
        const found = isImage(dataset, mount) ? null : left(dataset, mount);
        return found === null ? [] : [{ ...found, device: mount }];
      }),
    conclude: (state, states, dataset) => {
      const { device, label } = state.signal;
      const told = { ...state, isNow: holds(state), others: states.length - 1 };
      return {
        ...conclude(device ?? label, told, dataset),
        ...(states.some((each) => each.worst < criticalPercent) ? { severity: "critical" } : {}),
      };
    },
  });
}
