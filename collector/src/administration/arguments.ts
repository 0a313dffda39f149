import { parseArgs, type ParseArgsConfig } from "node:util";
import { describeArgumentError } from "../argument-error.ts";
import { ExitError, exitCodes } from "../exit.ts";

/** @throws ExitError with code 64, naming the argument. */
export function parseArguments<const Options extends NonNullable<ParseArgsConfig["options"]>>(
  command: string,
  argv: readonly string[],
  options: Options,
) {
  try {
    return parseArgs({ args: [...argv], options, allowPositionals: true });
  } catch (cause) {
    throw usage(command, describeArgumentError(cause), cause);
  }
}

export function usage(command: string, why: string, cause?: unknown): ExitError {
  return new ExitError(exitCodes.usage, `${why}. Try pcctl ${command} --help.`, { cause });
}

/** @throws ExitError with code 64 where there are any. */
export function refusePositionals(command: string, [first]: readonly string[]): void {
  if (first !== undefined) throw usage(command, `Cannot use "${first}": too many arguments`);
}
