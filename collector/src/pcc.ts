#!/usr/bin/env node
import { writeSync } from "node:fs";
import { isatty } from "node:tty";
import { setFlagsFromString } from "node:v8";
import { collect } from "./collect.ts";
import { readSettings } from "./config.ts";
import { endSoon, exitCodeOf, exitCodes } from "./exit.ts";
import { messageOf } from "./message-of.ts";
import { parsePccArguments, renderPccHelp, type PccRunArguments } from "./pcc-arguments.ts";
import { systemClock } from "./sampling/clock.ts";
import { pccProgram, type Settings } from "./settings.ts";
import { readVersion } from "./version.ts";

if (import.meta.main) {
  // At one sample a second nothing ever pays back what optimising it costs: 0.2 ms of CPU a sample.
  setFlagsFromString("--no-opt");
  setFlagsFromString("--no-maglev");
  // What a sample leaves behind is little: a space for new objects that grew with each burst would only keep its pages.
  setFlagsFromString("--max-semi-space-size=2");
  setFlagsFromString("--semi-space-growth-factor=1");
  process.exitCode = await main(process.argv.slice(2));
}

/** Runs pcc to its end; answers the exit code. */
export async function main(argv: readonly string[]): Promise<number> {
  const exitCode = await runGiven(argv);
  endSoon(exitCode);
  return exitCode;
}

async function runGiven(argv: readonly string[]): Promise<number> {
  try {
    const given = parsePccArguments(argv);
    if (given.kind === "help") writeSync(1, renderPccHelp());
    else if (given.kind === "version") writeSync(1, `pcc ${readVersion()}\n`);
    else await run(given);
    return exitCodes.ok;
  } catch (error) {
    // Who reads the output has gone, as head does: that is an end, not an error.
    if (error instanceof Error && "code" in error && error.code === "EPIPE") return exitCodes.ok;
    report(messageOf(error));
    return exitCodeOf(error);
  }
}

async function run({ flags, configPath, count }: PccRunArguments): Promise<void> {
  const stop = new AbortController();
  const end = (): void => stop.abort();
  process.on("SIGINT", end);
  process.on("SIGTERM", end);
  const read = (): Promise<Settings> => readSettings(pccProgram, { flags, configPath });
  let reload: ((settings: Settings) => Promise<void>) | null = null;
  let reloading = Promise.resolve();
  // On a terminal it is the terminal that has gone, and samples that wait for the portal would go with it.
  const isService = !isatty(0) && !isatty(2);
  process.on("SIGHUP", () => {
    if (!isService) end();
    else reloading = reloading.then(() => reloadSettings(read, reload));
  });
  await collect({
    settings: await read(),
    flags,
    count,
    version: readVersion(),
    clock: systemClock,
    signal: stop.signal,
    onReady: (use) => {
      reload = use;
    },
    report,
  });
}

/** Settings that have just been read for the first time are new enough. */
async function reloadSettings(
  read: () => Promise<Settings>,
  use: ((settings: Settings) => Promise<void>) | null,
): Promise<void> {
  try {
    await use?.(await read());
  } catch (error) {
    report(`${messageOf(error)}; going on as before`);
  }
}

function report(message: string): void {
  try {
    writeSync(2, `pcc: ${message}\n`);
  } catch {
    // Nobody hears it: no reason to end.
  }
}
