// One process of the system: started, watched, ended.
import { spawn, type ChildProcess } from "node:child_process";
import { createInterface } from "node:readline";

export interface ChildOptions {
  env?: Record<string, string>;
  /** Called with each line that the process prints on its standard output or standard error. */
  onLine?: (line: string) => void;
}

/** A process in its own group: Ctrl-C in the terminal reaches it only through `stop()`, so that the order holds. */
export class Child {
  readonly pid: number;
  /** Resolves when the process has ended, with its exit code or the signal's name. */
  readonly ended: Promise<number | string>;
  readonly #process: ChildProcess;
  readonly #lastLines: string[] = [];

  constructor(command: string, args: readonly string[], { env = {}, onLine }: ChildOptions = {}) {
    this.#process = spawn(process.execPath, [command, ...args], {
      detached: true,
      stdio: ["ignore", "pipe", "pipe"],
      env: { ...process.env, ...env },
    });
    // -1 only when the program could not be started, which `ended` reports.
    this.pid = this.#process.pid ?? -1;
    // However this start ends, nothing runs on behind it.
    process.once("exit", () => this.#process.kill("SIGTERM"));
    for (const stream of [this.#process.stdout, this.#process.stderr]) {
      if (stream === null) continue;
      createInterface({ input: stream }).on("line", (line) => {
        this.#lastLines.push(line);
        if (this.#lastLines.length > 20) this.#lastLines.shift();
        onLine?.(line);
      });
    }
    this.ended = new Promise((resolve, reject) => {
      this.#process.once("error", reject);
      this.#process.once("close", (code, signal) => resolve(code ?? signal ?? "unknown"));
    });
  }

  /** The last lines that it printed, for saying why it ended. */
  get lastLines(): string {
    return this.#lastLines.join("\n");
  }

  /** Asks it to end, and insists after `deadlineMs`. Resolves when it is gone. */
  async stop(deadlineMs = 12_000): Promise<void> {
    if (this.#process.exitCode !== null || this.#process.signalCode !== null) return;
    this.#process.kill("SIGTERM");
    const insist = setTimeout(() => this.#process.kill("SIGKILL"), deadlineMs);
    await this.ended.finally(() => clearTimeout(insist));
  }
}

/** Runs a command to its end, which `signal` hastens, and gives what it printed on standard output; throws with its standard error. */
export async function runToEnd(
  command: string,
  args: readonly string[],
  signal: AbortSignal,
): Promise<string> {
  const child = spawn(process.execPath, [command, ...args], {
    stdio: ["ignore", "pipe", "pipe"],
    signal,
  });
  let output = "";
  let errors = "";
  child.stdout.setEncoding("utf8").on("data", (text: string) => (output += text));
  child.stderr.setEncoding("utf8").on("data", (text: string) => (errors += text));
  const code = await new Promise<number | null>((resolve, reject) => {
    // Also told when `signal` has sent it away: it is gone only when its streams are closed.
    child.on("error", (error) => {
      if (child.pid === undefined) reject(error);
    });
    child.once("close", resolve);
  });
  if (code === 0) return output;
  throw new Error(`Cannot run ${args.slice(0, 2).join(" ")}: ${errors.trim() || output.trim()}`);
}
