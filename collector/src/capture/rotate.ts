// Writes a folder of captures: a new one with each day and beyond a size, the closed ones compressed, the oldest removed.
import { mkdirSync, rmSync, statSync } from "node:fs";
import { join } from "node:path";
import { exitCodeOf, exitCodes } from "../exit.ts";
import { messageOf } from "../message-of.ts";
import type { Layout } from "../sampling/layout.ts";
import type { StatusChange } from "../sampling/probe.ts";
import { releaseUnusedPages } from "../unused-pages.ts";
import { giveToOwner } from "../whose.ts";
import { compressCapture, compressedPath } from "./compress.ts";
import { listCaptures, nameCapture, selectExpired, utcDay, type Retention } from "./folder.ts";
import { acquireLock, LockedError } from "./lock.ts";
import type { FileSink, SampleSink } from "./write.ts";

export interface Rotation extends Retention {
  /** Whether a UTC day begins a new capture. */
  daily: boolean;
  /** A capture of this size is closed. */
  rotateBytes: number;
}

export interface CaptureFolderOptions {
  machineId: string;
  layout: Layout;
  /** Asked again at each tick. */
  rotation: () => Rotation;
  /** Wall clock, Unix milliseconds. */
  timeMs: number;
  openFile: (path: string, layout: Layout) => FileSink;
  /** For people, where something is out of the ordinary. */
  report: (message: string) => void;
  /** Rest after each piece that is compressed. */
  pauseMs?: number;
}

/** A new capture that could not be begun is tried again only then; the one before goes on. */
const retryUs = 60e6;

/** Whether a collection is a folder of captures, and not one of them. */
export function isCaptureFolder(path: string): boolean {
  return path.endsWith("/") || (statSync(path, { throwIfNoEntry: false })?.isDirectory() ?? false);
}

/**
 * Goes on with the machine's last capture where it is of the same day and not full. The folder itself is made where it is missing.
 * @throws LockedError where another process writes this machine's captures there, and the system's errors.
 */
