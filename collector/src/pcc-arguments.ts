import type { GivenValues } from "./config.ts";
import { ExitError, exitCodes } from "./exit.ts";
import { parseFlags, renderSettings, toGiven } from "./setting-flags.ts";
import { flagOf } from "./setting-shapes.ts";
import { pccProgram, type SettingName } from "./settings.ts";

export interface PccRunArguments {
  kind: "run";
  flags: GivenValues<SettingName>;
  configPath: string | null;
  /** Number of samples; null: as `duration` says. */
  count: number | null;
}

export type PccArguments = { kind: "help" } | { kind: "version" } | PccRunArguments;

/** @throws ExitError with code 64, naming the argument. */
export function parsePccArguments(argv: readonly string[]): PccArguments {
  const { kind, flags, configPath, positionals } = parseFlags(pccProgram, argv);
  if (kind !== "run") return { kind };
  return { kind, flags, configPath, count: readPositionals(positionals, flags) };
}

/** `[interval [count]] [outfile]`, as sadc and vmstat take them; answers the count. */
function readPositionals(
  positionals: readonly string[],
  flags: GivenValues<SettingName>,
): number | null {
  const rest = [...positionals];
  // What looks like a number is meant as one: with "0.5 10 pcc.json", nobody wants a capture called 0.5.
  const isNumber = (text: string | undefined): text is string =>
    text !== undefined && /^\d*[.,]?\d+[a-z]*$/.test(text);
  const take = (name: SettingName, text: string): void => {
    if (flags[name] !== undefined) {
      throw new ExitError(
        exitCodes.usage,
        `Cannot use "${text}" and --${flagOf(name)}: both set the ${name}. Give one of them.`,
      );
    }
    flags[name] = toGiven(text, `the argument "${text}"`);
  };
  const interval = rest[0];
  let count: number | null = null;
  if (isNumber(interval)) {
    rest.shift();
    take("frequency", interval);
    const text = rest[0];
    if (isNumber(text)) {
      rest.shift();
      if (!/^[1-9]\d{0,8}$/.test(text)) {
        throw new ExitError(
          exitCodes.usage,
          `Cannot use the count "${text}": it is not a whole number from 1 up`,
        );
      }
      count = Number(text);
    }
  }
  const file = rest.shift();
  if (file !== undefined) take("collection", file);
  if (rest.length > 0) {
    throw new ExitError(
      exitCodes.usage,
      `Cannot use "${rest[0] ?? ""}": too many arguments. Try pcc --help.`,
    );
  }
  return count;
}

export function renderPccHelp(): string {
  return `pcc – samples this machine from /proc

Usage: pcc [options] [interval [count]] [outfile]

Examples:
  pcc 1 60 /tmp/pcc.json                    a minute, a sample a second, into a capture
  pcc 1 5 | pcprocess --input - --output -  five samples as CSV on the terminal
  pcc --keep-days 14 10 /var/lib/captures/  until it is ended, a capture a day, the closed ones compressed
  pcc --fast 1s 60 /tmp/pcc.json            a sample a minute, with what happened within it each second
  PCC_FREQUENCY=60s PCC_DURATION=24h PCC_MODE=local PCC_COLLECTION=/data/pcc.json pcc
  PCC_API_KEY_FILE=/etc/perfcollector/key pcc --mode trickle --portal https://portal.example \\
      --spool /var/lib/perfcollector/spool 1

A capture that is there already is appended to. SIGINT and SIGTERM take one last sample and
end with exit code 0; so does SIGHUP on a terminal. Elsewhere it reads the settings anew.

${renderSettings(pccProgram)}
The portal's key is never an argument: PCC_API_KEY, or PCC_API_KEY_FILE.
Exit codes: 64 usage, 65 not a capture, 66 nothing to read, 75 capture or spool in use, 77 permission, 78 configuration.
`;
}
