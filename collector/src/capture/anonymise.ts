// A capture under other names: the machine's, its host's, its devices', mounts' and containers'. Numbers stay as they are, and lines that may
// hold anything are left out.
import { columnName, parseColumn } from "@perfanalysis/contract/columns";
import type { InterfaceSpeeds } from "@perfanalysis/contract/host-facts";
import type { Metric } from "@perfanalysis/contract/metrics";
import { deviceKinds, type Devices } from "../sampling/layout.ts";
import type { Machine } from "../sampling/machine.ts";
import type { TopProcesses } from "../sampling/top-processes.ts";
import {
  parseRecord,
  renderRecord,
  sampleStart,
  type CaptureRecord,
  type RunHeader,
} from "./format.ts";
import { parseJson, readObject } from "./json.ts";
import { LineFile } from "./line-file.ts";
import type { Pseudonyms } from "./pseudonyms.ts";
import { parseRawRecord, renderRawRecord, type RawRecord } from "./raw-format.ts";
import { readCapture, type CaptureSummary } from "./read.ts";

export interface AnonymisedCapture extends CaptureSummary {
  /** Lines that were left out, by what they are. */
  leftOut: Record<string, number>;
}

/**
 * Writes the capture anew; damaged lines are left out.
 * @throws SyntaxError where the file is no capture, and ExitError where it cannot be read or written; then nothing is left behind.
 */
export async function anonymiseCapture(
  path: string,
  output: string,
  {
    pseudonyms,
    afterChunk,
  }: { pseudonyms: Pseudonyms; afterChunk: (bytesRead: number) => Promise<void> },
): Promise<AnonymisedCapture> {
  const file = new LineFile(output);
  const leftOut: Record<string, number> = {};
  const line = (bytes: Buffer, start: number, end: number): void => {
    const text = bytes.toString("utf8", start, end);
    const renamed = isRaw(text) ? renameRaw(text, pseudonyms) : renameOwn(text, pseudonyms);
    if ("leftOut" in renamed) leftOut[renamed.leftOut] = (leftOut[renamed.leftOut] ?? 0) + 1;
    else file.write(Buffer.from(renamed.text.trimEnd()));
  };
  try {
    const summary = await readCapture(path, {
      name: path,
      skipDamaged: true,
      visitor: { run() {}, layout() {}, sample() {}, line, afterChunk },
    });
    file.commit();
    return { ...summary, leftOut };
  } catch (error) {
    file.discard();
    throw error;
  }
}

type Renamed = { text: string } | { leftOut: string };

