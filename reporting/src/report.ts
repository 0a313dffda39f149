// From samples to the report, without a file, a clock or a terminal.
import type { Input } from "./data/input.ts";
import { gradeData, type DataGrade } from "./data/grade.ts";
import { buildDocument, type Source } from "./document/build.ts";
import type { ReportDocument } from "./document/model.ts";
import type { Judgement } from "./findings/conflicts.ts";
import { judge } from "./findings/judge.ts";
import { createDataset, type Dataset } from "./statistics/dataset.ts";
import { listDevices, rankDisks, rankInterfaces, type Device } from "./statistics/devices.ts";

export interface ReportOptions {
  /** Device to show first, or "auto" for the one that moved the most bytes. */
  storageDevice: string;
  networkInterface: string;
  /** How the machine is called; default its id. */
  machineName?: string | undefined;
  title: string;
  sourceName: string;
  generator: string;
  /** Unix seconds. */
  nowS: number;
}

export interface Report {
  document: ReportDocument;
  dataset: Dataset;
  grade: DataGrade;
  judgements: Judgement[];
  disks: string[];
  interfaces: string[];
  machineName: string;
  source: Source;
}

/** The settings ask for something that the data does not have. */
export class SettingsError extends Error {}

/** Throws a SettingsError where a device is asked for that the data does not have. */
export function makeReport(input: Input, options: ReportOptions): Report {
  const dataset = createDataset(input.samples);
  const disks = order(rankDisks(dataset), options.storageDevice, "disk");
  const interfaces = order(rankInterfaces(dataset), options.networkInterface, "interface");
  const grade = gradeData(input, dataset.timing);
  const judgements = judge(dataset, {
    disks,
    interfaces,
    mounts: listDevices(dataset, "fs_"),
    containers: listDevices(dataset, "container_"),
    grade,
  });
  const machineName = options.machineName ?? dataset.machineId;
  const { byteCount, sha256, unknownColumns, warnings, machines } = input;
  const source = { name: options.sourceName, byteCount, sha256 };
  const document = buildDocument({
    ...options,
    dataset,
    grade,
    judgements,
    disks,
    interfaces,
    machineName,
    facts: input.facts,
    source,
    notes: {
      unknownColumns,
      warnings,
      otherMachines: [...machines].filter(([id]) => id !== dataset.machineId),
    },
  });
  return { document, dataset, grade, judgements, disks, interfaces, machineName, source };
}

/** Names of the devices, the one asked for first. */
function order(devices: readonly Device[], wanted: string, noun: string): string[] {
  const names = devices.map(({ name }) => name);
  if (wanted === "auto") return names;
  if (!names.includes(wanted)) {
    const known = names.length === 0 ? "none" : names.join(", ");
    throw new SettingsError(`Cannot show ${noun} "${wanted}" first: the data has ${known}`);
  }
  return [wanted, ...names.filter((name) => name !== wanted)];
}
