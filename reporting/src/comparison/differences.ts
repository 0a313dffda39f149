import type { Unit } from "@perfanalysis/contract/metrics";
import type { Dataset, Measure } from "../statistics/dataset.ts";
import { rankDisks, rankInterfaces } from "../statistics/devices.ts";
import type { Summary } from "../statistics/summary.ts";
import { lowerFirst } from "../format.ts";
import { comparisonTexts } from "../texts/english-comparison.ts";
import type { Aligned } from "./alignment.ts";
import { cliffsDelta, sizeOf, type EffectSize } from "./effect.ts";
import { lacksSwap, scaled, scalesOf } from "./size.ts";

/** One of the captures that are compared; the first is what the others are compared with. */
export interface Subject {
  label: string;
  dataset: Dataset;
  /** Null where neither the data nor the machine's facts tell. */
  cpuCount: number | null;
}

/** higher: more of it is worse for whoever waits. neutral: it is work done, neither good nor bad by itself. */
type Worse = "higher" | "lower" | "neutral";

/** One quantity of all captures, over the time that all have. */
export interface Quantity {
  /** Name of the first capture's measure, and how it is counted where the machines differ in size: "load1_per_cpu". */
  name: string;
  label: string;
  unit: Unit;
  /** By capture; null where it was not measured there. */
  measures: (Measure | null)[];
  summaries: (Summary | null)[];
}

export interface Difference {
  quantity: Quantity;
  /** The capture compared with the first. */
  subject: number;
  before: Summary;
  after: Summary;
  /** Cliff's delta. */
  delta: number;
  size: EffectSize;
  verdict: "better" | "worse" | "other";
}

const words = comparisonTexts.differences;

/** A change of the mean below this is none that anyone acts on, however clearly it can be told. In the unit itself. */
const leastChange: Record<Unit, number> = {
  percent: 1,
  bytes: 16 * 2 ** 20,
  "bytes/s": 50_000,
  "1/s": 10,
  count: 0.2,
  ms: 0.5,
};
/** The same, as a share of the larger mean. */
const leastShare = 0.05;

const machineQuantities = [
  "cpu_busy",
  "cpu_user",
  "cpu_system",
  "cpu_iowait",
  "cpu_steal",
  "load1",
  "procs_running",
  "procs_blocked",
  "context_switches",
  "interrupts",
  "forks",
  "mem_used",
  "mem_available_percent",
  "mem_cached",
  "mem_dirty",
  "swap_used",
  "vm_swapin_pages",
  "vm_swapout_pages",
  "vm_major_faults",
  "psi_cpu_some",
  "psi_io_some",
  "psi_io_full",
  "psi_memory_some",
  "psi_memory_full",
  "tcp_passive_opens",
  "tcp_retransmits",
  "tcp_listen_drops",
];
const diskFields = ["read_bytes", "write_bytes", "reads", "writes", "await_ms", "queue", "busy"];
const interfaceFields = [
  "rx_bytes",
  "tx_bytes",
  "rx_packets",
  "tx_packets",
  "rx_errors",
  "rx_drops",
];

const worseWhenHigher =
  /^(cpu_(busy|iowait|steal)|(load1|procs_(running|blocked))(_per_cpu)?|mem_used_percent|swap_used|vm_(swapin|swapout)_pages|vm_major_faults|psi_.+|tcp_(retransmits|listen_drops)|.+_(await_ms|queue|busy|errors|drops))$/;
const worseWhenLower = /^mem_available_percent$/;
/** A machine without swap is not the better one for that it does not swap. */
const ofSwap = /^(swap_used|vm_(swapin|swapout)_pages)$/;

