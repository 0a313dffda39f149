import { parseArgs } from "node:util";
import { isMachineId } from "@perfanalysis/contract/machine-id";
import { describeArgumentError } from "./argument-error.ts";
import { statisticNames, type StatisticName } from "./capture/statistics.ts";
import { ExitError, exitCodes } from "./exit.ts";
import { inputFormats, type InputFormat } from "./capture/read.ts";
import { parseTimeBound, type TimeBound } from "./capture/time-window.ts";
import { parseDuration } from "./duration.ts";
import { parseTimeZone, utc, type TimeZone } from "./import/time-zone.ts";
import type { DeviceFilters } from "./sampling/devices.ts";

export interface PcprocessRunArguments {
  kind: "run";
  inputs: string[];
  /** null: no CSV is wanted. */
  output: string | null;
  /** null: no sysstat columns are wanted. */
  sarFolder: string | null;
  /** null: no table of processes is wanted. */
  processesFile: string | null;
  /** null: no perfcollector2's containers.csv is wanted. */
  containersFile: string | null;
  /** JSON with the containers' names by their ids; null: there is none. */
  containerNamesFile: string | null;
  machineId: string | null;
  statistic: StatisticName | null;
  /** null: as each input's beginning says. */
  inputFormat: InputFormat | null;
  /** null: from the beginning, to the end. */
  from: TimeBound | null;
  to: TimeBound | null;
  /** null: a row a sample. */
  intervalS: number | null;
  timeZone: TimeZone;
  filters: DeviceFilters;
  skipDamaged: boolean;
  json: boolean;
}

export type PcprocessArguments = { kind: "help" } | { kind: "version" } | PcprocessRunArguments;

const options = {
  input: { type: "string", short: "i", multiple: true },
  output: { type: "string", short: "o" },
  "sar-dir": { type: "string" },
  processes: { type: "string" },
  "containers-csv": { type: "string" },
  "container-names": { type: "string" },
  "machine-id": { type: "string" },
  statistic: { type: "string" },
  "input-format": { type: "string" },
  from: { type: "string" },
  to: { type: "string" },
  interval: { type: "string" },
  "time-zone": { type: "string" },
  "include-disk": { type: "string" },
  "exclude-disk": { type: "string" },
  "include-interface": { type: "string" },
  "exclude-interface": { type: "string" },
  "include-container": { type: "string" },
  "exclude-container": { type: "string" },
  "skip-damaged": { type: "boolean" },
  json: { type: "boolean" },
  help: { type: "boolean", short: "h" },
  version: { type: "boolean", short: "V" },
} as const;

