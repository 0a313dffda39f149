import { columnName, parseColumn } from "@perfanalysis/contract/columns";
import { metrics, type Metric, type Unit } from "@perfanalysis/contract/metrics";
import { isOutward } from "./readings.ts";

/** One chart: some columns of one unit. */
export interface Panel {
  id: string;
  title: string;
  unit: Unit;
  lines: PanelLine[];
  /** Top of the scale, or null where the data decide. */
  max: number | null;
  /** A column that tells the scale's top where a machine has one, for example its memory. */
  maxColumn: string | null;
  /** Lines lie on top of one another and add up to 100 less this column; null: they are drawn side by side. */
  stackRest: string | null;
}

export interface PanelLine {
  column: string;
  label: string;
  /** Place in the palette; fixed, so that a colour means the same whatever else is there. */
  colour: number;
}

export type DeviceScope = "disk" | "interface";

/** Lines that a chart of all devices shows; more cannot be told apart. */
export const mostDeviceLines = 8;

/** Charts of the machine as a whole, only of what it has columns for. */
export function listMachinePanels(columns: readonly string[]): Panel[] {
  const has = new Set(columns);
  return [
    {
      ...panel("cpu", "CPU", "percent", has, [
        ["cpu_user", 0],
        ["cpu_nice", 5],
        ["cpu_system", 3],
        ["cpu_irq", 6],
        ["cpu_softirq", 2],
        ["cpu_steal", 4],
        ["cpu_iowait", 1],
      ]),
      max: 100,
      stackRest: has.has("cpu_idle") ? "cpu_idle" : null,
    },
    panel("load", "Load and tasks", "count", has, [
      ["load1", 0],
      ["load5", 3],
      ["load15", 2],
      ["procs_running", 5],
      ["procs_blocked", 4],
    ]),
    {
      ...panel("memory", "Memory", "bytes", has, [
        ["mem_used", 0],
        ["mem_cached", 2],
        ["mem_available", 5],
        ["mem_dirty", 3],
      ]),
      maxColumn: has.has("mem_total") ? "mem_total" : null,
    },
    panel("paging", "Swapping and major faults", "1/s", has, [
      ["vm_swapin_pages", 0],
      ["vm_swapout_pages", 3],
      ["vm_major_faults", 1],
    ]),
    panel("activity", "Switches, interrupts and forks", "1/s", has, [
      ["context_switches", 0],
      ["interrupts", 3],
      ["forks", 2],
    ]),
    panel("pressure", "Pressure: time in which tasks had to wait", "percent", has, [
      ["psi_cpu_some", 0],
      ["psi_io_some", 3],
      ["psi_io_full", 4],
      ["psi_memory_some", 2],
      ["psi_memory_full", 1],
    ]),
  ].filter(({ lines }) => lines.length > 0);
}

/** Charts of disks: how busy each is, then what `device` does. `devices` in the order in which they matter. */
export function listDiskPanels(
  columns: readonly string[],
  { device, devices }: { device: string; devices: readonly string[] },
): Panel[] {
  const has = new Set(columns);
  const shown = devices.slice(0, mostDeviceLines);
  const all = shown.includes(device) ? shown : [device, ...shown.slice(0, mostDeviceLines - 1)];
  return [
    { ...comparison("disk-busy", "Busy, each disk", "disk_<device>_busy", has, all), max: 100 },
    devicePanel("disk-bytes", `Throughput of ${device}`, device, has, [
      ["disk_<device>_read_bytes", 0],
      ["disk_<device>_write_bytes", 3],
    ]),
    devicePanel("disk-requests", `Requests of ${device}`, device, has, [
      ["disk_<device>_reads", 0],
      ["disk_<device>_writes", 3],
      ["disk_<device>_discards", 5],
    ]),
    devicePanel("disk-await", `Time of a request to ${device}`, device, has, [
      ["disk_<device>_await_ms", 1],
    ]),
  ].filter(({ lines }) => lines.length > 0);
}

