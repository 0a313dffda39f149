// What rules have in common that judge each disk by itself, and leave the layers above disks to these.
import type { Dataset } from "../../statistics/dataset.ts";
import { principalOf } from "../../statistics/devices.ts";
import type { Signal, ThresholdRule } from "../threshold-rule.ts";

/** Disks described where nothing is wrong. */
const mostDescribed = 3;

export interface EachDisk {
  /** Why nothing can be judged where there are disks. */
  missing: string;
  /** Null where the data has not what it takes. */
  signal: (dataset: Dataset, disk: string) => Omit<Signal, "device"> | null;
  /** Its figures; null likewise. */
  describe: (dataset: Dataset, disk: string) => string | null;
}

export function ofEachDisk({
  missing,
  signal,
  describe,
}: EachDisk): Pick<ThresholdRule, "missing" | "signals" | "inOrder"> {
  return {
    missing: ({ disks }) => (disks.length === 0 ? "There is no disk in the data." : missing),
    signals: (dataset, { disks }) =>
      principalOf(disks).flatMap((disk) => {
        const found = signal(dataset, disk);
        return found === null ? [] : [{ ...found, device: disk }];
      }),
    inOrder: (dataset, { disks }) =>
      principalOf(disks)
        .slice(0, mostDescribed)
        .flatMap((disk) => describe(dataset, disk) ?? [])
        .join("; "),
  };
}
