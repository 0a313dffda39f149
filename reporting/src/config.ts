// Settings: flag > PERF_REPORT_* environment > YAML file > default. The only file that reads the environment.
import { readFile } from "node:fs/promises";
import { homedir } from "node:os";
import { dirname, join, resolve } from "node:path";
import { parseBrandColor, parseLogo, type Branding } from "./branding.ts";
import { parseBusinessHours } from "./capacity/calendar.ts";
import { parseLineSpeeds } from "./capacity/line-speeds.ts";
import { reasonOf } from "./files.ts";
import { findTimeZone } from "./time-zone.ts";

export interface Settings {
  /** What the machine is called in the report; default its id. */
  machineName: string | undefined;
  /** Machine id in the data: `machine.uuid` of the file, --machine. */
  machineId: string | undefined;
  /** Device name, or "auto" for the one that moved the most bytes. */
  storageDevice: string;
  networkInterface: string;
  /** When people work, such as "Mon-Fri 08:00-18:00". */
  businessHours: string | undefined;
  /** Of lines, in Mbit/s: "eth0=1000, eth1=10000". */
  networkSpeeds: string | undefined;
  /** Where the CSV lies when no file is named. */
  dataDirectory: string | undefined;
  /** Where the report goes when its name is relative. */
  outputDirectory: string | undefined;
  /** Where samples come from when neither file nor folder is named. */
  portal: string | undefined;
  /** File with the key for it. */
  keyFile: string | undefined;
  /** The key itself, which only the environment may hold. */
  key: string | undefined;
  /** Where reports of unchanged input are found again; null where SOURCE_DATE_EPOCH asks for a date of their own. */
  cacheDirectory: string | null;
  /** The reader's, by its IANA name: hours of the day are told in it, too. */
  timeZone: string;
  /** Of the report; undefined where its kind says it. */
  title: string | undefined;
  /** Whose report it is; undefined where nothing of it is set. */
  branding: Branding | undefined;
  /** Unix seconds. SOURCE_DATE_EPOCH fixes it: then the same input gives the same bytes. */
  nowS: number;
}

type TextSetting =
  | Exclude<keyof Settings, "nowS" | "branding" | "key">
  | "brandingName"
  | "brandingColor"
  /** File name. */
  | "brandingLogo";

export type SettingFlags = Partial<Record<TextSetting, string | undefined>>;

/** A setting is not what it should be. */
export class ConfigError extends Error {}

interface Key {
  /** In the YAML file. */
  path: [section: string, name: string];
  variable: string;
}

/** The portal's key, which is no flag's and no file's. */
const keyVariable = "PERF_REPORT_KEY";

const keys: Record<keyof SettingFlags, Key> = {
  machineName: { path: ["machine", "name"], variable: "PERF_REPORT_MACHINE_NAME" },
  machineId: { path: ["machine", "uuid"], variable: "PERF_REPORT_MACHINE" },
  storageDevice: { path: ["metrics", "storage_device"], variable: "PERF_REPORT_STORAGE_DEVICE" },
  networkInterface: {
    path: ["metrics", "network_interface"],
    variable: "PERF_REPORT_NETWORK_INTERFACE",
  },
  networkSpeeds: { path: ["metrics", "network_speeds"], variable: "PERF_REPORT_NETWORK_SPEEDS" },
  dataDirectory: { path: ["paths", "data_directory"], variable: "PERF_REPORT_DATA_DIRECTORY" },
  outputDirectory: {
    path: ["paths", "output_directory"],
    variable: "PERF_REPORT_OUTPUT_DIRECTORY",
  },
  portal: { path: ["portal", "url"], variable: "PERF_REPORT_PORTAL" },
  keyFile: { path: ["portal", "key_file"], variable: "PERF_REPORT_KEY_FILE" },
  brandingName: { path: ["branding", "name"], variable: "PERF_REPORT_BRANDING_NAME" },
  brandingColor: { path: ["branding", "color"], variable: "PERF_REPORT_BRANDING_COLOR" },
  brandingLogo: { path: ["branding", "logo"], variable: "PERF_REPORT_BRANDING_LOGO" },
  cacheDirectory: {
    path: ["paths", "cache_directory"],
    variable: "PERF_REPORT_CACHE_DIRECTORY",
  },
  title: { path: ["report", "title"], variable: "PERF_REPORT_TITLE" },
  timeZone: { path: ["report", "time_zone"], variable: "PERF_REPORT_TIME_ZONE" },
  businessHours: { path: ["report", "business_hours"], variable: "PERF_REPORT_BUSINESS_HOURS" },
};

