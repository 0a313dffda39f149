// The collector's process tests a second time, against the packaged executable: Bun is not Node.
import { mkdirSync } from "node:fs";
import { dirname, join } from "node:path";
import { compileExecutable } from "./executable.ts";
import { findRuntime } from "./runtime.ts";
import { findHostTarget } from "./targets.ts";

/** What the tests' variable PERFCOLLECTOR names. */
export const testedExecutable = join(import.meta.dirname, "../../.cache/packaged/perfcollector");

const target = findHostTarget();
const runtime = target === null ? null : findRuntime(target);

/** Whether Bun was brought: `npm run package -- --runtime-only`. */
export const canCompile = runtime !== null;

export function setup(): void {
  if (target === null || runtime === null) throw new Error("Cannot compile: Bun is not here");
  mkdirSync(dirname(testedExecutable), { recursive: true });
  compileExecutable(target, { compiler: runtime, runtime, path: testedExecutable });
}
