import { exitCodes } from "../../exit.ts";

/** What one check of the doctor found. */
export interface Finding {
  /** What was looked at, in a word or two. */
  check: string;
  result: "ok" | "warning" | "failure";
  message: string;
  /** What to do; null where nothing is to be done. */
  advice: string | null;
  /** With which pcctl ends where this is the first failure. */
  exitCode: number;
}

export function ok(check: string, message: string): Finding {
  return { check, result: "ok", message, advice: null, exitCode: exitCodes.ok };
}

export function warning(check: string, message: string, advice: string): Finding {
  return { check, result: "warning", message, advice, exitCode: exitCodes.ok };
}

export function failure(
  check: string,
  message: string,
  advice: string,
  exitCode: number = exitCodes.unavailable,
): Finding {
  return { check, result: "failure", message, advice, exitCode };
}
