// Reads a program's settings: flag > environment > configuration file > default. The only file that reads the environment.
import { accessSync, constants, existsSync, readFileSync } from "node:fs";
import { homedir } from "node:os";
import { join } from "node:path";
import { ExitError, exitCodeOf, exitCodes } from "./exit.ts";
import { messageOf } from "./message-of.ts";
import {
  listNames,
  variableOf,
  ValueError,
  type NameOf,
  type Program,
  type SettingShape,
  type SettingShapes,
  type SettingsOf,
} from "./setting-shapes.ts";

/** A value as somebody wrote it. */
export interface GivenValue {
  text: string;
  source: "flag" | "variable" | "file";
  /** For messages: `--frequency`, `PCC_FREQUENCY`, `"frequency" in /etc/perfcollector/config.yaml`. */
  origin: string;
  /** 64 for the command line, 78 for what is configured. */
  exitCode: number;
  /** What is wrong before anybody looks at the text: no such setting, a list where a text belongs. */
  fault?: string;
}

export type GivenValues<Name extends string = string> = Partial<Record<Name, GivenValue>>;
export type Environment = Readonly<Record<string, string | undefined>>;

export interface ReadOptions<Name extends string> {
  flags?: GivenValues<Name>;
  /** Null: as the environment says, or the first of the program's own files that exists. */
  configPath?: string | null;
  environment?: Environment;
}

/** Where a setting's value comes from. */
export interface FoundSetting {
  name: string;
  /** As it is written; null: it is not given and has no default. */
  text: string | null;
  /** Null: nobody gave it, the default holds. */
  given: GivenValue | null;
  /** What its program makes of it; null where it is not given, or wrong. */
  value: unknown;
  /** Names the setting, where it came from and what it must be. */
  error: ExitError | null;
}

/** @throws ExitError naming the setting, where it came from and what it must be. */
export async function readSettings<Shapes extends SettingShapes>(
  program: Program<Shapes>,
  options: ReadOptions<NameOf<Shapes>>,
): Promise<SettingsOf<Shapes>> {
  const found = await findSettings(program, options);
  const values = Object.fromEntries(
    found.map(({ name, value, error }) => {
      if (error !== null) throw error;
      return [name, value];
    }),
  );
  // The entries are made from all names, each by its own parser.
  return values as SettingsOf<Shapes>;
}

/**
 * All settings in the table's order, also those whose values are wrong, and behind them what the configuration file names and is no
 * setting.
 * @throws ExitError where the configuration file cannot be read.
 */
export async function findSettings<Shapes extends SettingShapes>(
  program: Program<Shapes>,
  { flags = {}, configPath = null, environment = process.env }: ReadOptions<NameOf<Shapes>>,
): Promise<FoundSetting[]> {
  const path =
    configPath ??
    // An empty variable is how shells and unit files unset one.
    (environment[variableOf(program, "config")] || undefined) ??
    program.files.find((file) => existsSync(file));
  const configured: Map<string, GivenValue> =
    path === undefined ? new Map() : await readConfigFile(program, path);
  const known = listNames(program).map((name) => {
    const given =
      flags[name] ?? readVariable(environment, variableOf(program, name)) ?? configured.get(name);
    configured.delete(name);
    return findSetting(name, program.settings[name], given ?? null);
  });
  const unknown = Array.from(configured, ([name, given]) => findSetting(name, undefined, given));
  return [...known, ...unknown];
}

/**
 * The portal's key: PCC_API_KEY, or the first line of the file that api_key_file names, or systemd's credential `pcc_api_key`; of
 * another program by its own prefix.
 * @throws ExitError where there is none. The message never holds the key.
 */
export function readApiKey(
  program: Program,
  apiKeyFile: string | null,
  environment: Environment = process.env,
): string {
  const variable = variableOf(program, "api_key");
  const key = apiKeyFile === null ? environment[variable] : readKeyFile(apiKeyFile, variable);
  const credentials = environment["CREDENTIALS_DIRECTORY"];
  const credential =
    credentials === undefined ? undefined : join(credentials, variable.toLowerCase());
  const found =
    key ??
    (credential === undefined || !existsSync(credential)
      ? undefined
      : readKeyFile(credential, variable));
  if (found === undefined) {
    throw new ExitError(
      exitCodes.config,
      `Cannot send to the portal: there is no key; set ${variable}, or ${variable}_FILE to a file that holds it`,
    );
  }
  const trimmed = found.trim();
  if (/^[\x21-\x7e]{1,512}$/.test(trimmed)) return trimmed;
  throw new ExitError(
    exitCodes.config,
    `Cannot send to the portal: the key of ${apiKeyFile ?? variable} is empty or has characters that no key has`,
  );
}

