// How full file systems are. statfs(2) of a mount whose server is gone may never return, so that it is asked for outside the
// tick, on one of the runtime's four threads, and what does not answer in time is a gap and its own status.
import { readFileSync, type StatsFs } from "node:fs";
import { statfs as askSystem } from "node:fs/promises";
import { join } from "node:path";
import { messageOf } from "../message-of.ts";
import { parseMounts } from "../procfs/mounts.ts";
import type { DeviceFilter } from "./devices.ts";
import { mountFields, selectMounts, type Mount } from "./mounts.ts";
import type { Probe, StatusChange } from "./probe.ts";

export interface MountProbeOptions {
  procfs: string;
  /** Where the machine's own root is, for a collector in a container; `/` where it runs on the machine itself. */
  rootfs: string;
  filter: DeviceFilter;
  /** The system's, but in tests. */
  statfs?: (path: string) => Promise<StatsFs>;
}

export interface MountProbe extends Probe {
  /** Calls that have not returned. Node does not end before they do. */
  readonly outstanding: number;
}

interface SampledMount extends Mount {
  values: Float64Array;
  /** When the values were asked for. */
  measuredUs: number;
  /** When it was asked last; answered since, or not. */
  askedUs: number;
  isAsked: boolean;
  error: string | null;
  /** As the last status says. */
  reportedError: string | null;
}

const refreshUs = 10e6;
const deadlineUs = 10e6;
/** A row of the CSV standard has 4,096 columns at most, and nodes of Kubernetes can have hundreds of volumes. */
const mostMounts = 100;
/** At the longest interval, 60 s, the values are as old as the tick before. */
const oldestUs = 70e6;
/** Two in all, so that a server that is gone costs its own mounts and those of other servers, and nothing else. */
const mostOutstanding = { remote: 1, local: 1 };

/** Mounts of file systems that hold data; what each sample holds was measured at most 10 s before, or at the tick before. */
export function createMountProbe({
  procfs,
  rootfs,
  filter,
  statfs = (path) => askSystem(path),
}: MountProbeOptions): MountProbe {
  // In a container, the process itself has other mounts than the machine.
  const tablePath = join(procfs, rootfs === "/" ? "self/mounts" : "1/mounts");
  const outstanding = { remote: 0, local: 0 };
  let table = "";
  let listedUs = Number.NEGATIVE_INFINITY;
  let nowUs = 0;
  let mounts: SampledMount[] = [];
  let names: string[] = [];
  /** Beyond `mostMounts`. */
  let leftOut = 0;
  /** Why the mounts are not known. */
  let unlisted: unknown = null;
  let closed = false;

  return {
    source: "mounts",
    get outstanding() {
      return outstanding.remote + outstanding.local;
    },
    update(monotonicUs, changes) {
      nowUs = monotonicUs;
      if (nowUs - listedUs >= refreshUs) {
        listedUs = nowUs;
        unlisted = list(changes);
      }
      if (unlisted !== null) throw unlisted;
      for (let index = 0; index < mounts.length; index += 1) {
        const mount = mounts[index];
        if (mount !== undefined) noteStatus(mount, changes);
      }
      askAll();
      return names;
    },
    fill(values, offset) {
      for (let row = 0; row < mounts.length; row += 1) {
        const mount = mounts[row];
        if (mount === undefined) return;
        const at = offset + row * mountFields.length;
        const known = mount.error === null && nowUs - mount.measuredUs <= oldestUs;
        if (known) values.set(mount.values, at);
        else values.fill(Number.NaN, at, at + mountFields.length);
      }
    },
    close() {
      closed = true;
    },
  };

  /** Answers what went wrong. */
  function list(changes: StatusChange[]): unknown {
    try {
      const text = readFileSync(tablePath, "utf8");
      if (text !== table) setMounts(selectMounts(parseMounts(text), filter), changes);
      table = text;
      return null;
    } catch (error) {
      return error;
    }
  }

  function setMounts(selected: readonly Mount[], changes: StatusChange[]): void {
    const before = new Map(mounts.map((mount) => [mount.path, mount]));
    mounts = selected.slice(0, mostMounts).map((mount) => {
      const known = before.get(mount.path);
      if (known?.device !== mount.device) return createMount(mount, nowUs - refreshUs);
      before.delete(mount.path);
      return known;
    });
    for (const mount of before.values()) {
      mount.error = null;
      noteStatus(mount, changes);
    }
    const more = selected.length - mounts.length;
    if (more > 0 !== leftOut > 0) {
      const error = `${more} more than ${mostMounts} file systems are not sampled: choose with include_mount`;
      changes.push({ source: "mounts:others", error: more > 0 ? error : null });
    }
    leftOut = more;
    // The sampler takes another list for another layout.
    const next = mounts.map(({ name }) => name);
    if (next.join() !== names.join()) names = next;
  }

  function noteStatus(mount: SampledMount, changes: StatusChange[]): void {
    if (mount.isAsked && nowUs - mount.askedUs >= deadlineUs) {
      mount.error = `no answer for ${deadlineUs / 1e6} s; it is waited for`;
    } else if (mount.error === null && nowUs - mount.askedUs > oldestUs) {
      mount.error = "not asked: another mount does not answer";
    }
    if ((mount.error === null) === (mount.reportedError === null)) return;
    mount.reportedError = mount.error;
    changes.push({ source: `mounts:${mount.name}`, error: mount.error });
  }

  /** Asks those whose turn it is, who was asked longest ago first. */
  function askAll(): void {
    if (closed) return;
    for (;;) {
      let next: SampledMount | null = null;
      for (let index = 0; index < mounts.length; index += 1) {
        const mount = mounts[index];
        if (mount === undefined || !isDue(mount)) continue;
        if (next === null || mount.askedUs < next.askedUs) next = mount;
      }
      if (next === null) return;
      void ask(next);
    }
  }

  function isDue(mount: SampledMount): boolean {
    const kind = mount.isRemote ? "remote" : "local";
    return (
      !mount.isAsked &&
      nowUs - mount.askedUs >= refreshUs &&
      outstanding[kind] < mostOutstanding[kind]
    );
  }

  async function ask(mount: SampledMount): Promise<void> {
    const kind = mount.isRemote ? "remote" : "local";
    mount.isAsked = true;
    mount.askedUs = nowUs;
    outstanding[kind] += 1;
    try {
      setValues(mount.values, await statfs(join(rootfs, mount.path)));
      mount.measuredUs = mount.askedUs;
      mount.error = null;
    } catch (error) {
      mount.error = messageOf(error);
    }
    mount.isAsked = false;
    outstanding[kind] -= 1;
    // The next in the queue, without waiting for the next tick.
    askAll();
  }
}

function createMount(mount: Mount, askedUs: number): SampledMount {
  return {
    ...mount,
    values: new Float64Array(mountFields.length).fill(Number.NaN),
    measuredUs: Number.NEGATIVE_INFINITY,
    askedUs,
    isAsked: false,
    error: null,
    reportedError: null,
  };
}

/** In the order of `mountFields`. */
function setValues(values: Float64Array, stats: StatsFs): void {
  const { bsize, frsize, blocks, bfree, bavail, files, ffree } = stats;
  // Kernels before 2.6 and some runtimes do not tell the size of a fragment, which is that of a block but for some of FUSE.
  values.set([frsize > 0 ? frsize : bsize, blocks, bfree, bavail, files, ffree]);
}
