// pcctl capture: looks at captures, mends them, and takes the names out of them.
import { randomBytes } from "node:crypto";
import {
  closeSync,
  constants,
  existsSync,
  openSync,
  readFileSync,
  renameSync,
  statSync,
  writeFileSync,
  type Stats,
} from "node:fs";
import { setImmediate } from "node:timers/promises";
import { anonymiseCapture } from "../capture/anonymise.ts";
import { inspectCapture, type Gap, type Inspection } from "../capture/inspect.ts";
import { listInputs } from "../capture/list-inputs.ts";
import { acquireLock } from "../capture/lock.ts";
import { createPseudonyms } from "../capture/pseudonyms.ts";
import { repairCapture } from "../capture/repair.ts";
import { countOf, formatCount } from "../count-of.ts";
import { ExitError, exitCodeOf, exitCodes } from "../exit.ts";
import { messageOf } from "../message-of.ts";
import { createProgress } from "../progress.ts";
import { takePlaceOf } from "../whose.ts";
import { parseArguments, usage } from "./arguments.ts";
import type { Terminal } from "./terminal.ts";
import { formatBytes, formatDuration, renderFields, toPlainText } from "./text.ts";

export const help = `pcctl capture – looks at captures, mends them, and takes the names out of them

Usage: pcctl capture verify FILE|FOLDER… [--json]
       pcctl capture repair FILE --output FILE|--in-place [--json]
       pcctl capture anonymise FILE --output FILE [--secret-file FILE] [--json]

Examples:
  pcctl capture verify /var/lib/perfcollector/capture
  pcctl capture repair pcc.json --output mended.json
  pcctl capture repair --in-place pcc.json              keeps the damaged one as pcc.json.bak
  pcctl capture anonymise pcc.json.gz --output for-support.json.gz

verify tells what a capture holds: samples, time span, gaps, restarts, and damaged lines by their numbers. A last line that is cut off is no damage:
pcc may still be writing. It reads what pcprocess reads, of a folder the captures in it, and goes on behind what cannot be read.
repair writes a copy without the damaged lines, and leaves the capture as it is.
anonymise writes a copy in which machine, host, boot, devices, mounts and containers have other names, always the same for the same, and
every number is what it was. Names that the kernel gives on every machine (sda1, eth0, /, /var) stay. What may hold anything is left out.

  -o, --output FILE       the copy; it appears when it is complete, and is zipped where its name ends in .gz
      --in-place          puts the copy in the capture's place, which becomes FILE.bak; not while pcc writes it
      --secret-file FILE  what the new names are made with, so that they are the same over several captures; made where it is not
                          there. Whoever has it can try out names (default: a new one, kept nowhere)
      --json              prints JSON

Exit codes (of several, the highest): 64 usage, 65 damaged (verify) or no capture, 66 no such file, 74 cannot write, 75 pcc is writing it, 77 permission.
`;

export async function run(argv: readonly string[], terminal: Terminal): Promise<number> {
  const { values, positionals } = parseArguments("capture", argv, {
    output: { type: "string", short: "o" },
    "in-place": { type: "boolean" },
    "secret-file": { type: "string" },
    json: { type: "boolean" },
  });
  const [verb = "", ...files] = positionals;
  const json = values.json === true;
  const { output, "secret-file": secretFile } = values;
  const isInPlace = values["in-place"] === true;
  if (verb === "verify") {
    if (files.length === 0) throw usage("capture", "Give the captures to verify");
    return await verify(files, json, terminal);
  }
  if (verb !== "repair" && verb !== "anonymise") {
    const why = verb === "" ? "Give" : `Cannot use "${verb}": give`;
    throw usage("capture", `${why} verify, repair or anonymise`);
  }
  const [file, more] = files;
  if (file === undefined || more !== undefined)
    throw usage("capture", `Give one capture to ${verb}`);
  if (verb === "repair") {
    if ((output === undefined) === !isInPlace)
      throw usage("capture", "Give --output or --in-place");
    return await repair(file, { output: output ?? null, json, terminal });
  }
  if (output === undefined || isInPlace) throw usage("capture", "Give --output");
  return await anonymise(file, { output, secretFile, json, terminal });
}

/** What was found in a file, or why it cannot be read. */
type Verified = { file: string } & ({ inspection: Inspection } | { error: string });

