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
  writeTree({ root, share: "share", etc: "etc", units: "units", dateS: 0, billOfMaterials: "" });
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
        "usr/share/perfcollector/config.yaml",
        "lib/systemd/system/perfcollector.service",
        "usr/share/doc/perfcollector/copyright",
        "usr/share/doc/perfcollector/import.md",
        "usr/share/doc/perfcollector/sbom.cdx.json",
      ]),
    );
    // What pcctl enroll edits is no conffile: see debian.ts.
    expect(files.filter((file) => file.startsWith("etc/"))).toEqual([]);
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

/** In a copy of this machine's root that is gone afterwards, with nothing of it running. */
const inCopyOfRoot = `
set -e
mount -t tmpfs none "$1"
mkdir "$1/upper" "$1/work" "$1/root"
mount -t overlay overlay -o "lowerdir=/,upperdir=$1/upper,workdir=$1/work" "$1/root"
mount -t tmpfs none "$1/root/run"
mount --rbind /dev "$1/root/dev"
mount -t proc none "$1/root/proc"
[ -z "$2" ] || cp "$2" "$3" "$1/root/run"
exec chroot "$1/root" sh -c "$4"`;

function runInCopyOfRoot(folder: string, packages: readonly string[], script: string) {
  const place = join(folder, "place");
  mkdirSync(place);
  const [first = "", second = ""] = packages;
  return spawnSync(
    "unshare",
    ["--mount", "sh", "-c", inCopyOfRoot, "sh", place, first, second, script],
    // eslint-disable-next-line node/no-process-env -- dpkg's own, without a terminal to ask on
    { encoding: "utf8", env: { ...process.env, LC_ALL: "C" }, stdio: ["ignore", "pipe", "pipe"] },
  );
}

function canInstall(): boolean {
  const folder = mkdtempSync(join(tmpdir(), "packages-"));
  try {
    const script =
      "set -e; for name in dpkg adduser deluser deb-systemd-helper; do command -v $name; done";
    return runInCopyOfRoot(folder, [], script).status === 0;
  } finally {
    rmSync(folder, { recursive: true });
  }
}

const installable = hasDpkg && canInstall();

test.skipIf(!installable)(
  `the package installs, asks nothing when a newer one comes, and leaves nothing behind when purged${installable ? "" : " (skipped: needs root on Debian, overlayfs and adduser)"}`,
  () => {
    const folder = makeFolder();
    const options = prepare(folder, "first.deb");
    buildDebianPackage("amd64", { ...options, compression: "none" });
    const root = join(folder, "newer");
    execFileSync("dpkg-deb", ["--raw-extract", options.path, root]);
    writeFileSync(join(root, "usr/share/perfcollector/config.yaml"), "# another text\n");
    const control = join(root, "DEBIAN/control");
    writeFileSync(control, readFileSync(control, "utf8").replace("1.2.3", "1.3.0"));
    execFileSync("dpkg-deb", ["-Znone", "--build", root, join(folder, "second.deb")]);
    const { status, stdout, stderr } = runInCopyOfRoot(
      folder,
      [options.path, join(folder, "second.deb")],
      `set -e
install() { dpkg --force-depends --no-triggers --install "$1" >&2; }
install /run/first.deb
stat -c '%U %a %n' /etc/perfcollector/*.yaml /var/lib/perfcollector/capture /var/lib/pcd
echo 'frequency: 1s' >>/etc/perfcollector/config.yaml
rm /etc/perfcollector/pcd.yaml
install /run/second.deb
tail -n 1 /etc/perfcollector/config.yaml; ls /etc/perfcollector
echo 'PCC_API_KEY=secret' >/etc/default/perfcollector
touch /var/lib/perfcollector/capture/web-01.json
mkdir -p /var/lib/systemd/timers; touch /var/lib/systemd/timers/stamp-perfcollector-upload.timer
dpkg --no-triggers --remove perfcollector >&2
ls /etc/perfcollector /var/lib/perfcollector/capture; getent passwd perfcollector | cut -d: -f1,6
dpkg --no-triggers --purge perfcollector >&2
find /etc /lib/systemd /usr /var /run -xdev -path '*perfcollector*' ! -name '*.deb'; getent passwd perfcollector pcd || true`,
    );
    expect({ status, stdout, stderr }).toMatchObject({
      status: 0,
      stdout: `root 644 /etc/perfcollector/config.yaml
root 644 /etc/perfcollector/pcd.yaml
perfcollector 750 /var/lib/perfcollector/capture
pcd 750 /var/lib/pcd
frequency: 1s
config.yaml
/etc/perfcollector:
config.yaml

/var/lib/perfcollector/capture:
web-01.json
perfcollector:/var/lib/perfcollector
`,
    });
  },
  60_000,
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
    // As root has it where a host is hardened.
    const script = 'umask 077 && exec "$@"';
    const command = [installer, "--root", root, ...args];
    execFileSync("sh", ["-c", script, "sh", ...command], { stdio: "inherit" });
  };
  install("--prefix", "/opt/perf");
  expect(execFileSync(join(root, "opt/perf/bin/pcc"), { encoding: "utf8" })).toBe("ran\n");
  const unit = readFileSync(join(root, "etc/systemd/system/perfcollector.service"), "utf8");
  expect(unit).toMatch(/^ExecStart=\/opt\/perf\/bin\/pcc$/m);
  expect(existsSync(join(root, "opt/perf/share/man/man1/pcc.1.gz"))).toBe(true);
  // The notices that each copy of the executable has to bring.
  const notices = readFileSync(join(root, "opt/perf/share/doc/perfcollector/copyright"), "utf8");
  expect(notices).toMatch(/Permission is hereby granted[^]+Eemeli Aro[^]+Lesser General Public/);

  const settings = join(root, "etc/perfcollector/config.yaml");
  expect(statSync(settings).mode & 0o777).toBe(0o644);
  expect(statSync(join(root, "opt/perf/bin/perfcollector")).mode & 0o777).toBe(0o755);
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
