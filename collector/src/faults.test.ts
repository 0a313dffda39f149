// pcc as a process, on a machine where things go wrong. What a test needs of the machine stands in its title; without it, it is
// skipped.
import { execFileSync, spawnSync } from "node:child_process";
import {
  appendFileSync,
  existsSync,
  readdirSync,
  readFileSync,
  renameSync,
  rmSync,
  writeFileSync,
} from "node:fs";
import { join } from "node:path";
import { describe, expect, onTestFinished, test } from "vitest";
import { runProgram, startProgram, type RunningProgram } from "./binaries.ts";
import { createFakeProcfs, createFolder } from "./sampling/fake-procfs.ts";
import { readWritten } from "./testing/written-lines.ts";

const faketime = ["x86_64", "aarch64"]
  .map((machine) => `/usr/lib/${machine}-linux-gnu/faketime/libfaketime.so.1`)
  .find((path) => existsSync(path));
const hasStrace = spawnSync("strace", ["-V"]).status === 0;
const hasPrlimit = spawnSync("prlimit", ["--version"]).status === 0;

interface Line {
  t?: number;
  m?: number;
  gap?: { t: number; missed: number };
  clock?: { t: number; step_ms: number };
  status?: { source: string; error: string | null };
}

function readLines(path: string): Line[] {
  return readWritten(path)
    .trimEnd()
    .split("\n")
    .map((line) => JSON.parse(line) as Line);
}

function readSamples(path: string): { t: number; m: number }[] {
  return readLines(path).flatMap(({ t, m }) =>
    t === undefined || m === undefined ? [] : { t, m },
  );
}

async function waitForSamples(path: string, count: number): Promise<void> {
  await expect
    .poll(() => (existsSync(path) ? readSamples(path).length : 0), { timeout: 20_000 })
    .toBeGreaterThanOrEqual(count);
}

async function hear(program: RunningProgram, message: string): Promise<void> {
  await expect.poll(() => program.stderr(), { timeout: 20_000 }).toContain(message);
}

/** null where that is not allowed. */
function mountSmallDisk(): string | null {
  const folder = createFolder();
  if (spawnSync("mount", ["-t", "tmpfs", "-o", "size=1m", "tmpfs", folder]).status !== 0) {
    return null;
  }
  onTestFinished(() => {
    execFileSync("umount", [folder]);
  });
  return folder;
}

