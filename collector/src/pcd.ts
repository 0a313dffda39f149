#!/usr/bin/env node
import { writeSync } from "node:fs";
import { setFlagsFromString } from "node:v8";
import { readSettings } from "./config.ts";
import type { ControlServer } from "./control/server.ts";
import { countOf, countThat } from "./count-of.ts";
import { ExitError, exitCodeOf, exitCodes } from "./exit.ts";
import { openGateway, type Gateway } from "./gateway/gateway.ts";
import type { LaneStatus } from "./gateway/lane.ts";
import { createKey, describeNoKeys, readKeys, revokeKey, type GatewayKey } from "./gateway/keys.ts";
import { startServer } from "./gateway/server.ts";
import { pcdProgram } from "./gateway/settings.ts";
import { listUpstreams } from "./gateway/upstreams.ts";
import { isLoopback } from "./loopback.ts";
import { messageOf } from "./message-of.ts";
import { openNewSecretFile } from "./new-secret-file.ts";
import {
  parsePcdArguments,
  renderPcdHelp,
  type CreateKeyArguments,
  type ListKeysArguments,
  type PcdArguments,
  type RevokeKeyArguments,
} from "./pcd-arguments.ts";
import { systemClock, type Clock } from "./sampling/clock.ts";
import { readVersion } from "./version.ts";
import { refuseOthersFolder } from "./whose.ts";

/** Requests under way, and then what waits for the upstreams: together less than the 10 s in which a service has to end. */
const requestsMs = 3000;
const forwardMs = 5000;

const unencrypted =
  "keys and samples come unencrypted: set tls_cert and tls_key, or listen on 127.0.0.1 behind a proxy that does TLS";

if (import.meta.main) {
  // What is received lives shortly: the young generation would grow to 64 MB under load and stay so.
  setFlagsFromString("--max-semi-space-size=2");
  setFlagsFromString("--semi-space-growth-factor=1");
  process.exitCode = await main(process.argv.slice(2));
}

/** Runs pcd to its end; answers the exit code. */
export async function main(argv: readonly string[]): Promise<number> {
  try {
    await run(parsePcdArguments(argv));
    return exitCodes.ok;
  } catch (error) {
    // Who reads the output has gone, as head does: that is an end, not an error.
    if (error instanceof Error && "code" in error && error.code === "EPIPE") return exitCodes.ok;
    report(messageOf(error));
    return exitCodeOf(error);
  }
}

async function run(given: PcdArguments): Promise<void> {
  switch (given.kind) {
    case "help":
      writeSync(1, renderPcdHelp());
      return;
    case "version":
      writeSync(1, `pcd ${readVersion()}\n`);
      return;
    case "create key":
      return await runCreateKey(given);
    case "list keys":
      return await runListKeys(given);
    case "revoke key":
      return await runRevokeKey(given);
    case "run":
      return await serve(given);
  }
}

async function serve(given: Extract<PcdArguments, { kind: "run" }>): Promise<void> {
  const stop = new AbortController();
  const stopped = new Promise<void>((resolve) => {
    stop.signal.addEventListener("abort", () => resolve());
  });
  for (const signal of ["SIGINT", "SIGTERM"] as const) process.on(signal, () => stop.abort());
  let reload = (): void => {};
  process.on("SIGHUP", () => reload());
  const settings = await readSettings(pcdProgram, given);
  refuseOthersFolder(settings.state);
  if (settings.store !== null) refuseOthersFolder(settings.store);
  const clock = systemClock;
  const gateway = await openGateway({ settings, clock, random: Math.random, report });
  try {
    const server = await startServer({
      gateway,
      settings,
      version: readVersion(),
      wallMs: () => clock.wallMs(),
      report,
    });
    const control = await openControl(settings.control, gateway, { listen: server.url, clock });
    reload = () => {
      gateway.reload();
      server.reload().then(
        () =>
          report(settings.tls_cert === null ? "keys read anew" : "keys and certificate read anew"),
        (error: unknown) =>
          report(`${messageOf(error)}; going on with the certificate that it has`),
      );
    };
    report(
      `listening on ${server.url.origin}; ${countOf(gateway.keys.count(), "key")} of ${settings.keys}; upstreams: ${listUpstreams(settings).join(", ")}`,
    );
    if (server.url.protocol === "http:" && !isLoopback(server.url.hostname)) report(unencrypted);
    await stopped;
    await control?.close();
    await server.close(requestsMs);
  } finally {
    await gateway.close(forwardMs);
  }
  const waiting = [...gateway.status()].filter(([, { spool }]) => spool.records > 0);
  for (const [name, { spool }] of waiting) {
    const words = { plural: "batches", verb: ["waits", "wait"] } as const;
    report(`${name}: ${countThat(spool.records, "batch", words)} for the next start`);
  }
}

