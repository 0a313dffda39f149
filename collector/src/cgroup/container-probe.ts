// What containers use, read from the files of their cgroups at each tick.
import { existsSync } from "node:fs";
import { join } from "node:path";
import type { ContainerIdentity } from "../capture/raw-container.ts";
import { ByteText } from "../procfs/in-place/byte-text.ts";
import { readKeptBelow } from "../sampling/kernel-file.ts";
import type { DeviceFilter } from "../sampling/devices.ts";
import type { Probe, StatusChange } from "../sampling/probe.ts";
import { BlockDevices } from "./block-devices.ts";
import { containerFields } from "./container-fields.ts";
import { createContainerFiles } from "./container-files.ts";
import type { ContainerCgroup } from "./container-name.ts";
import { ContainerTree, type FoundContainers } from "./container-tree.ts";
import { SampledContainer } from "./sampled-container.ts";

export interface ContainerProbeOptions {
  /** Where cgroups v2 are mounted. */
  cgroups: string;
  /** The machine's /sys, which tells which block devices lie on others. */
  sysfs: string;
  /** Of names, and of paths in the tree. */
  filter: DeviceFilter;
  /** Beyond these the rest is left out. */
  maxContainers: number;
}

export interface ContainerProbe extends Probe {
  /** Who a container is that the last update answered. */
  identify(name: string): ContainerIdentity;
}

const walkUs = 10e6;
const retryUs = 60e6;
/** Of the tree that a tick looks at; about a millisecond. */
const walkBudget = 200;
const initialBytes = 16 * 1024;

/** Containers that are there, by their cgroups; one that comes is found within 10 s, one that goes is left out at once. */
export function createContainerProbe(options: ContainerProbeOptions): ContainerProbe {
  return new CgroupProbe(options);
}

class CgroupProbe implements ContainerProbe {
  readonly source = "containers";
  private readonly options: ContainerProbeOptions;
  private readonly tree: ContainerTree;
  private readonly devices: BlockDevices;
  private readonly files: ReturnType<typeof createContainerFiles>;
  private readonly text = new ByteText(initialBytes);
  private readonly byPath = new Map<string, SampledContainer>();
  private containers: SampledContainer[] = [];
  private names: readonly string[] = [];
  private nextWalkUs = Number.NEGATIVE_INFINITY;
  /** Until the first walk is complete, one goes on to its end. */
  private isComplete = false;
  /** Why there are no containers; looked at again only then. */
  private absence: Error | null = null;
  private retryUs = Number.NEGATIVE_INFINITY;
  private readonly keptBelow = readKeptBelow();
  private leftOut = 0;

  constructor(options: ContainerProbeOptions) {
    this.options = options;
    this.tree = new ContainerTree(options.cgroups);
    this.devices = new BlockDevices(options.sysfs);
    this.files = createContainerFiles(this.devices);
  }

  update(monotonicUs: number, changes: StatusChange[]): readonly string[] {
    this.checkVersion(monotonicUs);
    const limits = this.walk(monotonicUs, changes);
    let hasGone = false;
    for (let index = 0; index < this.containers.length; index += 1) {
      const container = this.containers[index];
      if (container === undefined) break;
      const { error: before } = container;
      // What has just been found has no limits yet.
      const isNew = Number.isNaN(container.values[0]);
      if (!container.read(this.text, { limits: limits || isNew })) hasGone = true;
      if ((container.error === null) !== (before === null)) {
        changes.push({ source: `containers:${container.name}`, error: container.error });
      }
    }
    if (hasGone) {
      this.dropGone(changes);
      this.nextWalkUs = monotonicUs;
    }
    return this.names;
  }

  fill(values: Float64Array, offset: number): void {
    for (let index = 0; index < this.containers.length; index += 1) {
      const container = this.containers[index];
      if (container !== undefined)
        values.set(container.values, offset + index * containerFields.length);
    }
  }

