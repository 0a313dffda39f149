// What a thread does: a report. Errors do not keep their class on the way between threads, so it answers with what there is to say of them.
import { explain, exitCodeOf } from "../cli/exit.ts";
import { runJob, type MadeReport, type ReportJob } from "./job.ts";

export type Outcome =
  | { made: true; report: MadeReport }
  | { made: false; message: string; exitCode: number };

export async function work(job: ReportJob): Promise<Outcome> {
  try {
    return { made: true, report: await runJob(job) };
  } catch (error) {
    return { made: false, message: explain(error), exitCode: exitCodeOf(error) };
  }
}
