import {
  existsSync,
  linkSync,
  readdirSync,
  readFileSync,
  renameSync,
  rmSync,
  unlinkSync,
  writeFileSync,
} from "node:fs";
import { basename, dirname, join } from "node:path";

/** The file is in use by another process that lives. */
export class LockedError extends Error {}

export interface Lock {
  release(): void;
}

/** A process, told apart from a later one with the same number. */
interface Owner {
  pid: number;
  bootId: string;
  /** Clock ticks since boot at which the process started. */
  startTicks: string;
}

/**
 * Claims `path` for this process through a file `path.lock` that names it. A lock whose process is gone is taken over. `what` is claimed
 * by it, for people, where no file is called `path`.
 * @throws LockedError naming the process that holds it.
 */
export function acquireLock(path: string, what: string = path): Lock {
  const lockPath = `${path}.lock`;
  // Written first and then linked, so that nobody ever reads half a lock.
  const draftPath = `${lockPath}.${process.pid}`;
  removeDeadDrafts(lockPath);
  try {
    writeFileSync(draftPath, JSON.stringify(readOwner(process.pid)), { mode: 0o644 });
    for (;;) {
      if (tryLink(draftPath, lockPath)) {
        return { release: () => rmSync(lockPath, { force: true }) };
      }
      const holder = readLock(lockPath);
      if (holder !== null && isAlive(holder)) {
        throw new LockedError(
          `Cannot write ${what}: process ${holder.pid} is writing it (${basename(lockPath)})`,
        );
      }
      // Of several that find the same dead lock, one renames it; the others find it gone.
      const stalePath = `${lockPath}.stale.${process.pid}`;
      try {
        renameSync(lockPath, stalePath);
        unlinkSync(stalePath);
      } catch (error) {
        if (!hasCode(error, "ENOENT")) throw error;
      }
    }
  } finally {
    // On a full disk there may be one without a text.
    rmSync(draftPath, { force: true });
  }
}

/** What was killed between its draft and its lock would leave the draft for ever. */
function removeDeadDrafts(lockPath: string): void {
  const folder = dirname(lockPath);
  const start = `${basename(lockPath)}.`;
  try {
    for (const name of readdirSync(folder)) {
      const pid = name.startsWith(start) && /^(?:stale\.)?(\d+)$/.exec(name.slice(start.length));
      if (!pid) continue;
      const path = join(folder, name);
      const owner = readLock(path);
      const isNeeded = owner === null ? existsSync(`/proc/${pid[1]}`) : isAlive(owner);
      if (!isNeeded) rmSync(path, { force: true });
    }
  } catch {
    // A folder that must not be listed: they are in nobody's way.
  }
}

function tryLink(from: string, to: string): boolean {
  try {
    linkSync(from, to);
    return true;
  } catch (error) {
    if (hasCode(error, "EEXIST")) return false;
    throw error;
  }
}

/** null where there is no lock any more, or none of ours. */
function readLock(path: string): Owner | null {
  try {
    const json: unknown = JSON.parse(readFileSync(path, "utf8"));
    if (typeof json !== "object" || json === null) return null;
    const { pid, bootId, startTicks } = json as Record<string, unknown>;
    return typeof pid === "number" && typeof bootId === "string" && typeof startTicks === "string"
      ? { pid, bootId, startTicks }
      : null;
  } catch (error) {
    if (error instanceof SyntaxError || hasCode(error, "ENOENT")) return null;
    throw error;
  }
}

function isAlive(owner: Owner): boolean {
  try {
    const now = readOwner(owner.pid);
    return now.bootId === owner.bootId && now.startTicks === owner.startTicks;
  } catch (error) {
    if (hasCode(error, "ENOENT") || hasCode(error, "ESRCH")) return false;
    throw error;
  }
}

function readOwner(pid: number): Owner {
  const stat = readFileSync(`/proc/${pid}/stat`, "utf8");
  // The name in parentheses may hold anything; field 22 is the 20th behind it.
  const startTicks = stat.slice(stat.lastIndexOf(")") + 2).split(" ")[19] ?? "";
  const bootId = readFileSync("/proc/sys/kernel/random/boot_id", "utf8").trim();
  return { pid, bootId, startTicks };
}

function hasCode(error: unknown, code: string): boolean {
  return error instanceof Error && "code" in error && error.code === code;
}
