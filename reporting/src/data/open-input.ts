// Where a report's samples come from: files and folders, or a portal.
import { readFile } from "node:fs/promises";
import { basename, resolve } from "node:path";
import { isToken } from "@perfanalysis/contract/token";
import { findDataFile, NoInputError, reasonOf } from "../files.ts";
import { findFacts, isTold, readFactsBeside } from "./facts-beside.ts";
import type { Input } from "./input.ts";
import { readFiles } from "./read-files.ts";
import type { PortalOptions, PortalSource } from "./read-portal.ts";

export interface SourceSettings {
  machineId: string | undefined;
  /** Files or folders of captures; `-` is standard input. Beats the others. */
  dataFile?: readonly string[] | undefined;
  portal: string | undefined;
  /** Holds the key; `key` is the key itself. */
  keyFile: string | undefined;
  key: string | undefined;
  from?: string | undefined;
  to?: string | undefined;
  dataDirectory: string | undefined;
}

export interface Opened {
  input: Input;
  /** What the report calls it. */
  sourceName: string;
  /** What the source calls the machine, where it has a name for it. */
  machineName: string | undefined;
}

/** Settings do not say where samples come from, or say too little. */
export class NoSourceError extends Error {}

/** Throws what the readers throw, a NoInputError for what cannot be opened, and a NoSourceError. */
export async function openInput(
  settings: SourceSettings,
  { onProgress, onWait }: Pick<PortalOptions, "onProgress" | "onWait"> = {},
): Promise<Opened> {
  const { machineId, dataFile, portal, dataDirectory, from, to } = settings;
  const isPortal = dataFile === undefined && portal !== undefined;
  if (!isPortal && (from ?? to) !== undefined) {
    throw new NoSourceError("Cannot use --from and --to: they need --portal; files are read whole");
  }
  if (isPortal) {
    const source = await toPortalSource(portal, settings);
    // Files need none of it.
    const { readPortal } = await import("./read-portal.ts");
    return { ...(await readPortal(source, { onProgress, onWait })), sourceName: source.url.origin };
  }
  if (dataFile === undefined && dataDirectory === undefined) {
    throw new NoSourceError(
      "Cannot make a report of nothing: name a CSV or a capture with --data-file, - for standard input, or a --portal",
    );
  }
  let names = dataFile ?? [];
  try {
    if (dataDirectory !== undefined && dataFile === undefined)
      names = [await findDataFile(dataDirectory, machineId)];
    const input = await readFiles(names, { machineId, onProgress });
    const facts = isTold(input.facts)
      ? input.facts
      : (findFacts(await readFactsBeside(names), input.samples.machineId) ?? input.facts);
    return { input: { ...input, facts }, sourceName: describe(names), machineName: undefined };
  } catch (error) {
    if (!(error instanceof Error && "syscall" in error)) throw error;
    const path = "path" in error ? String(error.path) : (names[0] ?? dataDirectory ?? "");
    throw new NoInputError(`Cannot read ${path}: ${reasonOf(error)}`, { cause: error });
  }
}

function describe([first = "", ...others]: readonly string[]): string {
  const name = first === "-" ? "standard input" : basename(resolve(first));
  return others.length === 0 ? name : `${name} and ${others.length} more`;
}

async function toPortalSource(
  portal: string,
  { machineId, from, to, key, keyFile }: SourceSettings,
): Promise<PortalSource> {
  if (!URL.canParse(portal) || !/^https?:$/.test(new URL(portal).protocol)) {
    throw new NoSourceError(
      `Cannot use the portal "${portal}": write it as https://portal.example`,
    );
  }
  if (machineId === undefined) {
    throw new NoSourceError(`Cannot ask ${portal} for samples: name a machine with --machine`);
  }
  const found = key ?? (keyFile === undefined ? undefined : await readKey(keyFile));
  if (found === undefined) {
    throw new NoSourceError(
      `Cannot ask ${portal} for samples: give a file with a key that may read, --key-file, or PERF_REPORT_KEY`,
    );
  }
  const name = keyFile !== undefined && key === undefined ? keyFile : "PERF_REPORT_KEY";
  if (!isToken(found)) {
    throw new NoSourceError(
      `Cannot use the key of ${name}: it is none of the portal's, which begin with pa_, or a character of it is wrong`,
    );
  }
  return { url: new URL(portal), key: found, machineId, from, to };
}

async function readKey(path: string): Promise<string> {
  try {
    return (await readFile(path, "utf8")).trim();
  } catch (error) {
    throw new NoInputError(`Cannot read the key in ${path}: ${reasonOf(error)}`, { cause: error });
  }
}
