// Background work: pg-boss on tables that our migrations made (migrations/control/0003_jobs.sql).
import type { FastifyBaseLogger } from "fastify";
import { PgBoss, type Job, type Queue } from "pg-boss";
import type { DatabaseAddress } from "../db/database.ts";
import type { Login } from "../db/local-server.ts";
import type { TenantId } from "../db/tenant-id.ts";

const jobNames = [
  "report",
  "sweep-reports",
  "seal-samples",
  "clean-stream-batches",
  "clean-sessions",
] as const;

/** What each kind of job is given: ids only, since everything else may have changed when it runs. */
interface JobData {
  report: { tenantId: TenantId; reportId: string };
  "sweep-reports": Record<string, never>;
  "seal-samples": Record<string, never>;
  "clean-stream-batches": Record<string, never>;
  "clean-sessions": Record<string, never>;
}
type JobName = (typeof jobNames)[number];

/** Each may run again for the same job, after a crash for example, and must stop soon after the signal. */
export type JobHandlers = {
  [Name in JobName]: (data: JobData[Name], signal: AbortSignal) => Promise<void>;
};

export interface JobQueue {
  /** A job of which the like waits or runs already is not added again; `key` says what is alike. */
  enqueue<Name extends JobName>(name: Name, data: JobData[Name], key: string): Promise<void>;
  /** Rejects where the queue does not work. */
  check(): Promise<void>;
  /** Ends running jobs, which are run again after the next start. */
  close(): Promise<void>;
}

interface JobKind {
  /** Cron expression in UTC; without one the job runs only when it is enqueued. */
  cron?: string;
  /** How many run at a time. */
  concurrency: number;
  queue: Omit<Queue, "name">;
}

// "exclusive": of jobs with the same key, one waits or runs.
const shared = { policy: "exclusive", deleteAfterSeconds: 24 * 3600 } as const;

const jobs: Record<JobName, JobKind> = {
  report: {
    concurrency: 2,
    queue: { ...shared, expireInSeconds: 300, retryLimit: 5, retryDelay: 5, retryBackoff: true },
  },
  "sweep-reports": { concurrency: 1, cron: "*/10 * * * *", queue: shared },
  "seal-samples": {
    concurrency: 1,
    cron: "7 * * * *",
    queue: { ...shared, expireInSeconds: 3_000 },
  },
  "clean-stream-batches": { concurrency: 1, cron: "23 3 * * *", queue: shared },
  "clean-sessions": { concurrency: 1, cron: "53 3 * * *", queue: shared },
};

export interface JobQueueOptions {
  address: DatabaseAddress;
  login: Login;
  /** null: enqueues only, for other processes to work on. */
  handlers: JobHandlers | null;
  log: FastifyBaseLogger;
}

const closeTimeoutMs = 5_000;

export async function openJobQueue({
  address: { host, port, database, ssl },
  login,
  handlers,
  log,
}: JobQueueOptions): Promise<JobQueue> {
  const boss = new PgBoss({
    ...login,
    ...(host === undefined ? {} : { host }),
    ...(port === undefined ? {} : { port }),
    ...(database === undefined ? {} : { database }),
    ...(ssl === undefined ? {} : { ssl }),
    application_name: "perfanalysis jobs",
    schema: "jobs",
    max: 4,
    // Tables belong to the migrator's login: this one may neither make nor rebuild them.
    createSchema: false,
    migrate: false,
    reindex: false,
    supervise: handlers !== null,
    schedule: handlers !== null,
  });
  boss.on("error", (error) => log.warn({ err: error }, "The job queue has trouble"));
  await boss.start();
  const ending = new AbortController();
  const workers = new Map<string, string>();
  for (const name of jobNames) {
    const { cron, queue } = jobs[name];
    await boss.createQueue(name, queue);
    if (handlers === null) continue;
    if (cron !== undefined) await boss.schedule(name, cron);
    workers.set(name, await startWorker(boss, name, { handlers, log, ending: ending.signal }));
  }
  return {
    enqueue: async (name, data, key) => {
      await boss.send(name, data, { singletonKey: key });
      // Another process's workers look by themselves every two seconds.
      boss.notifyWorker(workers.get(name) ?? "");
    },
    check: async () => {
      if ((await boss.schemaVersion()) === null) throw new Error("The job queue has no tables");
    },
    close: async () => {
      ending.abort(new Error("The portal is stopping"));
      await boss.stop({ graceful: true, timeout: closeTimeoutMs, close: true });
    },
  };
}

/** Returns the worker's id. */
// oxlint-disable-next-line typescript/no-unnecessary-type-parameters -- ties the handler to its data
async function startWorker<Name extends JobName>(
  boss: PgBoss,
  name: Name,
  { handlers, log, ending }: { handlers: JobHandlers; log: FastifyBaseLogger; ending: AbortSignal },
): Promise<string> {
  const work = async ({ data, signal }: Job<JobData[Name]>) => {
    try {
      await handlers[name](data, AbortSignal.any([signal, ending]));
    } catch (error) {
      if (!ending.aborted) log.error({ err: error, job: name }, "A job failed");
      throw error;
    }
  };
  return await boss.work<JobData[Name]>(
    name,
    { localConcurrency: jobs[name].concurrency, pollingIntervalSeconds: 2 },
    async (claimed) => {
      for (const job of claimed) await work(job);
    },
  );
}
