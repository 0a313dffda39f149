// The serving process put together. Whoever calls startPortal() has migrated the database before.
import { join } from "node:path";
import { openDatabase, type Database } from "./db/database.ts";
import type { DatabaseAccess } from "./db/local-server.ts";
import { isMigrated } from "./db/migrate.ts";
import { migrationsDirectory, readMigrations } from "./db/migrations.ts";
import { deriveSecret } from "./db/secrets.ts";
import type { LogLevel } from "./config.ts";
import type { App, Services } from "./http/app.ts";
import { createLog } from "./http/log.ts";
import { buildApp } from "./http/server.ts";
import { createJobHandlers } from "./jobs/handlers.ts";
import { openJobQueue, type JobQueue } from "./jobs/queue.ts";
import { LiveHub } from "./live/hub.ts";
import { openPeople } from "./people/people.ts";

export interface PortalConfig {
  /** The serving process gets no login that may change tables or tenants. */
  access: Omit<DatabaseAccess, "migrator">;
  host: string;
  /** 0 takes any free one. */
  port: number;
  /** Origin under which browsers reach the portal. Default: http://host:port. */
  publicUrl?: string | undefined;
  trustedProxies?: readonly string[];
  logLevel?: LogLevel;
  /** Folder of the built pages. */
  webRoot?: string;
  /** Whether each answer is held against its schema, at the price of time. Default: not. */
  checksAnswers?: boolean;
  /** Behind by more than this, the process refuses work. Default 2 s; 0: never, as in tests, which a busy machine must not decide. */
  maxEventLoopDelayMs?: number;
  /** Whether this process works on jobs, or only enqueues them for others. Default: it does. */
  runJobs?: boolean;
}

export interface Portal {
  /** Where it listens. */
  url: string;
  services: Services;
  /** Finishes requests and jobs under way, within ten seconds. */
  close: () => Promise<void>;
}

const clock = () => new Date();
const drainMs = 5_000;

/** Throws where the address is taken (code EADDRINUSE) or the database cannot be reached; nothing stays open then. */
export async function startPortal(config: PortalConfig): Promise<Portal> {
  const { access, host, port } = config;
  const { address, control, secret } = access;
  const log = createLog(config.logLevel ?? "info");
  const publicUrl = config.publicUrl ?? `http://${host.includes(":") ? `[${host}]` : host}:${port}`;
  const database = openDatabase({ address, control, secret });
  let jobs: JobQueue | undefined;
  let app: App | undefined;
  try {
    const handlers = createJobHandlers({ database, log, clock, jobs: () => jobs });
    jobs = await openJobQueue({
      address,
      login: control,
      handlers: config.runJobs === false ? null : handlers,
      log,
    });
    const services: Services = {
      database,
      jobs,
      log,
      clock,
      live: new LiveHub({ clock }),
      people: openPeople({ database, publicUrl, secret: deriveSecret(secret, "sessions") }),
      settings: {
        publicUrl,
        trustedProxies: config.trustedProxies ?? [],
        webRoot: config.webRoot ?? join(import.meta.dirname, "../../web/dist"),
        checksAnswers: config.checksAnswers ?? false,
        maxEventLoopDelayMs: config.maxEventLoopDelayMs ?? 2_000,
      },
      checks: await createChecks(database, jobs),
    };
    app = await buildApp(services);
    const url = await app.listen({ host, port });
    const opened = { app, jobs, database };
    return { url, services, close: () => closeAll(opened) };
  } catch (error) {
    await app?.close();
    await jobs?.close();
    await database.close();
    throw error;
  }
}

async function createChecks(database: Database, jobs: JobQueue): Promise<Services["checks"]> {
  const migrations = await readMigrations(migrationsDirectory);
  const { query } = database.control;
  return {
    database: async () => void (await query("SELECT 1")),
    migrations: async () => {
      if (!(await isMigrated(query, migrations))) throw new Error("The database is not migrated");
    },
    queue: () => jobs.check(),
  };
}

/** New requests are refused at once; those under way, and jobs, get a few seconds to end. */
async function closeAll({
  app,
  jobs,
  database,
}: {
  app: App;
  jobs: JobQueue;
  database: Database;
}): Promise<void> {
  // A connection whose request ends meanwhile would be kept alive for the next one.
  const sweep = setInterval(() => app.server.closeIdleConnections(), 100);
  const timer = setTimeout(() => app.server.closeAllConnections(), drainMs);
  await Promise.all([app.close(), jobs.close()]);
  clearInterval(sweep);
  clearTimeout(timer);
  await database.close();
}
