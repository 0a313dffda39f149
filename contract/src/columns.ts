// CSV column names: which metric, of which device. The same names are used in the API and in the database's dictionary.
import { metrics, type Metric } from "./metrics.ts";

/** A column of the CSV standard: a metric, and for scopes other than `machine` the device it belongs to. */
export interface MetricColumn {
  /** For example `cpu_user`, `cpu0_user`, `disk_sda_reads`. */
  name: string;
  metric: Metric;
  /** CPU number as text; name of a disk, interface, mount or container; null for the machine as a whole. */
  device: string | null;
}

/** Columns that a CSV must have. The first two are no metrics. */
export const requiredColumns: readonly string[] = [
  "timestamp",
  "machine_id",
  "cpu_user",
  "cpu_system",
  "cpu_idle",
  "mem_total",
  "mem_free",
];

/** The device of sums over all devices of a kind, where nobody measured them one by one, as perfcollector2 did not. */
export const deviceOfSums = "total";

const machineMetrics = new Map(
  metrics.filter(({ scope }) => scope === "machine").map((metric) => [metric.name, metric]),
);
const cpuFields = fieldsOf("cpu", "cpu<cpu>_");
const diskFields = fieldsOf("disk", "disk_<device>_");
const networkFields = fieldsOf("interface", "net_<interface>_");
const mountFields = fieldsOf("mount", "fs_<mount>_");
const containerFields = fieldsOf("container", "container_<container>_");
const placeholder = /<(?:cpu|device|interface|mount|container)>/;
const maxDeviceLength = 255;

/**
 * The metric and device that a column name stands for, or null where the name is not of the CSV standard.
 * Device names may contain underscores: no field name is the end of another behind an underscore, so the split is unique.
 */
export function parseColumn(name: string): MetricColumn | null {
  const whole = machineMetrics.get(name);
  if (whole !== undefined) return { name, metric: whole, device: null };
  const cpu = /^cpu(0|[1-9]\d{0,4})_([a-z]+)$/.exec(name);
  if (cpu !== null) return deviceColumn(name, cpuFields.get(cpu[2] ?? ""), cpu[1]);
  if (name.startsWith("disk_")) return splitDevice(name, "disk_".length, diskFields);
  if (name.startsWith("net_")) return splitDevice(name, "net_".length, networkFields);
  if (name.startsWith("fs_")) return splitDevice(name, "fs_".length, mountFields);
  if (name.startsWith("container_")) {
    return splitDevice(name, "container_".length, containerFields);
  }
  return null;
}

/** The column's name. `device` is required exactly where the metric's scope is not `machine`. */
export function columnName(metric: Metric, device: string | null = null): string {
  if ((metric.scope === "machine") !== (device === null)) {
    throw new RangeError(
      `Cannot name a column of ${metric.name}: it is measured per ${metric.scope}, and the device is ${String(device)}`,
    );
  }
  if (device === null) return metric.name;
  if (!isDeviceName(device)) {
    throw new RangeError(`Cannot name a column of ${metric.name}: "${device}" is no device name`);
  }
  return metric.name.replace(placeholder, () => device);
}

const scopeOrder: Metric["scope"][] = ["machine", "cpu", "disk", "interface", "mount", "container"];
const metricOrder = new Map(metrics.map((metric, index) => [metric, index]));
const naturalOrder = new Intl.Collator("en", { numeric: true });

/** In the order in which columns are written: the machine's metrics, then device by device in natural order (eth2 before eth10). */
export function sortColumns(columns: Iterable<MetricColumn>): MetricColumn[] {
  return Array.from(columns).toSorted(
    (one, other) =>
      scopeOrder.indexOf(one.metric.scope) - scopeOrder.indexOf(other.metric.scope) ||
      naturalOrder.compare(one.device ?? "", other.device ?? "") ||
      compareText(one.device ?? "", other.device ?? "") ||
      (metricOrder.get(one.metric) ?? 0) - (metricOrder.get(other.metric) ?? 0),
  );
}

function compareText(one: string, other: string): number {
  return one < other ? -1 : one > other ? 1 : 0;
}

function fieldsOf(scope: Metric["scope"], prefix: string): Map<string, Metric> {
  return new Map(
    metrics
      .filter((metric) => metric.scope === scope)
      .map((metric) => [metric.name.slice(prefix.length), metric]),
  );
}

function splitDevice(
  name: string,
  prefixLength: number,
  fields: Map<string, Metric>,
): MetricColumn | null {
  const rest = name.slice(prefixLength);
  for (let at = rest.indexOf("_", 1); at > 0; at = rest.indexOf("_", at + 1)) {
    const metric = fields.get(rest.slice(at + 1));
    if (metric !== undefined) return deviceColumn(name, metric, rest.slice(0, at));
  }
  return null;
}

/**
 * Whether columns can be named by it: 1–255 characters without white space, control characters and commas, which separate
 * columns where the API lists them. Mounts are named by their path, as long as kubelet makes them, with octal escapes as in
 * /proc/mounts for what cannot stand in a name.
 */
export function isDeviceName(text: string): boolean {
  return text.length <= maxDeviceLength && /^[^\s\p{C},]+$/u.test(text);
}

function deviceColumn(
  name: string,
  metric: Metric | undefined,
  device: string | undefined,
): MetricColumn | null {
  const known = metric !== undefined && device !== undefined && isDeviceName(device);
  return known ? { name, metric, device } : null;
}
