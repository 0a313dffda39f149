// What a machine has to give: the series whose use is compared with what there is.
import type { LineSpeeds } from "./line-speeds.ts";
import type { Dataset, Measure } from "../statistics/dataset.ts";
import { principalOf } from "../statistics/devices.ts";
import { texts } from "../texts/english.ts";

const words = texts.resources;

type Kind = "cpu" | "memory" | "disk" | "network";

/** A resource in use. */
export interface ResourceUse {
  kind: Kind;
  /** "CPU", "Memory", "Disk sda", "eth0 sent". */
  label: string;
  measure: Measure;
  /** In the measure's unit. */
  limit: number;
  /** whole: there is no more. speed: of the line. peak: the most that was seen, which is no limit. */
  limitKind: "whole" | "speed" | "peak";
}

export interface Devices {
  disks: readonly string[];
  interfaces: readonly string[];
  speeds: LineSpeeds["speeds"];
}

/** CPU, memory, each principal disk's busy share, each principal interface's two directions: those that the data has. */
export function listResources(
  dataset: Dataset,
  { disks, interfaces, speeds }: Devices,
): ResourceUse[] {
  const found: ResourceUse[] = [];
  const busy = dataset.measure("cpu_busy");
  if (busy !== null) {
    found.push({ kind: "cpu", label: words.cpu, measure: busy, limit: 100, limitKind: "whole" });
  }
  const used = dataset.measure("mem_used");
  const total = dataset.measure("mem_total");
  if (used !== null && total !== null) {
    const limit = dataset.summary(total).max;
    found.push({ kind: "memory", label: words.memory, measure: used, limit, limitKind: "whole" });
  }
  for (const disk of principalOf(disks)) {
    const measure = dataset.measure(`disk_${disk}_busy`);
    if (measure !== null) {
      found.push({
        kind: "disk",
        label: words.disk(disk),
        measure,
        limit: 100,
        limitKind: "whole",
      });
    }
  }
  for (const name of principalOf(interfaces)) {
    for (const [field, label] of directions) {
      const measure = dataset.measure(`net_${name}_${field}`);
      if (measure === null) continue;
      const speed = speeds.get(name)?.bytesPerS;
      const limit = speed ?? dataset.summary(measure).max;
      const limitKind = speed === undefined ? "peak" : "speed";
      found.push({ kind: "network", label: label(name), measure, limit, limitKind });
    }
  }
  return found;
}

const directions = [
  ["rx_bytes", words.received],
  ["tx_bytes", words.sent],
] as const;