const pathSettings = [
  "dataDirectory",
  "outputDirectory",
  "cacheDirectory",
  "keyFile",
  "brandingLogo",
] as const;

export interface SettingSources {
  flags: SettingFlags;
  /** YAML file; null for none. */
  configFile: string | null;
  environment?: NodeJS.ProcessEnv;
  clock?: () => number;
}

/** Throws a ConfigError that names file, line and key. Relative paths of the file are from its folder, those of flags and environment from where the program runs. */
export async function readSettings({
  flags,
  configFile,
  environment = process.env,
  clock = Date.now,
}: SettingSources): Promise<Settings> {
  refuseUnknown(environment);
  const file = configFile === null ? {} : await readConfig(configFile);
  const pick = (name: keyof SettingFlags): string | undefined =>
    flags[name] ?? (environment[keys[name].variable] || undefined) ?? file[name];
  const fixedS = fixedTimeS(environment["SOURCE_DATE_EPOCH"]);
  return {
    machineName: pick("machineName"),
    machineId: pick("machineId"),
    storageDevice: pick("storageDevice") ?? "auto",
    networkInterface: pick("networkInterface") ?? "auto",
    businessHours: knownHours(pick("businessHours")),
    networkSpeeds: knownSpeeds(pick("networkSpeeds")),
    dataDirectory: pick("dataDirectory"),
    outputDirectory: pick("outputDirectory"),
    portal: knownPortal(pick("portal")),
    keyFile: pick("keyFile"),
    key: environment[keyVariable] || undefined,
    title: pick("title"),
    timeZone: knownTimeZone(pick("timeZone") ?? "UTC"),
    branding: await readBranding({
      name: pick("brandingName"),
      color: pick("brandingColor"),
      logo: pick("brandingLogo"),
    }),
    cacheDirectory:
      fixedS === null ? (pick("cacheDirectory") ?? join(userCache(environment), "reports")) : null,
    nowS: Math.floor(fixedS ?? clock() / 1000),
  };
}

/** A misspelt name, which would pass without an effect; an empty variable is none. Its value may be a key, and is not told. */
function refuseUnknown(environment: NodeJS.ProcessEnv): void {
  const known = [...settingNames.map(([, { variable }]) => variable), keyVariable];
  for (const [name, value] of Object.entries(environment)) {
    if (!name.startsWith("PERF_REPORT_") || value === "" || known.includes(name)) continue;
    throw new ConfigError(
      `Cannot use ${name}: no setting has this name; known are ${known.join(", ")}`,
    );
  }
}

async function readConfig(file: string): Promise<SettingFlags> {
  const text = (await readSettingFile(file, "read")).toString();
  const settings = await parseConfig(text, file);
  for (const name of pathSettings) {
    const path = settings[name];
    if (path !== undefined) settings[name] = resolve(dirname(file), path);
  }
  return settings;
}

async function readSettingFile(file: string, doing: string): Promise<Buffer> {
  try {
    return await readFile(file);
  } catch (error) {
    throw new ConfigError(`Cannot ${doing} ${file}: ${reasonOf(error)}`, { cause: error });
  }
}

function knownTimeZone(name: string): string {
  return refusingAs(() => findTimeZone(name).name);
}

async function readBranding({
  name,
  color,
  logo,
}: Record<"name" | "color" | "logo", string | undefined>): Promise<Branding | undefined> {
  if (name === undefined && color === undefined && logo === undefined) return undefined;
  const bytes = logo === undefined ? null : await readSettingFile(logo, "use the logo");
  return refusingAs(() => ({
    name: name ?? null,
    colors: color === undefined ? null : parseBrandColor(color),
    logo: bytes === null ? null : parseLogo(bytes, logo ?? ""),
  }));
}

