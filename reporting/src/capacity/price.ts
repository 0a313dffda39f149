/** Work that has a price: CPU-hours in use, GiB of traffic, millions of disk requests, thousands of TCP connections accepted. */
export const kindsOfWork = ["cpu", "traffic", "requests", "connections"] as const;
export type WorkKind = (typeof kindsOfWork)[number];

/** What a machine did on average; NaN where that was not measured. */
export interface WorkDone {
  cpuBusyPercent: number;
  /** Online; null where nobody told. */
  cpuCount: number | null;
  /** Both directions, and reads and writes. */
  bytesPerS: number;
  requestsPerS: number;
  connectionsPerS: number;
}

/** What a unit of work cost on this machine, whatever the machine could have done beside it. */
export interface WorkPrice {
  kind: WorkKind;
  /** Units done in an hour, on average. */
  perHour: number;
  /** Price of one unit, in the currency of the hourly price. */
  price: number;
}

const hourS = 3600;
const gibibyte = 2 ** 30;

/** Those kinds that were measured and took place. `costPerHour` is the machine's. */
export function priceWork(costPerHour: number, done: WorkDone): WorkPrice[] {
  const perHour: Record<WorkKind, number> = {
    cpu: (done.cpuBusyPercent / 100) * (done.cpuCount ?? NaN),
    traffic: (done.bytesPerS * hourS) / gibibyte,
    requests: (done.requestsPerS * hourS) / 1e6,
    connections: (done.connectionsPerS * hourS) / 1000,
  };
  return kindsOfWork.flatMap((kind) => {
    const units = perHour[kind];
    return units > 0 ? [{ kind, perHour: units, price: costPerHour / units }] : [];
  });
}
