// How perf-report ends: exit codes of sysexits.h, and what is said beside them.
import type { Fault } from "@perfanalysis/contract/problem";
import { AlignmentError } from "../comparison/alignment.ts";
import { ConfigError } from "../config.ts";
import { DataError } from "../data/input.ts";
import { NoSourceError } from "../data/open-input.ts";
import {
  PortalPermissionError,
  PortalRequestError,
  PortalUnavailableError,
} from "../data/read-portal.ts";
import { NoInputError, reasonOf } from "../files.ts";
import { NoCompilerError } from "../pdf/render.ts";
import { SettingsError } from "../report.ts";

export const exitCodes = {
  usage: 64,
  badData: 65,
  noInput: 66,
  unavailable: 69,
  internal: 70,
  cannotCreate: 73,
  permission: 77,
  config: 78,
  /** Not of sysexits.h, whose last is 78: all that was asked for is made, but for the PDF. */
  noPdf: 80,
} as const;

/** The flags do not go together. */
export class UsageError extends Error {}

/** The report cannot be written where it should be. */
export class OutputError extends Error {}

export function exitCodeOf(error: unknown): number {
  if (error instanceof UsageError || error instanceof NoSourceError) return exitCodes.usage;
  if (error instanceof PortalRequestError) return exitCodes.usage;
  if (error instanceof PortalUnavailableError) return exitCodes.unavailable;
  if (error instanceof PortalPermissionError) return exitCodes.permission;
  if (error instanceof DataError || error instanceof AlignmentError) return exitCodes.badData;
  if (error instanceof NoInputError) return exitCodes.noInput;
  if (error instanceof NoCompilerError) return exitCodes.unavailable;
  if (error instanceof OutputError) return exitCodes.cannotCreate;
  if (error instanceof ConfigError || error instanceof SettingsError) return exitCodes.config;
  // Only files to read are left: a failed write is an OutputError.
  if (isSystemError(error)) return exitCodes.noInput;
  return exitCodes.internal;
}

export function isSystemError(error: unknown): error is NodeJS.ErrnoException {
  return error instanceof Error && "syscall" in error;
}

function messageOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}

/** What went wrong, in lines: bad data with its places, a fault of this program with where it came from. */
export function explain(error: unknown): string {
  const lines = [isSystemError(error) ? describeRead(error) : messageOf(error)];
  if (error instanceof DataError) lines.push(...describeFaults(error.faults));
  if (exitCodeOf(error) === exitCodes.internal) lines.push(...framesOf(error));
  return lines.join("\n");
}

/** Where it came from, without the message, which may have lines of its own. */
function framesOf(error: unknown): string[] {
  const stack = error instanceof Error ? (error.stack ?? "") : "";
  return stack.split("\n").filter((line) => /^ +at /.test(line));
}

/** Only files to read are left: a failed write is an OutputError. */
function describeRead(error: NodeJS.ErrnoException): string {
  return error.path === undefined ? error.message : `Cannot read ${error.path}: ${reasonOf(error)}`;
}

/** Those that say the same of one line, as of a file that is something else altogether, are one. */
function describeFaults(faults: readonly Fault[]): string[] {
  const groups: { fault: Fault; columns: string[] }[] = [];
  for (const fault of faults) {
    const last = groups.at(-1);
    const isSame = last?.fault.line === fault.line && last?.fault.message === fault.message;
    const column = fault.column === undefined ? [] : [fault.column];
    if (isSame && fault.value === undefined) last.columns.push(...column);
    else groups.push({ fault, columns: column });
  }
  return groups.map(({ fault: { line, value, message }, columns }) => {
    const place = [
      line === undefined ? [] : `line ${line}`,
      columns.length === 0 ? [] : `column${columns.length === 1 ? "" : "s"} ${columns.join(", ")}`,
      value === undefined ? [] : JSON.stringify(value),
    ].flat();
    return `  ${place.length === 0 ? "" : `${place.join(", ")}: `}${message}`;
  });
}