function isRaw(text: string): boolean {
  return !text.startsWith(sampleStart) && /^\{\s*"(?:timestamp|subsystem|measurement)"/.test(text);
}

function renameOwn(text: string, names: Pseudonyms): Renamed {
  if (text.startsWith(sampleStart)) return { text };
  const record = parseRecord(text);
  if (record.kind === "unknown") return { leftOut: "records of another version" };
  return { text: renderRecord(renameRecord(record, names)) };
}

function renameRecord(record: CaptureRecord, names: Pseudonyms): CaptureRecord {
  switch (record.kind) {
    case "header":
    case "restart":
      return { ...record, header: renameHeader(record.header, names) };
    case "devices":
      return { ...record, devices: renameDevices(record.devices, names) };
    case "columns":
      return { ...record, columns: record.columns.map((column) => renameColumn(column, names)) };
    case "status": {
      const { source, error } = record.status;
      // Messages name files; the system's code for what is wrong does not.
      const code = error === null ? null : (/\b[A-Z][A-Z0-9]{2,}\b/.exec(error)?.[0] ?? "failed");
      return { ...record, status: { source: renameSource(source, names), error: code } };
    }
    case "processes":
      return { ...record, processes: renameProcesses(record.processes, names) };
    case "gap":
    case "clock":
    case "statistics":
    case "unknown":
      return record;
  }
}

function renameHeader(header: RunHeader, names: Pseudonyms): RunHeader {
  return {
    ...header,
    host: names.host(header.host),
    machineId: names.machine(header.machineId),
    bootId: header.bootId === null ? null : names.boot(header.bootId),
    machine: header.machine === null ? null : renameMachine(header.machine, names),
    devices: renameDevices(header.devices, names),
  };
}

function renameMachine(machine: Machine, names: Pseudonyms): Machine {
  const { interface_speeds_mbps: speeds } = machine;
  if (speeds === null) return machine;
  const renamed = Object.entries(speeds).map(([name, mbps]) => [
    names.device("interface", name),
    mbps,
  ]);
  // The numbers are those of the speeds.
  const entries = Object.fromEntries(renamed) as InterfaceSpeeds;
  return { ...machine, interface_speeds_mbps: entries };
}

function renameDevices(devices: Devices, names: Pseudonyms): Devices {
  const renamed = deviceKinds.map((kind) => [
    kind,
    devices[kind].map((name) => names.device(kind, name)),
  ]);
  // An entry for each kind.
  return Object.fromEntries(renamed) as Devices;
}

function renameProcesses(processes: TopProcesses, names: Pseudonyms): TopProcesses {
  const top = processes.top.map((process) => ({ ...process, name: names.process(process.name) }));
  return { ...processes, top };
}

type DeviceScope = Exclude<Metric["scope"], "machine">;

function renameColumn(column: string, names: Pseudonyms): string {
  const parsed = parseColumn(column);
  if (parsed === null || parsed.device === null) return column;
  const scope = parsed.metric.scope;
  // Only metrics of the machine as a whole have no device.
  return columnName(parsed.metric, names.device(scope as DeviceScope, parsed.device));
}

/** `mounts:/srv` */
function renameSource(source: string, names: Pseudonyms): string {
  const [, name = "", device] = /^([^:]*):(.*)$/.exec(source) ?? [];
  if (device === undefined) return source;
  const kind = name.startsWith("mount") ? "mount" : "container";
  return `${name}:${names.device(kind, device)}`;
}

/** They hold numbers and the kernel's own words alone. */
const plainFiles =
  /^\/proc\/(?:stat|meminfo|loadavg|vmstat|uptime|pressure\/(?:cpu|io|memory)|net\/(?:snmp|netstat|sockstat6?))$/;

function renameRaw(text: string, names: Pseudonyms): Renamed {
  const record = parseRawRecord(text);
  const { subsystem } = record;
  if (plainFiles.test(subsystem)) return { text };
  const renamed = renameMeasurement(record, names);
  return renamed === null
    ? { leftOut: subsystem.replace(/^(container)\/.*/, "$1") }
    : { text: renderRawRecord(renamed) };
}

/** null: nobody can tell what it holds. */
function renameMeasurement(record: RawRecord, names: Pseudonyms): RawRecord | null {
  const { subsystem, measurement } = record;
  if (subsystem === "/proc/cpuinfo") {
    return { ...record, measurement: measurement.replaceAll(/^serial\b.*\n?/gim, "") };
  }
  if (subsystem === "/proc/diskstats") {
    const rename = (_all: string, start: string, name: string): string =>
      `${start}${names.device("disk", name)}`;
    return { ...record, measurement: measurement.replaceAll(/^(\s*\d+\s+\d+\s+)(\S+)/gm, rename) };
  }
  if (subsystem === "/proc/net/dev") {
    const rename = (_all: string, start: string, name: string): string =>
      `${start}${names.device("interface", name)}:`;
    return { ...record, measurement: measurement.replaceAll(/^(\s*)([^\s:|]+):/gm, rename) };
  }
  if (subsystem === "statfs[*]") {
    return { ...record, measurement: mapLines(measurement, (json) => renameMount(json, names)) };
  }
  const [, runtime = "", id = ""] = /^container\/([a-z0-9.-]+)\/(.+)$/.exec(subsystem) ?? [];
  if (id === "") return null;
  return {
    ...record,
    subsystem: `container/${runtime}/${names.device("container", id.slice(0, shortId))}`,
    measurement: mapLines(measurement, (json) => renameContainer(json, names)),
  };
}

/** Of a container's id, as runtimes show it. */
const shortId = 12;

function mapLines(
  measurement: string,
  rename: (json: Record<string, unknown>) => Record<string, unknown>,
): string {
  return measurement
    .split("\n")
    .map((line) =>
      line === "" ? line : JSON.stringify(rename(readObject(parseJson(line), "the line"))),
    )
    .join("\n");
}

function renameMount(json: Record<string, unknown>, names: Pseudonyms): Record<string, unknown> {
  const { mount_point: mount } = json;
  return { mount_point: names.device("mount", String(mount)), ...numbersOf(json) };
}

function renameContainer(
  json: Record<string, unknown>,
  names: Pseudonyms,
): Record<string, unknown> {
  const { container_id: id, container_name: name, runtime } = json;
  return {
    ...(typeof id === "string"
      ? { container_id: names.device("container", id.slice(0, shortId)) }
      : {}),
    ...(typeof name === "string"
      ? { container_name: name === "" ? "" : names.device("container", name) }
      : {}),
    ...(typeof runtime === "string" && /^[a-z0-9.-]{1,20}$/.test(runtime) ? { runtime } : {}),
    ...numbersOf(json),
  };
}

function numbersOf(json: Record<string, unknown>): Record<string, unknown> {
  return Object.fromEntries(
    Object.entries(json).filter(
      ([, value]) => typeof value === "number" || typeof value === "boolean" || value === null,
    ),
  );
}
