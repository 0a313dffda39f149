// What keeps pcc from going by its settings, although each of them by itself is right.
import { statSync } from "node:fs";
import { dirname, resolve } from "node:path";
import { readApiKey, type GivenValues } from "./config.ts";
import { countOf } from "./count-of.ts";
import { ExitError, exitCodes } from "./exit.ts";
import { pccProgram, type SettingName, type Settings } from "./settings.ts";

/** What stands on the command line; its faults are those of whoever wrote that. */
type Flags = GivenValues<SettingName>;

/** @throws ExitError */
type Check = (settings: Settings, flags: Flags) => void;

/** Of settings among themselves. */
const agreements: readonly Check[] = [checkFast, checkProcesses];

/** What pcc begins with. @throws ExitError, the first of all faults. */
export function checkSettings(settings: Settings, flags: Flags = {}): void {
  checkNewSettings(settings, flags);
  checkCollection(settings);
}

/** What a pcc that runs goes on with: its capture is open. @throws ExitError, the first of all faults. */
export function checkNewSettings(settings: Settings, flags: Flags = {}): void {
  for (const check of [...agreements, checkPortal]) check(settings, flags);
}

/** Everything that `checkSettings` would throw. */
export function findFaults(settings: Settings): ExitError[] {
  return run([...agreements, checkPortal, checkCollection], settings);
}

/** Only what settings say against each other. */
export function findContradictions(settings: Settings): ExitError[] {
  return run(agreements, settings);
}

function run(checks: readonly Check[], settings: Settings): ExitError[] {
  return checks.flatMap((check) => {
    try {
      check(settings, {});
      return [];
    } catch (error) {
      if (error instanceof ExitError) return [error];
      throw error;
    }
  });
}

function checkFast({ frequency, fast, mode, collection, format }: Settings, flags: Flags): void {
  if (fast === null) return;
  const fail = (why: string, others: readonly SettingName[]): never => {
    const exitCode = codeOf(["fast", ...others], flags);
    throw new ExitError(exitCode, `Cannot sample every ${fast} ms (fast): ${why}`);
  };
  if (fast >= frequency || frequency % fast !== 0) {
    fail(`the frequency of ${frequency} ms is no multiple of it`, ["frequency"]);
  }
  if (format === "raw" || (mode === "trickle" && collection === null)) {
    fail("only a capture of our format has a place for it", ["format", "mode"]);
  }
}

function checkProcesses({ processes, mode, collection, format }: Settings, flags: Flags): void {
  if (processes === 0) return;
  if (format === "raw" || (mode === "trickle" && collection === null)) {
    throw new ExitError(
      codeOf(["processes", "format", "mode"], flags),
      `Cannot record ${countOf(processes, "process", "processes")}: only a capture of our format has a place for them`,
    );
  }
}

/** Of settings that contradict each other. */
function codeOf(names: readonly SettingName[], flags: Flags): number {
  return names.some((name) => flags[name] !== undefined) ? exitCodes.usage : exitCodes.config;
}

function checkPortal({ mode, portal, api_key_file: keyFile }: Settings): void {
  if (mode !== "trickle") return;
  if (portal === null) {
    throw new ExitError(
      exitCodes.config,
      "Cannot send to the portal: its address is not set; give --portal, or set PCC_PORTAL",
    );
  }
  readApiKey(pccProgram, keyFile);
}

/** pcc makes a folder of captures, but none above it: a mount that is missing shall not be filled below. */
function checkCollection({ collection }: Settings): void {
  if (collection === null || collection === "-") return;
  const folder = dirname(resolve(collection));
  if (isMissing(folder)) {
    throw new ExitError(
      exitCodes.noInput,
      `Cannot write the capture ${collection}: there is no folder ${folder}`,
    );
  }
}

/** Who may not look there hears of it when the capture is opened. */
function isMissing(folder: string): boolean {
  try {
    return !(statSync(folder, { throwIfNoEntry: false })?.isDirectory() ?? false);
  } catch {
    return false;
  }
}
