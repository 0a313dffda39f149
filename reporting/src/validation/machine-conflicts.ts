// Captures that cannot be of one machine, though nothing says of which they are.
import type { CaptureOrigin } from "../data/input.ts";
import { ownNameOf, unknownMachine } from "../data/machine-facts.ts";
import { formatCount, formatTime, formatValue } from "../format.ts";

export interface MachineConflict {
  one: CaptureOrigin;
  /** Begins no earlier. */
  other: CaptureOrigin;
  /** What each of them says that the other contradicts, in words. */
  saysOne: string;
  saysOther: string;
  /** Whether both hold samples of the same time. */
  isAtOnce: boolean;
}

type Span = CaptureOrigin & { firstS: number; lastS: number };

/** Kernels round the time of a boot this way or that. */
const sameBootS = 2;
/** A clock that is set at the start moves the time of the boot. */
const otherBootS = 60;
/** No clock that is put right was ahead by more. */
const mostAheadS = 86_400;
const otherMemoryShare = 0.01;

/**
 * Each capture against the one that begins before it and the one that lasts longest so far: of several machines, two of them at least
 * are neighbours. Captures without samples say nothing.
 */
export function findConflicts(captures: readonly CaptureOrigin[]): MachineConflict[] {
  const spans = captures
    .filter((each): each is Span => each.firstS !== null && each.lastS !== null)
    .toSorted((a, b) => a.firstS - b.firstS);
  let longest: Span | undefined;
  return spans.flatMap((other, at) => {
    const candidates = [...new Set([spans[at - 1], longest])];
    if (longest === undefined || other.lastS > longest.lastS) longest = other;
    return candidates
      .flatMap((one) => (one === undefined ? [] : (conflictOf(one, other) ?? [])))
      .slice(0, 1);
  });
}

function conflictOf(one: Span, other: Span): MachineConflict | null {
  const [boot, otherBoot] = [one.bootTimeS ?? NaN, other.bootTimeS ?? NaN];
  if (Math.abs(boot - otherBoot) <= sameBootS) return null;
  const isAtOnce = other.firstS <= one.lastS;
  const conflict = (describe: (of: Span) => string): MachineConflict => {
    return { one, other, saysOne: describe(one), saysOther: describe(other), isAtOnce };
  };
  if (areBootsOfTwo(one, other, isAtOnce)) return conflict(describeBoot);
  if (!isAtOnce) return null;
  if (differ(nameOf(one), nameOf(other))) return conflict((of) => `its host is ${nameOf(of)}`);
  if (differ(one.cpuCount, other.cpuCount)) {
    return conflict(({ cpuCount }) => `it has ${formatCount(cpuCount ?? NaN, "CPU")}`);
  }
  const [bytes, otherBytes] = [one.memoryBytes ?? NaN, other.memoryBytes ?? NaN];
  if (Math.abs(bytes - otherBytes) > otherMemoryShare * Math.max(bytes, otherBytes)) {
    const size = (of: Span): string => formatValue(of.memoryBytes ?? NaN, "bytes");
    return conflict((of) => `it has ${size(of)} of memory`);
  }
  if (differ(one.cpuModel, other.cpuModel)) {
    return conflict(({ cpuModel }) => `its CPUs are ${cpuModel}`);
  }
  return null;
}

/**
 * One boot of a machine has ended when the next begins. Where it has not, the machines are two, or one's clock was set meanwhile: forward by
 * as much as the boot seems later, or back.
 */
function areBootsOfTwo(one: Span, other: Span, isAtOnce: boolean): boolean {
  const [boot, otherBoot] = [one.bootTimeS ?? NaN, other.bootTimeS ?? NaN];
  const byS = otherBoot - boot;
  const lastOfOlder = byS > 0 ? one.lastS : other.lastS;
  if (!(lastOfOlder > Math.max(boot, otherBoot) + otherBootS) || !(Math.abs(byS) > otherBootS))
    return false;
  if (isAtOnce) return true;
  return byS > 0 ? other.firstS < one.lastS + byS : -byS > mostAheadS;
}

function describeBoot({ bootTimeS }: Span): string {
  return `it was booted ${formatTime(bootTimeS ?? NaN)} UTC`;
}

function nameOf({ hostName }: Span): string | null {
  return ownNameOf({ ...unknownMachine, hostName });
}

function differ<Value>(one: Value | null, other: Value | null): boolean {
  return one !== null && other !== null && one !== other;
}