describe("pcc", () => {
  test.skipIf(!hasPrlimit)(
    "pcc samples everything with 32 descriptors (needs prlimit)",
    async () => {
      const folder = createFolder();
      const args = ["--procfs", createFakeProcfs().path, "1", "2", `${folder}/`];
      const wrapper = ["prlimit", "--nofile=32"];
      const { exitCode, stderr } = await runProgram("pcc", args, { wrapper });
      expect({ exitCode, lines: stderr.split("\n").length }).toEqual({ exitCode: 0, lines: 2 });
      const lines = readLines(join(folder, readdirSync(folder)[0] ?? ""));
      const { stdout } = await runProgram("pcc", ["--procfs", createFakeProcfs().path, "1", "1"]);
      const statuses = (text: string): number => text.split('{"status"').length;
      expect(statuses(lines.map((line) => JSON.stringify(line)).join("\n"))).toBe(statuses(stdout));
    },
  );

  test.skipIf(!hasStrace).each([
    // Opened first for what the machine is, then for the first two readings.
    ["openat", "EACCES", "1..3"],
    // The first reading, and the second: the file and its end.
    ["pread64", "EIO", "3..4"],
  ])(
    "pcc says that a source gives %s: %s, samples the others, and says when it is back (needs strace)",
    async (call, error, when) => {
      const procfs = createFakeProcfs();
      const path = join(createFolder(), "pcc.json");
      const wrapper = ["strace", "-f", "-o", "/dev/null", "-P", join(procfs.path, "meminfo")];
      wrapper.push("-e", `inject=${call}:error=${error}:when=${when}`);
      const args = ["--procfs", procfs.path, "1", "4", path];
      expect((await runProgram("pcc", args, { wrapper })).exitCode).toBe(0);
      const statuses = readLines(path).flatMap(({ status }) => status ?? []);
      expect(statuses.filter(({ source }) => source === "meminfo")).toEqual([
        {
          t: expect.any(Number) as number,
          source: "meminfo",
          error: expect.stringContaining(error) as string,
        },
        { t: expect.any(Number) as number, source: "meminfo", error: null },
      ]);
      expect(readSamples(path)).toHaveLength(4);
    },
  );

  test("pcc says that a source is malformed, is gone, is a folder, and says when it is back", async () => {
    const procfs = createFakeProcfs();
    const path = join(createFolder(), "pcc.json");
    const text = readFileSync(join(procfs.path, "loadavg"), "utf8");
    const program = startProgram("pcc", ["--procfs", procfs.path, "1", path]);
    const statuses = (): (string | null)[] =>
      readLines(path).flatMap(({ status }) => (status?.source === "loadavg" ? status.error : []));
    const see = async (count: number): Promise<void> => {
      await expect.poll(() => statuses().length, { timeout: 10_000 }).toBe(count);
    };
    await waitForSamples(path, 1);
    procfs.write("loadavg", "none at all\n");
    await see(1);
    procfs.write("loadavg", text);
    await see(2);
    // What fails is opened anew, and then it is another file.
    procfs.write("loadavg", "\0");
    await see(3);
    rmSync(join(procfs.path, "loadavg"));
    renameSync(join(procfs.path, "pressure"), join(procfs.path, "loadavg"));
    await waitForSamples(path, readSamples(path).length + 2);
    renameSync(join(procfs.path, "loadavg"), join(procfs.path, "pressure"));
    procfs.write("loadavg", text);
    await see(4);
    program.kill("SIGTERM");
    expect((await program.ended).exitCode).toBe(0);
    expect(statuses()).toEqual([expect.any(String), null, expect.any(String), null]);
  }, 60_000);

  test("pcc records the ticks that it had no time for, and makes up for none of them", async () => {
    const path = join(createFolder(), "pcc.json");
    const program = startProgram("pcc", ["1", path]);
    await waitForSamples(path, 2);
    const before = readSamples(path).length;
    program.kill("SIGSTOP");
    // More than two ticks, however they lie.
    await new Promise((resolve) => {
      setTimeout(resolve, 3100);
    });
    program.kill("SIGCONT");
    await waitForSamples(path, before + 3);
    program.kill("SIGTERM");
    expect((await program.ended).exitCode).toBe(0);
    const gaps = readLines(path).flatMap(({ gap }) => gap ?? []);
    const missed = gaps.reduce((sum, gap) => sum + gap.missed, 0);
    expect(missed).toBeGreaterThanOrEqual(2);
    // The last one is that of SIGTERM.
    const seconds = readSamples(path)
      .slice(0, -1)
      .map(({ t }) => Math.floor(t / 1000));
    expect(new Set(seconds).size).toBe(seconds.length);
    const [first = 0, last = 0] = [seconds[0], seconds.at(-1)];
    expect(seconds.length + missed).toBe(last - first + 1);
  });

  test("pcc survives a full disk: no half line, and a gap for what it had no room for (needs root, for a small disk)", async (context) => {
    const folder = mountSmallDisk();
    if (folder === null) {
      context.skip("only root can mount a small disk");
      return;
    }
    const [filler, captures] = [join(folder, "filler"), join(folder, "captures/")];
    const program = startProgram("pcc", ["--machine-id", "web-01", "1", captures]);
    await hear(program, "every 1 s");
    const capture = join(
      captures,
      readdirSync(captures).find((name) => name.endsWith("json")) ?? "",
    );
    await waitForSamples(capture, 1);
    const fill = (): void => {
      for (;;) appendFileSync(filler, Buffer.alloc(4096));
    };
    expect(fill).toThrow("ENOSPC");
    await hear(program, "ENOSPC");
    rmSync(filler);
    await hear(program, "writing again");
    program.kill("SIGTERM");
    expect((await program.ended).exitCode).toBe(0);
    const lost = Number(
      /writing again; (\d+) samples? (?:was|were) lost/.exec(program.stderr())?.[1],
    );
    const gaps = readLines(capture).flatMap(({ gap }) => gap ?? []);
    expect(gaps.reduce((sum, { missed }) => sum + missed, 0)).toBeGreaterThanOrEqual(lost);
    expect(lost).toBeGreaterThan(0);
  });

  test.for(["captures/", "pcc.json"])(
    "pcc begins %s once the disk has room, and ends with 74 where it never had (needs root, for a small disk)",
    async (collection, context) => {
      const folder = mountSmallDisk();
      if (folder === null) {
        context.skip("only root can mount a small disk");
        return;
      }
      const filler = join(folder, "filler");
      const fill = (): void => {
        for (;;) appendFileSync(filler, Buffer.alloc(4096));
      };
      expect(fill).toThrow("ENOSPC");
      const path = join(folder, collection);
      const args = ["--machine-id", "web-01", "1"];
      const never = await runProgram("pcc", [...args, "2", path]);
      expect(never.exitCode).toBe(74);
      expect(never.stderr).toContain(`Cannot begin ${path}: ENOSPC`);
      expect(never.stderr).toContain("; all 2 samples were lost\n");

      const program = startProgram("pcc", [...args, path]);
      await hear(program, "; trying again with each sample\n");
      await hear(program, "every 1 s");
      // So that one at least is lost.
      await new Promise((resolve) => {
        setTimeout(resolve, 2100);
      });
      rmSync(filler);
      await hear(program, `${path}: begun; `);
      program.kill("SIGTERM");
      expect((await program.ended).exitCode).toBe(0);
      const lost = Number(/begun; (\d+) samples? (?:was|were) lost/.exec(program.stderr())?.[1]);
      const captures = collection.endsWith("/")
        ? readdirSync(path).map((name) => join(path, name))
        : [path];
      expect(captures).toHaveLength(1);
      const lines = readLines(captures[0] ?? "");
      const [gap] = lines.flatMap((line) => line.gap ?? []);
      expect(lost).toBeGreaterThan(0);
      expect(gap?.missed).toBeGreaterThanOrEqual(lost);
      expect(readSamples(captures[0] ?? "").length).toBeGreaterThan(0);
    },
  );

  test("pcc ends with 69 where samples reached neither the portal nor the full disk (needs root, for a small disk)", async (context) => {
    const folder = mountSmallDisk();
    if (folder === null) {
      context.skip("only root can mount a small disk");
      return;
    }
    expect(() => writeFileSync(join(folder, "filler"), Buffer.alloc(2e6))).toThrow("ENOSPC");
    const args = ["--mode", "trickle", "--portal", "http://127.0.0.1:1"];
    args.push("--spool", join(folder, "spool"), "1", "2");
    const environment = { PCC_API_KEY: "pa_x" };
    const { exitCode, stderr } = await runProgram("pcc", args, { environment });
    expect(exitCode).toBe(69);
    expect(stderr).toMatch(
      /[12] samples did not reach the portal: 0 refused, 0 dropped, [12] unsent/,
    );
  });
});

