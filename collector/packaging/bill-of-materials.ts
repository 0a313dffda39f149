// CycloneDX 1.6, https://cyclonedx.org/docs/1.6/json/: what is in an executable.
import { createHash } from "node:crypto";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { readPackageJson } from "./executable.ts";
import type { Target } from "./targets.ts";

const root = join(import.meta.dirname, "../..");

interface LockFile {
  packages: Record<string, { version?: string; integrity?: string; license?: string } | undefined>;
}

/** `sources` are the files that were compiled, from the workspace's root. */
export function renderBillOfMaterials(
  target: Target,
  {
    sources,
    executable,
    dateS,
  }: { sources: readonly string[]; executable: Uint8Array; dateS: number },
): string {
  const collector = readPackageJson(join(root, "collector/src"));
  const sha256 = createHash("sha256").update(executable).digest("hex");
  const workspaceLock = readLock(join(root, "package-lock.json"));
  const packages = new Set(sources.map(toPackageFolder));
  packages.delete("collector");
  const components = [...packages].toSorted().map((folder) => {
    const { name, version, license, description } = readPackageJson(join(root, folder, "x"));
    const hashes = toHashes(workspaceLock.packages[folder]?.integrity);
    return toComponent({ name, version, license, description, hashes });
  });
  const runtimeLock = readLock(join(import.meta.dirname, "bun/package-lock.json"));
  const {
    version = "",
    license = "",
    integrity,
  } = runtimeLock.packages[`node_modules/${target.runtime}`] ?? {};
  components.push(
    toComponent({
      name: target.runtime,
      version,
      // npm's page tells Bun's own only: https://bun.com/docs/project/license
      license: `${license} AND LGPL-2.0-or-later`,
      description: "Bun, the JavaScript runtime, with JavaScriptCore and its other libraries in it",
      hashes: toHashes(integrity),
    }),
  );
  const purl = `pkg:generic/perfcollector@${collector.version}?arch=${target.name}`;
  const own = {
    ...toComponent({ ...collector, name: "perfcollector", hashes: [] }),
    type: "application",
    "bom-ref": purl,
    purl,
    hashes: [{ alg: "SHA-256", content: sha256 }],
  };
  return `${JSON.stringify(
    {
      bomFormat: "CycloneDX",
      specVersion: "1.6",
      // The same executable has the same number.
      serialNumber: `urn:uuid:${sha256.slice(0, 8)}-${sha256.slice(8, 12)}-5${sha256.slice(13, 16)}-8${sha256.slice(17, 20)}-${sha256.slice(20, 32)}`,
      version: 1,
      metadata: { timestamp: new Date(dateS * 1000).toISOString(), component: own },
      components,
      dependencies: [
        { ref: own["bom-ref"], dependsOn: components.map((component) => component["bom-ref"]) },
      ],
    },
    null,
    2,
  )}\n`;
}

function toPackageFolder(source: string): string {
  const [, folder] = /^((?:.*\/)?node_modules\/(?:@[^/]+\/)?[^/]+)\//.exec(source) ?? [];
  return folder ?? source.split("/", 1)[0] ?? source;
}

function toComponent({
  name,
  version,
  license,
  description,
  hashes,
}: {
  name: string;
  version: string;
  license: string;
  description?: string | undefined;
  hashes: { alg: string; content: string }[];
}) {
  const purl = `pkg:npm/${name.replace("@", "%40")}@${version}`;
  return {
    type: "library",
    "bom-ref": purl,
    name,
    version,
    ...(description === undefined ? {} : { description }),
    hashes,
    licenses: [license.includes(" ") ? { expression: license } : { license: { id: license } }],
    purl,
  };
}

/** npm's integrity of the package's archive, as CycloneDX writes it. */
function toHashes(integrity: string | undefined): { alg: string; content: string }[] {
  const [, base64] = /^sha512-(.+)$/.exec(integrity ?? "") ?? [];
  if (base64 === undefined) return [];
  return [{ alg: "SHA-512", content: Buffer.from(base64, "base64").toString("hex") }];
}

function readLock(path: string): LockFile {
  // npm wrote it.
  return JSON.parse(readFileSync(path, "utf8")) as LockFile;
}
