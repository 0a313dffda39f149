// Format: https://docs.kernel.org/admin-guide/cgroup-v2.html#cpu-interface-files
import { malformed, parseCounter, quote, type Field } from "../procfs/number.ts";

/** What the cgroup may use of all CPUs together in a period, in microseconds; no quota where it is not limited. */
export interface CpuMax {
  quota_usec: Field;
  period_usec: number;
}

/** @throws SyntaxError naming the value. */
export function parseCpuMax(text: string): CpuMax {
  const place = { file: "cpu.max", line: 1 };
  const [, quota, period] = /^(\S+) (\S+)\n?$/.exec(text) ?? [];
  if (quota === undefined) {
    throw malformed(place, `${quote(text)} is not a quota and a period`);
  }
  return {
    quota_usec: quota === "max" ? null : parseCounter(quota, "the quota", place),
    period_usec: parseCounter(period, "the period", place),
  };
}
