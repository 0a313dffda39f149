// A tar.gz with an installer, for hosts without dpkg.
import { execFileSync } from "node:child_process";
import { copyFileSync, renameSync, rmSync } from "node:fs";
import { basename, dirname, join } from "node:path";
import type { PackageOptions } from "./debian.ts";
import { placeExecutable, writeTree } from "./tree.ts";

const here = import.meta.dirname;

export function buildArchive({
  executable,
  billOfMaterials,
  version,
  dateS,
  work,
  path,
}: PackageOptions): void {
  // Not the executable's name: both are built into one folder, and tar would put its folder in the executable's place.
  const root = join(work, `perfcollector-${version}`);
  rmSync(work, { recursive: true, force: true });
  const programs = writeTree({
    root,
    share: "share",
    etc: "etc",
    units: "systemd",
    dateS,
    billOfMaterials,
  });
  for (const file of ["config.yaml", "pcd.yaml"]) {
    try {
      renameSync(join(root, "etc/perfcollector", file), join(root, "etc", file));
    } catch (error) {
      // Not every build has every program.
      if (!(error instanceof Error && "code" in error && error.code === "ENOENT")) throw error;
    }
  }
  rmSync(join(root, "etc/perfcollector"), { recursive: true });
  placeExecutable(executable, { folder: join(root, "bin"), programs });
  copyFileSync(join(here, "archive/install.sh"), join(root, "install.sh"));
  copyFileSync(join(here, "../../LICENSE"), join(root, "LICENSE"));
  const archive = path.replace(/\.gz$/, "");
  // Order, times, owners and modes are the same on every machine.
  execFileSync(
    "tar",
    [
      "--create",
      `--file=${archive}`,
      `--directory=${dirname(root)}`,
      "--format=ustar",
      "--sort=name",
      `--mtime=@${dateS}`,
      "--owner=0",
      "--group=0",
      "--numeric-owner",
      "--mode=u=rwX,go=rX",
      basename(root),
    ],
    { stdio: "inherit" },
  );
  execFileSync("gzip", ["--no-name", "--force", "-9", archive], { stdio: "inherit" });
  rmSync(work, { recursive: true });
}
