// What other tools measured, under the catalogue's names: the one place where their values become columns.
import { columnName, parseColumn } from "@perfanalysis/contract/columns";
import { metrics, type Metric } from "@perfanalysis/contract/metrics";
import { round } from "../capture/formula.ts";
import { cpuModes, type cpuFields } from "../procfs/stat.ts";
import { selectDevices, type DeviceFilters } from "../sampling/devices.ts";
import { noDevices } from "../sampling/layout.ts";

/** A row of another tool. It belongs to its reader and holds until the next one. */
export interface ImportedRow {
  /** Unix seconds, whole. */
  timestampS: number;
  /** Seconds that its rates are measured over; null where the file does not tell. */
  elapsedS: number | null;
  /** Names by the CSV standard; another array as soon as a column is new. */
  columns: readonly string[];
  /** A value per column; NaN is a gap. */
  values: Float64Array;
}

/** Time of one CPU or all in any unit, as the kernel counts it: guests' time is part of user and nice. */
export type CpuTimes = Record<(typeof cpuFields)[number], number>;

const deviceScopes = ["disk", "interface", "mount"] as const;
type DeviceScope = (typeof deviceScopes)[number];

/** Names of a device's metrics behind its name: `read_bytes` of `disk_<device>_read_bytes`. */
const prefixes = {
  disk: "disk_<device>_",
  interface: "net_<interface>_",
  mount: "fs_<mount>_",
} as const;

const metricsByName = new Map(metrics.map((metric) => [metric.name, metric]));

export class RowBuilder {
  private readonly filters: DeviceFilters;
  private columns: string[] = [];
  private readonly places = new Map<string, number>();
  private values: number[] = [];
  private timestampS = Number.NaN;
  private elapsedS: number | null = null;
  private devices = noFields();
  private readonly selections = new Map<string, ReadonlySet<string>>();

  constructor(filters: DeviceFilters) {
    this.filters = filters;
  }

  start(timestampS: number, elapsedS: number | null): void {
    this.timestampS = Math.floor(timestampS);
    this.elapsedS = elapsedS;
    this.values.fill(Number.NaN);
    this.devices = noFields();
  }

  /** Sets a metric of the machine; what is no number, negative or infinite is a gap. */
  set(name: string, value: number): void {
    this.setColumn(findMetric(name), null, value);
  }

  /** Sets shares of the interval in percent; `cpu` is null for all CPUs, or a CPU's number. */
  setCpu(cpu: string | null, shares: Readonly<Partial<Record<string, number>>>): void {
    for (const [mode, value] of Object.entries(shares)) {
      const metric = findMetric(cpu === null ? `cpu_${mode}` : `cpu<cpu>_${mode}`);
      this.setColumn(metric, cpu, value ?? Number.NaN);
    }
  }

  /** The shares of times of any one unit. */
  setCpuTimes(cpu: string | null, times: Readonly<CpuTimes>): void {
    const total = cpuModes.reduce((sum, mode) => sum + times[mode], 0);
    const share = (time: number): number => (total > 0 ? (100 * time) / total : Number.NaN);
    this.setCpu(cpu, {
      ...Object.fromEntries(cpuModes.map((mode) => [mode, share(times[mode])])),
      guest: share(times.guest + times.guest_nice),
    });
  }

  /** Sets a metric of a device, of which it is decided with the row's last device whether it is kept. */
  setDevice(scope: DeviceScope, device: string, field: string, value: number): void {
    const fields = this.devices[scope].get(device);
    if (fields === undefined) this.devices[scope].set(device, [[field, value]]);
    else fields.push([field, value]);
  }

  finish(): ImportedRow {
    for (const scope of deviceScopes) {
      const kept = this.select(scope);
      for (const [device, fields] of this.devices[scope]) {
        if (!kept.has(device)) continue;
        for (const [field, value] of fields) {
          this.setColumn(findMetric(`${prefixes[scope]}${field}`), device, value);
        }
      }
    }
    return {
      timestampS: this.timestampS,
      elapsedS: this.elapsedS,
      columns: this.columns,
      values: Float64Array.from(this.values),
    };
  }

  private select(scope: DeviceScope): ReadonlySet<string> {
    const names = Array.from(this.devices[scope].keys());
    const key = `${scope} ${names.join(" ")}`;
    let selection = this.selections.get(key);
    if (selection === undefined) {
      const devices = selectDevices({ ...noDevices, [scope]: names }, this.filters);
      selection = new Set(devices[scope]);
      this.selections.set(key, selection);
    }
    return selection;
  }

  private setColumn(metric: Metric, device: string | null, value: number): void {
    const key = device === null ? metric.name : `${metric.name} ${device}`;
    let place = this.places.get(key);
    if (place === undefined) {
      place = this.addColumn(metric, device);
      this.places.set(key, place);
    }
    if (place === -1) return;
    const known = value >= 0 && value < Number.POSITIVE_INFINITY;
    this.values[place] = known ? round(Math.min(value, metric.max ?? value)) : Number.NaN;
  }

  /** The new column's place, or -1 where the CSV standard cannot name such a device. */
  private addColumn(metric: Metric, device: string | null): number {
    if (device !== null && parseColumn(metric.name.replace(/<\w+>/, () => device)) === null) {
      return -1;
    }
    // Whoever has the columns of the row before keeps them.
    this.columns = [...this.columns, columnName(metric, device)];
    this.values.push(Number.NaN);
    return this.columns.length - 1;
  }
}

function noFields(): Record<DeviceScope, Map<string, [field: string, value: number][]>> {
  return { disk: new Map(), interface: new Map(), mount: new Map() };
}

function findMetric(name: string): Metric {
  const metric = metricsByName.get(name);
  if (metric === undefined) throw new RangeError(`Cannot find metric "${name}" in the catalogue`);
  return metric;
}
