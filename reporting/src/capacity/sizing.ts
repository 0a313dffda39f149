// Right-sizing: how many CPUs and how much memory the load of this capture needs.
import type { DataGrade } from "../validation/grade-data.ts";
import { formatShare, formatValue } from "../format.ts";
import type { Dataset } from "../statistics/dataset.ts";
import type { Summary } from "../statistics/summary.ts";
import { texts } from "../texts/english.ts";
import { boughtGibibytes, roundUpCpus, roundUpGibibytes } from "./sizes.ts";

const { refusals, cautions: words } = texts.sizing;

const percentiles = ["p95", "p99"] as const;
/** Shares of the recommended machine that stay free at the percentile. */
export const headroomRatios = [0, 0.2, 0.3] as const;

/** The least of data that a size can be told from: a whole daily course, nearly all of it seen. */
export const minimum = { lengthS: 86_400, coverageRatio: 0.8, grade: "C" } as const;

/** Percent busy from which on a CPU's demand is not known: more may have been wanted than there was. */
const saturatedPercent = 90;
/** Percent of memory below which what programs wanted is not known: the kernel already gave up cache or swapped. */
const exhaustedPercent = 10;
/** Percent of time withheld by the hypervisor (Netdata's 10 min alarm), from which on numbers of CPUs mean little. */
const stealPercent = 10;
/** Percent from which on it is worth a word. */
const stealNoticePercent = 2;
/** Pages a second from swap (256 KiB/s): the working set did not fit. */
const swapInPages = 64;

export interface SizingOption {
  percentile: (typeof percentiles)[number];
  headroomRatio: (typeof headroomRatios)[number];
  /** CPUs, or bytes of memory. */
  needed: number;
  /** The size on sale that holds it, or the present one where that does: CPUs, or GiB. */
  size: number;
  /** The resource was exhausted at this percentile, so demand was cut off: `needed` is a lower bound. */
  atLeast: boolean;
}

export interface Sizing {
  outcome: "sized";
  /** CPUs, or GiB as bought. */
  current: number;
  options: SizingOption[];
  /** What makes the figures less sure, in words. */
  cautions: string[];
}

export interface SizingRefusal {
  outcome: "refused";
  reason: string;
}

export type SizingResult = Sizing | SizingRefusal;

/** Why nothing can be said about the right size, or null where enough was captured. */
export function sizingRefusal({ timing }: Dataset, { grade, forbids }: DataGrade): string | null {
  if (forbids.rightSizing !== null) return forbids.rightSizing;
  if (timing.coverageRatio < minimum.coverageRatio) {
    return refusals.coverage(formatShare(timing.coverageRatio), formatShare(minimum.coverageRatio));
  }
  return grade > minimum.grade ? refusals.grade(grade, minimum.grade) : null;
}

/** CPUs, with what the hypervisor withheld counted as wanted. `cpuCount` is null where it is not known. */
export function sizeCpus(
  dataset: Dataset,
  grade: DataGrade,
  cpuCount: number | null,
): SizingResult {
  const refusal = sizingRefusal(dataset, grade);
  if (refusal !== null) return refused(refusal);
  const busy = dataset.measure("cpu_busy");
  if (busy === null) return refused(refusals.noBusy);
  if (cpuCount === null) return refused(refusals.noCount);
  const steal = dataset.measure("cpu_steal");
  const withheld = steal === null ? NaN : dataset.summary(steal).p95;
  if (withheld >= stealPercent) {
    return refused(refusals.steal(formatValue(withheld, "percent")));
  }
  const summary = dataset.summary(busy);
  const options = optionsOf(summary, (value) => ({
    demand: (value / 100) * cpuCount,
    atLeast: value >= saturatedPercent,
  })).map((option): SizingOption => {
    const size = option.needed <= cpuCount ? Math.min(cpuCount, roundUpCpus(option.needed)) : null;
    return { ...option, size: size ?? roundUpCpus(option.needed) };
  });
  const cautions = [
    ...(withheld >= stealNoticePercent ? [words.steal(formatValue(withheld, "percent"))] : []),
    ...(options.some(({ atLeast }) => atLeast) ? [words.saturated(saturatedPercent)] : []),
  ];
  return { outcome: "sized", current: cpuCount, options, cautions };
}

/** Memory that programs could not give back; cache counts as free, though much of it may be worth its place. */
export function sizeMemory(dataset: Dataset, grade: DataGrade): SizingResult {
  const refusal = sizingRefusal(dataset, grade);
  if (refusal !== null) return refused(refusal);
  const used = dataset.measure("mem_used");
  const total = dataset.measure("mem_total");
  if (used === null || total === null) {
    return refused(refusals.noMemory);
  }
  const totalBytes = dataset.summary(total).max;
  const current = boughtGibibytes(totalBytes);
  const swapIn = dataset.measure("vm_swapin_pages");
  const swapping = swapIn !== null && dataset.summary(swapIn).p99 > swapInPages;
  const options = optionsOf(dataset.summary(used), (value) => ({
    demand: value,
    atLeast: swapping || value >= (1 - exhaustedPercent / 100) * totalBytes,
  })).map((option): SizingOption => {
    const size = roundUpGibibytes(option.needed, totalBytes);
    return { ...option, size: option.needed <= totalBytes ? Math.min(current, size) : size };
  });
  const cautions = [
    words.cache,
    ...(swapping
      ? [words.swapped]
      : options.some(({ atLeast }) => atLeast)
        ? [words.exhausted(exhaustedPercent)]
        : []),
  ];
  return { outcome: "sized", current, options, cautions };
}

function refused(reason: string): SizingRefusal {
  return { outcome: "refused", reason };
}

/** A machine of which the share `headroomRatio` stays free is demand ÷ (1 − share) large. */
function optionsOf(
  summary: Summary,
  judge: (value: number) => { demand: number; atLeast: boolean },
): Omit<SizingOption, "size">[] {
  return percentiles.flatMap((percentile) => {
    const { demand, atLeast } = judge(summary[percentile]);
    return headroomRatios.map((headroomRatio) => ({
      percentile,
      headroomRatio,
      needed: demand / (1 - headroomRatio),
      atLeast,
    }));
  });
}

/** The option that a notice is judged by. */
export function optionAt(
  { options }: Sizing,
  percentile: SizingOption["percentile"],
  headroomRatio: SizingOption["headroomRatio"],
): SizingOption | undefined {
  return options.find(
    (option) => option.percentile === percentile && option.headroomRatio === headroomRatio,
  );
}
