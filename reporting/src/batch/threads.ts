import { Piscina } from "piscina";
import type { ReportJob } from "./job.ts";
import { work, type Outcome } from "./worker.ts";

export interface Threads {
  run(job: ReportJob): Promise<Outcome>;
  close(): Promise<void>;
}

/** Threads that make reports; as many as there are jobs, at most `most`. A job that brings its thread down has failed, the others go on. */
export function openThreads(most: number): Threads {
  if (most === 1) return { run: work, close: () => Promise.resolve() };
  const pool = new Piscina<ReportJob, Outcome>({
    filename: new URL("worker.ts", import.meta.url).href,
    name: "work",
    minThreads: 0,
    maxThreads: most,
  });
  return {
    async run(job) {
      try {
        return await pool.run(job);
      } catch (error) {
        const message = error instanceof Error ? error.message : String(error);
        return { made: false, message: `The thread ended: ${message}`, exitCode: 70 };
      }
    },
    close: () => pool.destroy(),
  };
}
