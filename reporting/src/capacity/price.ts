import type { Dataset } from "../statistics/dataset.ts";
import type { Devices } from "./resources.ts";

/** What a unit of work cost on this machine, whatever the machine could have done beside it. */
export interface WorkPrice {
  /** "CPU-hour in use", "GiB sent". */
  work: string;
  /** Units done in an hour, on average. */
  perHour: number;
  /** Price of one unit, in the currency of the hourly price. */
  price: number;
}

const hourS = 3600;
const gibibyte = 2 ** 30;

/**
 * Prices by kind of work, those that were measured and took place. `costPerHour` is the machine's, above 0; the first interface
 * and the first disk stand for all.
 */
export function priceWork(
  dataset: Dataset,
  {
    costPerHour,
    cpuCount,
    devices: { disks, interfaces },
  }: { costPerHour: number; cpuCount: number | null; devices: Devices },
): WorkPrice[] {
  const meanOf = (name: string): number => {
    const measure = dataset.measure(name);
    return measure === null ? NaN : dataset.summary(measure).mean;
  };
  const [disk = ""] = disks;
  const [network = ""] = interfaces;
  const amounts: [work: string, perHour: number][] = [
    ["CPU-hour in use", (meanOf("cpu_busy") / 100) * (cpuCount ?? NaN)],
    [`GiB sent by ${network}`, (meanOf(`net_${network}_tx_bytes`) * hourS) / gibibyte],
    [
      `million requests to ${disk}`,
      ((meanOf(`disk_${disk}_reads`) + meanOf(`disk_${disk}_writes`)) * hourS) / 1e6,
    ],
    ["thousand TCP connections accepted", (meanOf("tcp_passive_opens") * hourS) / 1000],
  ];
  return amounts.flatMap(([work, perHour]) =>
    perHour > 0 ? [{ work, perHour, price: costPerHour / perHour }] : [],
  );
}
