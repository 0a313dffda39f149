// Format: https://docs.kernel.org/filesystems/proc.html, table 1-4
import { malformed, parseCounter, quote } from "./number.ts";

export interface PidStat {
  pid: number;
  /** As the program or the thread calls itself: at most 15 bytes, any but NUL. */
  name: string;
  /** CPU time of all its threads, in clock ticks. */
  cpuTicks: number;
  threads: number;
  /** Clock ticks from the boot to its start: with the pid, what tells it from others. */
  startTicks: number;
  residentPages: number;
}

/** Numbers of the fields in the manual's table, from the state, which is the third. */
const firstField = 3;
const fields = { utime: 14, stime: 15, threads: 20, start: 22, resident: 24 };

/**
 * Reads /proc/PID/stat, given in UTF-8 or, as a parser of bytes would, in Latin-1.
 * @throws SyntaxError naming the value.
 */
export function parsePidStat(text: string): PidStat {
  const place = { file: "/proc/PID/stat", line: 1 };
  const open = text.indexOf(" (");
  // A name may hold parentheses and spaces; what is behind it may not.
  const close = text.lastIndexOf(") ");
  if (open === -1 || close < open)
    throw malformed(place, `${quote(text)} has no name in parentheses`);
  const words = text
    .slice(close + 2)
    .trimEnd()
    .split(" ");
  const read = (name: keyof typeof fields): number =>
    parseCounter(words[fields[name] - firstField], name, place);
  return {
    pid: parseCounter(text.slice(0, open), "the pid", place),
    name: unescapeName(text.slice(open + 2, close)),
    cpuTicks: read("utime") + read("stime"),
    threads: read("threads"),
    startTicks: read("start"),
    residentPages: read("resident"),
  };
}

/** The kernel writes a newline as `\n` and a backslash as two. */
function unescapeName(name: string): string {
  return name.replaceAll(/\\([n\\])/g, (_, character) => (character === "n" ? "\n" : "\\"));
}