async function verify(
  files: readonly string[],
  json: boolean,
  terminal: Terminal,
): Promise<number> {
  const found: Verified[] = [];
  let exitCode: number = exitCodes.ok;
  const goOn = (file: string, error: unknown): void => {
    terminal.signal.throwIfAborted();
    const message = messageOf(error);
    terminal.report(message);
    found.push({ file, error: message });
    exitCode = Math.max(exitCode, exitCodeOf(error));
  };
  const verifyOne = async (file: string): Promise<void> => {
    const inspection = await withProgress(file, terminal, (afterChunk) =>
      inspectCapture(file, { name: file, afterChunk }),
    );
    found.push({ file, inspection });
    if (inspection.damagedLines > 0) exitCode = Math.max(exitCode, exitCodes.badData);
    if (!json) terminal.print(renderInspection(file, inspection, terminal));
  };
  for (const given of files) {
    let inputs: string[] = [];
    try {
      inputs = await listInputs(given, (message) => terminal.report(message));
    } catch (error) {
      goOn(given, error);
    }
    for (const file of inputs) await verifyOne(file).catch((error: unknown) => goOn(file, error));
  }
  if (json) terminal.printJson({ captures: found.map(toJson) });
  return exitCode;
}

async function repair(
  file: string,
  { output, json, terminal }: { output: string | null; json: boolean; terminal: Terminal },
): Promise<number> {
  const zipped = isZipped(file);
  const kept = `${file}.bak`;
  if (output === null && existsSync(kept)) {
    throw new ExitError(
      exitCodes.cannotWrite,
      `Cannot keep ${file} as ${kept}: there is one already`,
    );
  }
  if (output !== null && isSame(file, output))
    throw usage("capture", "The output is the capture itself; --in-place does that");
  // pcc must not write behind what is copied.
  const lock = output === null ? acquireLock(file) : null;
  try {
    const target = output ?? `${file}.mended`;
    const summary = await withProgress(file, terminal, (afterChunk) =>
      repairCapture(file, target, {
        zipped: output === null ? zipped : output.endsWith(".gz"),
        afterChunk,
      }),
    );
    if (output === null) {
      giveAway(target, statSync(file));
      renameSync(file, kept);
      renameSync(target, file);
    }
    const { lines, damagedLines, damage, tornTail, samples } = summary;
    if (json) {
      terminal.printJson({
        output: output ?? file,
        kept: output === null ? kept : null,
        lines,
        samples,
        damaged_lines: damagedLines,
        damage,
        torn_tail: tornTail,
      });
      return exitCodes.ok;
    }
    for (const message of damage.slice(0, 10)) terminal.report(`left out: ${message}`);
    const left =
      damagedLines === 0
        ? "nothing was damaged"
        : `${countOf(damagedLines, "damaged line")} left out`;
    const torn = tornTail ? ", and a last line that was cut off" : "";
    terminal.print(`${output ?? file}: ${countOf(lines - damagedLines, "line")}; ${left}${torn}`);
    return exitCodes.ok;
  } finally {
    lock?.release();
  }
}

/** The service goes on with its capture, also where root has mended it. */
function giveAway(path: string, before: Stats): void {
  const descriptor = openSync(path, constants.O_RDONLY | constants.O_NOFOLLOW);
  try {
    takePlaceOf(before, descriptor, { mode: 0o644 });
  } finally {
    closeSync(descriptor);
  }
}

async function anonymise(
  file: string,
  {
    output,
    secretFile,
    json,
    terminal,
  }: { output: string; secretFile: string | undefined; json: boolean; terminal: Terminal },
): Promise<number> {
  if (isSame(file, output)) throw usage("capture", "The output is the capture itself");
  const pseudonyms = createPseudonyms(readSecret(secretFile));
  const { lines, damagedLines, leftOut } = await withProgress(file, terminal, (afterChunk) =>
    anonymiseCapture(file, output, { pseudonyms, afterChunk }),
  );
  if (json) {
    terminal.printJson({ output, lines, damaged_lines: damagedLines, left_out: leftOut });
    return exitCodes.ok;
  }
  for (const [what, count] of Object.entries(leftOut)) {
    terminal.report(
      `left out: ${countOf(count, "line")} of ${toPlainText(what)}, which may hold names`,
    );
  }
  if (damagedLines > 0) terminal.report(`left out: ${countOf(damagedLines, "damaged line")}`);
  terminal.print(`${output}: ${countOf(lines - damagedLines, "line")} of ${file}`);
  return exitCodes.ok;
}

const secretBytes = 32;

function readSecret(path: string | undefined): Buffer {
  if (path === undefined) return randomBytes(secretBytes);
  if (!existsSync(path)) {
    const secret = randomBytes(secretBytes).toString("hex");
    writeFileSync(path, `${secret}\n`, { mode: 0o600, flag: "wx" });
  }
  const secret = Buffer.from(readFileSync(path, "utf8").trim());
  if (secret.length >= 16) return secret;
  throw new ExitError(
    exitCodes.badData,
    `Cannot use ${path} as secret: it has less than 16 characters`,
  );
}

function isZipped(path: string): boolean {
  return path.endsWith(".gz");
}

