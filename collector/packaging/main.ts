// npm run package: executables, packages and archives of the collector, with checksums and bills of materials, in dist/.
import { execFileSync } from "node:child_process";
import { createHash } from "node:crypto";
import { mkdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { join, resolve } from "node:path";
import { parseArgs } from "node:util";
import { buildArchive } from "./archive.ts";
import { renderBillOfMaterials } from "./bill-of-materials.ts";
import { buildDebianPackage } from "./debian.ts";
import { compileExecutable, readPackageJson } from "./executable.ts";
import { listOutputs, prepareOutputFolder } from "./output-folder.ts";
import { installRuntime } from "./runtime.ts";
import { findHostTarget, targets } from "./targets.ts";

const root = join(import.meta.dirname, "../..");

const help = `npm run package – executables, packages and archives of the collector

Usage: npm run package -- [--target NAME]… [--output FOLDER]

Examples:
  npm run package
  npm run package -- --target linux-x64 --output /tmp/packages
  npm run package -- --runtime-only

  --target NAME     one of ${targets.map(({ name }) => name).join(", ")}; may be given several times (default: all)
  --output FOLDER   where they go; what an earlier run has made there is removed (default: dist)
  --runtime-only    only brings the Bun that runs on this machine; the tests of the executable are skipped without it
  -h, --help

Needs npm's registry the first time: Bun comes from there, 40 MB a target. dpkg-deb makes the packages for Debian, where it is installed.
SOURCE_DATE_EPOCH dates everything; without it, the last commit does.
`;

const { values } = parseArgs({
  options: {
    target: { type: "string", multiple: true },
    output: { type: "string" },
    "runtime-only": { type: "boolean" },
    help: { type: "boolean", short: "h" },
  },
});
if (values.help === true) process.stdout.write(help);
else if (values["runtime-only"] === true) installHostRuntime();
else run(values.target ?? targets.map(({ name }) => name), resolve(root, values.output ?? "dist"));

function run(names: readonly string[], output: string): void {
  const chosen = names.map((name) => {
    const target = targets.find((candidate) => candidate.name === name);
    if (target === undefined) throw new Error(`Cannot package "${name}". Try --help.`);
    return target;
  });
  const compiler = installHostRuntime();
  const { version } = readPackageJson(join(root, "collector/src"));
  const dateS = readDateS();
  const hasDpkg = isInstalled("dpkg-deb");
  if (!hasDpkg) process.stdout.write("dpkg-deb is not installed: no .deb\n");
  prepareOutputFolder(output);
  for (const target of chosen) {
    const name = `perfcollector-${version}-${target.name}`;
    const work = join(root, ".cache/package", target.name);
    mkdirSync(work, { recursive: true });
    // Its own name gets into an executable: the same for all of them.
    const executable = join(work, "perfcollector");
    const sources = compileExecutable(target, {
      compiler,
      runtime: installRuntime(target),
      path: executable,
    });
    const billOfMaterials = renderBillOfMaterials(target, {
      sources,
      executable: readFileSync(executable),
      dateS,
    });
    writeFileSync(join(output, `${name}.cdx.json`), billOfMaterials);
    const options = { executable, billOfMaterials, version, dateS, work: join(work, "tree") };
    buildArchive({ ...options, path: join(output, `${name}.tar.gz`) });
    if (hasDpkg && target.debianArchitecture !== null) {
      const path = join(output, `perfcollector_${version}_${target.debianArchitecture}.deb`);
      buildDebianPackage(target.debianArchitecture, { ...options, path });
    }
    execFileSync("cp", [executable, join(output, name)]);
    rmSync(work, { recursive: true });
  }
  writeChecksums(output);
}

function installHostRuntime(): string {
  const host = findHostTarget();
  if (host === null) throw new Error(`Cannot package on ${process.arch}: Bun does not run here`);
  return installRuntime(host);
}

function writeChecksums(output: string): void {
  const lines = listOutputs(output).map((file) => {
    const content = readFileSync(join(output, file));
    const { length } = content;
    const size =
      length < 1e6 ? `${(length / 1e3).toFixed(1)} kB` : `${(length / 1e6).toFixed(1)} MB`;
    process.stdout.write(`${file}  ${size}\n`);
    return `${createHash("sha256").update(content).digest("hex")}  ${file}\n`;
  });
  writeFileSync(join(output, "SHA256SUMS"), lines.join(""));
}

/** https://reproducible-builds.org/specs/source-date-epoch/ */
function readDateS(): number {
  const given = process.env["SOURCE_DATE_EPOCH"];
  if (given !== undefined && /^\d+$/.test(given)) return Number(given);
  return Number(
    execFileSync("git", ["log", "-1", "--format=%ct"], { cwd: root, encoding: "utf8" }).trim(),
  );
}

function isInstalled(program: string): boolean {
  try {
    execFileSync(program, ["--version"], { stdio: "ignore" });
    return true;
  } catch {
    return false;
  }
}
