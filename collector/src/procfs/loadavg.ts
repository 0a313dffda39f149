// Format: https://docs.kernel.org/filesystems/proc.html, "loadavg"
import { malformed, quote } from "./number.ts";

export const loadavgFields = ["load1", "load5", "load15"] as const;

/** Load averages over 1, 5 and 15 minutes. */
export type Loadavg = Record<(typeof loadavgFields)[number], number>;

/** @throws SyntaxError naming line and value. */
export function parseLoadavg(text: string): Loadavg {
  const words = text.split("\n", 1)[0]?.split(" ") ?? [];
  const load = (index: number): number => {
    const word = words[index];
    if (word !== undefined && /^\d{1,12}\.\d\d$/.test(word)) return Number(word);
    throw malformed(
      { file: "/proc/loadavg", line: 1 },
      `field ${index + 1} is ${quote(word)}, not a load such as 0.25`,
    );
  };
  return { load1: load(0), load5: load(1), load15: load(2) };
}
