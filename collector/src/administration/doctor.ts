// pcctl doctor: everything that pcc needs, looked at one by one.
import { statSync } from "node:fs";
import { countOf } from "../count-of.ts";
import { findContradictions } from "../check-settings.ts";
import { findSettings, readApiKey, readSettings } from "../config.ts";
import { askStatus } from "../control/client.ts";
import { exitCodes } from "../exit.ts";
import { messageOf } from "../message-of.ts";
import { systemClock } from "../sampling/clock.ts";
import { readHost } from "../sampling/host.ts";
import type { StatusChange } from "../sampling/probe.ts";
import { pccProgram } from "../settings.ts";
import { parseArguments, refusePositionals } from "./arguments.ts";
import { failure, ok, warning, type Finding } from "./checks/finding.ts";
import { checkGateway } from "./checks/gateway.ts";
import { checkHost } from "./checks/host.ts";
import { checkServices } from "./checks/services.ts";
import { checkPlace } from "./checks/storage.ts";
import { findPlaces } from "./places.ts";
import { packaged } from "./sockets.ts";
import type { Terminal } from "./terminal.ts";
import { toPlainText } from "./text.ts";

export const help = `pcctl doctor – looks for what keeps this machine from being measured, and says what to do

Usage: pcctl doctor [--config PATH] [--portal URL] [--offline] [--json]

Examples:
  pcctl doctor
  sudo -u perfcollector pcctl doctor        as the user that pcc runs as
  pcctl doctor --json | jq '.findings[] | select(.result != "ok")'

Looks at the settings, the machine's kernel files and clock, other pcc that run, the services that systemd has switched on, whether a pcd on
this machine takes keys unencrypted, the places of captures and spool with their room, and, where a portal or pcd is set, the way to it step by
step – name, connection, TLS, HTTP – with its clock and the key.

  --config PATH    pcc's configuration file
  --portal URL     another portal than the settings name
  --offline        leaves the portal alone
  --json           prints JSON

The first failure gives the exit code; warnings do not.

Exit codes: 64 usage, 66 nothing to read, 69 portal, 74 no room, 77 permission or key, 78 settings or clock.
`;

export async function run(argv: readonly string[], terminal: Terminal): Promise<number> {
  const { values, positionals } = parseArguments("doctor", argv, {
    config: { type: "string" },
    portal: { type: "string" },
    offline: { type: "boolean" },
    json: { type: "boolean" },
  });
  refusePositionals("doctor", positionals);
  const findings: Finding[] = [];
  const found = (more: readonly Finding[]): void => {
    findings.push(...more);
    // As they come: a check of a network may take its time.
    if (values.json !== true) for (const each of more) terminal.print(render(each, terminal));
  };
  await examine(found, {
    configPath: values.config ?? null,
    portal: values.portal ?? null,
    isOffline: values.offline === true,
    signal: terminal.signal,
  });
  const [failed] = findings.filter(({ result }) => result === "failure");
  if (values.json === true) {
    terminal.printJson({ healthy: failed === undefined, findings: findings.map(toJson) });
  } else {
    terminal.print(`\n${summarize(findings, terminal)}`);
  }
  return failed?.exitCode ?? exitCodes.ok;
}

interface ExamineOptions {
  configPath: string | null;
  portal: string | null;
  isOffline: boolean;
  signal: AbortSignal;
}

async function examine(
  found: (findings: readonly Finding[]) => void,
  options: ExamineOptions,
): Promise<void> {
  const settings = await readAll(found, options);
  if (options.portal !== null) settings.set("portal", options.portal);
  const text = (name: string): string | null => settings.get(name) ?? null;
  const procfs = text("procfs") ?? "/proc";
  const rootfs = text("rootfs") ?? "/";
  const machineId = text("machine_id");
  found(
    checkHost({
      procfs,
      rootfs,
      machineId,
      cgroups: text("cgroups"),
      sources: {
        include: toExpression(text("include_source")),
        exclude: toExpression(text("exclude_source")),
      },
      running: await askFailedSources(text("control")),
      wallMs: systemClock.wallMs(),
      monotonicUs: systemClock.monotonicUs(),
    }),
  );
  // Whoever gives a configuration file of pcc's own does not mean the services of this machine.
  if (options.configPath === null) found([...(await checkServices()), ...(await checkGateway())]);
  const { collection, spool } = findPlaces(
    { collection: text("collection"), spool: text("spool") },
    options,
  );
  if (collection !== null && collection !== "-") {
    found(checkPlace("capture", collection, { makesFolders: false }));
  }
  const isTrickle = text("mode") === "trickle";
  if (spool !== null && (isTrickle || text("spool") !== null)) {
    found(checkPlace("spool", spool, { makesFolders: true }));
  } else if (isTrickle) {
    const told = "none: what waits for the portal is in memory, and is lost when pcc ends";
    found([warning("spool", told, "Set spool to a folder.")]);
  }
  const portal = URL.parse(text("portal") ?? "");
  const isWanted = isTrickle || portal !== null;
  if (!isWanted) return found([ok("portal", "none is set: samples stay on this machine")]);
  const apiKey = readKey(found, text("api_key_file"));
  if (portal === null) {
    const advice = "Set portal to its address, or enrol this host (pcctl enroll).";
    return found([
      failure("portal", "mode is trickle, and no portal is set", advice, exitCodes.config),
    ]);
  }
  if (options.isOffline) return;
  const { checkPortal } = await import("./checks/portal.ts");
  const host = readHost({ procfs, rootfs, machineId });
  found(
    await checkPortal({
      portal,
      apiKey,
      machineId: host.machineId,
      now: () => systemClock.wallMs(),
      signal: options.signal,
    }),
  );
}

