// What each job does: it calls the feature that owns the work.
import type { FastifyBaseLogger } from "fastify";
import type { Database } from "../db/database.ts";
import { deleteExpiredSessions } from "../people/people.ts";
import { makeReport, sweepReports } from "../reports/make-report.ts";
import { cleanStreamBatches } from "./clean-stream-batches.ts";
import { sealSamples } from "./seal-samples.ts";
import type { JobHandlers, JobQueue } from "./queue.ts";

export interface JobServices {
  database: Database;
  log: FastifyBaseLogger;
  clock: () => Date;
  /** The queue itself, which exists when its first job runs. */
  jobs: () => JobQueue | undefined;
}

export function createJobHandlers(services: JobServices): JobHandlers {
  const { database, log, clock, jobs } = services;
  return {
    report: (data, signal) => makeReport(database, { ...data, signal }),
    "sweep-reports": async (_data, signal) => {
      const queue = jobs();
      if (queue !== undefined) await sweepReports({ database, jobs: queue, log }, signal);
    },
    "seal-samples": (_data, signal) => sealSamples({ database, log, clock }, signal),
    "clean-stream-batches": (_data, signal) => cleanStreamBatches({ database, log }, signal),
    "clean-sessions": () => deleteExpiredSessions(database),
  };
}