/** A value that is refused is a fault of the settings. */
function refusingAs<T>(parse: () => T): T {
  try {
    return parse();
  } catch (error) {
    throw new ConfigError(error instanceof Error ? error.message : String(error), { cause: error });
  }
}

function knownHours(text: string | undefined): string | undefined {
  if (text !== undefined) refusingAs(() => parseBusinessHours(text));
  return text;
}

function knownSpeeds(text: string | undefined): string | undefined {
  if (text !== undefined) refusingAs(() => parseLineSpeeds(text));
  return text;
}

/** An address with a password would stand in messages, and in the report. */
function knownPortal(address: string | undefined): string | undefined {
  const url = address === undefined ? null : URL.parse(address);
  if (url === null || (url.username === "" && url.password === "")) return address;
  throw new ConfigError(
    `Cannot use the portal at ${url.host}: its address holds a user or a password; leave them out, and give a key with --key-file`,
  );
}

/** As the XDG base directory specification has it. */
function userCache(environment: NodeJS.ProcessEnv): string {
  const { XDG_CACHE_HOME: caches, HOME: home } = environment;
  return join(caches || join(home || homedir(), ".cache"), "perf-report");
}

/** https://reproducible-builds.org/specs/source-date-epoch/ */
function fixedTimeS(text: string | undefined): number | null {
  if (text === undefined || text === "") return null;
  if (/^\d{1,12}$/.test(text)) return Number(text);
  throw new ConfigError(`Cannot use SOURCE_DATE_EPOCH "${text}": it must be Unix seconds`);
}

/** The settings of a YAML text; `name` stands in the messages. */
export async function parseConfig(text: string, name: string): Promise<SettingFlags> {
  // Most runs have no such file, and the parser takes 13 MB.
  const { parseDocument } = await import("yaml");
  const document = parseDocument(text);
  const [fault] = document.errors;
  if (fault !== undefined)
    throw new ConfigError(`Cannot read ${name}: ${firstLine(fault.message)}`, { cause: fault });
  const content: unknown = document.toJS();
  if (content === null || content === undefined) return {};
  const settings: SettingFlags = {};
  for (const [section, entries] of entriesOf(content, name, "the file")) {
    if (!sections.has(section)) throw unknownKey(name, section, [...sections]);
    if (entries === null) continue;
    for (const [key, value] of entriesOf(entries, name, section)) {
      const known = settingNames.find(([, { path }]) => path[0] === section && path[1] === key);
      if (known === undefined) {
        const names = settingNames.filter(([, { path }]) => path[0] === section);
        throw unknownKey(
          name,
          `${section}.${key}`,
          names.map(([, { path }]) => path.join(".")),
        );
      }
      if (value === null) continue;
      if (typeof value !== "string" || value === "") {
        throw new ConfigError(
          `Cannot read ${name}: ${section}.${key} is ${JSON.stringify(value)}, not a text; put numbers in quotes`,
        );
      }
      settings[known[0]] = value;
    }
  }
  return settings;
}

/** Without the picture of the place that the parser draws below. */
function firstLine(message: string): string {
  return (message.split("\n")[0] ?? "").replace(/:$/, "");
}

// Object.entries() gives the keys that `keys` is declared with.
const settingNames = Object.entries(keys) as [keyof SettingFlags, Key][];
const sections = new Set(settingNames.map(([, { path }]) => path[0]));

function entriesOf(value: unknown, name: string, where: string): [string, unknown][] {
  if (typeof value === "object" && value !== null && !Array.isArray(value))
    return Object.entries(value);
  throw new ConfigError(
    `Cannot read ${name}: ${where} is ${JSON.stringify(value)}, not a mapping of keys`,
  );
}

function unknownKey(name: string, key: string, known: string[]): ConfigError {
  return new ConfigError(
    `Cannot read ${name}: the key "${key}" is unknown; known are ${known.join(", ")}`,
  );
}
