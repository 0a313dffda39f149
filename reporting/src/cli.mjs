#!/usr/bin/env -S MALLOC_ARENA_MAX=1 node --max-semi-space-size=1 --no-concurrent-recompilation
// Samples are not V8's to keep, and little of the rest lives long: new objects need 1 MB of room, not 48. Few threads allocate: an
// arena for each is 5 MB for nothing. Code that is hot is so from the first row to the last: compiled at once instead of beside the
// slow one, it saves a tenth of a long report's time.
//
// Not TypeScript: whoever starts it would load the compiler for these lines alone, 15 MB of it. To read and compile the two hundred files
// behind them takes as long as the report of a day, so that it is done once. Where the folder cannot be used, it is done each time.
import { mkdirSync } from "node:fs";
import module from "node:module";
import { homedir } from "node:os";
import { dirname, join } from "node:path";

// oxlint-disable-next-line node/no-process-env -- the settings are not loaded yet
const { XDG_CACHE_HOME: caches, HOME: home } = process.env;
const [major = 0, minor = 0] = process.versions.node.split(".").map(Number);
if (major < 22 || (major === 22 && minor < 18)) {
  process.stderr.write(
    `perf-report: Node ${process.versions.node} is too old: it needs 22.18; npx perf-report in the checkout brings it\n`,
  );
  process.exit(69);
}
const folder = join(caches || join(home || homedir(), ".cache"), "perf-report", "code");
try {
  // By itself the runtime would try for ever where the system has no place for folders, as below /proc.
  makeFolder(folder);
  module.enableCompileCache(folder);
  // So that threads find it, too.
  // oxlint-disable-next-line node/no-process-env -- it is said to them alone
  process.env["NODE_COMPILE_CACHE"] = folder;
} catch {}
// A file that is named in full is not sought: that is a quarter of what it takes to load all of them.
module.registerHooks({
  resolve(specifier, context, next) {
    if (!/^\.\.?\/.*\.ts$/.test(specifier)) return next(specifier, context);
    const { href } = new URL(specifier, context.parentURL);
    return { url: href, format: "module-typescript", shortCircuit: true };
  },
});
const { main } = await import("./cli/main.ts");
process.exitCode = await main(process.argv.slice(2));

/** @param {string} path */
function makeFolder(path) {
  try {
    mkdirSync(path, { mode: 0o700 });
  } catch (error) {
    if (error.code === "EEXIST") return;
    if (error.code !== "ENOENT" || dirname(path) === path) throw error;
    makeFolder(dirname(path));
    mkdirSync(path, { mode: 0o700 });
  }
}
