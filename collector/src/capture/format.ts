// Our capture format, version 1. JSON Lines, UTF-8, append-only; described for users in docs/capture-format.md.
//
//   {"format":"perfanalysis-capture","version":1,"pcc":…,"host":…,"machine_id":…,"boot_id":…,"interval_ms":…,
//    "clock_ticks":…,"machine":{…},"devices":{"cpu":[…],"disk":[…],"interface":[…],"mount":[…],"container":[…]},"sources":[{"name":…,"per":…,"fields":[…]},…]}
//   {"t":1795397960000,"m":8123456789,"s":[[…],[[…],[…]],null,…]}      a sample
//   {"columns":["cpu_user",…]}                                         of the statistics below
//   {"statistics":{"t":…,"samples":60,"missed":0,"min":[…],"mean":[…],"max":[…]}}   of fast samples; belongs to the sample below
//   {"processes":{"t":…,"ms":1000,"count":214,"top":[{"pid":1,"start":2,"name":"init","cpu":0,"rss":…,"threads":1,"read":…,"write":…},…]}}
//   {"restart":{"pcc":…, … as in the first line}}                      pcc was started again; all of it may be new
//   {"devices":{"cpu":[…],"disk":[…],"interface":[…],…}}               holds for the samples below
//   {"gap":{"t":…,"missed":3}}                                         ticks that were not sampled before t
//   {"clock":{"t":…,"step_ms":-3600000}}                               the wall clock was set by so much before t
//   {"status":{"t":…,"source":"pressure/io","error":"…"}}              a source failed; null: it is back
//
// t is Unix milliseconds, m microseconds of a clock that nobody sets. s has an entry for each of `sources`, in their order:
// the values of its fields, raw as the kernel gave them, or for a source that exists per device an array of those, one for
// each of `devices`. null is what was not measured. Unknown sources and fields, and records with other keys, are skipped.
import { isDeviceName } from "@perfanalysis/contract/columns";
import { isMachineId } from "@perfanalysis/contract/machine-id";
import { deviceKinds, sources, type Devices, type Source } from "../sampling/layout.ts";
import { toMachine, type Machine } from "../sampling/machine.ts";
import type { TopProcesses } from "../sampling/top-processes.ts";
import { parseJson, quoteJson, readNames, readNumber, readObject, readText } from "./json.ts";
import { parseProcesses, toProcessesJson } from "./processes-format.ts";
import { statisticNames, type Statistics } from "./statistics.ts";

const formatName = "perfanalysis-capture";
const formatVersion = 1;

/** How the first line begins. */
export const headerStart = `{"format":"${formatName}",`;

/** How lines with samples begin, and no others. */
export const sampleStart = '{"t":';

/** The first line's and a restart's content. */
export interface RunHeader {
  pccVersion: string;
  host: string;
  machineId: string;
  /** Changes with every boot; null where the kernel does not tell. */
  bootId: string | null;
  intervalMs: number;
  /** What it is; null where the capture does not tell. */
  machine: Machine | null;
  devices: Devices;
  sources: readonly Source[];
}

interface SourceStatus {
  /** Name of the source's file under /proc. */
  source: string;
  /** Why it could not be read; null where it can. */
  error: string | null;
}

export type CaptureRecord =
  | { kind: "header" | "restart"; header: RunHeader }
  | { kind: "devices"; devices: Devices }
  | { kind: "gap"; timeMs: number; missedTicks: number }
  | { kind: "clock"; timeMs: number; stepMs: number }
  | { kind: "columns"; columns: readonly string[] }
  | { kind: "statistics"; statistics: Omit<Statistics, "columns"> }
  | { kind: "processes"; processes: TopProcesses }
  | { kind: "status"; timeMs: number; status: SourceStatus }
  | { kind: "unknown" };

/** Clock ticks a second in /proc/stat: the kernel's USER_HZ, which is 100 on every platform that Node runs on. */
const clockTicks = 100;

/** The record's line, with its newline. */
export function renderRecord(record: CaptureRecord): string {
  return `${JSON.stringify(toJson(record))}\n`;
}

function toJson(record: CaptureRecord): object {
  switch (record.kind) {
    case "header":
      return { format: formatName, version: formatVersion, ...toHeaderJson(record.header) };
    case "restart":
      return { restart: toHeaderJson(record.header) };
    case "devices":
      return { devices: record.devices };
    case "gap":
      return { gap: { t: record.timeMs, missed: record.missedTicks } };
    case "clock":
      return { clock: { t: record.timeMs, step_ms: record.stepMs } };
    case "columns":
      return { columns: record.columns };
    case "statistics":
      return { statistics: toStatisticsJson(record.statistics) };
    case "processes":
      return { processes: toProcessesJson(record.processes) };
    case "status":
      return { status: { t: record.timeMs, ...record.status } };
    case "unknown":
      return {};
  }
}

/** What was not measured is NaN here and null there. */
function toStatisticsJson({
  timeMs,
  samples,
  missed,
  ...values
}: Omit<Statistics, "columns">): object {
  const lists = statisticNames.map((name) => [name, Array.from(values[name])]);
  return { t: timeMs, samples, missed, ...Object.fromEntries(lists) };
}

function toHeaderJson(header: RunHeader): object {
  return {
    pcc: header.pccVersion,
    host: header.host,
    machine_id: header.machineId,
    boot_id: header.bootId,
    interval_ms: header.intervalMs,
    clock_ticks: clockTicks,
    ...(header.machine === null ? {} : { machine: header.machine }),
    devices: header.devices,
    sources: header.sources.map(({ name, per, fields }) =>
      per === null ? { name, fields } : { name, per, fields },
    ),
  };
}

