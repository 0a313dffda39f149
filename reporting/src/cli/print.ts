import { OutputError } from "./exit.ts";

/** Resolves when the reader of a pipe has taken it all, or has gone away: then it has had enough. */
export async function print(content: string | Uint8Array): Promise<void> {
  await new Promise<void>((done, fail) => {
    const end = (error?: (Error & { code?: string }) | null): void => {
      // An error is told twice: to the write, then to the stream.
      if (!error) process.stdout.off("error", end);
      if (!error || error.code === "EPIPE") done();
      else
        fail(new OutputError(`Cannot write standard output: ${error.message}`, { cause: error }));
    };
    process.stdout.once("error", end);
    process.stdout.write(content, end);
  });
}
