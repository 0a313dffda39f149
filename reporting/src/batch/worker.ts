// What a thread does: it lists the machines of a file, or makes a report. Errors do not keep their class on the way between threads, so it answers with what there is to say of them.
import { explain, exitCodeOf } from "../cli/exit.ts";
import { listMachines } from "../data/read-files.ts";
import { runJob, type MadeReport, type ReportJob } from "./job.ts";

export type Outcome =
  | { made: true; report: MadeReport }
  | { made: false; message: string; exitCode: number };

/** In order of appearance; undefined is the one whose capture it is. */
export type Listed = (string | undefined)[];

export async function list(name: string): Promise<Listed> {
  // Whoever reads it says what is wrong with it.
  return listMachines(name).catch(() => [undefined]);
}

export async function work(job: ReportJob): Promise<Outcome> {
  try {
    return { made: true, report: await runJob(job) };
  } catch (error) {
    return { made: false, message: explain(error), exitCode: exitCodeOf(error) };
  }
}
