import { Command, Help, InvalidArgumentError, Option } from "commander";
import { availableParallelism } from "node:os";
import { alignments, type Alignment } from "../comparison/alignment.ts";
import { version } from "../version.ts";

const formats = ["html", "pdf"] as const;
export type Format = (typeof formats)[number];

export interface Flags {
  dataFile: string[];
  dataDir?: string;
  portal?: string;
  keyFile?: string;
  from?: string;
  to?: string;
  machine: string[];
  all?: true;
  output: string[];
  format: Format[];
  jobs: number;
  watch?: string;
  compare?: true;
  align: Alignment;
  /** Unix seconds. */
  marker: number[];
  label: string[];
  costPerHour: number[];
  config?: string;
  machineName?: string;
  storageDevice?: string;
  networkInterface?: string;
  timeZone?: string;
  businessHours?: string;
  networkSpeeds?: string;
  title?: string;
  cache: boolean;
  json?: true;
  machineFacts?: string;
  inputName?: string;
  /** File descriptor. */
  progressFd?: number;
}

const examples = `
Examples:
  perf-report --data-file web-01.csv --output web-01.html
  perf-report --data-file web-01.csv --output web-01.html --output web-01.pdf
  perf-report --data-file fleet.csv.gz --machine web-01 --output web-01.html
  perf-report --data-file capture.json.gz --output web-01.html
  perf-report --data-file /var/lib/perfcollector --output this-machine.html
  pcprocess --input capture.json --output - | perf-report --data-file - --output - > report.html
  perf-report --portal https://portal.example --key-file read.key --machine web-01 --from 2026-03-01 --output web-01.html
  perf-report --data-file web-01.csv --json
  perf-report --config config.yaml --output report.html

Several machines, in parallel:
  perf-report --data-dir captures/ --all --output reports/ --format html --format pdf
  perf-report --data-file fleet.csv --machine web-01 --machine web-02 --output reports/
  perf-report --watch incoming/ --output reports/

Two captures or more against the first:
  perf-report --compare --data-file before.csv --data-file after.csv --output comparison.html
  perf-report --compare --data-file monday.csv --data-file tuesday.csv --align time-of-day
  perf-report --compare --data-file old.csv --data-file new.csv --align marker \\
    --marker 2026-03-02T10:00:00Z --marker 2026-03-09T14:30:00Z --label old --label new

Settings: flag, then environment, then the file of --config, then the default. Such a file, in which nothing is required:
  machine: { name: Web server 1, uuid: web-01 }
  metrics: { storage_device: auto, network_interface: eth0, network_speeds: "eth0=1000" }
  report: { title: Monthly check, time_zone: Europe/Berlin, business_hours: "Mon-Fri 08:00-18:00" }
  branding: { name: ACME Operations, color: "#7a0019", logo: logo.svg }
  portal: { url: "https://portal.example", key_file: read.key }
  paths: { data_directory: captures, output_directory: reports, cache_directory: cache }

Environment:
  PERF_REPORT_MACHINE_NAME, PERF_REPORT_MACHINE, PERF_REPORT_STORAGE_DEVICE, PERF_REPORT_NETWORK_INTERFACE,
  PERF_REPORT_NETWORK_SPEEDS, PERF_REPORT_TITLE, PERF_REPORT_TIME_ZONE, PERF_REPORT_BUSINESS_HOURS,
  PERF_REPORT_BRANDING_NAME, PERF_REPORT_BRANDING_COLOR, PERF_REPORT_BRANDING_LOGO, PERF_REPORT_PORTAL,
  PERF_REPORT_KEY_FILE, PERF_REPORT_KEY (the key itself), PERF_REPORT_DATA_DIRECTORY, PERF_REPORT_OUTPUT_DIRECTORY,
  PERF_REPORT_CACHE_DIRECTORY
  SOURCE_DATE_EPOCH fixes the date of the report: the same input then gives the same bytes.

Exit codes: 0 made, 64 usage, 65 bad data, 66 no input, 69 the portal does not answer, or no PDF on this platform, 70 a
fault of this program, 73 output cannot be written, 77 the portal's key may not read, 78 settings, 80 made, but without its
PDF. Of several reports, the code of the first that could not be made; the others are made.`;

