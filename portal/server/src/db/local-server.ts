import { createHash, randomBytes } from "node:crypto";
import { chmod, lstat, mkdir, readFile, rename, rm, stat, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { Type, type Static, type TSchema } from "typebox";
import { Value } from "typebox/value";
import { makeFolder } from "@perfanalysis/contract/make-folder";
import { connectClient, type DatabaseAddress } from "./database.ts";
import {
  findPostgres,
  oldestMajor,
  prepareSoftware,
  type PostgresKind,
  type PostgresSoftware,
} from "./locate.ts";
import {
  adoptServer,
  dataFolder,
  isServerRunning,
  newRunFolder,
  socketPort,
  startServer,
  stopServer,
  superuser,
  type Lease,
  type ServerPlace,
} from "./postgres-server.ts";
import { scramVerifier } from "./scram.ts";
import { canEnter, chooseServerUser, type ServerUser } from "./server-user.ts";

export interface LocalServerOptions {
  /** Holds the passwords and where the data is; the data too, where PostgreSQL's user may enter it. */
  stateDirectory: string;
  /** Takes no other kind than this. */
  kind?: PostgresKind | undefined;
  durable?: boolean;
  /** Is told what takes longer than a moment. */
  say?: (text: string) => void;
}

export interface Login {
  user: string;
  password: string;
}

/** Where a database is and the logins to it. */
export interface DatabaseAccess {
  address: DatabaseAddress;
  control: Login;
  /** Provisioning and migrations; the process that serves lets go of it. */
  migrator: Login;
  /** From which tenants' passwords and all other secrets of the portal are derived. */
  secret: string;
}

export interface LocalServer extends DatabaseAccess {
  software: Pick<PostgresSoftware, "kind" | "major">;
  /** Lets go of the server, which stops when nobody else holds it. */
  close: () => Promise<void>;
}

const Secrets = Type.Object({
  superuser: Type.String(),
  migrator: Type.String(),
  control: Type.String(),
  secret: Type.String(),
});
type Secrets = Static<typeof Secrets>;

/** What the state directory remembers of the server. */
const ServerState = Type.Object({
  home: Type.String(),
  run: Type.String(),
  kind: Type.Union([Type.Literal("installed"), Type.Literal("embedded")]),
  major: Type.Integer(),
});
type ServerState = Static<typeof ServerState>;

/** File in the home that names its state directory. */
const markName = "state-directory";
const databaseName = "perfanalysis";
const lockMs = 60_000;

/** Starts PostgreSQL on the state directory's data, or joins the one that another process has started. */
export async function openLocalServer({
  stateDirectory,
  kind,
  durable = true,
  say = () => undefined,
}: LocalServerOptions): Promise<LocalServer> {
  await createStateDirectory(stateDirectory);
  return withLock(join(stateDirectory, "start.lock"), async () => {
    const secrets = await readOrCreateSecrets(stateDirectory);
    const state = await readState(stateDirectory);
    const user = await chooseServerUser(
      dataFolder({ home: state?.home ?? join(stateDirectory, "postgres") }),
    );
    const common = { user, superuserPassword: secrets.superuser, durable };
    const adopted =
      state && (await adoptServer({ ...common, ...state, software: { root: "", ...state } }));
    const { lease, ...place } = adopted
      ? { ...state, lease: adopted }
      : await startAnew({ stateDirectory, state, kind, common, say });
    const address = { host: place.run, port: socketPort, database: databaseName };
    try {
      await createDatabase({ ...address, secrets });
    } catch (error) {
      await lease.close();
      throw error;
    }
    return {
      address,
      control: { user: "pa_control", password: secrets.control },
      migrator: { user: "pa_migrator", password: secrets.migrator },
      secret: secrets.secret,
      software: { kind: place.kind, major: place.major },
      close: lease.close,
    };
  });
}

/** Stops the state directory's server and deletes its data and all else that the portal keeps there. */
export async function deleteLocalServer(stateDirectory: string): Promise<void> {
  const state = await readState(stateDirectory);
  if (state === undefined) return;
  const secrets = await readOrCreateSecrets(stateDirectory);
  const lease = await adoptServer({
    ...state,
    user: await chooseServerUser(dataFolder(state)),
    superuserPassword: secrets.superuser,
    durable: true,
    software: { root: "", ...state },
  });
  await lease?.close();
  if (await isServerRunning(state))
    throw new Error(
      `Cannot delete ${state.home}: another process uses its PostgreSQL; end that first`,
    );
  for (const path of [
    state.home,
    state.run,
    statePath(stateDirectory),
    secretsPath(stateDirectory),
  ])
    await rm(path, { recursive: true, force: true });
}

async function startAnew({
  stateDirectory,
  state,
  kind,
  common,
  say,
}: {
  stateDirectory: string;
  state: ServerState | undefined;
  kind: PostgresKind | undefined;
  common: Pick<ServerPlace, "user" | "superuserPassword" | "durable">;
  say: (text: string) => void;
}): Promise<ServerState & { lease: Lease }> {
  const found = chooseSoftware(await findPostgres(), { kind, state });
  const home = state?.home ?? (await createHome(stateDirectory, common.user));
  const software = await prepareSoftware(found, { user: common.user, directory: home });
  const run = newRunFolder(home);
  const { major } = software;
  say(`Starting PostgreSQL ${major} (${software.kind}) on ${dataFolder({ home })}`);
  const lease = await startServer({ ...common, home, run, software });
  const started = { home, run, kind: software.kind, major };
  await writeState(stateDirectory, started);
  return { ...started, lease };
}

/** Data can only be read by the version that made them. */
function chooseSoftware(
  found: PostgresSoftware[],
  { kind, state }: { kind: PostgresKind | undefined; state: ServerState | undefined },
): PostgresSoftware {
  const ofKind = found.filter((software) => kind === undefined || software.kind === kind);
  const fitting = ofKind.filter(({ major }) => state === undefined || major === state.major);
  // The kind is a matter of taste, the version is not.
  const chosen = fitting.find((software) => software.kind === state?.kind) ?? fitting[0];
  if (chosen !== undefined) return chosen;
  const there = found.map((software) => `${software.kind} ${software.major}`).join(", ") || "none";
  const wanted = kind === undefined ? "PostgreSQL" : `${kind} PostgreSQL`;
  throw new Error(
    state === undefined
      ? `Cannot start PostgreSQL: no ${wanted} of version ${oldestMajor} or newer (found: ${there}); install one, or give DATABASE_URL`
      : `Cannot start PostgreSQL: ${state.home} was made by version ${state.major} (${state.kind}), and no ${wanted} of that version is here (found: ${there})`,
  );
}

/** A folder that the server's user can reach; as root that is often not below the state directory. */
async function createHome(stateDirectory: string, user: ServerUser): Promise<string> {
  const name = `perfanalysis-${createHash("sha256").update(stateDirectory).digest("hex").slice(0, 16)}`;
  const homes = [
    join(stateDirectory, "postgres"),
    ...(user.ids === undefined ? [] : [`/var/lib/${name}`, `/var/tmp/${name}`]),
  ];
  const failures: string[] = [];
  for (const home of homes) {
    try {
      await removeForgottenHome(home, stateDirectory);
      await mkdir(home);
      // Root's own folder: whoever runs PostgreSQL must not be able to put a link where root writes.
      await chmod(home, user.ids === undefined ? 0o700 : 0o711);
      if (await canEnter(user, home)) {
        await writeFile(join(home, markName), `${stateDirectory}\n`);
        return home;
      }
      await rm(home, { recursive: true });
      failures.push(`user "${user.name}" may not enter ${home}`);
    } catch (error) {
      failures.push(String(error));
    }
  }
  throw new Error(`Cannot start PostgreSQL: ${failures.join("; ")}`);
}

/** Whoever deletes the state directory has deleted the data's passwords: what is left elsewhere goes as well. */
async function removeForgottenHome(home: string, stateDirectory: string): Promise<void> {
  const found = await lstat(home).catch(() => null);
  if (found === null) return;
  const mark = await readFile(join(home, markName), "utf8").catch(() => "");
  const isOurs = found.uid === process.getuid?.() && found.isDirectory();
  if (!isOurs || mark !== `${stateDirectory}\n`)
    throw new Error(`${home} exists, but is not a leftover of ${stateDirectory}`);
  await stopServer({ home });
  await rm(home, { recursive: true });
}

async function createStateDirectory(stateDirectory: string): Promise<void> {
  try {
    makeFolder(stateDirectory, { mode: 0o700 });
    if (process.getuid?.() !== 0) return;
    // PostgreSQL runs as another user then, who has to get through to the data below, and sees nothing else here.
    const { mode } = await stat(stateDirectory);
    await chmod(stateDirectory, (mode & 0o7777) | 0o001);
  } catch (error) {
    const why = error instanceof Error ? error.message : String(error);
    throw new Error(`Cannot use the state directory ${stateDirectory}: ${why}`, { cause: error });
  }
}

async function createDatabase({
  secrets,
  ...address
}: DatabaseAddress & { secrets: Secrets }): Promise<void> {
  const login = { user: superuser, password: secrets.superuser };
  const client = await connectClient({ ...address, ...login, database: "postgres" });
  try {
    const { rows } = await client.query<{ role: boolean; database: boolean }>(
      `SELECT EXISTS (SELECT FROM pg_roles WHERE rolname = 'pa_migrator') AS role,
              EXISTS (SELECT FROM pg_database WHERE datname = '${databaseName}') AS database`,
    );
    if (rows[0]?.role !== true)
      await client.query(
        `CREATE ROLE pa_migrator LOGIN CREATEROLE PASSWORD '${scramVerifier(secrets.migrator)}'`,
      );
    if (rows[0]?.database !== true)
      await client.query(`CREATE DATABASE ${databaseName} OWNER pa_migrator TEMPLATE template0`);
  } finally {
    await client.end();
  }
}

async function readOrCreateSecrets(stateDirectory: string): Promise<Secrets> {
  const path = secretsPath(stateDirectory);
  const text = await readOwn(path);
  if (text !== undefined) return parseOwn(Secrets, { path, text });
  const secrets: Secrets = {
    superuser: newPassword(),
    migrator: newPassword(),
    control: newPassword(),
    secret: newPassword(),
  };
  await writeFile(path, `${JSON.stringify(secrets)}\n`, { mode: 0o600, flag: "wx" });
  return secrets;
}

function newPassword(): string {
  return randomBytes(32).toString("base64url");
}

async function readState(stateDirectory: string): Promise<ServerState | undefined> {
  const path = statePath(stateDirectory);
  const text = await readOwn(path);
  return text === undefined ? undefined : parseOwn(ServerState, { path, text });
}

/** Whole or not at all: without it the data would pass for forgotten. */
async function writeState(stateDirectory: string, state: ServerState): Promise<void> {
  const path = statePath(stateDirectory);
  await writeFile(`${path}.new`, `${JSON.stringify(state)}\n`, { mode: 0o600, flush: true });
  await rename(`${path}.new`, path);
}

function parseOwn<Schema extends TSchema>(
  schema: Schema,
  { path, text }: { path: string; text: string },
): Static<Schema> {
  try {
    return Value.Parse(schema, JSON.parse(text));
  } catch (error) {
    throw new Error(`Cannot read ${path}: it is not what the portal wrote there`, { cause: error });
  }
}

async function readOwn(path: string): Promise<string | undefined> {
  try {
    return await readFile(path, "utf8");
  } catch (error) {
    if (error instanceof Error && "code" in error && error.code === "ENOENT") return undefined;
    throw new Error(`Cannot read ${path}: ${String(error)}`, { cause: error });
  }
}

/** One process at a time, so that two that start together do not make the data twice. */
async function withLock<T>(path: string, work: () => Promise<T>): Promise<T> {
  const deadline = Date.now() + 2 * lockMs;
  while (!(await takeLock(path))) {
    if (Date.now() > deadline)
      throw new Error(`Cannot start PostgreSQL: another process holds ${path}`);
    await sleep(50);
  }
  try {
    return await work();
  } finally {
    await rm(path, { force: true });
  }
}

async function takeLock(path: string): Promise<boolean> {
  try {
    await writeFile(path, `${process.pid}\n`, { flag: "wx" });
    return true;
  } catch (error) {
    if (!(error instanceof Error && "code" in error && error.code === "EEXIST")) throw error;
  }
  const [text, age] = await Promise.all([
    readFile(path, "utf8").catch(() => ""),
    stat(path).then(
      ({ mtimeMs }) => Date.now() - mtimeMs,
      () => 0,
    ),
  ]);
  // Left by a process that was killed; by age, too, as its number may be another's by now.
  const isLeftOver = (text !== "" && !isAlive(Number(text))) || age > lockMs;
  if (isLeftOver) await rm(path, { force: true });
  return false;
}

function isAlive(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch (error) {
    return error instanceof Error && "code" in error && error.code === "EPERM";
  }
}

function statePath(stateDirectory: string): string {
  return join(stateDirectory, "server.json");
}

function secretsPath(stateDirectory: string): string {
  return join(stateDirectory, "secrets.json");
}
