import { malformed, parseCounter } from "../procfs/number.ts";

/**
 * The number of a file that holds nothing else.
 * @throws SyntaxError naming file and value.
 */
export function parseNumberLine(text: string, file: string): number {
  return parseCounter(readLine(text, file), "the value", { file, line: 1 });
}

/**
 * The same of a file of a limit; null where it says `max`: there is none.
 * @throws SyntaxError naming file and value.
 */
export function parseLimitLine(text: string, file: string): number | null {
  return text === "max\n" ? null : parseNumberLine(text, file);
}

function readLine(text: string, file: string): string {
  const end = text.indexOf("\n");
  if (end !== -1 && end !== text.length - 1) {
    throw malformed({ file, line: 2 }, "there is more than one line");
  }
  return end === -1 ? text : text.slice(0, end);
}
