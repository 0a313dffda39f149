// pcctl status: asks the daemons of this machine over their control sockets.
import { countOf, formatCount } from "../count-of.ts";
import { askStatus } from "../control/client.ts";
import { exitCodes } from "../exit.ts";
import { groupFailures } from "../failed-sources.ts";
import { messageOf } from "../message-of.ts";
import { inspectSpool } from "../spool/inspect.ts";
import type { SpoolCounts } from "../spool/spool.ts";
import { parseArguments, refusePositionals } from "./arguments.ts";
import { findSockets, type DaemonSocket } from "./sockets.ts";
import type { Style, Terminal } from "./terminal.ts";
import { formatAge, formatBytes, formatDuration, renderFields, toPlainText } from "./text.ts";

export const help = `pcctl status – what pcc and pcd on this machine are doing

Usage: pcctl status [--socket PATH]… [--config PATH] [--json]

Examples:
  pcctl status
  pcctl status --json | jq '.daemons[] | {program, missed_ticks: .status.missed_ticks}'
  pcctl status --socket /tmp/pcc.sock

  --socket PATH    control socket of a daemon; may be given several times (default: as the setting "control" says, else
                   /run/perfcollector/pcc.sock and /run/pcd/pcd.sock)
  --config PATH    pcc's configuration file
  --json           prints JSON

Exit codes: 64 usage, 69 where no daemon answers, 77 where one may not ask it.
`;

interface AskedDaemon extends DaemonSocket {
  /** Its answer; null: it does not run. */
  status: Record<string, unknown> | null;
  /** Where it does not run: what waits for it, by the spools' names. */
  waiting: Map<string, SpoolCounts | string>;
}

export async function run(argv: readonly string[], terminal: Terminal): Promise<number> {
  const { values, positionals } = parseArguments("status", argv, {
    socket: { type: "string", multiple: true },
    config: { type: "string" },
    json: { type: "boolean" },
  });
  refusePositionals("status", positionals);
  const daemons: AskedDaemon[] = [];
  for (const daemon of await findSockets(values.socket, values.config)) {
    const status = await askStatus(daemon.socket);
    const waiting = status === null ? readSpools(daemon) : new Map<string, never>();
    daemons.push({ ...daemon, status, waiting });
  }
  if (values.json === true) terminal.printJson({ daemons: daemons.map(toJson) });
  else {
    const now = Date.now();
    terminal.print(daemons.map((daemon) => renderDaemon(daemon, terminal.style, now)).join("\n\n"));
  }
  return daemons.some(({ status }) => status !== null) ? exitCodes.ok : exitCodes.unavailable;
}

function readSpools({ spools }: DaemonSocket): Map<string, SpoolCounts | string> {
  const waiting = new Map<string, SpoolCounts | string>();
  for (const { name, folder } of spools) {
    try {
      const counts = inspectSpool(folder);
      if (counts !== null) waiting.set(name, counts);
    } catch (error) {
      waiting.set(name, messageOf(error));
    }
  }
  return waiting;
}

function toJson({ program, socket, status, waiting }: AskedDaemon): object {
  const spools = [...waiting].map(([name, counts]) => [
    name,
    typeof counts === "string"
      ? { error: counts }
      : {
          waiting_records: counts.records,
          bytes: counts.bytes,
          dropped_records: counts.droppedRecords,
          damaged_records: counts.damagedRecords,
        },
  ]);
  return {
    program: status?.["program"] ?? program,
    socket,
    running: status !== null,
    status,
    ...(status === null ? { spools: Object.fromEntries(spools) } : {}),
  };
}

function renderDaemon(daemon: AskedDaemon, style: Style, nowMs: number): string {
  const { program, socket, status, waiting } = daemon;
  if (status === null) {
    const fields: [string, string][] = [
      ["socket", `${socket}: nobody answers`],
      ...[...waiting].map(([name, counts]): [string, string] => [
        name,
        typeof counts === "string" ? style.yellow(counts) : describeSpool(counts, style),
      ]),
    ];
    return `${style.bold(program)}  ${style.yellow("not running")}\n${renderFields(fields, style)}`;
  }
  const text = (name: string): string => toPlainText(status[name]);
  const head = `${style.bold(text("program"))}  ${style.green("running")}, pid ${text("pid")}, version ${text("version")}, up ${formatDuration(Number(status["uptime_seconds"] ?? 0))}`;
  const fields = [
    ...describeMachine(status),
    ...describeSamples(status, style, nowMs),
    ...describeSources(status, style),
    ...listObjects(status["sinks"]).map((sink) => describeSink(sink, style, nowMs)),
    ...describeRest(status),
  ];
  return fields.length === 0 ? head : `${head}\n${renderFields(fields, style)}`;
}

