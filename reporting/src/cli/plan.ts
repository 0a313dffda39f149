// From flags and settings to what has to be read, and where each report goes.
import { realpath, stat } from "node:fs/promises";
import { basename, dirname, extname, join, resolve } from "node:path";
import type { Threads } from "../batch/threads.ts";
import type { Settings } from "../config.ts";
import type { SourceSettings } from "../data/open-input.ts";
import { listInputs } from "../files.ts";
import type { Flags } from "./command.ts";
import { UsageError } from "./exit.ts";

/** Throws a UsageError where a flag is given that would say nothing to what is asked for. */
export function checkFlags(flags: Flags): void {
  const { json, output, watch, dataFile, all, compare, machineFacts, inputName } = flags;
  if (json && output.includes("-")) {
    throw new UsageError(
      "Cannot write both the report and --json to standard output: name a file with --output",
    );
  }
  if (watch !== undefined && (dataFile.length > 0 || all || compare)) {
    throw new UsageError("Cannot use --watch with --data-file, --all or --compare");
  }
  const isMany = watch !== undefined || all || compare || flags.machine.length > 1;
  if (machineFacts !== undefined && isMany) {
    throw new UsageError("Cannot use --machine-facts for several reports: they are of one machine");
  }
  if (inputName !== undefined && isMany) {
    throw new UsageError(
      "Cannot use --input-name for several reports: each has an input of its own",
    );
  }
  if (flags.portal !== undefined && dataFile.length > 0) {
    throw new UsageError("Cannot read from --portal and from --data-file: give one of them");
  }
  if (flags.portal === undefined && dataFile.length > 0 && (flags.from ?? flags.to) !== undefined) {
    throw new UsageError("Cannot use --from and --to: they need --portal; files are read whole");
  }
  if (compare) return;
  if (flags.label.length > 0 || flags.marker.length > 0 || flags.align !== "elapsed") {
    throw new UsageError("Cannot use --label, --marker or --align without --compare");
  }
  if (flags.costPerHour.length > 1) {
    throw new UsageError("Cannot use --cost-per-hour more than once without --compare");
  }
}

/**
 * What is read for each report: one source; with `--compare`, one a file; with `--all`, one for every file and machine of a file; else
 * one for each `--machine`. Throws a UsageError where that is not certain.
 */
export async function listSources(
  flags: Flags,
  settings: Settings,
  threads: Threads,
): Promise<SourceSettings[]> {
  const { dataFile: files, machine: machines, all, compare } = flags;
  if (files.filter((file) => file === "-").length > 1) {
    throw new UsageError("Cannot read standard input twice: give --data-file - once");
  }
  const base = sourceOf(flags, settings);
  if (all) return listAll(flags, base, threads);
  const wanted = machines.length === 0 ? [settings.machineId] : machines;
  if (!compare || files.length <= 1) return wanted.map((machineId) => ({ ...base, machineId }));
  if (wanted.length > 1 && wanted.length !== files.length) {
    throw new UsageError(
      `Cannot tell which machine is meant in which file: ${files.length} files and ${wanted.length} machines; give one --machine for each file, in their order`,
    );
  }
  return files.map((file, at) => {
    return { ...base, dataFile: [file], machineId: wanted.length > 1 ? wanted[at] : wanted[0] };
  });
}

/** As flags and settings have it, of one machine or of the only one. */
export function sourceOf(
  { dataFile, keyFile, from, to }: Flags,
  settings: Settings,
): SourceSettings {
  const { machineId, portal, dataDirectory } = settings;
  return {
    machineId,
    dataFile: dataFile.length === 0 ? undefined : dataFile,
    portal,
    keyFile: settings.keyFile,
    // A flag beats the environment, also where that holds the key itself.
    key: keyFile === undefined ? settings.key : undefined,
    from,
    to,
    dataDirectory,
  };
}

async function listAll(
  { dataFile: files, machine: machines }: Flags,
  base: SourceSettings,
  threads: Threads,
): Promise<SourceSettings[]> {
  if (machines.length > 0)
    throw new UsageError("Cannot use --machine with --all: give one of them");
  if (files.includes("-")) {
    throw new UsageError("Cannot use --all with standard input: write it to a file first");
  }
  if (files.length === 0 && base.dataDirectory === undefined) {
    throw new UsageError("Cannot make reports of nothing: --all needs --data-file or --data-dir");
  }
  const names = files.length > 0 ? files : await listInputs(base.dataDirectory ?? "");
  const found = await Promise.all(
    names.map(async (name) => {
      const listed = await threads.list(name);
      return listed.map((machineId) => ({ ...base, dataFile: [name], machineId }));
    }),
  );
  return found.flat();
}

