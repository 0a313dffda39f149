// What a setting of any of the programs is: one table gives flags, environment variables, keys of the configuration file, checks and
// help. pcc's table stands in settings.ts.
import { parseDuration } from "./duration.ts";

/** Says what a value must be; the caller adds which setting, from where. */
export class ValueError extends Error {}

export interface SettingShape<Value = unknown, Default extends string | null = string | null> {
  /** What stands for the value in the help. */
  placeholder: string;
  help: string;
  /** As the help shows it; null: there is none. */
  default: Default;
  /** A mapping or a list; `parse` is given it as JSON, however it is written in the configuration file. */
  isStructured?: boolean;
  /** @throws ValueError saying what the text is instead of. */
  parse(text: string): Value;
}

/** By the name that stands in the configuration file: `machine_id` is --machine-id and PCC_MACHINE_ID. */
export type SettingShapes = Readonly<Record<string, SettingShape>>;

/** A program and its settings. */
export interface Program<Shapes extends SettingShapes = SettingShapes> {
  /** As people call it: `pcc`. */
  name: string;
  /** Of its environment variables: `PCC`. */
  prefix: string;
  /** Configuration files; the first that exists is read. */
  files: readonly string[];
  settings: Shapes;
}

export type NameOf<Shapes extends SettingShapes> = Extract<keyof Shapes, string>;

/** The values of all settings; null where one is not given and has no default. */
export type SettingsOf<Shapes extends SettingShapes> = {
  [Name in keyof Shapes]:
    | ReturnType<Shapes[Name]["parse"]>
    | (Shapes[Name]["default"] extends string ? never : null);
};

export function listNames<Shapes extends SettingShapes>({
  settings,
}: Program<Shapes>): NameOf<Shapes>[] {
  // The keys of a constant object are what its type says.
  return Object.keys(settings) as NameOf<Shapes>[];
}

export function flagOf(name: string): string {
  return name.replaceAll("_", "-");
}

export function variableOf({ prefix }: Program, name: string): string {
  return `${prefix}_${name.toUpperCase()}`;
}

export function setting<Value, Default extends string | null>(
  shape: SettingShape<Value, Default>,
): SettingShape<Value, Default> {
  return shape;
}

export function path(help: string): SettingShape<string, null>;
export function path(help: string, fallback: string): SettingShape<string, string>;
export function path(help: string, fallback: string | null = null): SettingShape<string> {
  return {
    placeholder: "PATH",
    help,
    default: fallback,
    parse(text) {
      if (text === "" || text.includes("\0")) throw new ValueError("a path");
      return text;
    },
  };
}

/** The first choice is the default. */
export function oneOf<Choice extends string>(
  choices: readonly [Choice, ...Choice[]],
  help: string,
): SettingShape<Choice, Choice> {
  return {
    placeholder: choices.join("|"),
    help,
    default: choices[0],
    parse(text) {
      const choice = choices.find((known) => known === text);
      if (choice === undefined) throw new ValueError(`one of ${choices.join(", ")}`);
      return choice;
    },
  };
}

export function expression(help: string): SettingShape<RegExp, null> {
  return {
    placeholder: "REGEX",
    help,
    default: null,
    parse(text) {
      try {
        return new RegExp(text);
      } catch (cause) {
        throw new ValueError("a regular expression", { cause });
      }
    },
  };
}

/** Milliseconds, from `least` to `most`; these are written as the default is: `10s`, `24h`. */
export function duration<Default extends string | null>(
  help: string,
  { default: fallback, least, most }: { default: Default; least: string; most: string },
): SettingShape<number, Default> {
  const [leastMs, mostMs] = [parseDuration(least), parseDuration(most)];
  return {
    placeholder: "TIME",
    help,
    default: fallback,
    parse(text) {
      const durationMs = parseDuration(text);
      if (
        durationMs === null ||
        leastMs === null ||
        mostMs === null ||
        durationMs < leastMs ||
        durationMs > mostMs
      ) {
        throw new ValueError(`a time from ${least} to ${most}`);
      }
      return durationMs;
    },
  };
}

export function wholeNumber<Default extends string | null>(
  help: string,
  { default: fallback, least, most }: { default: Default; least: number; most: number },
): SettingShape<number, Default> {
  return {
    placeholder: "NUMBER",
    help,
    default: fallback,
    parse(text) {
      const number = /^\d{1,15}$/.test(text) ? Number(text) : Number.NaN;
      if (number >= least && number <= most) return number;
      throw new ValueError(`a whole number from ${least} to ${most}`);
    },
  };
}

const unitBytes: Record<string, number> = { "": 1, K: 2 ** 10, M: 2 ** 20, G: 2 ** 30, T: 2 ** 40 };

/** Bytes; `64M`, `64MB` and `64MiB` are all 64 × 2²⁰. */
export function byteSize<Default extends string | null>(
  help: string,
  { default: fallback, leastBytes }: { default: Default; leastBytes: number },
): SettingShape<number, Default> {
  return {
    placeholder: "SIZE",
    help,
    default: fallback,
    parse(text) {
      const [, digits = "", unit = ""] = /^(\d{1,12})([KMGT]?)(?:i?B)?$/i.exec(text) ?? [];
      const bytes =
        digits === "" ? Number.NaN : Number(digits) * (unitBytes[unit.toUpperCase()] ?? Number.NaN);
      if (bytes >= leastBytes && bytes <= Number.MAX_SAFE_INTEGER) return bytes;
      throw new ValueError(`a size of at least ${leastBytes} bytes, such as 64M or 1G`);
    },
  };
}

/** An http or https address that paths can be added to. */
export function serverUrl(help: string): SettingShape<URL, null> {
  return {
    placeholder: "URL",
    help,
    default: null,
    parse(text) {
      const url = URL.parse(text);
      if (
        url === null ||
        !/^https?:$/.test(url.protocol) ||
        url.username !== "" ||
        url.password !== "" ||
        url.search !== "" ||
        url.hash !== ""
      ) {
        throw new ValueError("an http or https address without user, password, query and fragment");
      }
      return url;
    },
  };
}
