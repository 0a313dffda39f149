// Format: https://docs.kernel.org/accounting/psi.html
import { malformed, parseCounter, quote, type Field } from "./number.ts";

export type PressureResource = "cpu" | "io" | "memory";

export const pressureFields = ["some_total_us", "full_total_us"] as const;

/** Stall time since boot in microseconds. `full` of the CPU came with kernel 5.13. */
export type Pressure = Record<(typeof pressureFields)[number], Field>;

/** @throws SyntaxError naming file, line and value. */
export function parsePressure(text: string, resource: PressureResource): Pressure {
  const file = `/proc/pressure/${resource}`;
  const totals = new Map<string, number>();
  for (const [index, line] of text.split("\n").entries()) {
    if (line === "") continue;
    const [, share, digits] = /^(some|full) avg10=[^\n]*? total= *([^\n]*)$/.exec(line) ?? [];
    const place = { file, line: index + 1 };
    if (share === undefined || totals.has(share)) {
      throw malformed(place, `${quote(line)} is not a line "some …" or "full … total=…"`);
    }
    totals.set(share, parseCounter(digits, `total of ${share}`, place));
  }
  const some = totals.get("some");
  if (some === undefined) throw malformed({ file, line: 1 }, `there is no line "some …"`);
  return { some_total_us: some, full_total_us: totals.get("full") ?? null };
}
