// pcc's settings: one table gives flags, environment variables, keys of the configuration file, checks and help.
import { isMachineId } from "@perfanalysis/contract/machine-id";
import { parseDuration } from "./duration.ts";

/** Says what a value must be; the caller adds which setting, from where. */
export class ValueError extends Error {}

export interface SettingShape<Value> {
  /** What stands for the value in the help. */
  placeholder: string;
  help: string;
  /** As the help shows it; null: there is none. */
  default: string | null;
  /** @throws ValueError saying what the text is instead of. */
  parse(text: string): Value;
}

function setting<Value>(shape: SettingShape<Value>): SettingShape<Value> {
  return shape;
}

const expression = (help: string): SettingShape<RegExp> =>
  setting({
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
  });

const path = (help: string, fallback: string | null = null): SettingShape<string> =>
  setting({
    placeholder: "PATH",
    help,
    default: fallback,
    parse(text) {
      if (text === "" || text.includes("\0")) throw new ValueError("a path");
      return text;
    },
  });

const oneOf = <Choice extends string>(
  choices: readonly [Choice, ...Choice[]],
  help: string,
): SettingShape<Choice> =>
  setting({
    placeholder: choices.join("|"),
    help,
    default: choices[0],
    parse(text) {
      const choice = choices.find((known) => known === text);
      if (choice === undefined) throw new ValueError(`one of ${choices.join(", ")}`);
      return choice;
    },
  });

/** By the name that stands in the configuration file: `machine_id` is --machine-id and PCC_MACHINE_ID. */
export const settingShapes = {
  frequency: setting({
    placeholder: "TIME",
    help: "time between two samples, 1s to 60s",
    default: "10s",
    parse(text) {
      const intervalMs = parseDuration(text);
      if (
        intervalMs === null ||
        intervalMs < 1000 ||
        intervalMs > 60_000 ||
        intervalMs % 1000 !== 0
      ) {
        throw new ValueError("whole seconds from 1s to 60s");
      }
      return intervalMs;
    },
  }),
  duration: setting({
    placeholder: "TIME|infinity",
    help: "how long to sample, such as 90s, 5m, 24h",
    default: "infinity",
    parse(text) {
      if (text === "infinity") return Number.POSITIVE_INFINITY;
      const durationMs = parseDuration(text);
      if (durationMs === null || durationMs < 1000) {
        throw new ValueError("a time of at least 1s, such as 90s, 5m or 24h, or infinity");
      }
      return durationMs;
    },
  }),
  mode: oneOf(
    ["local", "trickle"],
    "local: only write the capture; trickle: also send each sample to the portal",
  ),
  collection: path("capture to append to; - is standard output (local mode's default)"),
  format: oneOf(["capture", "raw"], "capture: ours; raw: perfcollector2's"),
  procfs: path("where the machine's /proc is, in a container or a test", "/proc"),
  machine_id: setting({
    placeholder: "ID",
    help: "who this machine is (default: /etc/machine-id, else the host name)",
    default: null,
    parse(text) {
      if (!isMachineId(text)) throw new ValueError("1–64 letters, digits, _ or -");
      return text;
    },
  }),
  portal: setting({
    placeholder: "URL",
    help: "where trickle sends to, such as https://portal.example",
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
  }),
  api_key_file: path("file with the portal's key; or PCC_API_KEY holds the key itself"),
  include_disk: expression("keep only disks that match, also loop, ram and partitions"),
  exclude_disk: expression("leave out disks that match"),
  include_interface: expression("keep only interfaces that match, also veth"),
  exclude_interface: expression("leave out interfaces that match"),
} as const;

export type SettingName = keyof typeof settingShapes;

/** A setting's value; null where it is not given and has no default. */
export type Settings = {
  [Name in SettingName]: ReturnType<(typeof settingShapes)[Name]["parse"]> | Missing<Name>;
};

type Missing<Name extends SettingName> = Name extends
  | "frequency"
  | "duration"
  | "mode"
  | "format"
  | "procfs"
  ? never
  : null;

export function listSettings(): SettingName[] {
  // The keys of a constant object are what its type says.
  return Object.keys(settingShapes) as SettingName[];
}

export function flagOf(name: string): string {
  return name.replaceAll("_", "-");
}

export function variableOf(name: string): string {
  return `PCC_${name.toUpperCase()}`;
}