/** Also by another path or link. */
function isSame(file: string, other: string): boolean {
  const [left, right] = [file, other].map((path) => statSync(path, { throwIfNoEntry: false }));
  return (
    left !== undefined && right !== undefined && left.ino === right.ino && left.dev === right.dev
  );
}

async function withProgress<Result>(
  file: string,
  terminal: Terminal,
  work: (afterChunk: (bytesRead: number) => Promise<void>) => Promise<Result>,
): Promise<Result> {
  const totalBytes = statSync(file, { throwIfNoEntry: false })?.size ?? 0;
  const progress = createProgress({ totalBytes, write: terminal.progress, now: Date.now });
  try {
    return await work(async (bytesRead) => {
      terminal.signal.throwIfAborted();
      await progress.advance(bytesRead);
      // Signals come between two turns of the event loop.
      await setImmediate();
    });
  } finally {
    progress.end();
  }
}

const shownGaps = 5;
const shownDamage = 10;

function renderInspection(file: string, found: Inspection, { style }: Terminal): string {
  const isWell = found.damagedLines === 0;
  const mark = isWell ? style.green("✓") : style.red("✗");
  const who = found.machineId === null ? "" : ` of ${found.machineId}`;
  const fields: [string, string][] = [
    ["samples", renderSamples(found)],
    ...(found.restarts === 0
      ? []
      : [["restarts", formatCount(found.restarts)] as [string, string]]),
    ...(found.missedTicks === 0
      ? []
      : [["missed", countOf(found.missedTicks, "tick")] as [string, string]]),
    ...renderGaps(found),
    ...(found.clockSteps + found.backwards === 0
      ? []
      : [
          ["clock", `set ${countOf(Math.max(found.clockSteps, found.backwards), "time")}`] as [
            string,
            string,
          ],
        ]),
    ...Object.entries(found.failedSources).map(([source, error]): [string, string] => [
      "source",
      toPlainText(`${source}: ${error}`),
    ]),
    ...found.notes.map((text): [string, string] => ["note", toPlainText(text)]),
    ...found.damage
      .slice(0, shownDamage)
      .map((message): [string, string] => [style.red("damaged"), toPlainText(message)]),
    ...(found.damagedLines > shownDamage
      ? [
          ["", `and ${formatCount(found.damagedLines - shownDamage)} more damaged lines`] as [
            string,
            string,
          ],
        ]
      : []),
    ...(found.tornTail
      ? [["tail", "the last line is cut off: pcc may be writing"] as [string, string]]
      : []),
  ];
  const size = formatBytes(statSync(file, { throwIfNoEntry: false })?.size ?? 0);
  return `${mark} ${style.bold(file)}  ${found.format}${who}, ${size}\n${renderFields(fields, style)}`;
}

function renderSamples({ samples, intervalMs, startMs, endMs }: Inspection): string {
  const every = intervalMs === null ? "" : `, every ${formatDuration(intervalMs / 1000)}`;
  if (startMs === null || endMs === null) return `${formatCount(samples)}${every}`;
  return `${formatCount(samples)}${every}, ${toTime(startMs)} to ${toTime(endMs)} (${formatDuration((endMs - startMs) / 1000)})`;
}

function renderGaps({ gaps, gapCount }: Inspection): [string, string][] {
  return gaps
    .slice(0, shownGaps)
    .map((gap, index): [string, string] => [
      index === 0 ? countOf(gapCount, "gap") : "",
      `${formatDuration((gap.endMs - gap.startMs) / 1000)} from ${toTime(gap.startMs)}`,
    ]);
}

function toTime(timeMs: number): string {
  return new Date(timeMs).toISOString().replace(/\.000Z$/, "Z");
}

function toJson(verified: Verified): object {
  if ("error" in verified) return verified;
  const { file, inspection: found } = verified;
  const { startMs, endMs } = found;
  const toGap = (gap: Gap): object => ({
    start: toTime(gap.startMs),
    end: toTime(gap.endMs),
    seconds: (gap.endMs - gap.startMs) / 1000,
  });
  return {
    file,
    format: found.format,
    machine_id: found.machineId,
    interval_ms: found.intervalMs,
    lines: found.lines,
    samples: found.samples,
    timestamp_range:
      startMs === null || endMs === null ? null : { start: toTime(startMs), end: toTime(endMs) },
    restarts: found.restarts,
    missed_ticks: found.missedTicks,
    clock_steps: found.clockSteps,
    samples_not_later: found.backwards,
    gap_count: found.gapCount,
    longest_gaps: found.gaps.map(toGap),
    failed_sources: found.failedSources,
    skipped: found.skipped,
    damaged_lines: found.damagedLines,
    damage: found.damage,
    notes: found.notes,
    torn_tail: found.tornTail,
  };
}
