import type { Piscina } from "piscina";
import type { ReportJob } from "./job.ts";
import { list, work, type Listed, type Outcome } from "./worker.ts";

export interface Threads {
  run(job: ReportJob): Promise<Outcome>;
  /** The machines of a file. */
  list(name: string): Promise<Listed>;
  close(): Promise<void>;
}

/** Threads that read files and make reports; as many as there is work for, at most `most`. A job that brings its thread down has failed, the others go on. */
export function openThreads(most: number): Threads {
  if (most === 1) return oneByOne();
  let opened: Promise<Piscina> | null = null;
  const pool = (): Promise<Piscina> => (opened ??= openPool(most));
  return {
    async run(job) {
      try {
        return (await (await pool()).run(job, { name: "work" })) as Outcome;
      } catch (error) {
        const message = error instanceof Error ? error.message : String(error);
        return { made: false, message: `The thread ended: ${message}`, exitCode: 70 };
      }
    },
    list: async (name) => (await (await pool()).run(name, { name: "list" })) as Listed,
    close: async () => (await opened)?.destroy(),
  };
}

/** Without a thread: the memory is that of one report, however many there are. */
function oneByOne(): Threads {
  let last: Promise<unknown> = Promise.resolve();
  const behindLast = <Result>(start: () => Promise<Result>): Promise<Result> => {
    const next = last.then(start);
    last = next;
    return next;
  };
  return {
    run: (job) => behindLast(() => work(job)),
    list: (name) => behindLast(() => list(name)),
    close: () => Promise.resolve(),
  };
}

/** Not before it is needed: most calls make one report. */
async function openPool(maxThreads: number): Promise<Piscina> {
  const { Piscina: Pool } = await import("piscina");
  const filename = new URL("worker.ts", import.meta.url).href;
  return new Pool({ filename, minThreads: 0, maxThreads });
}
