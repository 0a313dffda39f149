#!/usr/bin/env -S node --max-semi-space-size=2
// Samples are not V8's to keep, and little of the rest lives long: new objects need 2 MB of room, not 48.
//
// Not TypeScript: whoever starts it would load the compiler for these lines alone, 15 MB of it. To read and compile the two hundred files
// behind them takes as long as the report of a day, so that it is done once. Where the folder cannot be used, it is done each time.
import { enableCompileCache } from "node:module";
import { homedir } from "node:os";
import { join } from "node:path";

// oxlint-disable-next-line node/no-process-env -- the settings are not loaded yet
const { XDG_CACHE_HOME: caches, HOME: home } = process.env;
enableCompileCache(join(caches || join(home || homedir(), ".cache"), "perf-report", "code"));
const { main } = await import("./cli/main.ts");
process.exitCode = await main(process.argv.slice(2));
