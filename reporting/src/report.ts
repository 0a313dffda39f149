// From samples to the report, without a file, a clock or a terminal.
import type { Branding } from "./branding.ts";
import type { Input } from "./data/input.ts";
import { parseBusinessHours } from "./capacity/calendar.ts";
import { findLineSpeeds, parseLineSpeeds, type LineSpeeds } from "./capacity/line-speeds.ts";
import { profileLoad, type LoadProfile } from "./capacity/load-profile.ts";
import { ownNameOf, type MachineFacts } from "./data/machine-facts.ts";
import { buildDocument, type Source } from "./document/build.ts";
import type { ReportDocument } from "./document/model.ts";
import type { InputNotes } from "./document/quality.ts";
import type { Judgement } from "./findings/conflicts.ts";
import { judge } from "./findings/judge.ts";
import { createDataset, type Dataset } from "./statistics/dataset.ts";
import { findTimeZone, type TimeZone } from "./time-zone.ts";
import { listDevices, rankDisks, rankInterfaces, type Device } from "./statistics/devices.ts";
import { gradeData, type DataGrade } from "./validation/grade-data.ts";

export interface AnalysisOptions {
  /** Device to show first, or "auto" for the one that moved the most bytes. */
  storageDevice: string;
  networkInterface: string;
  /** How the machine is called; default its host name, or its id where that is not known, or is no name, such as "localhost". */
  machineName?: string | undefined;
  /** When people work, such as "Mon-Fri 08:00-18:00", which is the default. */
  businessHours?: string | undefined;
  /** The reader's, by its IANA name; default UTC. */
  timeZone?: string | undefined;
  /** In Mbit/s, before what the machine tells: "eth0=1000, eth1=10000". */
  networkSpeeds?: string | undefined;
  /** Price of the machine, in any currency. */
  costPerHour?: number | undefined;
  sourceName: string;
}

export interface ReportOptions extends AnalysisOptions {
  title: string;
  generator: string;
  /** Unix seconds. */
  nowS: number;
  branding?: Branding | undefined;
}

/** What the samples of one machine say, before it is put into words and pictures. */
export interface Analysis extends LineSpeeds {
  dataset: Dataset;
  facts: MachineFacts;
  grade: DataGrade;
  judgements: Judgement[];
  /** The first of each is shown first. */
  disks: string[];
  interfaces: string[];
  mounts: string[];
  containers: string[];
  cpuCount: number | null;
  costPerHour: number | null;
  profile: LoadProfile;
  zone: TimeZone;
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
  const analysis = analyse(input, options);
  return { ...analysis, document: buildDocument({ ...options, ...analysis }) };
}

/** Throws a SettingsError where a device is asked for that the data does not have, and a RangeError where hours, speeds or time zone are none. */
export function analyse(input: Input, options: AnalysisOptions): Analysis {
  const dataset = createDataset(input.samples);
  // First: it goes through all columns, each of which may have to be read from a file.
  const grade = gradeData(input, dataset);
  const disks = order(rankDisks(dataset), options.storageDevice, "disk");
  const interfaces = order(rankInterfaces(dataset), options.networkInterface, "interface");
  const zone = findTimeZone(options.timeZone ?? "UTC");
  const { networkSpeeds } = options;
  const given =
    networkSpeeds === undefined ? new Map<string, number>() : parseLineSpeeds(networkSpeeds);
  const stranger = [...given.keys()].find((name) => !interfaces.includes(name));
  if (stranger !== undefined) {
    throw new SettingsError(
      `Cannot use the speed of "${stranger}": the data has ${interfaces.join(", ") || "no interface"}`,
    );
  }
  const told = input.facts.interfaceSpeedsMbps ?? {};
  const lines = findLineSpeeds(dataset, { interfaces, given, told });
  const profile = profileLoad(
    dataset,
    { disks, interfaces, speeds: lines.speeds },
    {
      businessHours: parseBusinessHours(options.businessHours ?? "Mon-Fri 08:00-18:00"),
      timeZone: zone,
    },
  );
  const known = {
    disks,
    interfaces,
    mounts: listDevices(dataset, "fs_"),
    containers: listDevices(dataset, "container_"),
    cpuCount: dataset.cpuCount ?? input.facts.cpuCount,
    ...lines,
    profile,
    grade,
    zone,
  };
  const judgements = judge(dataset, known);
  const machineName = options.machineName ?? ownNameOf(input.facts) ?? dataset.machineId;
  const { byteCount, sha256, warnings, machines } = input;
  const source = { name: options.sourceName, byteCount, sha256 };
  return {
    ...known,
    dataset,
    facts: input.facts,
    judgements,
    costPerHour: options.costPerHour ?? null,
    machineName,
    source,
    notes: {
      warnings,
      otherMachines: [...machines].filter(([id]) => id !== dataset.machineId),
    },
  };
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
