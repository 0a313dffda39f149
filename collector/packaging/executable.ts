import { execFileSync } from "node:child_process";
import { readFileSync, rmSync } from "node:fs";
import { dirname, join, relative } from "node:path";
import type { Target } from "./targets.ts";

const root = join(import.meta.dirname, "../..");
const entry = "collector/src/perfcollector.ts";

/** Compiles the collector's programs into one file; answers the source files that are in it, from the workspace's root. */
export function compileExecutable(
  target: Target,
  { compiler, runtime, path }: { compiler: string; runtime: string; path: string },
): string[] {
  const metafile = `${path}.meta.json`;
  const args = [
    "build",
    "--compile",
    `--target=${target.bunTarget}`,
    `--compile-executable-path=${runtime}`,
    // Code that is compiled to bytecode beforehand, in chunks that only their program loads: starts in 4 ms instead of 16.
    "--bytecode",
    "--format=esm",
    "--splitting",
    "--minify",
    // Whoever starts it in a folder of somebody else's must not run with that folder's settings.
    "--no-compile-autoload-dotenv",
    "--no-compile-autoload-bunfig",
    `--metafile=${metafile}`,
    // From the root, and by a path that is the same wherever the checkout lies: it gets into the executable.
    `--outfile=${relative(root, path)}`,
    entry,
  ];
  execFileSync(compiler, args, { cwd: root, stdio: ["ignore", "ignore", "inherit"] });
  try {
    // Its format is Bun's, which is the pinned one.
    const { inputs } = JSON.parse(readFileSync(metafile, "utf8")) as {
      inputs: Record<string, unknown>;
    };
    return Object.keys(inputs).map((input) => relative(root, join(root, input)));
  } finally {
    rmSync(metafile);
  }
}

export function readPackageJson(path: string): {
  name: string;
  version: string;
  license: string;
  description?: string;
} {
  // The workspace's own, and those that npm installed.
  return JSON.parse(readFileSync(join(dirname(path), "package.json"), "utf8")) as ReturnType<
    typeof readPackageJson
  >;
}
