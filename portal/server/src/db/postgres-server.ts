import { spawn } from "node:child_process";
import { randomBytes } from "node:crypto";
import { closeSync, constants, openSync, readSync } from "node:fs";
import {
  appendFile,
  chmod,
  chown,
  mkdir,
  readFile,
  readdir,
  readlink,
  realpath,
  rename,
  rm,
  stat,
  writeFile,
} from "node:fs/promises";
import { join } from "node:path";
import { Socket } from "node:net";
import { setTimeout as sleep } from "node:timers/promises";
import { makeFolder } from "@perfanalysis/contract/make-folder";
import { connectClient } from "./database.ts";
import { program, type PostgresSoftware } from "./locate.ts";
import { runAs, spawnOptions, type ServerUser } from "./server-user.ts";

/** A server of our own: where it keeps what, and who runs it. */
export interface ServerPlace {
  /** Our own folder; data/, the log and, where its path is short enough, run/ in it belong to `user`. */
  home: string;
  /** Folder of the Unix socket: PostgreSQL listens on nothing else, so no port can be taken. */
  run: string;
  user: ServerUser;
  software: PostgresSoftware;
  superuserPassword: string;
  /** False where the data may be lost with the machine's power: tests. */
  durable: boolean;
}

export const superuser = "postgres";
/** Names the socket's file only. */
export const socketPort = 5432;

const startMs = 60_000;
const logLimitBytes = 10_000_000;

/**
 * Keeps the server running until `close` is called or this process ends, however it ends. Several processes can hold one
 * server; it is stopped when the last one lets go.
 */
export interface Lease {
  close: () => Promise<void>;
}

/** A lease on the server that runs already, or undefined where none does. A leftover that nobody guards is stopped. */
export async function adoptServer(place: ServerPlace): Promise<Lease | undefined> {
  const deadline = Date.now() + startMs;
  while (Date.now() < deadline) {
    const held = holdGuard(place);
    const pid = await readRunningPid(place);
    if (pid === undefined) {
      if (held !== undefined) closeSync(held);
      return undefined;
    }
    if (held === undefined) process.kill(pid, "SIGINT");
    // A guard that was killed a moment ago may only have been about to go.
    else if ((await answers(place)) && isGuarded(place)) return leaseOf(place, held);
    else closeSync(held);
    await sleep(50);
  }
  throw new Error(
    `Cannot use the PostgreSQL that runs in ${place.home}: it neither answers nor stops; see ${logFile(place)}`,
  );
}

/** Starts the server on its data, which it makes at the first start. */
export async function startServer(place: ServerPlace): Promise<Lease> {
  await createData(place);
  await clearLeftovers(place);
  await createRunFolder(place);
  await turnLog(place);
  const lease = await tryStart(place, Date.now() + startMs);
  if (lease !== undefined) return lease;
  throw new Error(`Cannot start PostgreSQL in ${place.home}: ${await readLogTail(place)}`);
}

/** Stops whatever server runs on this data, whoever holds it. */
export async function stopServer({ home }: Pick<ServerPlace, "home">): Promise<void> {
  const pid = await readRunningPid({ home });
  if (pid === undefined) return;
  process.kill(pid, "SIGINT");
  await waitForEnd(pid);
}

export async function isServerRunning({ home }: Pick<ServerPlace, "home">): Promise<boolean> {
  return (await readRunningPid({ home })) !== undefined;
}

// Runs the server as a child of a shell that waits until nobody holds the guard's other end, then stops it (fast
// shutdown). The kernel closes that end of a process that is killed, too. Descriptor 3 is the server's alone: the
// starter reads its end when the server has ended.
const guardScript = `
guard=$1 log=$2; shift 2
mkfifo -m 600 "$guard" || exit
"$@" >>"$log" 2>&1 </dev/null &
server=$!
exec 3>&-
read -r _ <"$guard"
kill -INT "$server"
wait
`;

