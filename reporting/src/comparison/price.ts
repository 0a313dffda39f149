import type { Subject, Quantity } from "./differences.ts";

/** What an hour of the machine buys; null where it did none of it, or where it was not measured. */
export interface PricePerformance {
  label: string;
  costPerHour: number;
  /** For one CPU kept busy for an hour. */
  perBusyCpuHour: number | null;
  /** For a million requests to its busiest disk. */
  perMillionRequests: number | null;
  /** For a gibibyte through its primary interface, both ways. */
  perGibibyte: number | null;
}

/** Of the captures whose cost is known. */
export function pricePerformance(
  subjects: readonly Subject[],
  quantities: readonly Quantity[],
): PricePerformance[] {
  return subjects.flatMap(({ label, dataset, costPerHour }, at) => {
    if (costPerHour === null) return [];
    const mean = (pattern: RegExp): number =>
      quantities.find(({ name }) => pattern.test(name))?.summaries[at]?.mean ?? NaN;
    const busyCpus = ((dataset.cpuCount ?? NaN) * mean(/^cpu_busy$/)) / 100;
    const requests = 3600 * (mean(/^disk_.+_reads$/) + mean(/^disk_.+_writes$/));
    const bytes = 3600 * (mean(/^net_.+_rx_bytes$/) + mean(/^net_.+_tx_bytes$/));
    const per = (work: number): number | null => (work > 0 ? costPerHour / work : null);
    return [
      {
        label,
        costPerHour,
        perBusyCpuHour: per(busyCpus),
        perMillionRequests: per(requests / 1e6),
        perGibibyte: per(bytes / 2 ** 30),
      },
    ];
  });
}