function describeSpool(counts: SpoolCounts, style: Style): string {
  const { records, bytes, droppedRecords, damagedRecords } = counts;
  return [
    `${countOf(records, "record")} waiting`,
    formatBytes(bytes),
    ...(droppedRecords === 0 ? [] : [style.red(`${formatCount(droppedRecords)} dropped`)]),
    ...(damagedRecords === 0 ? [] : [style.red(`${formatCount(damagedRecords)} damaged`)]),
  ].join(", ");
}

function describeMachine(status: Record<string, unknown>): [string, string][] {
  if (status["machine_id"] === undefined) return [];
  const devices = Object.entries(toObject(status["devices"])).flatMap(([kind, count]) => {
    // The list of CPUs holds all of them together as well.
    const real = Number(count) - (kind === "cpu" ? 1 : 0);
    return real > 0 ? countOf(real, kind === "cpu" ? "CPU" : kind) : [];
  });
  const every = `every ${formatDuration(Number(status["interval_ms"]) / 1000)}`;
  return [["machine", [toPlainText(status["machine_id"]), ...devices, every].join(", ")]];
}

function describeSamples(
  status: Record<string, unknown>,
  style: Style,
  nowMs: number,
): [string, string][] {
  if (status["samples"] === undefined) return [];
  const { last_sample: last } = status;
  const missed = Number(status["missed_ticks"]);
  const missedText = `${formatCount(missed)} missed`;
  return [
    [
      "samples",
      [
        formatCount(Number(status["samples"])),
        missed > 0 ? style.yellow(missedText) : missedText,
        typeof last === "string" ? `the last ${formatAge(last, nowMs)}` : "none yet",
      ].join(", "),
    ],
  ];
}

function describeSources(status: Record<string, unknown>, style: Style): [string, string][] {
  if (status["failed_sources"] === undefined) return [];
  const failed = Object.entries(toObject(status["failed_sources"]));
  if (failed.length === 0) return [["sources", "all can be read"]];
  const groups = groupFailures(failed.map(([source, error]) => [source, String(error)]));
  return groups.map(({ subject, error }, index) => [
    index === 0 ? "sources" : "",
    `${style.yellow(toPlainText(subject))}: ${toPlainText(error)}`,
  ]);
}

function describeSink(
  sink: Record<string, unknown>,
  style: Style,
  nowMs: number,
): [string, string] {
  const parts = Object.entries(sink).flatMap(([name, value]) =>
    name === "kind" || name === "last_error" ? [] : describeValue(name, value, style, nowMs),
  );
  const error = sink["last_error"];
  if (typeof error === "string") parts.push(style.red(toPlainText(error)));
  return [toPlainText(sink["kind"]), parts.join(", ")];
}

/** `waiting_rows: 12` as `12 rows waiting`, and so on by what a name ends in; what is none is left out. */
function describeValue(name: string, value: unknown, style: Style, nowMs: number): string[] {
  if (value === null || value === undefined || typeof value === "object") return [];
  const words = name.replaceAll("_", " ");
  if (typeof value === "string") {
    if (/^\d{4}-\d\d-\d\dT/.test(value)) return [`${words} ${formatAge(value, nowMs)}`];
    return [toPlainText(value)];
  }
  if (typeof value !== "number") return [`${words}: ${toPlainText(value)}`];
  if (name === "bytes") return [formatBytes(value)];
  if (name.endsWith("_bytes")) return [`${words.slice(0, -6)} ${formatBytes(value)}`];
  const isLoss = /^(?:lost|refused|dropped|damaged)/.test(name);
  if (value === 0 && isLoss) return [];
  const [adjective = "", ...nouns] = words.split(" ");
  const told = nouns.length === 0 ? words : `${nouns.join(" ")} ${adjective}`;
  const counted = `${formatCount(value)} ${value === 1 ? told.replace(/(?<=ch)es\b|s\b/, "") : told}`;
  return [isLoss ? style.red(counted) : counted];
}

const knownFields = new Set(
  "program version pid uptime_seconds machine_id host interval_ms devices samples missed_ticks last_sample failed_sources sinks".split(
    " ",
  ),
);

/** What another daemon, or a newer one, tells besides. */
function describeRest(status: Record<string, unknown>): [string, string][] {
  return Object.entries(status).flatMap(([name, value]): [string, string][] => {
    if (knownFields.has(name) || value === null) return [];
    return [[name.replaceAll("_", " "), toPlainText(value)]];
  });
}

function listObjects(value: unknown): Record<string, unknown>[] {
  return Array.isArray(value) ? value.map(toObject) : [];
}

function toObject(value: unknown): Record<string, unknown> {
  // An object that is no array has string keys.
  return typeof value === "object" && value !== null && !Array.isArray(value)
    ? (value as Record<string, unknown>)
    : {};
}
