import { LockedError } from "./capture/lock.ts";

/** Exit codes of sysexits.h. */
export const exitCodes = {
  ok: 0,
  usage: 64,
  badData: 65,
  noInput: 66,
  unavailable: 69,
  software: 70,
  cannotWrite: 74,
  tryAgain: 75,
  permission: 77,
  config: 78,
} as const;

/** A program's end that is the user's to mend: a wrong flag or setting, a file that is not there. */
export class ExitError extends Error {
  readonly exitCode: number;

  constructor(exitCode: number, message: string, options?: ErrorOptions) {
    super(message, options);
    this.exitCode = exitCode;
  }
}

/**
 * Ends the process by force where it still runs in a second: a call that asks for a mount whose server is gone, which may never
 * return, would keep it.
 */
export function endSoon(exitCode: number): void {
  const end = (): void => {
    // Node waits for such calls even in process.exit(); another program in its place does not.
    if (typeof process.execve === "function") {
      process.execve("/bin/sh", ["sh", "-c", `exit ${exitCode}`], {});
    }
    process.exit(exitCode);
  };
  setTimeout(end, 1000).unref();
}

/** The exit code that tells a script what kind of error this is. */
export function exitCodeOf(error: unknown): number {
  if (error instanceof ExitError) return error.exitCode;
  if (error instanceof LockedError) return exitCodes.tryAgain;
  if (error instanceof SyntaxError) return exitCodes.badData;
  const code = error instanceof Error && "code" in error ? error.code : null;
  if (code === "ENOENT" || code === "ENOTDIR" || code === "EISDIR") return exitCodes.noInput;
  if (code === "EACCES" || code === "EPERM" || code === "EROFS") return exitCodes.permission;
  if (code === "EMFILE" || code === "ENFILE") return exitCodes.tryAgain;
  if (code === "ENOSPC" || code === "EIO" || code === "EDQUOT") return exitCodes.cannotWrite;
  return exitCodes.software;
}