async function tryStart(place: ServerPlace, deadline: number): Promise<Lease | undefined> {
  const before = await readPidFile(place);
  // Whoever still holds the guard of a server that was killed must not be taken for a holder of the new one.
  await rm(guardFile(place), { force: true });
  const command = [
    program(place.software, "postgres"),
    "-D",
    dataFolder(place),
    ...Object.entries(settings(place)).flatMap(([name, value]) => ["-c", `${name}=${value}`]),
  ];
  const guard = spawn(
    "/bin/sh",
    ["-c", guardScript, "sh", guardFile(place), logFile(place), ...command],
    // A session of its own: Ctrl-C in a terminal reaches us, not the server under us.
    { ...spawnOptions(place.user), detached: true, stdio: ["ignore", "ignore", "ignore", "pipe"] },
  );
  guard.unref();
  const life = guard.stdio[3];
  if (!(life instanceof Socket)) throw new Error("Cannot start /bin/sh with a pipe");
  let ended = false;
  life.once("close", () => (ended = true)).resume();
  guard.once("error", () => (ended = true));
  let held: number | undefined;
  try {
    while (Date.now() < deadline) {
      held ??= holdGuard(place);
      const now = await readPidFile(place);
      if (held !== undefined && now !== before && now?.split("\n")[7]?.trim() === "ready") {
        const lease = leaseOf(place, held);
        held = undefined;
        return lease;
      }
      if (ended) return undefined;
      await sleep(10);
    }
    return undefined;
  } finally {
    if (held !== undefined) closeSync(held);
    life.unref();
  }
}

function settings({ run, durable }: ServerPlace): Record<string, string | number> {
  return {
    listen_addresses: "",
    unix_socket_directories: run,
    unix_socket_permissions: "0700",
    port: socketPort,
    max_connections: 200,
    password_encryption: "scram-sha-256",
    // Statements that fail may hold what nobody should read in a log.
    log_min_error_statement: "panic",
    log_timezone: "UTC",
    timezone: "UTC",
    ...(durable ? {} : { fsync: "off", synchronous_commit: "off", full_page_writes: "off" }),
  };
}

function leaseOf(place: ServerPlace, held: number): Lease {
  let closing: Promise<void> | undefined;
  return {
    close: () => {
      closing ??= letGo(place, held);
      return closing;
    },
  };
}

async function letGo(place: ServerPlace, held: number): Promise<void> {
  closeSync(held);
  const pid = await readRunningPid(place);
  if (pid === undefined || isHeld(place)) return;
  // Without a guard nobody else would stop it.
  if (!isGuarded(place)) interrupt(pid);
  await waitForEnd(pid);
}

/** A guard that has just been let go waits for nobody any more: it may have stopped the server by now. */
function interrupt(pid: number): void {
  try {
    process.kill(pid, "SIGINT");
  } catch (error) {
    if (!(error instanceof Error && "code" in error && error.code === "ESRCH")) throw error;
  }
}

/** Whether anybody holds the guard's other end: reading gives its end at once where nobody does. */
function isHeld(place: ServerPlace): boolean {
  let guard: number | undefined;
  try {
    guard = openSync(guardFile(place), constants.O_RDONLY | constants.O_NONBLOCK);
    readSync(guard, Buffer.alloc(1));
    return false;
  } catch (error) {
    return error instanceof Error && "code" in error && error.code === "EAGAIN";
  } finally {
    if (guard !== undefined) closeSync(guard);
  }
}

function isGuarded(place: ServerPlace): boolean {
  const held = holdGuard(place);
  if (held !== undefined) closeSync(held);
  return held !== undefined;
}

/** Opens the guard's end, or undefined where no guard waits at it. */
function holdGuard(place: ServerPlace): number | undefined {
  try {
    return openSync(guardFile(place), constants.O_WRONLY | constants.O_NONBLOCK);
  } catch (error) {
    const code = error instanceof Error && "code" in error ? error.code : undefined;
    if (code === "ENXIO" || code === "ENOENT") return undefined;
    throw error;
  }
}

async function answers(place: ServerPlace): Promise<boolean> {
  try {
    const client = await connectClient({
      host: place.run,
      port: socketPort,
      database: "postgres",
      user: superuser,
      password: place.superuserPassword,
    });
    await client.end();
    return true;
  } catch (error) {
    const code = error instanceof Error && "code" in error ? error.code : undefined;
    if (code !== "28P01") return false;
    throw new Error(
      `Cannot use the PostgreSQL that runs in ${place.home}: the password in the state directory is not its own`,
      { cause: error },
    );
  }
}

async function createData(place: ServerPlace): Promise<void> {
  if (await stat(join(dataFolder(place), "PG_VERSION")).catch(() => null)) return;
  const passwordFile = join(place.home, "password");
  const unfinished = `${dataFolder(place)}.creating`;
  await writeFile(passwordFile, `${place.superuserPassword}\n`, { mode: 0o600 });
  try {
    await give(passwordFile, place.user);
    let failure = "";
    for (const locale of ["C.UTF-8", "C"]) {
      await rm(unfinished, { recursive: true, force: true });
      await mkdir(unfinished, { mode: 0o700 });
      await give(unfinished, place.user);
      const { status, output } = await runAs(place.user, program(place.software, "initdb"), [
        `--pgdata=${unfinished}`,
        `--username=${superuser}`,
        `--pwfile=${passwordFile}`,
        "--auth=scram-sha-256",
        "--encoding=UTF8",
        `--locale=${locale}`,
        ...(place.durable ? [] : ["--no-sync"]),
      ]);
      if (status === 0) {
        await rename(unfinished, dataFolder(place));
        return;
      }
      failure = output.trim();
    }
    throw new Error(`Cannot create PostgreSQL's data in ${place.home}: ${failure}`);
  } finally {
    await rm(passwordFile, { force: true });
  }
}