/** Where the socket cannot be had, pcd works on without it. */
async function openControl(
  path: string | null,
  gateway: Gateway,
  { listen, clock }: { listen: URL; clock: Clock },
): Promise<ControlServer | null> {
  if (path === null) return null;
  const { openControlServer } = await import("./control/server.ts");
  const startedUs = clock.monotonicUs();
  const status = (): object => ({
    program: "pcd",
    version: readVersion(),
    pid: process.pid,
    uptime_seconds: Math.round((clock.monotonicUs() - startedUs) / 1e6),
    listen: listen.origin,
    keys: gateway.keys.count(),
    sinks: [...gateway.status()].map(([name, lane]) => describeLane(name, lane)),
  });
  try {
    return await openControlServer(path, { status });
  } catch (error) {
    report(`${messageOf(error)}; going on without pcctl`);
    return null;
  }
}

function describeLane(
  name: string,
  { upstream, spool, takenRows, forwarded, deadLetters, trouble }: LaneStatus,
): object {
  return {
    kind: name,
    place: upstream.place,
    received_rows: takenRows,
    sent_rows: forwarded.rows,
    waiting_batches: spool.records,
    spool_bytes: spool.bytes,
    dropped_batches: spool.droppedRecords,
    damaged_batches: spool.damagedRecords,
    refused_batches: deadLetters.batches,
    last_error: trouble ?? (upstream.why === "" ? null : upstream.why),
  };
}

/** What was wrong before the start keeps it from starting; later, what held before holds on. */
async function runCreateKey(given: CreateKeyArguments): Promise<void> {
  const settings = await readSettings(pcdProgram, given);
  const upstreams = listUpstreams(settings);
  const [only] = upstreams;
  const upstream = given.upstream ?? (upstreams.length === 1 ? only : undefined);
  if (upstream === undefined) {
    const known = upstreams.length === 0 ? "none is configured" : upstreams.join(", ");
    throw new ExitError(
      exitCodes.usage,
      `Cannot create key "${given.name}": say with --upstream where its samples go (${known})`,
    );
  }
  const { name, machineId, output } = given;
  const file = output === null ? null : openNewSecretFile(output);
  try {
    const { token } = createKey(settings.keys, { name, upstream, machineId, now: new Date() });
    if (file === null) writeSync(1, `${token}\n`);
    else file.write(token);
  } finally {
    file?.discard();
  }
  const missing = describeMissingUpstream(upstream, upstreams);
  if (missing !== null) report(missing);
}

/**
 * What has to be done before pcd takes what comes with a key of this upstream; null where nothing has. "portal" and "store" may come with
 * the flags that pcd is started with, of which nobody knows here.
 */
function describeMissingUpstream(name: string, configured: readonly string[]): string | null {
  const isOfFlags = name === "portal" || name === "store";
  if (configured.includes(name) || (isOfFlags && configured.length === 0)) return null;
  const setting = isOfFlags ? name : "upstreams";
  const others =
    configured.length === 0
      ? "none is"
      : `${configured.join(", ")} ${configured.length === 1 ? "is" : "are"}`;
  return `the upstream "${name}" is not configured here (${others}): what comes with this key is refused, and waits at its sender, until pcd's setting ${setting} has it`;
}

async function runListKeys(given: ListKeysArguments): Promise<void> {
  const settings = await readSettings(pcdProgram, given);
  const keys = readKeys(settings.keys);
  if (keys.length === 0) report(describeNoKeys(settings.keys));
  writeSync(1, given.json ? `${JSON.stringify(keys.map(toJson), null, 2)}\n` : renderTable(keys));
}

async function runRevokeKey(given: RevokeKeyArguments): Promise<void> {
  const settings = await readSettings(pcdProgram, given);
  revokeKey(settings.keys, { name: given.name, now: new Date() });
  report(`the key "${given.name}" is revoked`);
}

function toJson({ name, hint, upstream, machineId, created, revoked }: GatewayKey): object {
  return { name, hint, upstream, machine_id: machineId, created, revoked };
}

function renderTable(keys: readonly GatewayKey[]): string {
  const rows = [
    ["NAME", "KEY", "UPSTREAM", "MACHINE", "CREATED", "REVOKED"],
    ...keys.map(({ name, hint, upstream, machineId, created, revoked }) => [
      name,
      `…${hint}`,
      upstream,
      machineId ?? "any",
      created,
      revoked ?? "",
    ]),
  ];
  const widths = rows[0]?.map((_, column) =>
    Math.max(...rows.map((row) => row[column]?.length ?? 0)),
  );
  return rows
    .map((row) => row.map((cell, column) => cell.padEnd(widths?.[column] ?? 0)).join("  "))
    .map((line) => `${line.trimEnd()}\n`)
    .join("");
}

function report(message: string): void {
  writeSync(2, `pcd: ${message}\n`);
}
