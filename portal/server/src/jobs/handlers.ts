// What each job does: it calls the feature that owns the work.
import type { FastifyBaseLogger } from "fastify";
import type { Database } from "../db/database.ts";
import { deleteExpiredSessions } from "../people/people.ts";
import type { JobHandlers, JobQueue } from "./queue.ts";

export interface JobServices {
  database: Database;
  log: FastifyBaseLogger;
  clock: () => Date;
  /** The queue itself, which exists when its first job runs. */
  jobs: () => JobQueue | undefined;
}

export function createJobHandlers({ database, log, jobs }: JobServices): JobHandlers {
  return {
    report: async (data, signal) => {
      const { makeReport } = await import("../reports/make-report.ts");
      await makeReport(database, { ...data, signal });
    },
    "sweep-reports": async (_data, signal) => {
      const { sweepReports } = await import("../reports/make-report.ts");
      const queue = jobs();
      if (queue !== undefined) await sweepReports({ database, jobs: queue, log }, signal);
    },
    "seal-samples": async () => undefined,
    "clean-stream-batches": async () => undefined,
    "clean-sessions": () => deleteExpiredSessions(database),
  };
}