export function openCaptureFolder(folder: string, options: CaptureFolderOptions): SampleSink {
  const { machineId, report, pauseMs } = options;
  try {
    mkdirSync(folder);
  } catch (error) {
    if (!hasCode(error, "EEXIST")) throw error;
  }
  const lock = acquireLock(join(folder, machineId));
  const getRotation = (): Rotation => limitSize(options.rotation());
  /** As they are now: a new capture begins with them. */
  let layout = options.layout;
  const failing = new Map<string, StatusChange>();
  let path = "";
  let file: FileSink;
  try {
    file = openFirst();
  } catch (error) {
    lock.release();
    throw error;
  }
  let day = utcDay(options.timeMs);
  let retryAtUs = 0;
  const stop = new AbortController();
  let housekeeping: Promise<void> | null = null;
  let again = false;
  tidy();

  return {
    tick(tick) {
      const { timeMs, monotonicUs } = tick;
      const rotation = getRotation();
      const isDue =
        (rotation.daily && utcDay(timeMs) !== day) || file.bytes >= rotation.rotateBytes;
      if (isDue && monotonicUs >= retryAtUs) rotate(timeMs, monotonicUs);
      file.tick(tick);
    },
    layout(next) {
      layout = next;
      file.layout(next);
    },
    status(timeMs, change) {
      if (change.error === null) failing.delete(change.source);
      else failing.set(change.source, change);
      file.status(timeMs, change);
    },
    interval: (intervalMs) => file.interval?.(intervalMs),
    statistics: (statistics) => file.statistics?.(statistics),
    processes: (processes) => file.processes?.(processes),
    sample: (sample) => file.sample(sample),
    describe: () => file.describe?.() ?? {},
    async close() {
      stop.abort();
      try {
        file.end();
        await housekeeping;
      } finally {
        lock.release();
      }
    },
  };

  function openFirst(): FileSink {
    const last = listCaptures(folder, machineId).findLast(({ compressed }) => !compressed);
    if (last !== undefined && canContinue(last)) {
      try {
        path = last.path;
        return options.openFile(path, layout);
      } catch (error) {
        // Another's, such as root's who has sampled by hand: a service must not wait for the next day because of that.
        const isOthers = exitCodeOf(error) === exitCodes.permission;
        if (!(error instanceof SyntaxError) && !isOthers) throw error;
        report(`${messageOf(error)}; beginning a new capture`);
      }
    }
    path = nameCapture(folder, machineId, options.timeMs);
    try {
      return begin(path);
    } catch (error) {
      // There is no header in it.
      rmSync(path, { force: true });
      throw error;
    }
  }

  function begin(newPath: string): FileSink {
    const begun = options.openFile(newPath, layout);
    try {
      giveToOwner(newPath);
    } catch (error) {
      report(`Cannot give ${newPath} to whose the folder is: ${messageOf(error)}`);
    }
    return begun;
  }

  function canContinue(last: { path: string; startMs: number; bytes: number }): boolean {
    const rotation = getRotation();
    return (
      last.bytes < rotation.rotateBytes &&
      !(rotation.daily && utcDay(last.startMs) !== utcDay(options.timeMs)) &&
      // Killed after its complete .gz was there and before it was removed.
      statSync(compressedPath(last.path), { throwIfNoEntry: false }) === undefined
    );
  }

  function rotate(timeMs: number, monotonicUs: number): void {
    const nextPath = nameCapture(folder, machineId, timeMs);
    let next: FileSink;
    try {
      next = begin(nextPath);
      for (const change of failing.values()) next.status(timeMs, change);
    } catch (error) {
      if (retryAtUs === 0)
        report(`Cannot begin ${nextPath}: ${messageOf(error)}; going on with ${path}`);
      retryAtUs = monotonicUs + retryUs;
      rmSync(nextPath, { force: true });
      return;
    }
    retryAtUs = 0;
    const closed = file;
    [file, path, day] = [next, nextPath, utcDay(timeMs)];
    try {
      closed.end();
    } catch (error) {
      // Records without a sample behind them had no room.
      report(`Cannot complete a capture: ${messageOf(error)}`);
    }
    tidy();
  }

  /** Compresses and removes beside the sampling; once more where something was closed meanwhile. */
  function tidy(): void {
    again = true;
    housekeeping ??= tidyAll().finally(() => {
      housekeeping = null;
    });
  }

  async function tidyAll(): Promise<void> {
    try {
      while (again && !stop.signal.aborted) {
        again = false;
        removeExpired();
        await compressClosed();
        removeExpired();
      }
    } catch (error) {
      if (!stop.signal.aborted) report(`Cannot tidy up ${folder}: ${messageOf(error)}`);
    }
  }

  async function compressClosed(): Promise<void> {
    for (const capture of listCaptures(folder, machineId)) {
      if (capture.compressed || capture.path === path || stop.signal.aborted) continue;
      try {
        // Somebody may write to it by its name.
        const own = acquireLock(capture.path);
        try {
          await compressCapture(capture.path, { signal: stop.signal, pauseMs });
        } finally {
          own.release();
        }
        // What only compressing needed: ten megabytes of the packaged pcc.
        await releaseUnusedPages();
      } catch (error) {
        if (error instanceof LockedError || stop.signal.aborted) continue;
        const isSystems = error instanceof Error && "syscall" in error;
        report(`${isSystems ? `Cannot compress ${capture.path}: ` : ""}${messageOf(error)}`);
      }
    }
  }

  function removeExpired(): void {
    const rotation = getRotation();
    const captures = listCaptures(folder, machineId).map((capture) =>
      // The one that is written may come to need so much.
      capture.path === path ? { ...capture, bytes: rotation.rotateBytes } : capture,
    );
    for (const capture of selectExpired(captures, rotation)) {
      if (capture.path !== path) rmSync(capture.path, { force: true });
    }
  }
}

/** So that closed captures have room beside the one that is written. */
function limitSize(rotation: Rotation): Rotation {
  return { ...rotation, rotateBytes: Math.min(rotation.rotateBytes, rotation.keepBytes / 4) };
}

function hasCode(error: unknown, code: string): boolean {
  return error instanceof Error && "code" in error && error.code === code;
}
