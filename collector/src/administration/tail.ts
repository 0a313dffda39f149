// pcctl tail: what pcc samples, as it comes.
import { countOf } from "../count-of.ts";
import { followSamples } from "../control/client.ts";
import { ExitError, exitCodes } from "../exit.ts";
import { parseArguments, refusePositionals, usage } from "./arguments.ts";
import { findSockets } from "./sockets.ts";
import type { Style, Terminal } from "./terminal.ts";

export const help = `pcctl tail – shows what pcc samples, as it comes

Usage: pcctl tail [--columns REGEX] [--count N] [--socket PATH] [--config PATH] [--json]

Examples:
  pcctl tail
  pcctl tail --columns '^disk_.*_(read|write)_bytes$'
  pcctl tail --count 10 --json | jq .load1
  pcctl tail --columns . | head -1

A table on a terminal, of as many columns as fit; JSON Lines elsewhere, an object a sample with the names of the CSV standard (docs/metrics.md). A dot
in the table, null in JSON, is a gap; times are UTC. The first is the second sample from now on, as rates need two. pcc is asked over its control socket, and does nothing more while nobody asks.

  --columns REGEX   columns whose names match (default: CPU, load, memory, disks and network in short)
  --count N         ends after so many samples (default: Ctrl-C)
  --socket PATH     pcc's control socket (default: as its setting "control" says, else /run/perfcollector/pcc.sock)
  --config PATH     pcc's configuration file
  --json            JSON Lines on a terminal, too

Exit codes: 64 usage, 69 where pcc does not run or ends, 77 where one may not ask it.
`;

const usualColumns =
  /^(?:cpu_(?:user|system|iowait|steal)|load1|procs_running|mem_(?:used|available)|disk_.*_busy|net_.*_[rt]x_bytes)$/;

export async function run(argv: readonly string[], terminal: Terminal): Promise<number> {
  const { values, positionals } = parseArguments("tail", argv, {
    columns: { type: "string" },
    count: { type: "string" },
    socket: { type: "string" },
    config: { type: "string" },
    json: { type: "boolean" },
  });
  refusePositionals("tail", positionals);
  const count = values.count ?? "infinity";
  if (count !== "infinity" && !/^[1-9]\d{0,8}$/.test(count)) {
    throw usage("tail", `Cannot use --count "${count}": it is not a whole number from 1 up`);
  }
  const isWanted = parseColumns(values.columns);
  const [daemon] = await findSockets(
    values.socket === undefined ? undefined : [values.socket],
    values.config,
  );
  const socket = daemon?.socket ?? "";
  const stop = new AbortController();
  terminal.signal.addEventListener("abort", () => stop.abort());
  const samples = await followSamples(socket, stop.signal);
  if (samples === null) {
    throw new ExitError(exitCodes.unavailable, `Cannot watch pcc: nobody answers at ${socket}`);
  }
  const show =
    values.json === true || !terminal.isTerminal
      ? (sample: Record<string, unknown>) =>
          terminal.print(JSON.stringify(select(sample, isWanted)))
      : createTable(isWanted, terminal);
  let isChecked = false;
  let left = count === "infinity" ? Number.POSITIVE_INFINITY : Number(count);
  for await (const sample of samples) {
    if (!isChecked && !Object.keys(sample).some((name) => isColumn(name) && isWanted(name))) {
      stop.abort();
      throw usage("tail", `Cannot use --columns "${values.columns ?? ""}": no column matches it`);
    }
    isChecked = true;
    show(sample);
    left -= 1;
    if (left <= 0) stop.abort();
  }
  // Ctrl-C is how one ends this.
  if (left <= 0 || terminal.signal.aborted) return exitCodes.ok;
  throw new ExitError(exitCodes.unavailable, "pcc has ended");
}

function parseColumns(text: string | undefined): (name: string) => boolean {
  if (text === undefined) return (name) => usualColumns.test(name);
  try {
    const expression = new RegExp(text);
    return (name) => expression.test(name);
  } catch (cause) {
    throw usage("tail", `Cannot use --columns "${text}": it is not a regular expression`, cause);
  }
}

function select(
  sample: Record<string, unknown>,
  isWanted: (name: string) => boolean,
): Record<string, unknown> {
  return Object.fromEntries(
    Object.entries(sample).filter(
      ([name]) => name === "timestamp" || name === "machine_id" || isWanted(name),
    ),
  );
}

const headingEvery = 20;
const timeWidth = 8;
const leastWidth = 7;

/** A line a sample, and the columns' names now and then. */
export function createTable(
  isWanted: (name: string) => boolean,
  { print, width, style }: Pick<Terminal, "print" | "width" | "style">,
): (sample: Record<string, unknown>) => void {
  let shown = "";
  let lines = 0;
  return (sample) => {
    const all = Object.keys(sample).filter((name) => isColumn(name) && isWanted(name));
    const columns = fit(all, width());
    if (columns.join() !== shown || lines % headingEvery === 0) {
      if (shown !== "") print("");
      print(renderHeading(columns, all.length, style));
      shown = columns.join();
      lines = 0;
    }
    lines += 1;
    print(renderLine(sample, columns));
  };
}

function isColumn(name: string): boolean {
  return name !== "timestamp" && name !== "machine_id";
}

function widthOf(column: string): number {
  return Math.max(leastWidth, column.length);
}

/** As many as a line has room for, from the first on; at least one. */
function fit(columns: readonly string[], width: number): string[] {
  let used = timeWidth;
  const rest = columns.findIndex((column, index) => {
    used += 2 + widthOf(column);
    return used > width && index > 0;
  });
  return rest === -1 ? [...columns] : columns.slice(0, rest);
}

function renderHeading(columns: readonly string[], wanted: number, style: Style): string {
  const names = columns.map((column) => column.padStart(widthOf(column)));
  const heading = style.bold(["time".padEnd(timeWidth), ...names].join("  "));
  const hidden = wanted - columns.length;
  if (hidden === 0) return heading;
  const verb = hidden === 1 ? "does not fit" : "do not fit";
  const hint = `${countOf(hidden, "more column")} ${verb}; choose with --columns`;
  return `${style.dim(hint)}\n${heading}`;
}

function renderLine(sample: Record<string, unknown>, columns: readonly string[]): string {
  const timeMs = Number(sample["timestamp"]) * 1000;
  const time = Number.isFinite(timeMs)
    ? new Date(timeMs).toISOString().slice(11, 11 + timeWidth)
    : "?";
  const cells = columns.map((column) =>
    renderValue(column, sample[column]).padStart(widthOf(column)),
  );
  return [time.padEnd(timeWidth), ...cells].join("  ");
}

function renderValue(column: string, value: unknown): string {
  if (typeof value !== "number") return ".";
  // Bytes, and what else is large.
  if (/bytes|^mem_|^swap_/.test(column) || Math.abs(value) >= 1e6) return shorten(value);
  if (Number.isInteger(value)) return String(value);
  return Math.abs(value) >= 100 ? value.toFixed(0) : value.toFixed(2);
}

/** `12.3M`, in powers of ten. */
function shorten(value: number): string {
  const units = ["", "k", "M", "G", "T", "P"];
  let [rest, unit] = [value, 0];
  while (Math.abs(rest) >= 999.5 && unit < units.length - 1) {
    rest /= 1000;
    unit += 1;
  }
  return `${rest.toFixed(unit === 0 || Math.abs(rest) >= 99.95 ? 0 : 1)}${units[unit] ?? ""}`;
}