export function listNetworkPanels(columns: readonly string[], device: string): Panel[] {
  const has = new Set(columns);
  return [
    devicePanel("net-bytes", `Traffic of ${device}`, device, has, [
      ["net_<interface>_rx_bytes", 0],
      ["net_<interface>_tx_bytes", 3],
    ]),
    devicePanel("net-packets", `Packets of ${device}`, device, has, [
      ["net_<interface>_rx_packets", 0],
      ["net_<interface>_tx_packets", 3],
      ["net_<interface>_rx_drops", 4],
      ["net_<interface>_tx_drops", 1],
    ]),
  ].filter(({ lines }) => lines.length > 0);
}

/** Columns that a panel is drawn from. */
export function panelColumns({ lines, stackRest, maxColumn }: Panel): string[] {
  return [...lines.map(({ column }) => column), stackRest, maxColumn].filter(
    (column) => column !== null,
  );
}

/** Devices that there are columns for, in the columns' order. */
export function listDevices(columns: readonly string[], scope: DeviceScope): string[] {
  const devices = new Set<string>();
  for (const name of columns) {
    const column = parseColumn(name);
    if (column?.metric.scope === scope && column.device !== null) devices.add(column.device);
  }
  return [...devices];
}

/** Columns by which `orderByUse` tells busy devices from idle ones, all of one unit: how busy disks are, else what they move. */
export function listUseColumns(columns: readonly string[], scope: DeviceScope): string[] {
  const measured = (metricNames: readonly string[]) =>
    columns.filter((name) => metricNames.includes(parseColumn(name)?.metric.name ?? ""));
  return useMetrics[scope].map(measured).find((names) => names.length > 0) ?? [];
}

/**
 * The busiest device first, those without samples last, else in the given order. Interfaces that only repeat others' traffic or
 * never leave the machine come behind those that do. `means` by column.
 */
export function orderByUse(
  devices: readonly string[],
  columns: readonly string[],
  means: ReadonlyMap<string, number | null>,
): string[] {
  const use = new Map<string, number>();
  for (const name of columns) {
    const device = parseColumn(name)?.device ?? null;
    const mean = means.get(name) ?? null;
    if (device !== null && mean !== null) use.set(device, (use.get(device) ?? 0) + mean);
  }
  return devices.toSorted(
    (a, b) =>
      Number(isOutward(b)) - Number(isOutward(a)) || (use.get(b) ?? -1) - (use.get(a) ?? -1),
  );
}

/** The first of which there are columns tells. */
const useMetrics: Record<DeviceScope, readonly (readonly string[])[]> = {
  disk: [["disk_<device>_busy"], ["disk_<device>_read_bytes", "disk_<device>_write_bytes"]],
  interface: [["net_<interface>_rx_bytes", "net_<interface>_tx_bytes"]],
};

type Line = readonly [metricName: string, colour: number];

const metricsByName = new Map(metrics.map((metric) => [metric.name, metric]));

function metricNamed(name: string): Metric {
  const metric = metricsByName.get(name);
  if (metric === undefined) throw new RangeError(`Cannot draw "${name}": no such metric`);
  return metric;
}

function panel(
  id: string,
  title: string,
  unit: Unit,
  has: ReadonlySet<string>,
  lines: readonly Line[],
): Panel {
  return {
    id,
    title,
    unit,
    max: null,
    maxColumn: null,
    stackRest: null,
    lines: lines
      .filter(([name]) => has.has(name))
      .map(([name, colour]) => ({ column: name, label: metricNamed(name).label, colour })),
  };
}

function devicePanel(
  id: string,
  title: string,
  device: string,
  has: ReadonlySet<string>,
  lines: readonly Line[],
): Panel {
  const drawn = lines.map(([name, colour]) => {
    const metric = metricNamed(name);
    return { metric, line: { column: columnName(metric, device), label: metric.label, colour } };
  });
  return {
    ...panel(id, title, drawn[0]?.metric.unit ?? "count", has, []),
    lines: drawn.map(({ line }) => line).filter(({ column }) => has.has(column)),
  };
}

function comparison(
  id: string,
  title: string,
  metricName: string,
  has: ReadonlySet<string>,
  devices: readonly string[],
): Panel {
  const metric = metricNamed(metricName);
  return {
    ...panel(id, title, metric.unit, has, []),
    lines: devices
      .map((device, colour) => ({ column: columnName(metric, device), label: device, colour }))
      .filter(({ column }) => has.has(column)),
  };
}
