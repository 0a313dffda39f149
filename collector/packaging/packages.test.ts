import { execFileSync, spawnSync } from "node:child_process";
import {
  chmodSync,
  existsSync,
  globSync,
  mkdirSync,
  mkdtempSync,
  readFileSync,
  rmSync,
  statSync,
  writeFileSync,
} from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { beforeAll, expect, onTestFinished, test } from "vitest";
import { buildArchive } from "./archive.ts";
import { buildDebianPackage, type PackageOptions } from "./debian.ts";
import { listPrograms, writeTree } from "./tree.ts";

const hasDpkg = spawnSync("dpkg-deb", ["--version"]).status === 0;
const skipped = hasDpkg ? "" : " (skipped: dpkg-deb is not installed)";

// What the packages hold is what every program says of itself, in a process each.
beforeAll(() => {
  const root = mkdtempSync(join(tmpdir(), "packages-"));
  writeTree({ root, share: "share", etc: "etc", units: "units", dateS: 0 });
  rmSync(root, { recursive: true });
}, 120_000);

function makeFolder(): string {
  const folder = mkdtempSync(join(tmpdir(), "packages-"));
  onTestFinished(() => rmSync(folder, { recursive: true }));
  return folder;
}

/** A script stands for the executable: what is packaged with it does not depend on it. */
function prepare(folder: string, file: string): PackageOptions {
  const executable = join(folder, "perfcollector");
  writeFileSync(executable, "#!/bin/sh\necho ran\n");
  chmodSync(executable, 0o755);
  const work = join(folder, "work");
  mkdirSync(work);
  return {
    executable,
    billOfMaterials: "{}\n",
    version: "1.2.3",
    dateS: 1_700_000_000,
    work,
    path: join(folder, file),
  };
}

function list(root: string): string[] {
  return globSync("**/*", { cwd: root, withFileTypes: true })
    .filter((entry) => !entry.isDirectory())
    .map((entry) => join(entry.parentPath, entry.name).slice(root.length + 1))
    .toSorted();
}

test.skipIf(!hasDpkg)(
  `buildDebianPackage() holds what its units and scripts name${skipped}`,
  () => {
    const folder = makeFolder();
    const options = prepare(folder, "test.deb");
    buildDebianPackage("amd64", { ...options, compression: "none" });
    const root = join(folder, "root");
    execFileSync("dpkg-deb", ["--raw-extract", options.path, root]);
    const files = list(root);
    expect(files).toEqual(
      expect.arrayContaining([
        "usr/bin/perfcollector",
        ...listPrograms().map((name) => `usr/bin/${name}`),
        "etc/perfcollector/config.yaml",
        "lib/systemd/system/perfcollector.service",
        "usr/share/doc/perfcollector/sbom.cdx.json",
      ]),
    );
    expect(readFileSync(join(root, "DEBIAN/conffiles"), "utf8")).toMatch(
      /^\/etc\/perfcollector\/config\.yaml$/m,
    );
    for (const unit of ["perfcollector.service", "pcd.service", "perfcollector-upload.service"]) {
      const text = readFileSync(join(root, "lib/systemd/system", unit), "utf8");
      const [, program = ""] = /^ExecStart=\/(\S+)/m.exec(text) ?? [];
      expect(files).toContain(program);
    }
    for (const script of ["postinst", "prerm", "postrm"]) {
      execFileSync("sh", ["-n", join(root, "DEBIAN", script)]);
      expect(statSync(join(root, "DEBIAN", script)).mode & 0o777).toBe(0o755);
    }
    execFileSync("md5sum", ["--check", "--quiet", "DEBIAN/md5sums"], { cwd: root });
  },
);

test.skipIf(!hasDpkg)(
  `buildDebianPackage() gives the same bytes again, under whatever umask${skipped}`,
  () => {
    const [first, second] = [makeFolder(), makeFolder()].map((folder, index) => {
      const options = prepare(folder, "test.deb");
      const before = process.umask(index === 0 ? 0o022 : 0o077);
      try {
        buildDebianPackage("arm64", { ...options, compression: "none" });
      } finally {
        process.umask(before);
      }
      return readFileSync(options.path);
    });
    expect(first?.equals(second ?? Buffer.alloc(0))).toBe(true);
  },
);

test("buildArchive() gives the same bytes again", () => {
  const [first, second] = [makeFolder(), makeFolder()].map((folder) => {
    const options = prepare(folder, "test.tar.gz");
    buildArchive(options);
    return readFileSync(options.path);
  });
  expect(first?.equals(second ?? Buffer.alloc(0))).toBe(true);
});

test("install.sh installs, keeps settings that were changed, and takes everything away again", () => {
  const folder = makeFolder();
  const options = prepare(folder, "test.tar.gz");
  buildArchive(options);
  execFileSync("tar", ["-xzf", options.path, "-C", folder]);
  const installer = join(folder, "perfcollector-1.2.3/install.sh");
  const root = join(folder, "root");
  mkdirSync(root);
  const install = (...args: string[]): void => {
    execFileSync(installer, ["--root", root, ...args], { stdio: "inherit" });
  };
  install("--prefix", "/opt/perf");
  expect(execFileSync(join(root, "opt/perf/bin/pcc"), { encoding: "utf8" })).toBe("ran\n");
  const unit = readFileSync(join(root, "etc/systemd/system/perfcollector.service"), "utf8");
  expect(unit).toMatch(/^ExecStart=\/opt\/perf\/bin\/pcc$/m);
  expect(existsSync(join(root, "opt/perf/share/man/man1/pcc.1.gz"))).toBe(true);

  const settings = join(root, "etc/perfcollector/config.yaml");
  writeFileSync(settings, "frequency: 1s\n");
  install("--prefix", "/opt/perf");
  expect(readFileSync(settings, "utf8")).toBe("frequency: 1s\n");
  expect(existsSync(`${settings}.new`)).toBe(true);

  install("--uninstall", "--prefix", "/opt/perf");
  expect(list(root).filter((file) => !file.startsWith("etc/perfcollector/"))).toEqual([]);
  install("--uninstall", "--purge", "--prefix", "/opt/perf");
  expect(list(root)).toEqual([]);
});

test.each([[["--prefix"]], [["--root", "relative"]], [["now"]]])(
  "install.sh %j ends with exit code 64",
  (args) => {
    const installer = join(import.meta.dirname, "archive/install.sh");
    expect(spawnSync(installer, args).status).toBe(64);
  },
);
