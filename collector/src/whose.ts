// What root makes by hand beside a service, which runs as a user of its own and has to go on with it.
import {
  closeSync,
  constants,
  fchmodSync,
  fchownSync,
  lstatSync,
  openSync,
  statSync,
  type Stats,
} from "node:fs";
import { dirname } from "node:path";
import { ExitError, exitCodes } from "./exit.ts";

function isRoot(): boolean {
  return process.geteuid?.() === 0;
}

/**
 * What root has made becomes whose the folder around it is; does nothing as another user.
 * @throws the system's errors.
 */
export function giveToOwner(path: string): void {
  if (!isRoot()) return;
  const { uid, gid } = statSync(dirname(path));
  // Where it is a link, somebody wants it so; nor may who owns the folder have root give him what the link is to.
  if (uid === 0 || lstatSync(path).isSymbolicLink()) return;
  const descriptor = openSync(path, constants.O_RDONLY | constants.O_NOFOLLOW);
  try {
    fchownSync(descriptor, uid, gid);
  } finally {
    closeSync(descriptor);
  }
}

/**
 * A file that takes the place of another becomes whose that was, with its mode; where there was none, it gets `mode` from root, whatever
 * root's umask is: the service's user reads it. Another user can give only the mode.
 * @throws the system's errors.
 */
export function takePlaceOf(
  before: Stats | undefined,
  descriptor: number,
  { mode }: { mode: number },
): void {
  if (before !== undefined) {
    if (isRoot()) fchownSync(descriptor, before.uid, before.gid);
    fchmodSync(descriptor, before.mode & 0o777);
  } else if (isRoot()) fchmodSync(descriptor, mode);
}

/**
 * A folder that root must not fill: a service would find files of root's in it that it may not read, and not start any more.
 * @throws ExitError where this is root and the folder another user's.
 */
export function refuseOthersFolder(folder: string): void {
  if (!isRoot()) return;
  const uid = statSync(folder, { throwIfNoEntry: false })?.uid ?? 0;
  if (uid === 0) return;
  throw new ExitError(
    exitCodes.permission,
    `Cannot use ${folder} as root: it is the user ${uid}'s, who could not read what root leaves there; run this as that user (sudo -u '#${uid}' …), or take another folder`,
  );
}