describe.skipIf(faketime === undefined)("pcc on a clock that is set (needs libfaketime)", () => {
  function startOnClock(args: string[]): {
    program: RunningProgram;
    set: (offset: string) => void;
  } {
    const clock = join(createFolder(), "clock");
    // A reader never finds it half written.
    const set = (offset: string): void => {
      writeFileSync(`${clock}.new`, `${offset}\n`);
      renameSync(`${clock}.new`, clock);
    };
    set("+0");
    const environment = {
      LD_PRELOAD: faketime ?? "",
      FAKETIME_TIMESTAMP_FILE: clock,
      FAKETIME_NO_CACHE: "1",
      FAKETIME_DONT_FAKE_MONOTONIC: "1",
    };
    return { program: startProgram("pcc", args, { environment }), set };
  }

  test.each([
    ["-1h", -3_600_000],
    ["+1y", 31_536_000_000],
  ])(
    "pcc goes on when the clock is set by %s, marks it, and rates stay right",
    async (offset, stepMs) => {
      const path = join(createFolder(), "pcc.json");
      const { program, set } = startOnClock(["1", path]);
      await waitForSamples(path, 2);
      set(offset);
      await waitForSamples(path, readSamples(path).length + 3);
      program.kill("SIGTERM");
      expect((await program.ended).exitCode).toBe(0);
      const [step, ...others] = readLines(path).flatMap(({ clock }) => clock ?? []);
      expect(others).toEqual([]);
      expect(Math.abs((step?.step_ms ?? 0) - stepMs)).toBeLessThan(1000);
      const samples = readSamples(path);
      const elapsedS = samples.slice(1).map(({ m }, at) => (m - (samples[at]?.m ?? 0)) / 1e6);
      expect(elapsedS.every((seconds) => seconds > 0 && seconds < 30)).toBe(true);
      const csv = await runProgram("pcprocess", ["-i", path, "-o", "-"]);
      expect(csv.exitCode).toBe(0);
    },
  );

  test("pcc keeps what is in its folder when the clock is a year ahead", async () => {
    const folder = createFolder();
    const args = ["--machine-id", "web-01", "--keep-days", "2", "1", `${folder}/`];
    const captures = (year: string): string[] =>
      readdirSync(folder).filter(
        (name) => name.startsWith(`web-01-${year}`) && /\.json(?:\.gz)?$/.test(name),
      );
    const { program, set } = startOnClock(args);
    const thisYear = String(new Date().getUTCFullYear());
    const nextYear = String(new Date(Date.now() + 31_536_000_000).getUTCFullYear());
    await expect.poll(() => captures(thisYear).length, { timeout: 20_000 }).toBeGreaterThan(0);
    set("+1y");
    await expect.poll(() => captures(nextYear).length, { timeout: 20_000 }).toBe(1);
    set("+0");
    await expect
      .poll(() => readdirSync(folder).filter((name) => name.endsWith(".gz")).length, {
        timeout: 20_000,
      })
      .toBe(2);
    program.kill("SIGTERM");
    expect((await program.ended).exitCode).toBe(0);
    expect(captures(thisYear)).toHaveLength(2);
    expect(captures(nextYear)).toHaveLength(1);
  });
});
