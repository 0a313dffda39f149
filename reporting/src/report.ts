// From samples to the report, without a file, a clock or a terminal.
import type { Input } from "./data/input.ts";
import type { MachineFacts } from "./data/machine-facts.ts";
import { buildDocument, type Source } from "./document/build.ts";
import type { ReportDocument } from "./document/model.ts";
import type { InputNotes } from "./document/quality.ts";
import type { Judgement } from "./findings/conflicts.ts";
import { judge } from "./findings/judge.ts";
import { findTimeZone } from "./time-zone.ts";
import { createDataset, type Dataset } from "./statistics/dataset.ts";
import { listDevices, rankDisks, rankInterfaces, type Device } from "./statistics/devices.ts";
import { gradeData, type DataGrade } from "./validation/grade-data.ts";

export interface AnalysisOptions {
  /** Device to show first, or "auto" for the one that moved the most bytes. */
  storageDevice: string;
  networkInterface: string;
  /** How the machine is called; default its id. */
  machineName?: string | undefined;
  sourceName: string;
}

export interface ReportOptions extends AnalysisOptions {
  title: string;
  generator: string;
  /** Unix seconds. */
  nowS: number;
  /** The reader's, by its IANA name. */
  timeZone: string;
}

/** What the samples of one machine say, before it is put into words and pictures. */
export interface Analysis {
  dataset: Dataset;
  facts: MachineFacts;
  grade: DataGrade;
  judgements: Judgement[];
  /** The first of each is shown first. */
  disks: string[];
  interfaces: string[];
  machineName: string;
  source: Source;
  notes: InputNotes;
}

export interface Report extends Analysis {
  document: ReportDocument;
}

/** The settings ask for something that the data does not have. */
export class SettingsError extends Error {}

/** Throws a SettingsError where a device is asked for that the data does not have. */
export function makeReport(input: Input, options: ReportOptions): Report {
  const zone = findTimeZone(options.timeZone);
  const analysis = analyse(input, options);
  return { ...analysis, document: buildDocument({ ...options, ...analysis, zone }) };
}

/** Throws a SettingsError where a device is asked for that the data does not have. */
export function analyse(input: Input, options: AnalysisOptions): Analysis {
  const dataset = createDataset(input.samples);
  const disks = order(rankDisks(dataset), options.storageDevice, "disk");
  const interfaces = order(rankInterfaces(dataset), options.networkInterface, "interface");
  const grade = gradeData(input, dataset);
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
  const notes = {
    unknownColumns,
    warnings,
    otherMachines: [...machines].filter(([id]) => id !== dataset.machineId),
  };
  const { facts } = input;
  return { dataset, facts, grade, judgements, disks, interfaces, machineName, source, notes };
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
