import type { FleetMachine } from "./machines.ts";

export type SortKey = "name" | "cpu" | "memory" | "disk" | "network" | "load" | "seen";

export interface Sort {
  key: SortKey;
  descending: boolean;
}

export const sortLabels: Record<SortKey, string> = {
  name: "Machine",
  cpu: "CPU busy",
  memory: "Memory used",
  disk: "Disk busy",
  network: "Network",
  load: "Load",
  seen: "Last seen",
};

const measures: Record<Exclude<SortKey, "name">, (machine: FleetMachine) => number | null> = {
  cpu: ({ readings }) => readings.cpuBusyPercent,
  memory: ({ readings }) => readings.memoryUsedPercent,
  disk: ({ readings }) => readings.diskBusyPercent,
  network: ({ readings: { receivedBytesPerS: received, sentBytesPerS: sent } }) =>
    received === null && sent === null ? null : (received ?? 0) + (sent ?? 0),
  load: ({ readings }) => readings.load1,
  seen: ({ lastSeenS }) => lastSeenS,
};

const names = new Intl.Collator("en", { numeric: true, sensitivity: "base" });

/** Machines of which nothing is known come last in either direction; equals go by name. */
export function sortMachines(
  machines: readonly FleetMachine[],
  { key, descending }: Sort,
): FleetMachine[] {
  const sign = descending ? -1 : 1;
  const byName = (a: FleetMachine, b: FleetMachine) =>
    names.compare(a.name, b.name) || names.compare(a.machineId, b.machineId);
  if (key === "name") return machines.toSorted((a, b) => sign * byName(a, b));
  const measure = measures[key];
  return machines.toSorted((a, b) => {
    const [left, right] = [measure(a), measure(b)];
    if (left === null || right === null) {
      return Number(left === null) - Number(right === null) || byName(a, b);
    }
    return sign * (left - right) || byName(a, b);
  });
}

/** Figures are looked at from the largest, names from A. */
export function nextSort(current: Sort, key: SortKey): Sort {
  return current.key === key
    ? { key, descending: !current.descending }
    : { key, descending: key !== "name" };
}

/** Machines whose name or id contains every word. */
export function filterMachines(machines: readonly FleetMachine[], text: string): FleetMachine[] {
  const words = text.toLowerCase().split(/\s+/).filter(Boolean);
  return machines.filter(({ name, machineId }) => {
    const searched = `${name} ${machineId}`.toLowerCase();
    return words.every((word) => searched.includes(word));
  });
}
