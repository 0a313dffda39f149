// sar's own binary files, saDD: only sysstat itself reads every version of them, so that an installed sadf does.
import { spawn } from "node:child_process";
import { once } from "node:events";
import { ExitError, exitCodes } from "../exit.ts";

/** What is asked of sadf: all that becomes columns. Older versions know fewer options. */
const optionLists = [
  "-u ALL -P ALL -q ALL -r ALL -S -B -W -w -I SUM -d -p -F MOUNT -n DEV,EDEV,SOCK,TCP,ETCP,UDP",
  "-u ALL -P ALL -q -r ALL -S -B -W -w -I SUM -d -p -F MOUNT -n DEV,EDEV,SOCK,TCP,ETCP,UDP",
  "-u ALL -P ALL -q -r ALL -S -B -W -w -I SUM -d -p -n DEV,EDEV,SOCK,TCP,ETCP,UDP",
  "-u ALL -P ALL -q -r -S -B -W -w -I SUM -d -p -n DEV,EDEV,SOCK,TCP,ETCP,UDP",
];

/**
 * The file as `sadf -j` gives it. `name` is what messages call it; `warn` is told what sadf complains of in a file that it reads all
 * the same, as one that was cut off.
 * @throws ExitError where no sadf is installed, or not one that reads this file.
 */
export async function* readSarFile(
  path: string,
  { name, warn }: { name: string; warn: (message: string) => void },
): AsyncGenerator<Buffer> {
  for (const [index, options] of optionLists.entries()) {
    // Times in UTC and numbers with a dot, whatever the user's locale.
    const args = ["LC_ALL=C", "TZ=UTC", "sadf", "-j", path, "--", ...options.split(" ")];
    const sadf = spawn("env", args, { stdio: ["ignore", "pipe", "pipe"] });
    let message = "";
    sadf.stderr.setEncoding("utf8").on("data", (text: string) => {
      if (message.length < maxMessageLength) message += text;
    });
    const ended = once(sadf, "close");
    let bytes = 0;
    try {
      for await (const chunk of sadf.stdout) {
        // A stream without an encoding gives buffers.
        bytes += (chunk as Buffer).length;
        yield chunk as Buffer;
      }
    } finally {
      sadf.kill();
    }
    const [exitCode] = await ended;
    const lines = [...new Set(message.trim().split("\n"))].slice(0, 3).join(" / ");
    if (exitCode === 0) {
      if (lines !== "") warn(`sadf says: ${lines}`);
      return;
    }
    if (exitCode === notFound) {
      throw new ExitError(
        exitCodes.unavailable,
        `Cannot read ${name}: it is sar's binary file, and sadf is not installed; install sysstat, or run "sadf -j" where the file was made: docs/import.md has the command`,
      );
    }
    const isUsage = /usage/i.test(message) && bytes === 0;
    if (isUsage && index < optionLists.length - 1) continue;
    throw new ExitError(
      exitCodes.badData,
      `Cannot read ${name}: sadf says: ${lines}; a file of another version is read by sadf of the machine that made it, or after "sadf -c"`,
    );
  }
}

const notFound = 127;
const maxMessageLength = 4096;
