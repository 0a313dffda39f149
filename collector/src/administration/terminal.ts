import { writeSync } from "node:fs";

/** Whom pcctl speaks to. */
export interface Terminal {
  /** What was asked for, on standard output; a newline is added. */
  print(text: string): void;
  printJson(value: unknown): void;
  /** For people, on standard error. */
  report(message: string): void;
  /** Writes to a terminal on standard error as it is; null where there is none. */
  progress: ((text: string) => void) | null;
  /** Whether standard output is one. */
  isTerminal: boolean;
  /** Characters a line has. */
  width(): number;
  style: Style;
  /** Ends what takes long. */
  signal: AbortSignal;
}

export type Style = Record<"bold" | "dim" | "green" | "yellow" | "red", (text: string) => string>;

export function createStyle(enabled: boolean): Style {
  const paint =
    (code: number) =>
    (text: string): string =>
      enabled ? `\u001b[${code}m${text}\u001b[0m` : text;
  return { bold: paint(1), dim: paint(2), green: paint(32), yellow: paint(33), red: paint(31) };
}

/** Writes all of it, also into a pipe that another program has set not to wait. */
export function writeAll(descriptor: number, text: string): void {
  const bytes = Buffer.from(text);
  let written = 0;
  while (written < bytes.length) {
    try {
      written += writeSync(descriptor, bytes, written, bytes.length - written);
    } catch (error) {
      if (!(error instanceof Error && "code" in error && error.code === "EAGAIN")) throw error;
      Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, 10);
    }
  }
}
