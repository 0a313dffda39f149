// The whole system on this machine: npm start [-- --fresh] [--port N]
import { readFile, rm, writeFile } from "node:fs/promises";
import { hostname } from "node:os";
import { join } from "node:path";
import { parseArgs } from "node:util";
import { Child, runToEnd } from "./child.ts";
import { openLog, type Log } from "./log.ts";
import { buildPages } from "./pages.ts";
import { claimState, releaseState, type Claim } from "./state.ts";

const help = `Starts PerfAnalysis on this machine: PostgreSQL, the portal with its pages, and a collector that
measures this very machine every second.

Usage: npm start [-- OPTIONS]

Options:
  --port N       port of the pages (default 8080; the next free one if it is taken)
  --state DIR    where the data lives (default .perfanalysis in this folder)
  --fresh        forget all data of earlier starts and start anew
  --help         this text

Examples:
  npm start
  npm start -- --port 9000
  npm start -- --fresh
`;

const root = join(import.meta.dirname, "..");
const tenant = "demo";
const email = "demo@perfanalysis.test";
const bin = (name: string): string => join(root, "node_modules", ".bin", name);

async function main(): Promise<void> {
  const { values } = parseArgs({
    options: {
      port: { type: "string", default: "8080" },
      state: { type: "string", default: join(root, ".perfanalysis") },
      fresh: { type: "boolean", default: false },
      help: { type: "boolean", default: false },
    },
  });
  if (values.help) return void process.stdout.write(help);
  checkPort(values.port);
  const stop = new AbortController();
  for (const signal of ["SIGINT", "SIGTERM", "SIGHUP"] as const) {
    process.on(signal, () => stop.abort());
  }
  // Whoever read what is printed has gone, for example `tee` at Ctrl-C: a system that nobody sees must not run on.
  for (const stream of [process.stdout, process.stderr]) stream.on("error", () => stop.abort());
  console.log("\nPerfAnalysis\n");
  const claim = await claimState(values.state);
  const log = openLog(claim.folder);
  const children: Child[] = [];
  try {
    const { signal } = stop;
    if (values.fresh) await step("Forget all earlier data", () => forget(claim.folder, signal));
    await startAll({ claim, port: values.port, log, children, signal });
  } catch (error) {
    // What Ctrl-C has cut short has not failed.
    if (!stop.signal.aborted) throw error;
  } finally {
    // The collector first: it hands over its last sample while the portal still listens.
    for (const child of children.toReversed()) await child.stop();
    log.close();
    await releaseState(claim);
  }
  say("Ended. The data stays for the next start.");
}

interface StartOptions {
  claim: Claim;
  port: string;
  log: Log;
  children: Child[];
  signal: AbortSignal;
}

async function startAll({ claim, port, log, children, signal }: StartOptions): Promise<void> {
  await step("Build the pages", () => buildPages(root, signal));
  signal.throwIfAborted();
  const portal = await step("Start PostgreSQL and the portal", () =>
    startPortal(claim, { port, log, children, signal }),
  );
  signal.throwIfAborted();
  const password = await step("Set up the demo tenant", () => setUpDemo(claim.folder, signal));
  signal.throwIfAborted();
  const collector = await step(`Measure this machine (${hostname()}) every second`, () =>
    startCollector(claim, { url: portal.url, log, children }),
  );
  console.log(`
  Open       ${portal.url}
  Sign in    ${email}
  Password   ${password ?? `as printed at the first start (lost it? ${forgotten(claim.folder)})`}

  Ctrl-C ends everything; the data stays in ${portal.dataFolder}.
  What portal and collector say is written to ${log.path}.
`);
  if (password !== null) {
    await writeFile(demoFile(claim.folder), `${JSON.stringify({ tenant, email })}\n`);
  }
  await Promise.race([
    aborted(signal),
    ended("portal", portal.child),
    ended("collector", collector),
  ]);
}

async function forget(folder: string, signal: AbortSignal): Promise<void> {
  // Before the data: were they left over, the next start would take them for those of its own tenant.
  for (const file of [demoFile(folder), keyFile(folder)]) await rm(file, { force: true });
  await runToEnd(bin("perf-portal"), ["reset", "--yes", "--state-dir", folder], signal);
}

async function startPortal(
  claim: Claim,
  { port, log, children, signal }: Omit<StartOptions, "claim">,
): Promise<{ child: Child; url: string; dataFolder: string }> {
  const ready = Promise.withResolvers<string>();
  let dataFolder = claim.folder;
  const child = new Child(
    bin("perf-portal"),
    ["serve", "--state-dir", claim.folder, "--port", port],
    {
      onLine: (line) => {
        log.write("portal", line);
        const url = /^Ready on (http:\S+)/.exec(line)?.[1];
        // As root, PostgreSQL cannot always work in this folder: then its data is elsewhere, and the user must know.
        const place = /^Starting PostgreSQL .* on (\/.*)$/.exec(line)?.[1];
        if (place?.startsWith(`${claim.folder}/`) === false) dataFolder = place;
        if (url !== undefined) ready.resolve(url);
        else if (/port \d+ is in use/i.test(line)) say(line);
      },
    },
  );
  children.push(child);
  await claim.record(children.map(({ pid }) => pid));
  return {
    child,
    url: await Promise.race([ready.promise, ended("portal", child), aborted(signal)]),
    dataFolder,
  };
}

