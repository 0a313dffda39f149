// A Debian package: https://www.debian.org/doc/debian-policy/
import { execFileSync } from "node:child_process";
import { createHash } from "node:crypto";
import {
  chmodSync,
  copyFileSync,
  globSync,
  lstatSync,
  mkdirSync,
  readFileSync,
  rmSync,
  writeFileSync,
} from "node:fs";
import { dirname, join } from "node:path";
import { gzipSync } from "node:zlib";
import { placeExecutable, writeTree } from "./tree.ts";

const here = import.meta.dirname;

export interface PackageOptions {
  executable: string;
  billOfMaterials: string;
  version: string;
  /** Unix seconds of everything that is dated, so that the same sources give the same package. */
  dateS: number;
  /** A folder that this may fill and empty. */
  work: string;
  /** The package's path. */
  path: string;
}

export function buildDebianPackage(
  architecture: "amd64" | "arm64",
  {
    executable,
    billOfMaterials,
    version,
    dateS,
    work: root,
    path,
    compression = "xz",
  }: PackageOptions & { compression?: "xz" | "none" },
): void {
  rmSync(root, { recursive: true, force: true });
  const programs = writeTree({
    root,
    share: "usr/share",
    // postinst brings them to /etc: as conffiles, whose lines pcctl enroll changes, each newer version would ask what to do with them.
    etc: "usr/share",
    units: "lib/systemd/system",
    dateS,
    billOfMaterials,
  });
  placeExecutable(executable, { folder: join(root, "usr/bin"), programs });
  const write = (name: string, content: string | Uint8Array): void => {
    mkdirSync(dirname(join(root, name)), { recursive: true });
    writeFileSync(join(root, name), content, { mode: 0o644 });
  };
  write(
    "usr/share/doc/perfcollector/changelog.gz",
    gzipSync(renderChangelog(version, dateS), { level: 9 }),
  );
  write(
    "usr/share/lintian/overrides/perfcollector",
    readFileSync(join(here, "debian/lintian-overrides")),
  );
  writeControl(root, { architecture, version });
  setModes(root);
  // Files get the clamped time, and dpkg-deb orders them: nothing of this machine is left in the package.
  execFileSync("dpkg-deb", ["--root-owner-group", `-Z${compression}`, "--build", root, path], {
    stdio: ["ignore", "ignore", "inherit"],
    // eslint-disable-next-line node/no-process-env -- what dpkg-deb itself needs, and one variable more
    env: { ...process.env, SOURCE_DATE_EPOCH: String(dateS) },
  });
  rmSync(root, { recursive: true });
}

function writeControl(
  root: string,
  { architecture, version }: { architecture: string; version: string },
): void {
  const files = globSync("**/*", { cwd: root })
    .filter((path) => lstatSync(join(root, path)).isFile())
    .toSorted();
  const sizeKb = files.reduce(
    (sum, path) => sum + Math.ceil(lstatSync(join(root, path)).size / 1024),
    0,
  );
  const control = join(root, "DEBIAN");
  mkdirSync(control);
  writeFileSync(
    join(control, "control"),
    `Package: perfcollector
Version: ${version}
Architecture: ${architecture}
Maintainer: PerfAnalysis maintainers <maintainers@perfanalysis.example>
Installed-Size: ${sizeKb}
Depends: adduser, init-system-helpers (>= 1.54), libc6 (>= 2.17)
Section: admin
Priority: optional
Description: samples a machine from /proc at next to no cost
 pcc samples CPU, memory, disks, network, file systems, pressure and
 containers, each second if wanted, into captures or to a portal. pcd is a
 gateway between many pcc and the portal, pcprocess converts captures to CSV
 and to the columns of sysstat, and pcctl administers all of them.
`,
  );
  writeFileSync(
    join(control, "md5sums"),
    files
      .map(
        (path) =>
          `${createHash("md5")
            .update(readFileSync(join(root, path)))
            .digest("hex")}  ${path}\n`,
      )
      .join(""),
  );
  for (const script of ["postinst", "prerm", "postrm"]) {
    copyFileSync(join(here, "debian", script), join(control, script));
  }
}

/** Whatever the umask of who packages is. */
function setModes(root: string): void {
  for (const path of globSync("**", { cwd: root })) {
    const stat = lstatSync(join(root, path));
    if (stat.isSymbolicLink()) continue;
    const runs = /(?:^|\/)usr\/bin\/|(?:^|\/)DEBIAN\/(?:post|pre)/.test(path);
    chmodSync(join(root, path), stat.isDirectory() || runs ? 0o755 : 0o644);
  }
}

function renderChangelog(version: string, dateS: number): string {
  const date = new Date(dateS * 1000).toUTCString().replace("GMT", "+0000");
  return `perfcollector (${version}) stable; urgency=medium

  * The changes stand in the log of the repository.

 -- PerfAnalysis maintainers <maintainers@perfanalysis.example>  ${date}
`;
}