  identify(name: string): ContainerIdentity {
    const cgroup = this.containers.find((container) => container.name === name)?.cgroup;
    return { id: cgroup?.id ?? name, runtime: cgroup?.runtime ?? "", name: "" };
  }

  close(): void {
    for (const container of this.containers) container.close();
  }

  /** @throws where the machine has no cgroups v2, as long as that is so. */
  private checkVersion(monotonicUs: number): void {
    if (monotonicUs >= this.retryUs) {
      const { cgroups } = this.options;
      this.retryUs = monotonicUs + retryUs;
      this.absence = existsSync(join(cgroups, "cgroup.controllers"))
        ? null
        : new Error(
            `Cannot sample containers: ${cgroups} is no tree of cgroups v2 (version 1 alone is not read)`,
          );
    }
    if (this.absence !== null) throw this.absence;
  }

  /** Looks for containers now and then, some of the tree at a tick; answers whether it has just looked at all of it. */
  private walk(monotonicUs: number, changes: StatusChange[]): boolean {
    if (!this.tree.isWalking) {
      if (monotonicUs < this.nextWalkUs) return false;
      this.nextWalkUs = monotonicUs + walkUs;
    }
    const found = this.tree.step(this.isComplete ? walkBudget : Number.POSITIVE_INFINITY);
    if (found === null) return false;
    this.isComplete = true;
    this.devices.forget();
    this.adopt(found, changes);
    return true;
  }

  private adopt(found: FoundContainers, changes: StatusChange[]): void {
    for (const [path, container] of this.byPath) {
      if (!found.has(path)) this.remove(path, container, changes);
    }
    let leftOut = 0;
    for (const [path, cgroup] of found) {
      if (this.byPath.has(path) || !this.isWanted(path, cgroup)) continue;
      if (this.byPath.size >= this.options.maxContainers) {
        leftOut += 1;
        continue;
      }
      const folder = join(this.options.cgroups, path);
      const name = this.findName(cgroup);
      this.byPath.set(
        path,
        new SampledContainer(folder, {
          cgroup,
          name,
          files: this.files,
          keptBelow: this.keptBelow,
        }),
      );
    }
    if (leftOut > 0 !== this.leftOut > 0) {
      const error = `${leftOut} more than max_containers (${this.options.maxContainers}) are not sampled`;
      changes.push({ source: "containers:others", error: leftOut > 0 ? error : null });
    }
    this.leftOut = leftOut;
    this.list();
  }

  private isWanted(path: string, { name }: ContainerCgroup): boolean {
    const { include, exclude } = this.options.filter;
    const matches = (expression: RegExp): boolean => expression.test(name) || expression.test(path);
    if (exclude !== undefined && matches(exclude)) return false;
    return include === undefined || matches(include);
  }

  /** Two ids may begin alike, and a name may be one of several runtimes'. */
  private findName({ id, name }: ContainerCgroup): string {
    const taken = new Set(Array.from(this.byPath.values(), (container) => container.name));
    if (!taken.has(name)) return name;
    const longer = id.startsWith(name) ? id : name;
    let unique = longer;
    for (let number = 2; taken.has(unique); number += 1) unique = `${longer}~${number}`;
    return unique;
  }

  private dropGone(changes: StatusChange[]): void {
    for (const [path, container] of this.byPath) {
      if (container.isGone) this.remove(path, container, changes);
    }
    this.list();
  }

  private remove(path: string, container: SampledContainer, changes: StatusChange[]): void {
    container.close();
    if (container.error !== null) {
      changes.push({ source: `containers:${container.name}`, error: null });
    }
    this.byPath.delete(path);
  }

  private list(): void {
    const before = this.containers;
    this.containers = Array.from(this.byPath.values());
    const isSame =
      before.length === this.containers.length &&
      before.every((container, index) => container === this.containers[index]);
    if (!isSame) this.names = this.containers.map(({ name }) => name);
  }
}
