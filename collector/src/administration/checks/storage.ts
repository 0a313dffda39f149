// Where captures and the spool lie: may they be written, and is there room?
import { accessSync, constants, existsSync, statfsSync, statSync } from "node:fs";
import { dirname, resolve } from "node:path";
import { exitCodes } from "../../exit.ts";
import { messageOf } from "../../message-of.ts";
import { formatBytes } from "../text.ts";
import { failure, ok, warning, type Finding } from "./finding.ts";

/** Below, pcc will soon have no room: a day of samples takes some tens of megabytes at most. */
const leastBytes = 100e6;
const fewBytes = 1e9;

/** `name` is what the place is for: capture, spool. Whether folders above it are made where they are missing is said by `makesFolders`. */
export function checkPlace(
  name: string,
  path: string,
  { makesFolders }: { makesFolders: boolean },
): Finding[] {
  const place = resolve(path);
  const existing = findExisting(place);
  if (!makesFolders && existing !== place && existing !== dirname(place)) {
    return [
      failure(
        name,
        `${place} cannot be written: there is no folder ${dirname(place)}`,
        "Make the folder, or mount what should be there: pcc makes none above a capture.",
        exitCodes.noInput,
      ),
    ];
  }
  try {
    const isFolder = statSync(existing).isDirectory();
    if (!isFolder && (existing !== place || path.endsWith("/"))) {
      throw new Error(`${existing} is a file, not a folder`);
    }
    accessSync(
      existing,
      isFolder ? constants.W_OK | constants.X_OK : constants.R_OK | constants.W_OK,
    );
    if (!isFolder) accessSync(dirname(existing), constants.W_OK | constants.X_OK);
  } catch (error) {
    return [
      failure(
        name,
        `${place} cannot be written: ${messageOf(error)}`,
        "Run this as pcc's user (sudo -u perfcollector pcctl doctor), or give that user the place.",
        exitCodes.permission,
      ),
    ];
  }
  const where = existing === place ? place : `${place}, in ${existing}`;
  return [ok(name, `${where} can be written`), checkRoom(`${name} room`, existing)];
}

function checkRoom(name: string, path: string): Finding {
  const { bavail, blocks, bsize, files, ffree } = statfsSync(path);
  const free = bavail * bsize;
  const told = `${formatBytes(free)} of ${formatBytes(blocks * bsize)} free`;
  const advice = "Make room, or keep less: pcc's settings keep_days and keep_size.";
  if (free < leastBytes) return failure(name, told, advice, exitCodes.cannotWrite);
  // File systems without a table of inodes say that they have none.
  if (files > 0 && ffree < 100) {
    return failure(name, `${ffree} inodes free`, "Remove small files.", exitCodes.cannotWrite);
  }
  return free < fewBytes ? warning(name, told, advice) : ok(name, told);
}

/** The path, or the nearest folder above it that is there. */
function findExisting(path: string): string {
  for (let at = path; ; at = dirname(at)) {
    if (existsSync(at) || at === dirname(at)) return at;
  }
}