export function createCommand(): Command {
  return new Command("perf-report")
    .description(
      "Makes a report of a machine's performance data: findings, charts, percentiles, in one HTML or PDF file. Also of several machines at once, and of what differs between them.",
    )
    .addOption(
      repeatable(
        "--data-file <file>",
        "CSV of the CSV standard, a capture, or a folder of captures or of a machine's CSV, gzipped or not; - for standard input; once for each capture, or each CSV, of the machine",
      ),
    )
    .option("--data-dir <folder>", "folder with <machine>.csv, with a single CSV, or with captures")
    .option("--portal <url>", "portal to take the samples of --machine from")
    .option("--key-file <file>", "file with a key of the portal that may read")
    .option("--from <time>", "with --portal: first time, RFC 3339, a date, or Unix seconds")
    .option("--to <time>", "with --portal: end, exclusive")
    .addOption(repeatable("--machine <id>", "machine to report on, where the data has several"))
    .option(
      "--all",
      "a report of every machine of a file, of every file named, or of every file of the folder and every folder in it",
    )
    .addOption(
      repeatable(
        "--output <file>",
        "file to write: PDF if its name ends in .pdf, else HTML; - for HTML to standard output; once for each file (default: report.html). Of several reports: the folder",
      ),
    )
    .addOption(
      repeatable(
        "--format <format>",
        "of reports in a folder: html or pdf; once for each (default: html)",
      ).argParser(collect(toFormat)),
    )
    .option("--jobs <number>", "reports made at the same time", atLeastOne, availableParallelism())
    .option(
      "--watch <folder>",
      "make a report of every file that comes or changes in the folder, until ended by SIGINT or SIGTERM",
    )
    .option(
      "--compare",
      "one report of what differs between the captures, the first being the base",
    )
    .addOption(
      new Option("--align <how>", "by what captures are compared")
        .choices(alignments)
        .default("elapsed"),
    )
    .addOption(
      repeatable(
        "--marker <time>",
        "with --align marker: the event of each capture, such as 2026-03-02T10:00:00Z",
      ).argParser(collect(toTimeS)),
    )
    .addOption(
      repeatable("--label <name>", "what to call each of the captures (default: its machine)"),
    )
    .addOption(
      repeatable(
        "--cost-per-hour <number>",
        "of each of the machines, for price and performance",
      ).argParser(collect(toCost)),
    )
    .option("--config <file>", "YAML file with settings")
    .option(
      "--machine-name <name>",
      "what to call the machine in the report (default: its host name, else its id)",
    )
    .option("--storage-device <name>", "disk to show first (default: the busiest)")
    .option(
      "--network-interface <name>",
      "interface to show first (default: the one with the most traffic)",
    )
    .option(
      "--time-zone <name>",
      "the reader's, such as Europe/Berlin: hours are told in it, too (default: UTC)",
    )
    .option("--business-hours <hours>", "when people work (default: Mon-Fri 08:00-18:00)")
    .option(
      "--network-speeds <list>",
      "speeds of lines in Mbit/s, such as eth0=1000,eth1=10000 (default: those that the machine tells)",
    )
    .option("--title <text>", "title of the report (default: Performance report, or Comparison)")
    .option("--no-cache", "make the report anew where an unchanged input has one already")
    .option(
      "--machine-facts <file>",
      "what the machine is, in JSON like the portal's `host` of a machine",
    )
    .option(
      "--input-name <text>",
      "what the report calls its input (default: the name of the file)",
    )
    .option(
      "--progress-fd <number>",
      "file descriptor for a line of JSON at the begin of each stage",
      toDescriptor,
    )
    .option("--json", "print the conclusions as JSON; writes a report only if --output is given")
    .version(version())
    .allowExcessArguments(true)
    .addHelpText("after", examples)
    .configureHelp({ optionDescription: describeOption })
    .exitOverride();
}

/** Of what may be given repeatedly, the default is nothing, which commander would print as "[]". */
function describeOption(option: Option): string {
  return Array.isArray(option.defaultValue)
    ? option.description
    : new Help().optionDescription(option);
}

function repeatable(flags: string, description: string): Option {
  return new Option(flags, description).default([], "").argParser(collect((text) => text));
}

function collect<Value>(parse: (text: string) => Value) {
  return (text: string, before: Value[]): Value[] => [...before, parse(text)];
}

function toFormat(text: string): Format {
  const format = formats.find((name) => name === text);
  if (format !== undefined) return format;
  throw new InvalidArgumentError(`It must be ${formats.join(" or ")}.`);
}

function atLeastOne(text: string): number {
  if (/^[1-9]\d{0,3}$/.test(text)) return Number(text);
  throw new InvalidArgumentError("It must be a whole number from 1.");
}

function toDescriptor(text: string): number {
  if (/^\d{1,5}$/.test(text)) return Number(text);
  throw new InvalidArgumentError("It is no file descriptor.");
}

function toCost(text: string): number {
  if (/^\d+(\.\d+)?$/.test(text) && Number(text) > 0) return Number(text);
  throw new InvalidArgumentError("It must be a number above 0, such as 0.384.");
}

/** Unix seconds of an RFC 3339 time. */
function toTimeS(text: string): number {
  const isTime = /^\d{4}-\d\d-\d\dT\d\d:\d\d(:\d\d(\.\d+)?)?(Z|[+-]\d\d:\d\d)$/.test(text);
  const timeS = Date.parse(text) / 1000;
  if (isTime && !Number.isNaN(timeS)) return timeS;
  throw new InvalidArgumentError("It must be a time with its zone, such as 2026-03-02T10:00:00Z.");
}
