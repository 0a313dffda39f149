import { spawn } from "node:child_process";
import { join } from "node:path";
import { onTestFinished } from "vitest";

export interface Ended {
  exitCode: number | null;
  stdout: string;
  stderr: string;
}

export interface RunningProgram {
  pid: number;
  /** What it has said so far. */
  stderr(): string;
  kill(signal: NodeJS.Signals): void;
  /** Stops reading what it writes, as head does. */
  closeOutput(): void;
  /** Resolves with what it left behind when it ends. */
  ended: Promise<Ended>;
}

/** Runs one of the collector's programs as a process of its own; the environment holds nothing but what is given. */
export function startProgram(
  name: "pcc" | "pcctl" | "pcd" | "pcprocess",
  args: readonly string[],
  {
    environment = {},
    wrapper = [],
    input,
    // null: it stays open, and nothing comes.
  }: {
    environment?: Record<string, string>;
    /** A program that runs it, with its arguments: `prlimit --nofile=32`. */
    wrapper?: readonly string[];
    input?: string | Buffer | null;
  } = {},
): RunningProgram {
  const [program, argv] = findProgram(name, args);
  const [command = "", ...rest] = [...wrapper, program, ...argv];
  const child = spawn(command, rest, {
    env: environment,
    stdio: ["pipe", "pipe", "pipe"],
  });
  onTestFinished(() => {
    child.kill("SIGKILL");
  });
  let stdout = "";
  let stderr = "";
  child.stdout.setEncoding("utf8").on("data", (text: string) => (stdout += text));
  child.stderr.setEncoding("utf8").on("data", (text: string) => (stderr += text));
  // A program that does not read its input may end before it is written.
  child.stdin.on("error", () => {});
  if (input !== null) child.stdin.end(input);
  const ended = new Promise<Ended>((resolve, reject) => {
    child.on("error", reject);
    child.on("close", (exitCode) => resolve({ exitCode, stdout, stderr }));
  });
  if (child.pid === undefined) throw new Error(`Cannot start ${name}`);
  return {
    pid: child.pid,
    stderr: () => stderr,
    kill: (signal) => child.kill(signal),
    closeOutput: () => child.stdout.destroy(),
    ended,
  };
}

/** The sources; or the packaged executable that PERFCOLLECTOR names, so that the same tests hold for it, too. */
function findProgram(name: string, args: readonly string[]): [string, string[]] {
  // eslint-disable-next-line node/no-process-env -- of tests, and not of the programs
  const executable = process.env["PERFCOLLECTOR"];
  return executable === undefined
    ? [process.execPath, [join(import.meta.dirname, `${name}.ts`), ...args]]
    : [executable, [name, ...args]];
}

export function runProgram(...given: Parameters<typeof startProgram>): Promise<Ended> {
  return startProgram(...given).ended;
}