/**
 * Makes tenant, key and person, or what an interrupted start has left out of them. Gives the password until it has been
 * shown once, null after that.
 */
async function setUpDemo(folder: string, signal: AbortSignal): Promise<string | null> {
  const portal = (...args: string[]): Promise<string> =>
    runToEnd(bin("perf-portal"), [...args, "--state-dir", folder], signal);
  const shown = (await readIfThere(demoFile(folder))) !== "";
  const tenants = await portal("tenant", "list", "--json");
  const there = tenants.includes(`"${tenant}"`);
  if (shown && there) return null;
  if (!there) {
    // What is left of a tenant that is gone, as after `perf-portal reset`, opens nothing.
    for (const file of [demoFile(folder), keyFile(folder)]) await rm(file, { force: true });
    await portal("tenant", "create", tenant);
  }
  // Empty while the key is being made.
  if ((await readIfThere(keyFile(folder))) === "") {
    const keyOptions = ["--tenant", tenant, "--scope", "ingest", "--output", keyFile(folder)];
    await portal("key", "create", "collector of this machine", ...keyOptions);
  }
  const userOptions = ["--name", "Demo", "--tenant", tenant, "--json"];
  const user = await portal("user", "create", email, ...userOptions).catch((error: unknown) => {
    if (!String(error).includes("has an account already")) throw error;
    // Nobody has seen the password that it has.
    return portal("user", "password", email, "--json");
  });
  return passwordOf(user);
}

async function startCollector(
  claim: Claim,
  { url, log, children }: { url: string; log: Log; children: Child[] },
): Promise<Child> {
  const child = new Child(bin("pcc"), [], {
    env: {
      PCC_MODE: "trickle",
      PCC_FREQUENCY: "1s",
      PCC_DURATION: "infinity",
      PCC_PORTAL: url,
      PCC_API_KEY_FILE: keyFile(claim.folder),
      PCC_MACHINE_ID: machineIdOf(hostname()),
    },
    onLine: (line) => {
      log.write("collector", line);
      say(`collector: ${line}`);
    },
  });
  children.push(child);
  await claim.record(children.map(({ pid }) => pid));
  return child;
}

function checkPort(port: string): void {
  if (/^\d{1,5}$/.test(port) && Number(port) <= 65_535) return;
  throw new Error(`Cannot start: --port "${port}" is not a number from 0 to 65535.`);
}

/** Written when the demo tenant is complete and its password has been shown. */
function demoFile(folder: string): string {
  return join(folder, "demo.json");
}

/** "" where there is no such file. */
function readIfThere(path: string): Promise<string> {
  return readFile(path, "utf8").catch(() => "");
}

function keyFile(folder: string): string {
  return join(folder, "collector.key");
}

/** The host's name is easier to recognise on a page than its machine id. */
function machineIdOf(host: string): string {
  return host.replaceAll(/[^a-zA-Z0-9_-]/g, "-").slice(0, 64) || "this-machine";
}

function forgotten(folder: string): string {
  return `npx perf-portal user password ${email} --state-dir ${folder}`;
}

function passwordOf(json: string): string {
  const user: unknown = JSON.parse(json);
  if (typeof user === "object" && user !== null && "password" in user) return String(user.password);
  throw new Error(`Cannot read the demo user's password: "perf-portal user" printed ${json}`);
}

async function step<T>(what: string, work: () => Promise<T>): Promise<T> {
  const startedMs = performance.now();
  say(`${what} …`);
  const result = await work();
  say(`${what}: done (${((performance.now() - startedMs) / 1000).toFixed(1)} s)`);
  return result;
}

function say(line: string): void {
  console.log(`  ${line}`);
}

/** Rejects when the start is to end. */
function aborted(signal: AbortSignal): Promise<never> {
  return new Promise((_, reject) => {
    const end = (): void => reject(signal.reason);
    if (signal.aborted) end();
    else signal.addEventListener("abort", end, { once: true });
  });
}

/** Rejects when the process ends although nobody asked it to. */
async function ended(name: string, child: Child): Promise<never> {
  const code = await child.ended;
  throw new Error(
    `The ${name} ended by itself (${code}). It said ${child.lastLines === "" ? "nothing." : `last:\n${child.lastLines}`}`,
  );
}

await main().catch((error: unknown) => {
  console.error(`\n${error instanceof Error ? error.message : String(error)}`);
  process.exitCode = 1;
});