/** @throws ExitError with code 64, naming the argument. */
export function parsePcprocessArguments(argv: readonly string[]): PcprocessArguments {
  const values = parseFlags(argv);
  if (values.help === true) return { kind: "help" };
  if (values.version === true) return { kind: "version" };
  const { input: inputs = [], output = null, "sar-dir": sarFolder = null } = values;
  if (inputs.length === 0)
    throw usage("there is no input; give --input FILE, or --input - for standard input");
  if (inputs.filter((name) => name === "-").length > 1)
    throw usage("standard input is given twice");
  const processesFile = values.processes ?? null;
  const containersFile = values["containers-csv"] ?? null;
  const containerNamesFile = values["container-names"] ?? null;
  if ([output, sarFolder, processesFile, containersFile].every((file) => file === null)) {
    throw usage(
      "there is no output; give --output FILE, --output -, --sar-dir FOLDER, --processes FILE or --containers-csv FILE",
    );
  }
  if ([output, processesFile, containersFile].filter((file) => file === "-").length > 1) {
    throw usage("standard output is given twice");
  }
  if (containerNamesFile !== null && containersFile === null) {
    throw usage("--container-names are for --containers-csv; give that, too");
  }
  const machineId = values["machine-id"] ?? null;
  if (machineId !== null && !isMachineId(machineId)) {
    throw usage(`--machine-id "${machineId}" is not 1–64 letters, digits, _ or -`);
  }
  const statistic = statisticNames.find((name) => name === values.statistic) ?? null;
  if (values.statistic !== undefined && statistic === null) {
    throw usage(`--statistic "${values.statistic}" is not one of ${statisticNames.join(", ")}`);
  }
  const intervalS = parseInterval(values.interval);
  if (intervalS !== null && output === null) {
    throw usage("--interval is of the CSV, and there is none; give --output, too");
  }
  return {
    kind: "run",
    inputs,
    output,
    sarFolder,
    processesFile,
    containersFile,
    containerNamesFile,
    machineId,
    statistic,
    inputFormat: parseInputFormat(values["input-format"]),
    from: parseTime("--from", values.from),
    to: parseTime("--to", values.to),
    intervalS,
    timeZone: parseZone(values["time-zone"]),
    filters: {
      disk: {
        include: parseExpression("--include-disk", values["include-disk"]),
        exclude: parseExpression("--exclude-disk", values["exclude-disk"]),
      },
      interface: {
        include: parseExpression("--include-interface", values["include-interface"]),
        exclude: parseExpression("--exclude-interface", values["exclude-interface"]),
      },
      container: {
        include: parseExpression("--include-container", values["include-container"]),
        exclude: parseExpression("--exclude-container", values["exclude-container"]),
      },
    },
    skipDamaged: values["skip-damaged"] === true,
    json: values.json === true,
  };
}

function parseFlags(argv: readonly string[]) {
  try {
    return parseArgs({ args: joinNegativeTimes(argv), options }).values;
  } catch (cause) {
    const why = describeArgumentError(cause);
    throw new ExitError(exitCodes.usage, `${why}. Try pcprocess --help.`, { cause });
  }
}

/** `--from -1h` as `--from=-1h`: parseArgs takes what begins with a dash for the next flag. */
function joinNegativeTimes(argv: readonly string[]): string[] {
  const joined: string[] = [];
  for (const argument of argv) {
    const before = joined.at(-1);
    if ((before === "--from" || before === "--to") && /^-\d/.test(argument)) {
      joined[joined.length - 1] = `${before}=${argument}`;
    } else {
      joined.push(argument);
    }
  }
  return joined;
}

function parseInputFormat(text: string | undefined): InputFormat | null {
  if (text === undefined) return null;
  const format = inputFormats.find((known) => known === text);
  if (format === undefined) {
    throw usage(`--input-format "${text}" is not one of ${inputFormats.join(", ")}`);
  }
  return format;
}

function parseTime(flag: string, text: string | undefined): TimeBound | null {
  if (text === undefined) return null;
  const bound = parseTimeBound(text);
  if (bound === null) {
    throw usage(
      `${flag} "${text}" is no time, such as 2026-11-26T08:00:00Z, 1795680000, 08:00 or -1h`,
    );
  }
  return bound;
}

function parseInterval(text: string | undefined): number | null {
  if (text === undefined) return null;
  const durationMs = parseDuration(text);
  if (durationMs === null || durationMs === 0 || durationMs % 1000 !== 0) {
    throw usage(`--interval "${text}" is no whole number of seconds, such as 60s or 5m`);
  }
  return durationMs / 1000;
}

function parseZone(text: string | undefined): TimeZone {
  if (text === undefined) return utc;
  const zone = parseTimeZone(text);
  if (zone === null) {
    throw usage(`--time-zone "${text}" is no time zone, such as Europe/Berlin or +02:00`);
  }
  return zone;
}

function parseExpression(flag: string, text: string | undefined): RegExp | undefined {
  if (text === undefined) return undefined;
  try {
    return new RegExp(text);
  } catch (cause) {
    throw new ExitError(
      exitCodes.usage,
      `Cannot use ${flag} "${text}": it is not a regular expression`,
      { cause },
    );
  }
}