/** The header of a run of this version of pcc. */
export function createRunHeader({
  machine = null,
  ...run
}: Omit<RunHeader, "sources" | "machine"> & { machine?: Machine | null }): RunHeader {
  return { ...run, machine, sources };
}

/**
 * Reads a line that is no sample.
 * @throws SyntaxError saying which field is wrong, without a place.
 */
export function parseRecord(line: string): CaptureRecord {
  const json = readObject(parseJson(line), "the line");
  if (json["format"] !== undefined) return { kind: "header", header: parseFirstLine(json) };
  if (json["restart"] !== undefined) {
    return { kind: "restart", header: parseHeader(readObject(json["restart"], "restart")) };
  }
  if (json["devices"] !== undefined) {
    return { kind: "devices", devices: parseDevices(json["devices"]) };
  }
  if (json["gap"] !== undefined) {
    const gap = readObject(json["gap"], "gap");
    return { kind: "gap", timeMs: readNumber(gap, "t"), missedTicks: readNumber(gap, "missed") };
  }
  if (json["clock"] !== undefined) {
    const clock = readObject(json["clock"], "clock");
    return { kind: "clock", timeMs: readNumber(clock, "t"), stepMs: readNumber(clock, "step_ms") };
  }
  if (json["columns"] !== undefined) {
    return { kind: "columns", columns: readNames(json["columns"], "columns") };
  }
  if (json["statistics"] !== undefined) {
    return { kind: "statistics", statistics: parseStatistics(json["statistics"]) };
  }
  if (json["processes"] !== undefined) {
    return { kind: "processes", processes: parseProcesses(json["processes"]) };
  }
  if (json["status"] !== undefined) {
    const status = readObject(json["status"], "status");
    const error = status["error"] === null ? null : readText(status, "error");
    return {
      kind: "status",
      timeMs: readNumber(status, "t"),
      status: { source: readText(status, "source"), error },
    };
  }
  return { kind: "unknown" };
}

function parseFirstLine(json: Record<string, unknown>): RunHeader {
  if (json["format"] !== formatName) {
    throw new SyntaxError(`format is ${quoteJson(json["format"])}, not "${formatName}"`);
  }
  if (json["version"] !== formatVersion) {
    throw new SyntaxError(
      `version is ${quoteJson(json["version"])}; this program reads version ${formatVersion}`,
    );
  }
  return parseHeader(json);
}

function parseHeader(json: Record<string, unknown>): RunHeader {
  const machineId = readText(json, "machine_id");
  if (!isMachineId(machineId)) {
    throw new SyntaxError(
      `machine_id is ${quoteJson(machineId)}, not 1–64 letters, digits, _ or -`,
    );
  }
  const list = json["sources"];
  if (!Array.isArray(list)) throw new SyntaxError(`sources is ${quoteJson(list)}, not a list`);
  return {
    pccVersion: readText(json, "pcc"),
    host: readText(json, "host"),
    machineId,
    bootId: json["boot_id"] === null ? null : readText(json, "boot_id"),
    intervalMs: readNumber(json, "interval_ms"),
    machine: toMachine(json["machine"]),
    devices: parseDevices(json["devices"]),
    sources: list.map(parseSource),
  };
}

function parseSource(value: unknown): Source {
  const json = readObject(value, "an entry of sources");
  const per = json["per"];
  const kind = deviceKinds.find((known) => known === per);
  if (per !== undefined && kind === undefined) {
    throw new SyntaxError(`per is ${quoteJson(per)}, not one of ${deviceKinds.join(", ")}`);
  }
  return {
    name: readText(json, "name"),
    per: kind ?? null,
    fields: readNames(json["fields"], "fields"),
  };
}

function parseDevices(value: unknown): Devices {
  const json = readObject(value, "devices");
  return {
    cpu: readNames(json["cpu"], "devices.cpu"),
    disk: readDeviceNames(json["disk"], "devices.disk"),
    interface: readDeviceNames(json["interface"], "devices.interface"),
    // Captures before there were such devices do not name them.
    mount: readDeviceNames(json["mount"] ?? [], "devices.mount"),
    container: readDeviceNames(json["container"] ?? [], "devices.container"),
  };
}

function parseStatistics(value: unknown): Omit<Statistics, "columns"> {
  const json = readObject(value, "statistics");
  return {
    timeMs: readNumber(json, "t"),
    samples: readNumber(json, "samples"),
    missed: readNumber(json, "missed"),
    min: readValues(json, "min"),
    mean: readValues(json, "mean"),
    max: readValues(json, "max"),
  };
}

/** Names that columns can be called by. */
function readDeviceNames(value: unknown, name: string): string[] {
  const names = readNames(value, name);
  const wrong = names.find((device) => !isDeviceName(device));
  if (wrong === undefined) return names;
  throw new SyntaxError(`${name} has ${quoteJson(wrong)}, which is no device name`);
}

function readValues(json: Record<string, unknown>, name: string): Float64Array {
  const list = json[name];
  if (
    !Array.isArray(list) ||
    !list.every((value) => value === null || (typeof value === "number" && Number.isFinite(value)))
  ) {
    throw new SyntaxError(`${name} is ${quoteJson(list)}, not a list of numbers`);
  }
  return Float64Array.from(list, (value: number | null) => value ?? Number.NaN);
}