/** What the captures have in common: of the machine as a whole, of the busiest disk of each and of the primary interface of each. */
export function listQuantities(subjects: readonly Subject[], aligned: Aligned): Quantity[] {
  const disks = subjects.map(({ dataset }) => rankDisks(dataset)[0]?.name);
  const interfaces = subjects.map(({ dataset }) => rankInterfaces(dataset)[0]?.name);
  const wanted: { names: (string | null)[]; of: string | null }[] = [
    ...machineQuantities.map((name) => ({
      names: subjects.map(() => name),
      of: name.startsWith("cpu_") ? words.ofCpu : null,
    })),
    ...diskFields.map((field) => ({
      names: disks.map((disk) => (disk === undefined ? null : `disk_${disk}_${field}`)),
      of: words.ofDisk,
    })),
    ...interfaceFields.map((field) => ({
      names: interfaces.map((name) => (name === undefined ? null : `net_${name}_${field}`)),
      of: words.ofInterface,
    })),
  ];
  const scaleOf = scalesOf(subjects);
  return wanted.flatMap(({ names, of }) => {
    const scale = scaleOf(names[0] ?? "");
    if (scale === undefined) return [];
    const measures = subjects.map(({ dataset }, at) => {
      const name = names[at] ?? null;
      const measure = name === null ? null : dataset.measure(name);
      return measure === null || scale === null ? measure : scaled(measure, scale, at);
    });
    const first = measures.find((measure) => measure !== null);
    if (first === undefined || measures.filter((measure) => measure !== null).length < 2) return [];
    const label = of === null ? first.label : `${of}: ${lowerFirst(first.label)}`;
    const summaries = subjects.map(({ dataset }, at) => {
      const measure = measures[at] ?? null;
      return measure === null ? null : dataset.summarize(commonValues(measure, aligned.rows[at]));
    });
    const name = scale === null ? first.name : scale.name(first.name);
    return [{ name, label, unit: first.unit, measures, summaries }];
  });
}

/** The values of the samples that count; all others are gaps. */
function commonValues({ values }: Measure, rows: Uint32Array = new Uint32Array()): Float64Array {
  if (rows.length === values.length) return values;
  const common = new Float64Array(values.length).fill(NaN);
  for (const row of rows) common[row] = values[row] ?? NaN;
  return common;
}

/** What differs enough to act on, the clearest first. */
export function rankDifferences(
  subjects: readonly Subject[],
  aligned: Aligned,
  quantities: readonly Quantity[],
): Difference[] {
  const found = quantities.flatMap((quantity) => {
    const base = quantity.measures[0] ?? null;
    const before = quantity.summaries[0] ?? null;
    if (base === null || before === null) return [];
    const baseline = commonValues(base, aligned.rows[0]);
    const isOfSwap = ofSwap.test(quantity.name);
    const [first] = subjects;
    return subjects.slice(1).flatMap((other, index): Difference[] => {
      const subject = index + 1;
      if (isOfSwap && (lacksSwap(other) || (first !== undefined && lacksSwap(first)))) return [];
      const measure = quantity.measures[subject] ?? null;
      const after = quantity.summaries[subject] ?? null;
      if (measure === null || after === null || !matters(before, after, quantity.unit)) return [];
      const delta = cliffsDelta(baseline, commonValues(measure, aligned.rows[subject]));
      const size = sizeOf(delta);
      if (size === "negligible" || Number.isNaN(delta)) return [];
      const verdict = judge(worseOf(quantity.name), delta);
      return [{ quantity, subject, before, after, delta, size, verdict }];
    });
  });
  return found.toSorted(
    (a, b) => Math.abs(b.delta) - Math.abs(a.delta) || relativeChange(b) - relativeChange(a),
  );
}

function matters(before: Summary, after: Summary, unit: Unit): boolean {
  const change = Math.max(Math.abs(after.mean - before.mean), Math.abs(after.p95 - before.p95));
  const larger = Math.max(Math.abs(before.p95), Math.abs(after.p95));
  return change >= leastChange[unit] && change >= leastShare * larger;
}

function relativeChange({ before, after }: Difference): number {
  const larger = Math.max(Math.abs(before.mean), Math.abs(after.mean));
  return larger === 0 ? 0 : Math.abs(after.mean - before.mean) / larger;
}

function worseOf(name: string): Worse {
  if (worseWhenHigher.test(name)) return "higher";
  return worseWhenLower.test(name) ? "lower" : "neutral";
}

function judge(worse: Worse, delta: number): Difference["verdict"] {
  if (worse === "neutral") return "other";
  return (worse === "higher") === delta > 0 ? "worse" : "better";
}
