import { parseColumn, type MetricColumn } from "@perfanalysis/contract/columns";

/** One sample as a person reads it at a glance. null: not measured. */
export interface Readings {
  /** Time that CPUs neither idled nor waited for a disk, 0–100. */
  cpuBusyPercent: number | null;
  cpuCount: number | null;
  memoryUsedBytes: number | null;
  memoryTotalBytes: number | null;
  memoryUsedPercent: number | null;
  /** Of the busiest disk. */
  diskBusyPercent: number | null;
  busiestDisk: string | null;
  /** Sum over the interfaces that reach outside; see `isOutward`. */
  receivedBytesPerS: number | null;
  sentBytesPerS: number | null;
  load1: number | null;
}

export type Values = Readonly<Record<string, number | null>>;

/** What a machine without samples shows. */
export const noReadings: Readings = toReadings({});

export function toReadings(values: Values): Readings {
  const totalBytes = values["mem_total"] ?? null;
  const usedBytes = values["mem_used"] ?? subtract(totalBytes, values["mem_available"] ?? null);
  const readings: Readings = {
    cpuBusyPercent: cpuBusyPercent(values["cpu_idle"], values["cpu_iowait"]),
    cpuCount: null,
    memoryUsedBytes: usedBytes,
    memoryTotalBytes: totalBytes,
    memoryUsedPercent:
      usedBytes === null || totalBytes === null || totalBytes === 0
        ? null
        : (100 * usedBytes) / totalBytes,
    diskBusyPercent: null,
    busiestDisk: null,
    receivedBytesPerS: null,
    sentBytesPerS: null,
    load1: values["load1"] ?? null,
  };
  for (const [name, value] of Object.entries(values)) addDevice(readings, name, value);
  return readings;
}

/** `iowaitPercent` is undefined where the machine's columns do not tell it apart from idle. */
export function cpuBusyPercent(
  idlePercent: number | null | undefined,
  iowaitPercent: number | null | undefined,
): number | null {
  if (idlePercent === null || idlePercent === undefined || iowaitPercent === null) return null;
  return Math.min(100, Math.max(0, 100 - idlePercent - (iowaitPercent ?? 0)));
}

/**
 * Whether traffic of this interface leaves or enters the machine. Bridges and virtual pairs would count the traffic of the
 * interface behind them a second time.
 */
export function isOutward(interfaceName: string): boolean {
  return !/^(?:lo$|veth|docker|br-|virbr|cni|flannel|cali|tap)/.test(interfaceName);
}

function addDevice(readings: Readings, name: string, value: number | null): void {
  const column = columnOf(name);
  if (column === null || column.device === null) return;
  const { metric, device } = column;
  if (metric.name === "cpu<cpu>_idle") readings.cpuCount = (readings.cpuCount ?? 0) + 1;
  if (value === null) return;
  if (metric.name === "disk_<device>_busy") {
    if (readings.diskBusyPercent !== null && readings.diskBusyPercent >= value) return;
    readings.diskBusyPercent = value;
    readings.busiestDisk = device;
  } else if (metric.name === "net_<interface>_rx_bytes" && isOutward(device)) {
    readings.receivedBytesPerS = (readings.receivedBytesPerS ?? 0) + value;
  } else if (metric.name === "net_<interface>_tx_bytes" && isOutward(device)) {
    readings.sentBytesPerS = (readings.sentBytesPerS ?? 0) + value;
  }
}

function subtract(whole: number | null, part: number | null): number | null {
  return whole === null || part === null ? null : whole - part;
}

/** A fleet's samples name the same few columns every second. */
const knownColumns = new Map<string, MetricColumn | null>();

function columnOf(name: string): MetricColumn | null {
  const known = knownColumns.get(name);
  if (known !== undefined) return known;
  const column = parseColumn(name);
  knownColumns.set(name, column);
  return column;
}