/**
 * Removes the lock files of a server that was killed, whose number can be another program's by now, at which PostgreSQL
 * would refuse to start. Before that the killed server's own processes must be gone: they may still write.
 */
async function clearLeftovers(place: ServerPlace): Promise<void> {
  if ((await readPidFile(place)) === null) return;
  const deadline = Date.now() + startMs;
  while (await isInUse(dataFolder(place))) {
    if (Date.now() > deadline)
      throw new Error(
        `Cannot start PostgreSQL: processes of a server that was killed still use ${dataFolder(place)}`,
      );
    await sleep(100);
  }
  for (const path of [
    join(dataFolder(place), "postmaster.pid"),
    socketFile(place),
    `${socketFile(place)}.lock`,
  ])
    await rm(path, { force: true });
}

/** Every process of a PostgreSQL has its data folder as working folder. */
async function isInUse(folder: string): Promise<boolean> {
  const [path, entries] = await Promise.all([realpath(folder), readdir("/proc")]);
  const folders = entries
    .filter((name) => /^\d+$/.test(name))
    .map((pid) => readlink(`/proc/${pid}/cwd`).catch(() => ""));
  return (await Promise.all(folders)).includes(path);
}

async function createRunFolder({ run, user }: ServerPlace): Promise<void> {
  makeFolder(run, { mode: 0o700 });
  await chmod(run, 0o700);
  await give(run, user);
}

/** Creates the log, or puts it aside once it is large. */
async function turnLog(place: ServerPlace): Promise<void> {
  const file = logFile(place);
  const { size } = await stat(file).catch(() => ({ size: 0 }));
  if (size > logLimitBytes) await rename(file, `${file}.1`);
  await appendFile(file, "", { mode: 0o600 });
  await give(file, place.user);
}

/** The end of what the server has to say, for an error message. */
async function readLogTail(place: ServerPlace): Promise<string> {
  const text = await readFile(logFile(place), "utf8").catch(() => "");
  return text.trim().split("\n").slice(-5).join("\n") || `it left nothing in ${logFile(place)}`;
}

async function give(path: string, { ids }: ServerUser): Promise<void> {
  if (ids !== undefined) await chown(path, ids.uid, ids.gid);
}

/** Process id of the server on our data, or undefined where none runs. */
async function readRunningPid(place: Pick<ServerPlace, "home">): Promise<number | undefined> {
  const pid = Number((await readPidFile(place))?.split("\n")[0]);
  return pid > 0 && (await isPostgres(pid)) ? pid : undefined;
}

/** The number may be another program's by now, or that of a process that has ended but for which nobody has waited. */
async function isPostgres(pid: number): Promise<boolean> {
  // "pid (name) state …"
  const status = await readFile(`/proc/${pid}/stat`, "utf8").catch(() => "");
  return /^\d+ \(postgres\) [^ZX]/.test(status);
}

/** Its file is gone a moment before the process is. */
async function waitForEnd(pid: number): Promise<void> {
  const deadline = Date.now() + startMs;
  while (await isPostgres(pid)) {
    if (Date.now() > deadline)
      throw new Error(`Cannot stop PostgreSQL: process ${pid} does not end`);
    await sleep(10);
  }
}

function readPidFile(place: Pick<ServerPlace, "home">): Promise<string | null> {
  return readFile(join(dataFolder(place), "postmaster.pid"), "utf8").catch(() => null);
}

export function newRunFolder(home: string): string {
  const inHome = join(home, "run");
  // The path of a Unix socket has 107 bytes at most.
  if (Buffer.byteLength(join(inHome, `.s.PGSQL.${socketPort}.lock`)) < 100) return inHome;
  return join("/tmp", `perfanalysis-${randomBytes(8).toString("hex")}`);
}

export function dataFolder({ home }: { home: string }): string {
  return join(home, "data");
}

function socketFile({ run }: Pick<ServerPlace, "run">): string {
  return join(run, `.s.PGSQL.${socketPort}`);
}

function guardFile({ run }: ServerPlace): string {
  return join(run, "guard");
}

function logFile({ home }: ServerPlace): string {
  return join(home, "postgres.log");
}
