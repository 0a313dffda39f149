// Settings on the command line, and in the help.
import { parseArgs } from "node:util";
import { describeArgumentError } from "./argument-error.ts";
import type { GivenValue, GivenValues } from "./config.ts";
import { ExitError, exitCodes } from "./exit.ts";
import {
  flagOf,
  listNames,
  variableOf,
  type NameOf,
  type Program,
  type SettingShapes,
} from "./setting-shapes.ts";

export interface ParsedFlags<Name extends string> {
  kind: "help" | "version" | "run";
  flags: GivenValues<Name>;
  configPath: string | null;
  positionals: string[];
}

/**
 * Takes a flag a setting, --config, --help and --version.
 * @throws ExitError with code 64, naming the argument.
 */
export function parseFlags<Shapes extends SettingShapes>(
  program: Program<Shapes>,
  argv: readonly string[],
): ParsedFlags<NameOf<Shapes>> {
  const { values, positionals } = parseArgv(program, argv);
  const flags: GivenValues<NameOf<Shapes>> = {};
  for (const name of listNames(program)) {
    const text = values[flagOf(name)];
    if (typeof text === "string") flags[name] = toGiven(text, `--${flagOf(name)}`);
  }
  const { config, help, version } = values;
  return {
    kind: help === true ? "help" : version === true ? "version" : "run",
    flags,
    configPath: typeof config === "string" ? config : null,
    positionals,
  };
}

function parseArgv(
  program: Program,
  argv: readonly string[],
): { values: Record<string, string | boolean | undefined>; positionals: string[] } {
  const options = Object.fromEntries(
    listNames(program).map((name) => [flagOf(name), { type: "string" as const }]),
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
    const why = describeArgumentError(cause);
    throw new ExitError(exitCodes.usage, `${why}. Try ${program.name} --help.`, { cause });
  }
}

/** A value of the command line. */
export function toGiven(text: string, origin: string): GivenValue {
  return { text, source: "flag", origin, exitCode: exitCodes.usage };
}

/** The part of the help that lists all settings. */
export function renderSettings(program: Program): string {
  const settings = Object.entries(program.settings).map(([name, shape]) => {
    const usual = shape.default === null ? "" : ` (default: ${shape.default})`;
    const variable = variableOf(program, name);
    return `  --${flagOf(name)} ${shape.placeholder}\n      ${shape.help}${usual}\n      ${variable}`;
  });
  const [file = ""] = program.files;
  return `Settings, each as a flag, an environment variable, or "name: value" in the configuration file, in this order; the
file's names have underscores:
${settings.join("\n")}
  --config PATH
      configuration file, YAML or JSON (default: ${file} or .json where it exists)
      ${variableOf(program, "config")}
  -h, --help, -V, --version
`;
}
