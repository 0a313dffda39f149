// The real programs, run as a person would run them from the checkout.
import { spawn, type ChildProcess } from "node:child_process";
import { createInterface } from "node:readline";
import { join } from "node:path";

export const root = join(import.meta.dirname, "..");

export interface RunOptions {
  env?: Record<string, string>;
  input?: string;
}

export interface RunResult {
  code: number | null;
  stdout: string;
  stderr: string;
}

/** Runs a program of node_modules/.bin to its end. */
export async function run(
  name: string,
  args: readonly string[],
  { env = {}, input = "" }: RunOptions = {},
): Promise<RunResult> {
  const child = spawnBinary(name, args, env);
  let stdout = "";
  let stderr = "";
  child.stdout?.setEncoding("utf8").on("data", (text: string) => (stdout += text));
  child.stderr?.setEncoding("utf8").on("data", (text: string) => (stderr += text));
  child.stdin?.end(input);
  const code = await new Promise<number | null>((resolve, reject) => {
    child.once("error", reject);
    child.once("close", resolve);
  });
  return { code, stdout, stderr };
}

/** Runs a program that must succeed; gives its standard output. */
export async function runOk(
  name: string,
  args: readonly string[],
  options: RunOptions = {},
): Promise<string> {
  const { code, stdout, stderr } = await run(name, args, options);
  if (code === 0) return stdout;
  throw new Error(`Cannot run ${name} ${args.join(" ")}: exit code ${code}\n${stderr}${stdout}`);
}

export interface Running {
  /** Every line printed so far, standard output and standard error together. */
  lines: string[];
  /** The first match of `pattern` in a line, waiting for it. Rejects when the program ends before. */
  line(pattern: RegExp): Promise<RegExpExecArray>;
  /** Resolves with the exit code. */
  ended: Promise<number | null>;
  /** Reads no more of what it prints, as `head` does. */
  closeOutput(): void;
  /** SIGTERM, then the exit code. */
  stop(signal?: NodeJS.Signals): Promise<number | null>;
}

/** Starts a program that runs until it is stopped. `file` is a program's name, or a source file of the checkout. */
export function startRunning(
  file: string,
  args: readonly string[],
  env: Record<string, string> = {},
): Running {
  const child = spawnBinary(file, args, env);
  child.stdin?.end();
  const lines: string[] = [];
  const waiting = new Set<() => void>();
  const ended = new Promise<number | null>((resolve, reject) => {
    child.once("error", reject);
    child.once("close", (code) => {
      resolve(code);
      wake(waiting);
    });
  });
  for (const stream of [child.stdout, child.stderr]) {
    if (stream === null) continue;
    createInterface({ input: stream }).on("line", (line) => {
      lines.push(line);
      wake(waiting);
    });
  }
  return {
    lines,
    ended,
    closeOutput() {
      child.stdout?.destroy();
      child.stderr?.destroy();
    },
    async line(pattern) {
      for (let next = 0; ;) {
        for (; next < lines.length; next++) {
          const match = pattern.exec(lines[next] ?? "");
          if (match !== null) return match;
        }
        if (child.exitCode !== null || child.signalCode !== null)
          throw new Error(
            `${file} ended without printing ${String(pattern)}:\n${lines.join("\n")}`,
          );
        await new Promise<void>((resolve) => waiting.add(resolve));
      }
    },
    async stop(signal = "SIGTERM") {
      child.kill(signal);
      return await ended;
    },
  };
}

function wake(waiting: Set<() => void>): void {
  for (const resolve of waiting) resolve();
  waiting.clear();
}

function spawnBinary(
  file: string,
  args: readonly string[],
  env: Record<string, string>,
): ChildProcess {
  const path = file.endsWith(".ts") ? join(root, file) : join(root, "node_modules", ".bin", file);
  return spawn(process.execPath, [path, ...args], { env: { ...process.env, ...env } });
}