/** Of a setting that is right. */
function toExpression(text: string | null): RegExp | undefined {
  return text === null ? undefined : new RegExp(text);
}

/** What the pcc that runs cannot read; null where none does, or it does not answer. */
async function askFailedSources(control: string | null): Promise<StatusChange[] | null> {
  try {
    const status = await askStatus(control ?? packaged.pcc.socket);
    const failed = status?.["failed_sources"];
    if (typeof failed !== "object" || failed === null) return null;
    return Object.entries(failed).map(([source, error]) => ({ source, error: String(error) }));
  } catch {
    return null;
  }
}

/** The texts of all settings that are right. */
async function readAll(
  found: (findings: readonly Finding[]) => void,
  { configPath }: ExamineOptions,
): Promise<Map<string, string>> {
  const texts = new Map<string, string>();
  const advice = 'See "pcctl config show".';
  try {
    const settings = await findSettings(pccProgram, { configPath });
    for (const { name, text, error } of settings) {
      if (error !== null) found([failure("settings", error.message, advice, exitCodes.config)]);
      else if (text !== null) texts.set(name, text);
    }
    const faults = settings.filter(({ error }) => error !== null);
    const given = settings.filter((setting) => setting.given !== null);
    if (faults.length > 0) return texts;
    const all = await readSettings(pccProgram, { configPath });
    const contradictions = findContradictions(all);
    found(
      contradictions.length === 0
        ? [ok("settings", `${given.length} given, none wrong`)]
        : contradictions.map((error) => failure("settings", error.message, advice, error.exitCode)),
    );
  } catch (error) {
    found([failure("settings", messageOf(error), advice, exitCodes.config)]);
  }
  return texts;
}

function readKey(
  found: (findings: readonly Finding[]) => void,
  file: string | null,
): string | null {
  try {
    const key = readApiKey(pccProgram, file);
    if (file === null) return key;
    const mode = statSync(file).mode & 0o777;
    if ((mode & 0o007) === 0) found([ok("key file", file)]);
    else {
      const told = `everybody on this machine can use ${file} (mode ${mode.toString(8)})`;
      found([warning("key file", told, `chmod o= ${file}`)]);
    }
    return key;
  } catch (error) {
    const advice = "Enrol this host (pcctl enroll), or name the key's file in api_key_file.";
    found([failure("key file", messageOf(error), advice, exitCodes.config)]);
    return null;
  }
}

const checkWidth = 17;

function render({ check, result, message, advice }: Finding, { style }: Terminal): string {
  const mark = { ok: style.green("✓"), warning: style.yellow("!"), failure: style.red("✗") }[
    result
  ];
  const line = `${mark} ${check.padEnd(checkWidth)}  ${toPlainText(message)}`;
  return advice === null
    ? line
    : `${line}\n  ${"".padEnd(checkWidth)}  ${style.dim(`→ ${advice}`)}`;
}

function summarize(findings: readonly Finding[], { style }: Terminal): string {
  const count = (result: Finding["result"]): number =>
    findings.filter((finding) => finding.result === result).length;
  const [warnings, failures] = [count("warning"), count("failure")];
  const parts = [
    countOf(findings.length, "check"),
    ...(warnings === 0 ? [] : [style.yellow(countOf(warnings, "warning"))]),
    ...(failures === 0 ? [] : [style.red(countOf(failures, "failure"))]),
  ];
  return failures + warnings === 0 ? `${parts.join(", ")}, all well` : parts.join(", ");
}

function toJson({ check, result, message, advice }: Finding): object {
  return { check, result, message, advice };
}