/**
 * Files of one report: those of --output, below the output directory; called `name` where it is a folder, or nothing. Throws a UsageError
 * for a name that is neither HTML's nor PDF's, and for one of the input's.
 */
export async function outputsOfOne(
  flags: Flags,
  settings: Settings,
  { name, sources }: { name: string; sources: readonly SourceSettings[] },
): Promise<string[]> {
  const { output, json, format } = flags;
  const [first, ...others] = output;
  const inFolder =
    format.length > 0 ||
    (first !== undefined &&
      others.length === 0 &&
      (await isFolder(resolve(settings.outputDirectory ?? "", first))));
  if (inFolder) return outputsNamed(name, format, await outputFolder(flags, settings));
  const given = output.length > 0 ? output : json ? [] : [`${name}.html`];
  const inputs = await Promise.all(
    sources.flatMap(({ dataFile = [] }) => dataFile).map((file) => realPath(file)),
  );
  return Promise.all(
    given.map(async (file) => {
      if (file === "-") return file;
      if (!/^(|\.html?|\.pdf)$/i.test(extname(file))) {
        throw new UsageError(`Cannot write ${file}: reports are .html or .pdf`);
      }
      const path = resolve(settings.outputDirectory ?? "", file);
      if (!inputs.includes(await realPath(path))) return path;
      throw new UsageError(`Cannot write the report to ${file}: it is what the report is made of`);
    }),
  );
}

/** Without links; as it is where nothing is there. */
function realPath(path: string): Promise<string> {
  return realpath(path).catch(() => resolve(path));
}

function isFolder(path: string): Promise<boolean> {
  return stat(path).then(
    (there) => there.isDirectory(),
    () => false,
  );
}

/** The folder that reports of several captures go to. Throws a UsageError where --output names none. */
export async function outputFolder({ output }: Flags, settings: Settings): Promise<string> {
  const [given, ...others] = output;
  const folder = resolve(settings.outputDirectory ?? "", given ?? "");
  const isThere = await isFolder(folder);
  if (others.length === 0 && given !== "-" && isThere) return folder;
  throw new UsageError(
    isThere
      ? "Cannot write several reports to several places: name one folder with --output, and the kinds of files with --format"
      : `Cannot write several reports to ${given ?? folder}: it is no folder; make it, and name it with --output`,
  );
}

/** Files of each of several captures in `folder`: by machine; by file, and its folder, where names would be those of several. */
export function outputsOfEach(
  sources: readonly SourceSettings[],
  { format }: Flags,
  folder: string,
): string[][] {
  const tries = sources.map(namesFor);
  let distinct = tries.map(([first = ""]) => first);
  for (const longer of [1, 2]) {
    const before = distinct;
    distinct = before.map((name, at) =>
      before.indexOf(name) === before.lastIndexOf(name) ? name : (tries[at]?.[longer] ?? name),
    );
  }
  const twice = distinct.find((name, at) => distinct.indexOf(name) !== at);
  if (twice !== undefined) {
    throw new UsageError(
      `Cannot name the reports: ${join(folder, twice)} would be of several captures; give the files different names`,
    );
  }
  return distinct.map((name) => outputsNamed(name, format, folder));
}

/** From short to long. */
function namesFor(source: SourceSettings): string[] {
  const { machineId, dataFile: [file] = [] } = source;
  const [stem, machine] = [stemOf(source), machineId === undefined ? [] : [machineId]];
  const folder = file === undefined ? [] : [basename(dirname(resolve(file)))];
  const own = machineId ?? stem;
  return [own, [stem, ...machine].join("-"), [...folder, stem, ...machine].join("-")];
}

export function outputsNamed(name: string, format: Flags["format"], folder: string): string[] {
  const formats = format.length === 0 ? (["html"] as const) : format;
  return formats.map((one) => join(folder, `${name}.${one}`));
}

/** "web-01" of "captures/web-01.csv.gz". */
export function stemOf(source: SourceSettings | undefined): string {
  const first = source?.dataFile?.[0] ?? source?.dataDirectory ?? source?.machineId ?? "";
  if (first === "-") return "standard-input";
  const name = basename(resolve(first));
  // A folder may be called after a host, "db-01.example".
  return first.endsWith("/") ? name : name.replace(/\.[^.]+(\.gz)?$/, "");
}
