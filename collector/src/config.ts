// Reads pcc's settings: flag > environment > configuration file > default. The only file that reads the environment.
import { existsSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { ExitError, exitCodes } from "./exit.ts";
import {
  listSettings,
  settingShapes,
  variableOf,
  ValueError,
  type SettingName,
  type Settings,
} from "./settings.ts";

/** A value as somebody wrote it. */
export interface GivenValue {
  text: string;
  /** For messages: `--frequency`, `PCC_FREQUENCY`, `frequency in /etc/perfcollector/config.yaml`. */
  origin: string;
  /** 64 for the command line, 78 for what is configured. */
  exitCode: number;
}

export type GivenValues = Partial<Record<SettingName, GivenValue>>;
export type Environment = Readonly<Record<string, string | undefined>>;

const defaultFiles = [
  "/etc/perfcollector/config.yaml",
  "/etc/perfcollector/config.yml",
  "/etc/perfcollector/config.json",
];

/** @throws ExitError naming the setting, where it came from and what it must be. */
export async function readSettings({
  flags,
  configPath,
  environment = process.env,
}: {
  flags: GivenValues;
  configPath: string | null;
  environment?: Environment;
}): Promise<Settings> {
  const path =
    configPath ??
    // An empty variable is how shells and unit files unset one.
    (environment["PCC_CONFIG"] || undefined) ??
    defaultFiles.find((file) => existsSync(file));
  const configured = path === undefined ? {} : await readConfigFile(path);
  const values = Object.fromEntries(
    listSettings().map((name) => {
      const given = flags[name] ?? readVariable(environment, name) ?? configured[name];
      return [name, given === undefined ? parseDefault(name) : parseGiven(name, given)];
    }),
  );
  // The entries are made from all names, each by its own parser.
  return values as Settings;
}

/**
 * The portal's key: PCC_API_KEY, or the first line of the file that api_key_file names, or systemd's credential `pcc_api_key`.
 * @throws ExitError where there is none. The message never holds the key.
 */
export function readApiKey(
  apiKeyFile: string | null,
  environment: Environment = process.env,
): string {
  const key = apiKeyFile === null ? environment["PCC_API_KEY"] : readKeyFile(apiKeyFile);
  const credentials = environment["CREDENTIALS_DIRECTORY"];
  const found =
    key ??
    (credentials === undefined || !existsSync(join(credentials, "pcc_api_key"))
      ? undefined
      : readKeyFile(join(credentials, "pcc_api_key")));
  if (found === undefined) {
    throw new ExitError(
      exitCodes.config,
      "Cannot send to the portal: there is no key; set PCC_API_KEY, or PCC_API_KEY_FILE to a file that holds it",
    );
  }
  const trimmed = found.trim();
  if (/^[\x21-\x7e]{1,512}$/.test(trimmed)) return trimmed;
  throw new ExitError(
    exitCodes.config,
    `Cannot send to the portal: the key of ${apiKeyFile ?? "PCC_API_KEY"} is empty or has characters that no key has`,
  );
}

function readKeyFile(path: string): string {
  try {
    return readFileSync(path, "utf8");
  } catch (cause) {
    throw new ExitError(exitCodes.config, `Cannot read the portal's key: ${String(cause)}`, {
      cause,
    });
  }
}

function readVariable(environment: Environment, name: SettingName): GivenValue | undefined {
  const variable = variableOf(name);
  const text = environment[variable];
  // Empty is as good as unset, here too.
  if (text === undefined || text === "") return undefined;
  return { text, origin: variable, exitCode: exitCodes.config };
}

function parseDefault(name: SettingName): unknown {
  const shape = settingShapes[name];
  return shape.default === null ? null : shape.parse(shape.default);
}

function parseGiven(name: SettingName, { text, origin, exitCode }: GivenValue): unknown {
  try {
    return settingShapes[name].parse(text);
  } catch (cause) {
    if (!(cause instanceof ValueError)) throw cause;
    throw new ExitError(
      exitCode,
      `Cannot use ${origin}: ${JSON.stringify(text)} is not ${cause.message}`,
      { cause },
    );
  }
}

async function readConfigFile(path: string): Promise<GivenValues> {
  const content = await parseConfigFile(path);
  if (content === null || content === undefined) return {};
  if (typeof content !== "object" || Array.isArray(content)) {
    throw new ExitError(
      exitCodes.config,
      `Cannot read settings of ${path}: it is not a list of "name: value" lines`,
    );
  }
  const names = new Set<string>(listSettings());
  const values: GivenValues = {};
  for (const [name, value] of Object.entries(content)) {
    if (!names.has(name)) {
      throw new ExitError(
        exitCodes.config,
        `Cannot use "${name}" in ${path}: there is no such setting; known are ${listSettings().join(", ")}`,
      );
    }
    if (value === null) continue;
    if (typeof value !== "string" && typeof value !== "number") {
      throw new ExitError(
        exitCodes.config,
        `Cannot use "${name}" in ${path}: ${JSON.stringify(value)} is not a text or a number`,
      );
    }
    // The check above makes sure that the name is a setting's.
    values[name as SettingName] = {
      text: String(value),
      origin: `"${name}" in ${path}`,
      exitCode: exitCodes.config,
    };
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
    const why = cause instanceof Error ? cause.message : String(cause);
    throw new ExitError(exitCodes.config, `Cannot read settings of ${path}: ${why}`, { cause });
  }
}
