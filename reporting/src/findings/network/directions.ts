import type { Dataset } from "../../statistics/dataset.ts";
import { combineMinutes, type Minutes } from "../../statistics/episodes.ts";

/** The two directions of an interface, as its columns and as sentences name them. */
export const directions = [
  { field: "rx", verb: "received", noun: "receive" },
  { field: "tx", verb: "sent", noun: "send" },
] as const;

/** Packets a second; a share of fewer is a few packets. */
const leastPackets = 10;

/**
 * Percent of an interface's packets in one direction that were, for example, dropped; 0 in minutes with hardly any packets.
 * Null where the file has either not.
 */
export function shareOfPackets(
  dataset: Dataset,
  { name, field, fault }: { name: string; field: "rx" | "tx"; fault: "errors" | "drops" },
): Minutes | null {
  const faults = dataset.measure(`net_${name}_${field}_${fault}`);
  const packets = dataset.measure(`net_${name}_${field}_packets`);
  if (faults === null || packets === null) return null;
  return combineMinutes(dataset.minutes(faults), dataset.minutes(packets), (faulty, whole) =>
    whole + faulty >= leastPackets ? Math.min(100, (100 * faulty) / (whole + faulty)) : 0,
  );
}
