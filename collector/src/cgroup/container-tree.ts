import { readdirSync, statSync } from "node:fs";
import { join } from "node:path";
import { recogniseCgroup, type ContainerCgroup } from "./container-name.ts";

interface KnownFolder {
  links: number;
  folders: readonly string[];
}

/** By their paths from the root of the tree. */
export type FoundContainers = ReadonlyMap<string, ContainerCgroup>;

/** A tree is walked through again with every folder's list read anew after so many walks. */
const walksUntilThorough = 6;
/** What a list costs when a folder that is only looked at costs 1. */
const listCost = 10;
const maxFolders = 20_000;

/**
 * Finds containers in a tree of cgroups. A folder's list is only read where its number of links – two, and one for each folder
 * in it – is another than before; now and then all are, since one may come while another goes.
 */
export class ContainerTree {
  private readonly root: string;
  private known = new Map<string, KnownFolder>();
  private walks = 0;
  private walk: Walk | null = null;

  /** `root` is where the tree of cgroups v2 is mounted. */
  constructor(root: string) {
    this.root = root;
  }

  /**
   * Begins a walk, or goes on with one, for as many folders as `budget` is worth, and answers what was found when it is complete, else
   * null.
   */
  step(budget: number): FoundContainers | null {
    this.walk ??= new Walk(this.root, this.walks % walksUntilThorough === 0 ? null : this.known);
    if (!this.walk.step(budget)) return null;
    const { found, seen } = this.walk;
    this.known = seen;
    this.walks += 1;
    this.walk = null;
    return found;
  }

  get isWalking(): boolean {
    return this.walk !== null;
  }
}

class Walk {
  readonly found = new Map<string, ContainerCgroup>();
  readonly seen = new Map<string, KnownFolder>();
  private readonly root: string;
  private readonly known: ReadonlyMap<string, KnownFolder>;
  private readonly waiting: string[] = [""];

  constructor(root: string, known: ReadonlyMap<string, KnownFolder> | null) {
    this.root = root;
    this.known = known ?? new Map();
  }

  step(budget: number): boolean {
    let left = budget;
    while (left > 0) {
      const path = this.waiting.pop();
      if (path === undefined || this.seen.size >= maxFolders) return true;
      left -= this.look(path);
    }
    return this.waiting.length === 0;
  }

  /** Looks into a folder and answers what that cost. */
  private look(path: string): number {
    const links = this.countLinks(path);
    const before = this.known.get(path);
    const isSame = links > 2 && links === before?.links;
    const isListed = links !== 2 && !isSame;
    const folders = isListed ? this.list(path) : isSame ? before.folders : [];
    this.seen.set(path, { links, folders });
    for (const name of folders) {
      const cgroup = recogniseCgroup(path === "" ? "/" : path, name);
      if (cgroup === "enter") this.waiting.push(`${path}/${name}`);
      else if (cgroup !== "pass") this.found.set(`${path}/${name}`, cgroup);
    }
    return isListed ? listCost : 1;
  }

  /** 0 where the folder is gone; 1 on file systems that do not count. */
  private countLinks(path: string): number {
    return statSync(join(this.root, path), { throwIfNoEntry: false })?.nlink ?? 0;
  }

  private list(path: string): string[] {
    try {
      return readdirSync(join(this.root, path), { withFileTypes: true })
        .filter((entry) => entry.isDirectory())
        .map(({ name }) => name);
    } catch {
      // It went, or nobody may look into it.
      return [];
    }
  }
}