function usage(why: string): ExitError {
  return new ExitError(exitCodes.usage, `Cannot convert: ${why}. Try pcprocess --help.`);
}

export const pcprocessHelp = `pcprocess – converts captures and other tools' files to CSV, and captures to sysstat's columns

Usage: pcprocess --input FILE [--input FILE]… --output FILE|- [options]
       pcprocess --input FILE --sar-dir FOLDER [options]
       pcprocess --input FILE --containers-csv FILE [options]
       pcprocess --input FILE --processes FILE [options]

Examples:
  pcprocess --input /data/pcc.json --output perf_data.csv
  pcprocess --input /var/lib/perfcollector/captures --from -24h --interval 60s --output day.csv
  pcprocess --input monday.json.gz --input tuesday.json.gz --from 22:00 --to 02:00 --output night.csv --json
  pcc 1 10 | pcprocess --input - --output -
  pcprocess --input collection.json --machine-id web-01 --output - | gzip > web-01.csv.gz
  pcprocess --input collection.json --sar-dir processed
  pcprocess --input container_collection.json --containers-csv containers.csv --container-names container_names.json
  pcprocess --input pcc.json --statistic max --output peaks.csv
  pcprocess --input samples/web-01 --interval 5m --output web-01.csv           (CSV of pcd's store)
  pcprocess --input /var/log/sysstat/sa25 --output web-01.csv
  pcprocess --input web-01_261125_0000.nmon --time-zone Europe/Berlin --output web-01.csv

Reads pcc's captures and perfcollector2's (*.json), the CSV standard that it writes itself, sar's files (with sysstat installed), and
what sadf -j, pmrep -o csv, collectl -P and nmon -f write, plain or gzipped; docs/import.md has the commands, and what becomes of
which column. Several inputs become one CSV in the order of time; where they overlap, the rows of a second become one.
The CSV has a row a sample; an empty cell is a gap: nothing was measured, or a counter started anew.

  -i, --input FILE        a capture or CSV; - is standard input, a folder stands for all captures in it, or all CSV where it has none
  -o, --output FILE       the CSV; - is standard output. It appears when it is complete
      --sar-dir FOLDER    writes proc/stat, proc/meminfo, proc/diskstats, proc/net/dev and statfs_ALL with sysstat's columns
      --processes FILE    writes a line a sample and process, of the captures of pcc --processes; - is standard output
      --containers-csv FILE
                          writes perfcollector2's containers.csv: a line a container and sample; - is standard output
      --container-names FILE
                          JSON with the containers' names by their ids, for --containers-csv
      --from TIME, --to TIME
                          only rows of this time, both ends included: 2026-11-26T08:00:00Z, Unix seconds, HH:MM of the first day,
                          -1h before the last sample
      --interval DURATION a row per 60s, 5m, …: rates are their mean by time, everything else the mean of its readings
      --time-zone ZONE    of times that say none: those of nmon, pmrep and collectl, and of --from and --to (default: UTC)
      --machine-id ID     whose samples these are (default: as the capture says, else its file name)
      --statistic min|mean|max
                          values of the samples that pcc --fast took within each interval, instead of the whole interval's
      --input-format ${inputFormats.join("|")}
                          what the inputs are (default: as each begins)
      --include-disk REGEX, --exclude-disk REGEX, --include-interface REGEX, --exclude-interface REGEX,
      --include-container REGEX, --exclude-container REGEX
                          devices of other files than pcc's own captures; loop, ram, partitions and veth are left out unless included,
                          but of CSV
      --skip-damaged      goes on behind damaged lines and reports them, instead of failing at the first
      --json              prints a summary as JSON on standard output (on standard error where the CSV goes there)
  -h, --help, -V, --version

Exit codes: 64 usage, 65 damaged or no capture, 66 no such file, 69 sadf is missing, 74 cannot write, 77 permission.
`;
