import { parseArgs } from "node:util";
import type { GivenValue, GivenValues } from "./config.ts";
import { ExitError, exitCodes } from "./exit.ts";
import { flagOf, listSettings, settingShapes, variableOf, type SettingName } from "./settings.ts";

export interface PccRunArguments {
  kind: "run";
  flags: GivenValues;
  configPath: string | null;
  /** Number of samples; null: as `duration` says. */
  count: number | null;
}

export type PccArguments = { kind: "help" } | { kind: "version" } | PccRunArguments;

/** @throws ExitError with code 64, naming the argument. */
export function parsePccArguments(argv: readonly string[]): PccArguments {
  const { values, positionals } = parseFlags(argv);
  if (values["help"] === true) return { kind: "help" };
  if (values["version"] === true) return { kind: "version" };
  const flags: GivenValues = {};
  for (const name of listSettings()) {
    const text = values[flagOf(name)];
    if (typeof text === "string") flags[name] = toGiven(text, `--${flagOf(name)}`);
  }
  const { config } = values;
  return {
    kind: "run",
    flags,
    configPath: typeof config === "string" ? config : null,
    count: readPositionals(positionals, flags),
  };
}

function parseFlags(argv: readonly string[]): {
  values: Record<string, string | boolean | undefined>;
  positionals: string[];
} {
  const options = Object.fromEntries(
    listSettings().map((name) => [flagOf(name), { type: "string" as const }]),
  );
  try {
    return parseArgs({
      args: [...argv],
      allowPositionals: true,
      options: {
        ...options,
        config: { type: "string" },
        help: { type: "boolean", short: "h" },
        version: { type: "boolean", short: "V" },
      },
    });
  } catch (cause) {
    const why = cause instanceof Error ? cause.message : String(cause);
    throw new ExitError(exitCodes.usage, `${why} Try pcc --help.`, { cause });
  }
}

/** `[interval [count]] [outfile]`, as sadc and vmstat take them; answers the count. */
function readPositionals(positionals: readonly string[], flags: GivenValues): number | null {
  const rest = [...positionals];
  const isNumber = (text: string | undefined): text is string =>
    text !== undefined && /^\d+[a-z]*$/.test(text);
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

function toGiven(text: string, origin: string): GivenValue {
  return { text, origin, exitCode: exitCodes.usage };
}

export function renderPccHelp(): string {
  const settings = listSettings().map((name) => {
    const { placeholder, help, default: fallback } = settingShapes[name];
    const usual = fallback === null ? "" : ` (default: ${fallback})`;
    return `  --${flagOf(name)} ${placeholder}\n      ${help}${usual}\n      ${variableOf(name)}`;
  });
  return `pcc – samples this machine from /proc

Usage: pcc [options] [interval [count]] [outfile]

Examples:
  pcc 1 60 /tmp/pcc.json                    a minute, a sample a second, into a capture
  pcc 1 5 | pcprocess --input - --output -  five samples as CSV on the terminal
  PCC_FREQUENCY=60s PCC_DURATION=24h PCC_MODE=local PCC_COLLECTION=/data/pcc.json pcc
  PCC_API_KEY_FILE=/etc/perfcollector/key pcc --mode trickle --portal https://portal.example 1

A capture that is there already is appended to. SIGINT, SIGTERM and SIGHUP take one last
sample and end with exit code 0.

Settings, each as a flag, an environment variable, or "name: value" in the configuration file, in this order; the
file's names have underscores:
${settings.join("\n")}
  --config PATH
      configuration file, YAML or JSON (default: /etc/perfcollector/config.yaml or .json where it exists)
      PCC_CONFIG
  -h, --help, -V, --version

The portal's key is never an argument: PCC_API_KEY, or PCC_API_KEY_FILE.
Exit codes: 64 usage, 65 not a capture, 66 nothing to read, 75 capture in use, 77 permission, 78 configuration.
`;
}
