import { spawn, spawnSync, type SpawnSyncReturns } from "node:child_process";
import { once } from "node:events";
import { mkdirSync, mkdtempSync, readFileSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout } from "node:timers/promises";
import { afterAll, beforeAll, expect, onTestFinished, test } from "vitest";
import { renderBillOfMaterials } from "./bill-of-materials.ts";
import { compileExecutable } from "./executable.ts";
import { findRuntime } from "./runtime.ts";
import { listPrograms } from "./tree.ts";
import { findHostTarget } from "./targets.ts";

const target = findHostTarget();
const runtime = target === null ? null : findRuntime(target);
const skipped =
  runtime === null
    ? ' (skipped: Bun is not here; "npm run package -- --runtime-only" brings it)'
    : "";

let folder = "";
let sources: string[] = [];

beforeAll(() => {
  // Within the workspace, as the compiler writes it there.
  const cache = join(import.meta.dirname, "../../.cache");
  mkdirSync(cache, { recursive: true });
  folder = mkdtempSync(join(cache, "executable-"));
  if (target === null || runtime === null) return;
  const path = join(folder, "perfcollector");
  sources = compileExecutable(target, { compiler: runtime, runtime, path });
  for (const name of listPrograms()) symlinkSync("perfcollector", join(folder, name));
});

afterAll(() => rmSync(folder, { recursive: true }));

function run(name: string, args: readonly string[], input = ""): SpawnSyncReturns<string> {
  return spawnSync(join(folder, name), args, { encoding: "utf8", env: {}, input });
}

test.skipIf(runtime === null)(`the executable is each of its programs${skipped}`, () => {
  for (const name of listPrograms()) {
    expect(run(name, ["--version"]).stdout).toMatch(new RegExp(`^${name} \\d`));
    expect(run("perfcollector", [name, "--version"]).stdout).toMatch(new RegExp(`^${name} \\d`));
  }
});

test.skipIf(runtime === null)(
  `the executable samples, and converts what it sampled${skipped}`,
  () => {
    const capture = join(folder, "capture.json");
    expect(run("pcc", ["1", "2", capture])).toMatchObject({ status: 0 });
    const csv = run("pcprocess", ["--input", "-", "--output", "-"], readFileSync(capture, "utf8"));
    expect(csv.status).toBe(0);
    expect(csv.stdout.split("\n")).toHaveLength(4);
  },
);

test.skipIf(runtime === null)(
  `pcc of the executable has no compilers, keeps its process, and ends in order${skipped}`,
  async () => {
    const child = spawn(join(folder, "pcc"), ["1", join(folder, "running.json")], {
      env: {},
      stdio: "ignore",
    });
    onTestFinished(() => {
      child.kill("SIGKILL");
    });
    const proc = `/proc/${child.pid ?? 0}`;
    while (!readFileSync(`${proc}/environ`, "utf8").includes("BUN_JSC_useDFGJIT=0")) {
      // It starts anew, as the same process.
      await setTimeout(20);
    }
    while (!readFileSync(`${proc}/maps`, "utf8").includes("libc")) await setTimeout(20);
    const exited = once(child, "exit");
    while (spawnSync("test", ["-s", join(folder, "running.json")]).status !== 0) {
      await setTimeout(20);
    }
    child.kill("SIGTERM");
    expect(await exited).toEqual([0, null]);
  },
);

test.skipIf(runtime === null)(
  `pcc of the executable lets go of what only its start needed${skipped}`,
  async () => {
    const child = spawn(join(folder, "pcc"), ["1", join(folder, "resident.json")], {
      env: {},
      stdio: "ignore",
    });
    onTestFinished(() => {
      child.kill("SIGKILL");
    });
    const readFileMb = (): number => {
      const status = readFileSync(`/proc/${child.pid ?? 0}/status`, "utf8");
      return Number(/^RssFile:\s+(\d+) kB$/m.exec(status)?.[1]) / 1024;
    };
    // The kernel's own page size makes a difference; less than half is what it comes to on x64.
    let mostMb = 0;
    let presentMb = 0;
    do {
      await setTimeout(100);
      presentMb = readFileMb();
      mostMb = Math.max(mostMb, presentMb);
    } while (mostMb < 20 || presentMb > 0.75 * mostMb);
    expect(presentMb).toBeLessThan(0.75 * mostMb);
    // All of its code comes back from the file when it is needed.
    const exited = once(child, "exit");
    child.kill("SIGTERM");
    expect(await exited).toEqual([0, null]);
  },
);

test.skipIf(runtime === null)(
  `the executable takes no settings from the folder that it is started in${skipped}`,
  () => {
    const elsewhere = mkdtempSync(join(tmpdir(), "elsewhere-"));
    onTestFinished(() => rmSync(elsewhere, { recursive: true }));
    writeFileSync(join(elsewhere, ".env"), "PCC_FREQUENCY=never\n");
    writeFileSync(join(elsewhere, "bunfig.toml"), 'preload = ["./preload.ts"]\n');
    writeFileSync(join(elsewhere, "preload.ts"), 'throw new Error("preloaded");\n');
    const { status, stderr } = spawnSync(join(folder, "pcc"), ["--procfs", elsewhere], {
      cwd: elsewhere,
      encoding: "utf8",
      env: {},
    });
    expect({ status, stderr }).toEqual({ status: 66, stderr: expect.stringContaining(elsewhere) });
  },
);

test.skipIf(runtime === null)(`compileExecutable() gives the same bytes again${skipped}`, () => {
  if (target === null || runtime === null) return;
  mkdirSync(join(folder, "again"));
  const path = join(folder, "again/perfcollector");
  compileExecutable(target, { compiler: runtime, runtime, path });
  expect(readFileSync(path).equals(readFileSync(join(folder, "perfcollector")))).toBe(true);
});

test.skipIf(runtime === null)(
  `the bill of materials lists the libraries and Bun, each with its checksum${skipped}`,
  () => {
    if (target === null) return;
    const bill: unknown = JSON.parse(
      renderBillOfMaterials(target, { sources, executable: Buffer.from("x"), dateS: 0 }),
    );
    expect(bill).toMatchObject({
      bomFormat: "CycloneDX",
      metadata: { timestamp: "1970-01-01T00:00:00.000Z", component: { name: "perfcollector" } },
      components: [
        { name: "@perfanalysis/contract" },
        {
          name: "yaml",
          hashes: [{ alg: "SHA-512", content: expect.stringMatching(/^[\da-f]{128}$/) }],
        },
        {
          name: target.runtime,
          version: expect.stringMatching(/^\d/),
          hashes: [{ alg: "SHA-512" }],
          licenses: [{ expression: "MIT AND LGPL-2.0-or-later" }],
        },
      ],
    });
  },
);
