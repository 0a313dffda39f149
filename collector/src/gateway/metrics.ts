// Figures for Prometheus. Format: https://prometheus.io/docs/instrumenting/exposition_formats/
import type { LaneStatus } from "./lane.ts";

export interface GatewayFigures {
  version: string;
  /** Requests that were refused, by HTTP status. */
  refused: ReadonlyMap<number, number>;
  connections: number;
  /** Valid ones. */
  keys: number;
  receivedBytes: number;
  residentBytes: number;
  cpuSeconds: number;
  startTimeS: number;
  lanes: ReadonlyMap<string, LaneStatus>;
}

type Kind = "counter" | "gauge";

interface LaneFigure {
  name: string;
  kind: Kind;
  help: string;
  value: (status: LaneStatus) => number;
}

const laneFigures: readonly LaneFigure[] = [
  figure(
    "pcd_batches_received_total",
    "counter",
    "Batches that were kept.",
    (lane) => lane.takenBatches,
  ),
  figure("pcd_rows_received_total", "counter", "Rows that were kept.", (lane) => lane.takenRows),
  figure(
    "pcd_batches_repeated_total",
    "counter",
    "Batches that had been kept before.",
    (lane) => lane.repeatedBatches,
  ),
  figure(
    "pcd_batches_forwarded_total",
    "counter",
    "Batches that the upstream took.",
    ({ forwarded }) => forwarded.batches,
  ),
  figure(
    "pcd_rows_forwarded_total",
    "counter",
    "Rows that the upstream took.",
    ({ forwarded }) => forwarded.rows,
  ),
  figure(
    "pcd_forward_failures_total",
    "counter",
    "Attempts after which a batch has to be sent again.",
    ({ forwarded }) => forwarded.failures,
  ),
  figure(
    "pcd_upstream_up",
    "gauge",
    "1: the last batch was taken; 0: it was not, or none has been sent.",
    ({ upstream }) => Number(upstream.state === "up"),
  ),
  figure("pcd_spool_records", "gauge", "Batches that wait.", ({ spool }) => spool.records),
  figure("pcd_spool_bytes", "gauge", "Size of the spool.", ({ spool }) => spool.bytes),
  figure(
    "pcd_spool_max_bytes",
    "gauge",
    "Largest size of the spool; beyond, batches are refused with 503.",
    ({ spool }) => spool.maxBytes,
  ),
  figure(
    "pcd_spool_dropped_records_total",
    "counter",
    "Batches that were dropped from the spool.",
    ({ spool }) => spool.droppedRecords,
  ),
  figure(
    "pcd_spool_damaged_records_total",
    "counter",
    "Batches that the disk gave back damaged.",
    ({ spool }) => spool.damagedRecords,
  ),
  figure(
    "pcd_dead_letters_total",
    "counter",
    "Batches that the upstream refused for good.",
    ({ deadLetters }) => deadLetters.added,
  ),
  figure(
    "pcd_dead_letters_dropped_total",
    "counter",
    "Refused batches that were removed, being the oldest of too many.",
    ({ deadLetters }) => deadLetters.dropped,
  ),
  figure(
    "pcd_dead_letters",
    "gauge",
    "Refused batches that are kept.",
    ({ deadLetters }) => deadLetters.batches,
  ),
  figure(
    "pcd_dead_letter_bytes",
    "gauge",
    "Size of the refused batches that are kept.",
    ({ deadLetters }) => deadLetters.bytes,
  ),
];

function figure(name: string, kind: Kind, help: string, value: LaneFigure["value"]): LaneFigure {
  return { name, kind, help, value };
}

export function renderMetrics(figures: GatewayFigures): string {
  const lines: string[] = [];
  const add = (
    name: string,
    kind: Kind,
    help: string,
    samples: Iterable<[string, number]>,
  ): void => {
    lines.push(`# HELP ${name} ${help}`, `# TYPE ${name} ${kind}`);
    for (const [labels, value] of samples) lines.push(`${name}${labels} ${value}`);
  };
  add("pcd_build_info", "gauge", "1; the label tells the version.", [
    [`{version="${figures.version}"}`, 1],
  ]);
  for (const { name, kind, help, value } of laneFigures) {
    const samples = [...figures.lanes].map(([upstream, status]): [string, number] => [
      `{upstream="${upstream}"}`,
      value(status),
    ]);
    add(name, kind, help, samples);
  }
  add(
    "pcd_requests_refused_total",
    "counter",
    "Requests that were refused, by HTTP status.",
    [...figures.refused].map(([status, count]): [string, number] => [
      `{status="${status}"}`,
      count,
    ]),
  );
  add("pcd_connections", "gauge", "Open connections of clients.", [["", figures.connections]]);
  add("pcd_keys", "gauge", "Keys that are valid.", [["", figures.keys]]);
  add("pcd_received_bytes", "gauge", "Bodies that are being received at this moment.", [
    ["", figures.receivedBytes],
  ]);
  add("process_resident_memory_bytes", "gauge", "Resident memory.", [["", figures.residentBytes]]);
  add("process_cpu_seconds_total", "counter", "CPU time of user and system.", [
    ["", figures.cpuSeconds],
  ]);
  add("process_start_time_seconds", "gauge", "When the process started, Unix time.", [
    ["", figures.startTimeS],
  ]);
  return `${lines.join("\n")}\n`;
}