/** Where programs of this user keep what they have to remember: the service's folder where it may be written, else the user's own. */
export function readStateFolder(environment: Environment = process.env): string {
  const service = "/var/lib/perfcollector";
  try {
    accessSync(service, constants.W_OK | constants.X_OK);
    return service;
  } catch {
    const home = environment["XDG_STATE_HOME"] || join(homedir(), ".local/state");
    return join(home, "perfcollector");
  }
}

/** PCC_ENROLMENT_TOKEN, where it is set. */
export function readEnrolmentToken(environment: Environment = process.env): string | undefined {
  return environment["PCC_ENROLMENT_TOKEN"]?.trim() || undefined;
}

/** Whether a terminal may be given colours: https://no-color.org */
export function wantsColour(environment: Environment = process.env): boolean {
  return (environment["NO_COLOR"] ?? "") === "" && environment["TERM"] !== "dumb";
}

function readKeyFile(path: string, variable: string): string {
  try {
    return readFileSync(path, "utf8");
  } catch (cause) {
    throw new ExitError(
      configCodeOf(cause),
      `Cannot read the portal's key: ${messageOf(cause)}; the setting api_key_file, or ${variable}_FILE, has to name a file that this user may read`,
      { cause },
    );
  }
}

/** Of a file that is part of the configuration: a missing one is a wrong setting, one that may not be read is not. */
function configCodeOf(cause: unknown): number {
  return exitCodeOf(cause) === exitCodes.permission ? exitCodes.permission : exitCodes.config;
}

function readVariable(environment: Environment, variable: string): GivenValue | undefined {
  const text = environment[variable];
  // Empty is as good as unset, here too.
  if (text === undefined || text === "") return undefined;
  return { text, source: "variable", origin: variable, exitCode: exitCodes.config };
}

function findSetting(
  name: string,
  shape: SettingShape | undefined,
  given: GivenValue | null,
): FoundSetting {
  const text = given?.text ?? shape?.default ?? null;
  if (given?.fault !== undefined) {
    const error = new ExitError(given.exitCode, `Cannot use ${given.origin}: ${given.fault}`);
    return { name, text, given, value: null, error };
  }
  if (shape === undefined || text === null) return { name, text, given, value: null, error: null };
  try {
    return { name, text, given, value: shape.parse(text), error: null };
  } catch (cause) {
    if (given === null || !(cause instanceof ValueError)) throw cause;
    const error = new ExitError(
      given.exitCode,
      `Cannot use ${given.origin}: ${JSON.stringify(text)} is not ${cause.message}`,
      { cause },
    );
    return { name, text, given, value: null, error };
  }
}

async function readConfigFile(program: Program, path: string): Promise<Map<string, GivenValue>> {
  const content = await parseConfigFile(path);
  if (content === null || content === undefined) return new Map();
  if (typeof content !== "object" || Array.isArray(content)) {
    throw new ExitError(
      exitCodes.config,
      `Cannot read settings of ${path}: it is not a list of "name: value" lines`,
    );
  }
  const known = listNames(program);
  const values = new Map<string, GivenValue>();
  for (const [name, value] of Object.entries(content)) {
    const given: GivenValue = {
      text: typeof value === "object" ? JSON.stringify(value) : String(value),
      source: "file",
      origin: `"${name}" in ${path}`,
      exitCode: exitCodes.config,
    };
    if (!known.includes(name)) {
      const fault = `there is no such setting; known are ${known.join(", ")}`;
      values.set(name, { ...given, fault });
    } else if (value !== null) {
      const isStructured = program.settings[name]?.isStructured === true;
      const fault = `${given.text} is not a text or a number`;
      values.set(name, typeof value === "object" && !isStructured ? { ...given, fault } : given);
    }
  }
  return values;
}

async function parseConfigFile(path: string): Promise<unknown> {
  try {
    const text = readFileSync(path, "utf8");
    if (path.endsWith(".json")) return JSON.parse(text);
    // The one library of the collector: it is bundled, so that the host still needs nothing, and only who has such a file pays
    // for loading it.
    const { parse } = await import("yaml");
    return parse(text);
  } catch (cause) {
    // yaml shows the place in further lines, and one that is empty.
    const why = messageOf(cause).trimEnd();
    throw new ExitError(configCodeOf(cause), `Cannot read settings of ${path}: ${why}`, { cause });
  }
}
