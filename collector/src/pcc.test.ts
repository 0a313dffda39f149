// The real program as a process of its own, on this machine's /proc or a tree like it.
import { spawn, spawnSync } from "node:child_process";
import {
  chmodSync,
  closeSync,
  constants,
  chownSync,
  existsSync,
  openSync,
  readdirSync,
  readFileSync,
  readSync,
  writeFileSync,
  writeSync,
} from "node:fs";
import { release } from "node:os";
import { join } from "node:path";
import { describe, expect, onTestFinished, test } from "vitest";
import { runProgram, startProgram } from "./binaries.ts";
import { createFakeCgroups } from "./cgroup/fake-cgroups.ts";
import { createFakeProcfs, createFolder } from "./sampling/fake-procfs.ts";
import { createInterface } from "./sampling/fake-sysfs.ts";
import { accept, refuse, startStubPortal } from "./upload/stub-portal.ts";

interface Line {
  format?: string;
  machine_id?: string;
  interval_ms?: number;
  t?: number;
  m?: number;
  s?: unknown[];
  restart?: object;
  devices?: { disk: string[] };
  status?: { source: string; error: string | null };
}

function readLines(path: string): Line[] {
  return readFileSync(path, "utf8")
    .trimEnd()
    .split("\n")
    .map((line) => JSON.parse(line) as Line);
}

function countSamples(path: string): number {
  return existsSync(path) ? readFileSync(path, "utf8").split('\n{"t":').length - 1 : 0;
}

describe("pcc", () => {
  test("pcc [interval [count]] [outfile] samples this machine on whole seconds", async () => {
    const path = join(createFolder(), "pcc.json");
    const { exitCode, stdout, stderr } = await runProgram("pcc", ["1", "3", path]);
    expect({ exitCode, stdout }).toEqual({ exitCode: 0, stdout: "" });
    expect(stderr).toMatch(/^pcc: sampling [\w-]+ \(.*\) every 1 s into .*pcc\.json\n$/);
    const [header, ...records] = readLines(path);
    expect(header).toMatchObject({
      format: "perfanalysis-capture",
      interval_ms: 1000,
      machine: { kernel: release(), cpu_count: expect.any(Number) as number },
    });
    // Not every machine has every source, which is a record, too.
    const samples = records.filter(({ t }) => t !== undefined);
    expect(samples).toHaveLength(3);
    const times = samples.map(({ t = 0 }) => t);
    const elapsedMs = samples.slice(1).map(({ m = 0 }, at) => (m - (samples[at]?.m ?? 0)) / 1000);
    for (const [at, elapsed] of elapsedMs.entries()) {
      expect(Math.floor((times[at + 1] ?? 0) / 1000)).toBeGreaterThan(
        Math.floor((times[at] ?? 0) / 1000),
      );
      // The real time that passed, not the interval that was asked for.
      expect(Math.abs(elapsed - ((times[at + 1] ?? 0) - (times[at] ?? 0)))).toBeLessThan(400);
    }
    expect(existsSync(`${path}.lock`)).toBe(false);
  });

  test.each(["SIGTERM", "SIGINT"] as const)(
    "pcc works with nothing but its environment variables, and ends by %s with one last sample",
    async (signal) => {
      const path = join(createFolder(), "pcc.json");
      const program = startProgram("pcc", [], {
        environment: {
          PCC_FREQUENCY: "60s",
          PCC_DURATION: "24h",
          PCC_MODE: "local",
          PCC_COLLECTION: path,
          PCC_MACHINE_ID: "web-01",
          PCC_CONFIG: "",
        },
      });
      await expect.poll(() => program.stderr(), { timeout: 10_000 }).toContain("every 60 s");
      program.kill(signal);
      expect((await program.ended).exitCode).toBe(0);
      const lines = readLines(path);
      expect(lines[0]).toMatchObject({ machine_id: "web-01", interval_ms: 60_000 });
      expect(countSamples(path)).toBe(1);
    },
  );

  test("pcc reads its settings anew by SIGHUP, and goes on with them", async () => {
    const folder = createFolder();
    const [config, path] = [join(folder, "config.yaml"), join(folder, "pcc.json")];
    const write = (settings: string): void => writeFileSync(config, settings);
    write("frequency: 60s\nmachine_id: web-01\n");
    const procfs = createFakeProcfs();
    const program = startProgram("pcc", ["--config", config, "--procfs", procfs.path, path]);
    const heard = async (message: string): Promise<void> => {
      await expect.poll(() => program.stderr(), { timeout: 10_000 }).toContain(message);
    };
    await heard("every 60 s");

    write("frequency: 90s\n");
    program.kill("SIGHUP");
    await heard('"90s" is not whole seconds from 1s to 60s; going on as before\n');
    write("frequency: 7s\nfast: 2s\n");
    program.kill("SIGHUP");
    await heard("the frequency of 7000 ms is no multiple of it; going on as before\n");

    write("frequency: 1s\nmachine_id: web-02\nexclude_interface: ^(eth|ifb)\n");
    program.kill("SIGHUP");
    await heard(
      "settings read anew, changed: frequency, exclude_interface; with the next start: machine_id\n",
    );
    await expect.poll(() => countSamples(path), { timeout: 10_000 }).toBeGreaterThan(1);
    write("frequency: 1s\nfast: 500ms\nmachine_id: web-01\nexclude_interface: ^(eth|ifb)\n");
    program.kill("SIGHUP");
    await heard("settings read anew, changed: fast\n");
    await expect
      .poll(() => readFileSync(path, "utf8"), { timeout: 10_000 })
      .toContain('{"statistics":');
    program.kill("SIGTERM");
    expect((await program.ended).exitCode).toBe(0);
    const [header, ...lines] = readLines(path);
    expect(header).toMatchObject({
      interval_ms: 60_000,
      devices: { interface: ["lo", "ifb0", "ifb1", "eth0"] },
    });
    const [restart, ...others] = lines.flatMap((line) => line.restart ?? []);
    expect(restart).toMatchObject({
      interval_ms: 1000,
      machine_id: "web-01",
      devices: { interface: ["lo"] },
    });
    expect(others).toEqual([]);
    const converted = await runProgram("pcprocess", ["-i", path, "-o", "-"]);
    expect(converted.exitCode).toBe(0);
  });

  test.skipIf(spawnSync("script", ["--version"]).status !== 0)(
    "pcc ends by SIGHUP where it was started on a terminal (needs script)",
    async () => {
      const path = join(createFolder(), "pcc.json");
      const program = `${process.execPath} ${join(import.meta.dirname, "pcc.ts")} 60 ${path}`;
      // The pipe does not keep the terminal from being pcc's.
      const terminal = spawn("script", ["-qec", `echo $$; exec ${program}`, "/dev/null"], {
        stdio: ["pipe", "pipe", "inherit"],
      });
      onTestFinished(() => void terminal.kill());
      let said = "";
      terminal.stdout.setEncoding("utf8").on("data", (text: string) => (said += text));
      const ended = new Promise((resolve) => terminal.on("exit", resolve));
      await expect.poll(() => said, { timeout: 10_000 }).toContain("every 60 s");
      process.kill(Number.parseInt(said, 10), "SIGHUP");
      expect(await ended).toBe(0);
      expect(countSamples(path)).toBe(1);
    },
  );

  test("pcc cuts what a killed pcc left of its last line, takes over its lock and says RESTART", async () => {
    const path = join(createFolder(), "pcc.json");
    const first = startProgram("pcc", ["1", path]);
    await expect.poll(() => countSamples(path), { timeout: 10_000 }).toBeGreaterThan(0);
    first.kill("SIGKILL");
    await first.ended;
    expect(existsSync(`${path}.lock`)).toBe(true);
    const whole = readFileSync(path, "utf8");
    writeFileSync(path, `${whole}{"t":1795`);
    const { exitCode, stderr } = await runProgram("pcc", ["1", "1", path]);
    expect(exitCode).toBe(0);
    expect(stderr).toContain("cut off a torn last line of 9 bytes");
    expect(readFileSync(path, "utf8").startsWith(`${whole}{"restart":{`)).toBe(true);
    expect(readLines(path).at(-1)?.s).toBeDefined();
  });

  test.skipIf(spawnSync("cc", ["--version"]).status !== 0)(
    "pcc samples on and ends, although a mount never answers (where there is a C compiler)",
    async () => {
      const folder = createFolder();
      const source = join(folder, "hang.c");
      const library = join(folder, "hang.so");
      writeFileSync(
        source,
        `#include <unistd.h>
int statfs(const char *path, void *buffer) { for (;;) pause(); }
int statfs64(const char *path, void *buffer) { for (;;) pause(); }
`,
      );
      expect(spawnSync("cc", ["-shared", "-fPIC", "-o", library, source]).status).toBe(0);
      const path = join(folder, "pcc.json");
      const args = ["--include-mount", "^/$", "1", "2", path];
      const { exitCode, stderr } = await runProgram("pcc", args, {
        environment: { LD_PRELOAD: library },
      });
      expect(exitCode).toBe(0);
      expect(stderr).toContain("1 file system)");
      expect(countSamples(path)).toBe(2);
    },
  );

  test("pcc refuses a capture that another pcc writes", async () => {
    const path = join(createFolder(), "pcc.json");
    const first = startProgram("pcc", ["1", path]);
    await expect.poll(() => first.stderr(), { timeout: 10_000 }).toContain("every 1 s");
    const { exitCode, stderr } = await runProgram("pcc", ["1", "1", path]);
    expect(exitCode).toBe(75);
    expect(stderr).toBe(
      `pcc: Cannot write ${path}: process ${first.pid} is writing it (pcc.json.lock)\n`,
    );
    first.kill("SIGINT");
    expect((await first.ended).exitCode).toBe(0);
  });

  test("pcc writes captures by the day into a folder, one behind the other", async () => {
    const folder = createFolder();
    const args = ["--machine-id", "web-01", "1", "1", `${folder}/`];
    expect((await runProgram("pcc", args)).exitCode).toBe(0);
    expect((await runProgram("pcc", args)).exitCode).toBe(0);
    const names = readdirSync(folder);
    expect(names[0]).toMatch(/^web-01-\d{8}T\d{6}Z\.json$/);
    // Around midnight there are two of them.
    const samples = names.map((name) => countSamples(join(folder, name)));
    expect(samples.reduce((sum, count) => sum + count, 0)).toBe(2);
    const first = startProgram("pcc", ["--machine-id", "web-01", "1", folder]);
    await expect.poll(() => first.stderr(), { timeout: 10_000 }).toContain("every 1 s");
    const { exitCode, stderr } = await runProgram("pcc", args);
    expect(exitCode).toBe(75);
    expect(stderr).toContain(`process ${first.pid} is writing it (web-01.lock)`);
    first.kill("SIGTERM");
    expect((await first.ended).exitCode).toBe(0);
    expect(readdirSync(folder)).not.toContain("web-01.lock");
  });

  test("pcc --fast keeps what happened within the intervals", async () => {
    const path = join(createFolder(), "pcc.json");
    expect((await runProgram("pcc", ["--fast", "100ms", "1", "2", path])).exitCode).toBe(0);
    const output = await runProgram("pcprocess", ["-i", path, "--statistic", "max", "-o", "-"]);
    expect(output.stderr).toContain("pcprocess: 2 rows of");
    const [header = "", ...rows] = output.stdout.trimEnd().split("\n");
    const memory = header.split(",").indexOf("mem_total");
    expect(rows.map((row) => Number(row.split(",")[memory]) > 0)).toEqual([true, true]);
    const [first, second] = readFileSync(path, "utf8")
      .split("\n")
      .filter((line) => line.startsWith('{"statistics'));
    expect(first).toMatch(/"t":\d+,"samples":\d+/);
    const { statistics } = JSON.parse(second ?? "") as {
      statistics: { samples: number; missed: number };
    };
    // A busy machine misses some, but says so.
    expect(statistics.samples + statistics.missed).toBeGreaterThanOrEqual(10);
  });

  test("pcc records a device that comes and a source that fails, and samples on", async () => {
    const procfs = createFakeProcfs();
    procfs.remove("pressure/memory");
    const path = join(createFolder(), "pcc.json");
    const args = ["--procfs", procfs.path, "--exclude-source", "containers", "1", path];
    const program = startProgram("pcc", args);
    await expect.poll(() => countSamples(path), { timeout: 10_000 }).toBeGreaterThan(0);
    const disks = readFileSync(join(procfs.path, "diskstats"), "utf8");
    procfs.write("diskstats", `${disks}   8      16 sdb 1 2 3 4 5 6 7 8 9 10 11\n`);
    procfs.write("meminfo", "MemTotal: lots\n");
    await expect
      .poll(() => readFileSync(path, "utf8"), { timeout: 10_000 })
      .toMatch(/"devices":\{"cpu":.*\n\{"t":/);
    program.kill("SIGTERM");
    expect((await program.ended).exitCode).toBe(0);
    const lines = readLines(path);
    expect(
      lines.find(({ format, devices }) => format === undefined && devices !== undefined)?.devices
        ?.disk,
    ).toEqual(["vda", "sdb"]);
    const statuses = lines.flatMap(({ status }) => status ?? []);
    expect(statuses.map(({ source }) => source)).toEqual(["pressure/memory", "meminfo"]);
    expect(statuses[1]?.error).toContain('MemTotal is "lots", not a whole number');
  });

  test("pcc --format raw writes perfcollector2's lines", async () => {
    const procfs = createFakeProcfs();
    const path = join(createFolder(), "collection.json");
    const args = ["--procfs", procfs.path, "--format", "raw", "1", "1", path];
    expect((await runProgram("pcc", args)).exitCode).toBe(0);
    const lines = readFileSync(path, "utf8").trimEnd().split("\n");
    const stat = JSON.parse(lines[0] ?? "") as Record<string, unknown>;
    expect(stat).toEqual({
      timestamp: expect.any(Number) as number,
      subsystem: "/proc/stat",
      measurement: readFileSync(join(procfs.path, "stat"), "utf8"),
    });
    expect((await runProgram("pcc", args)).exitCode).toBe(0);
    expect(readFileSync(path, "utf8").trimEnd().split("\n")).toHaveLength(2 * lines.length);
    const refused = await runProgram("pcc", ["1", "1", path]);
    expect(refused.exitCode).toBe(65);
    expect(refused.stderr).toContain("line 1 is no capture's header");
  });

  test("pcc samples containers into both formats, in perfcollector2's with their whole ids", async () => {
    const cgroups = createFakeCgroups();
    const id = "942b476921d8001bc53b35e48954a3a280e4a4cdceee8f13dc9396caf72de7f7";
    cgroups.add(`system.slice/docker-${id}.scope`, "limited");
    cgroups.add("lxc.payload.web", "unlimited");
    const args = ["--cgroups", cgroups.path, "--exclude-container", "^web$", "1", "1"];
    const capture = await runProgram("pcc", args);
    expect(capture.stderr).toMatch(/, 1 container\)/);
    const csv = await runProgram("pcprocess", ["-i", "-", "-o", "-"], { input: capture.stdout });
    const [header = "", row = ""] = csv.stdout.split("\n");
    const memory = header.split(",").indexOf("container_942b476921d8_memory_bytes");
    expect(row.split(",")[memory]).toBe("58802176");
    expect(header).not.toContain("container_web_");
    const raw = await runProgram("pcc", ["--format", "raw", ...args]);
    const record = raw.stdout.split("\n").find((line) => line.includes("container/docker/"));
    expect(JSON.parse(record ?? "{}")).toMatchObject({
      subsystem: "container/docker/942b476921d8",
      measurement: expect.stringContaining(`{"container_id":"${id}","container_name":"",`),
    });
    expect(raw.stdout).toContain('"subsystem":"statfs[*]"');
  });

  test("pcc --processes names the processes with the most CPU and memory, and pcprocess gives their table", async () => {
    const capture = join(createFolder(), "pcc.json");
    const { exitCode } = await runProgram("pcc", ["--processes", "5", "1", "3", capture]);
    expect(exitCode).toBe(0);
    const table = await runProgram("pcprocess", ["-i", capture, "--processes", "-"]);
    expect(table.stderr).toMatch(/\d+ lines of processes into -\n$/);
    const [header = "", ...lines] = table.stdout.trimEnd().split("\n");
    expect(header).toMatch(/^timestamp,pid,name,cpu_percent,memory_bytes,/);
    expect(new Set(lines.map((line) => line.split(",")[0])).size).toBe(3);
    const refused = await runProgram("pcc", ["--processes", "5", "--format", "raw", "1", "1"]);
    expect(refused.exitCode).toBe(64);
    expect(refused.stderr).toContain("only a capture of our format has a place for them");
  });

  test("pcc writes to standard output where no file is given", async () => {
    const { exitCode, stdout } = await runProgram("pcc", ["1", "1"]);
    expect(exitCode).toBe(0);
    expect(stdout).toMatch(/^\{"format":.*\n(?:\{"status":.*\n)*\{"t":.*\n$/);
  });

  test("pcc ends quietly when who reads its output goes", async () => {
    const program = startProgram("pcc", ["1"]);
    await expect.poll(() => program.stderr(), { timeout: 10_000 }).toContain("every 1 s");
    program.closeOutput();
    const { exitCode, stderr } = await program.ended;
    expect(exitCode).toBe(0);
    expect(stderr.trimEnd().split("\n")).toHaveLength(1);
  });

  test("pcc samples on and ends in time where nobody reads its output, and tells what that cost", async () => {
    const pipe = join(createFolder(), "pipe");
    spawnSync("mkfifo", [pipe]);
    const descriptor = openSync(pipe, constants.O_RDWR | constants.O_NONBLOCK);
    onTestFinished(() => closeSync(descriptor));
    const buffer = Buffer.alloc(1024 * 1024);
    const filled = writeSync(descriptor, buffer);
    const program = startProgram("pcc", ["--exclude-source", "containers", "1", pipe]);
    await expect.poll(() => program.stderr(), { timeout: 10_000 }).toContain("nobody reads it");
    readSync(descriptor, buffer, 0, filled, null);
    await expect.poll(() => program.stderr(), { timeout: 10_000 }).toContain("writing again");
    const lines = buffer.toString("utf8", 0, readSync(descriptor, buffer)).trimEnd().split("\n");
    expect(lines.map((line) => Object.keys(JSON.parse(line) as object)[0]).slice(0, 3)).toEqual([
      "format",
      "gap",
      "t",
    ]);
    writeSync(descriptor, Buffer.alloc(1024 * 1024));
    program.kill("SIGTERM");
    expect((await program.ended).exitCode).toBe(0);
  });

  test.each([
    [
      ["--frequency", "0s"],
      {},
      64,
      'Cannot use --frequency: "0s" is not whole seconds from 1s to 60s',
    ],
    [["61"], {}, 64, 'Cannot use the argument "61": "61" is not whole seconds from 1s to 60s'],
    [["0.5", "2", "x.json"], {}, 64, '"0.5" is not whole seconds from 1s to 60s'],
    [["1", "0"], {}, 64, 'Cannot use the count "0"'],
    [["1", "1.5"], {}, 64, 'Cannot use the count "1.5"'],
    [["--frequency", "2s", "1"], {}, 64, "both set the frequency"],
    [["--freq", "1s"], {}, 64, "Unknown option '--freq'"],
    [[], { PCC_MODE: "remote" }, 78, 'Cannot use PCC_MODE: "remote" is not one of local, trickle'],
    [
      [],
      { PCC_DURATION: "soon" },
      78,
      'Cannot use PCC_DURATION: "soon" is not a time of at least 1s',
    ],
    [
      ["--fast", "300ms", "1"],
      {},
      64,
      "Cannot sample every 300 ms (fast): the frequency of 1000 ms",
    ],
    [["--fast", "1s", "1"], {}, 64, "is no multiple of it"],
    [["1"], { PCC_FAST: "300ms" }, 64, "is no multiple of it"],
    [[], { PCC_FAST: "3s" }, 78, "is no multiple of it"],
    [["--3"], {}, 64, "Unknown option '--3'. Try pcc --help.\n"],
    [["--exclude-source", "."], {}, 66, "include_source and exclude_source leave no source"],
    [
      ["--fast", "100ms", "--format", "raw"],
      {},
      64,
      "only a capture of our format has a place for",
    ],
    [["--machine-id", "we b"], {}, 64, "is not 1–64 letters, digits, _ or -"],
    [["--exclude-disk", "("], {}, 64, 'Cannot use --exclude-disk: "(" is not a regular expression'],
    [["--mode", "trickle"], { PCC_API_KEY: "pa_x" }, 78, "give --portal, or set PCC_PORTAL"],
    [
      ["--mode", "trickle", "--portal", "http://127.0.0.1:1"],
      {},
      78,
      "there is no key; set PCC_API_KEY",
    ],
    [["--mode", "trickle", "--portal", "http://user:word@host"], {}, 64, "without user, password"],
    [["--config", "/nonexistent/c.yaml"], {}, 78, "Cannot read settings of /nonexistent/c.yaml"],
    [["--procfs", "/nonexistent"], {}, 66, "Cannot sample /nonexistent: ENOENT"],
    [["1", "/nonexistent/folder/pcc.json"], {}, 66, "there is no folder /nonexistent/folder"],
  ])(
    "pcc %j with %j ends with exit code %d and says why",
    async (args, environment, code, message) => {
      const { exitCode, stderr } = await runProgram("pcc", args, { environment });
      expect(stderr).toContain(message);
      expect(exitCode).toBe(code);
    },
  );

  test("pcc ends with 77 where it may not read its configuration or its key, and with 78 where there is none", async () => {
    const secret = join(createFolder(), "secret.yaml");
    writeFileSync(secret, "mode: local\n");
    chmodSync(secret, 0);
    // root may read everything.
    const nobody = ["setpriv", "--reuid=65534", "--regid=65534", "--clear-groups"];
    const wrapper = process.geteuid?.() === 0 ? nobody : [];
    const trickle = ["--mode", "trickle", "--portal", "http://127.0.0.1:1"];
    for (const [args, file] of [
      [["--config", secret], "settings of"],
      [[...trickle, "--api-key-file", secret], "the portal's key: "],
    ] as const) {
      const { exitCode, stderr } = await runProgram("pcc", args, { wrapper });
      expect({ exitCode, stderr }).toEqual({
        exitCode: 77,
        stderr: expect.stringMatching(`^pcc: Cannot read ${file}.*EACCES`),
      });
    }
    const missing = [...trickle, "--api-key-file", `${secret}.not`];
    const { exitCode, stderr } = await runProgram("pcc", missing);
    expect(exitCode).toBe(78);
    expect(stderr).toMatch(
      /^pcc: Cannot read the portal's key: ENOENT.*PCC_API_KEY_FILE, has to name/,
    );
  });

  test("pcc takes a flag before the environment before the configuration file", async () => {
    const folder = createFolder();
    const config = join(folder, "config.yaml");
    writeFileSync(config, "# ours\nfrequency: 5s\nmachine_id: from-file\nmode: local\n");
    const path = join(folder, "pcc.json");
    const { exitCode } = await runProgram("pcc", ["--frequency", "1", "--config", config], {
      environment: { PCC_FREQUENCY: "7s", PCC_DURATION: "1s", PCC_COLLECTION: path },
    });
    expect(exitCode).toBe(0);
    expect(readLines(path)[0]).toMatchObject({ interval_ms: 1000, machine_id: "from-file" });
  });

  test("pcc names a setting that its configuration file misspells", async () => {
    const config = join(createFolder(), "config.json");
    writeFileSync(config, '{"frequencies":"5s"}');
    const { exitCode, stderr } = await runProgram("pcc", ["--config", config]);
    expect(exitCode).toBe(78);
    expect(stderr).toContain(`Cannot use "frequencies" in ${config}: there is no such setting`);
  });

  test("pcc --help and --version say what they should", async () => {
    expect((await runProgram("pcc", ["--help"])).stdout).toContain("PCC_FREQUENCY=60s");
    expect((await runProgram("pcc", ["--version"])).stdout).toMatch(/^pcc \d+\.\d+\.\d+\n$/);
  });
});

describe("pcc --mode trickle", () => {
  test("pcc sends each sample, the last by SIGTERM too, and writes the capture besides", async () => {
    const portal = await startStubPortal([accept, refuse(503, { "retry-after": "0" })]);
    const folder = createFolder();
    const key = join(folder, "key");
    writeFileSync(key, "pa_ingest_secret\n");
    const path = join(folder, "pcc.json");
    const program = startProgram(
      "pcc",
      ["--mode", "trickle", "--portal", portal.url.href, "--machine-id", "web-01", "1", path],
      { environment: { PCC_API_KEY_FILE: key } },
    );
    await expect.poll(() => portal.received.length, { timeout: 20_000 }).toBeGreaterThan(3);
    program.kill("SIGTERM");
    const { exitCode, stderr } = await program.ended;
    expect(exitCode).toBe(0);
    expect(stderr).not.toContain("secret");
    expect(
      portal.received.every(({ authorization }) => authorization === "Bearer pa_ingest_secret"),
    ).toBe(true);
    expect(portal.received.map(({ sequence }) => sequence).slice(0, 3)).toEqual([1, 2, 2]);
    const rows = portal.received
      .filter(
        ({ sequence }, at, all) => all.findLastIndex((other) => other.sequence === sequence) === at,
      )
      .flatMap(({ csv }) => csv.trimEnd().split("\n").slice(1));
    const seconds = rows.map((row) => Number(row.split(",")[0]));
    expect(new Set(seconds).size).toBe(seconds.length);
    expect(seconds).toEqual(seconds.toSorted((left, right) => left - right));
    const sampled = readLines(path).flatMap(({ t }) =>
      t === undefined ? [] : [Math.floor(t / 1000)],
    );
    expect(new Set(seconds)).toEqual(new Set(sampled));
    // From the second sample on there are rates.
    expect(rows[1]).toMatch(/^\d+,web-01,[\d.]+,/);
  });

  test("pcc tells how fast the machine's lines are, in the capture's header and beside the samples", async () => {
    const portal = await startStubPortal();
    const rootfs = createFolder();
    createInterface(rootfs, "eth0", { speed: "25000\n" });
    createInterface(rootfs, "eth1", { speed: "-1\n" });
    createInterface(rootfs, "eth2", { speed: "1000\n" });
    const path = join(createFolder(), "pcc.json");
    const args = ["--mode", "trickle", "--portal", portal.url.href, "1", "1", path];
    const { exitCode } = await runProgram("pcc", args, {
      environment: { PCC_API_KEY: "pa_x", PCC_ROOTFS: rootfs, PCC_EXCLUDE_INTERFACE: "eth2" },
    });
    expect(exitCode).toBe(0);
    const speeds = { interface_speeds_mbps: { eth0: 25_000 } };
    expect(readLines(path)[0]).toMatchObject({ machine: speeds });
    expect(JSON.parse(portal.received[0]?.facts ?? "null")).toMatchObject(speeds);
    const converted = await runProgram("pcprocess", ["-i", path, "-o", "-"]);
    expect(converted.exitCode).toBe(0);
  });

  test("pcc goes on with another portal and another key by SIGHUP, and loses nothing by it", async () => {
    const [before, after] = [
      await startStubPortal(Array.from({ length: 100 }, () => refuse(503))),
      await startStubPortal(),
    ];
    const folder = createFolder();
    const [config, key] = [join(folder, "config.yaml"), join(folder, "key")];
    const write = (portal: URL | string): void => {
      writeFileSync(config, `mode: trickle\napi_key_file: ${key}\nportal: ${String(portal)}\n`);
    };
    write(before.url);
    writeFileSync(key, "pa_old");
    const program = startProgram("pcc", ["--config", config, "--machine-id", "web-01", "1"]);
    await expect.poll(() => before.received.length, { timeout: 20_000 }).toBeGreaterThan(0);

    writeFileSync(key, "no key\n");
    program.kill("SIGHUP");
    await expect
      .poll(() => program.stderr(), { timeout: 10_000 })
      .toContain("has characters that no key has; going on as before\n");
    writeFileSync(key, "pa_new");
    write(after.url);
    program.kill("SIGHUP");
    await expect.poll(() => after.received.length, { timeout: 20_000 }).toBeGreaterThan(1);
    program.kill("SIGTERM");
    expect((await program.ended).exitCode).toBe(0);
    expect(program.stderr()).toContain(
      "settings read anew, changed: portal; the key is read anew\n",
    );
    expect(before.received.every(({ authorization }) => authorization === "Bearer pa_old")).toBe(
      true,
    );
    expect(after.received.every(({ authorization }) => authorization === "Bearer pa_new")).toBe(
      true,
    );
    expect(after.received[0]?.csv).toBe(before.received[0]?.csv);
  });

  test.skipIf(process.geteuid?.() !== 0)(
    "pcc of root refuses a spool that is another user's, who could not go on with it (as root)",
    async () => {
      const folder = createFolder();
      chownSync(folder, 12_345, 12_345);
      const args = ["--mode", "trickle", "--portal", "http://127.0.0.1:1", "--spool", folder, "1"];
      const { exitCode, stderr } = await runProgram("pcc", args, {
        environment: { PCC_API_KEY: "pa_x" },
      });
      expect(exitCode).toBe(77);
      expect(stderr).toContain(`Cannot use ${folder} as root: it is the user 12345's`);
      expect(readdirSync(folder)).toEqual([]);
    },
  );

  test("pcc refuses a spool that another pcc has, and leaves samples in it for its next start", async () => {
    const folder = createFolder();
    const portal = await startStubPortal([refuse(401)]);
    const args = ["--mode", "trickle", "--portal", portal.url.href, "--spool", folder, "1"];
    const environment = { PCC_API_KEY: "pa_x" };
    const first = startProgram("pcc", args, { environment });
    await expect.poll(() => portal.received.length, { timeout: 20_000 }).toBe(1);
    const second = await runProgram("pcc", args, { environment });
    expect(second.exitCode).toBe(75);
    expect(second.stderr).toContain(`process ${first.pid} is writing it`);
    first.kill("SIGTERM");
    const { exitCode, stderr } = await first.ended;
    expect(exitCode).toBe(0);
    expect(stderr).toContain("mend it; samples wait until then");
    expect(stderr).toMatch(/\d samples? waits? in .* until pcc runs again/);
    const again = startProgram("pcc", args, { environment });
    await expect.poll(() => portal.received.length, { timeout: 20_000 }).toBeGreaterThan(2);
    again.kill("SIGTERM");
    await again.ended;
    const [sent, ...taken] = portal.received;
    // What the machine is was read anew.
    expect({ ...taken[0], facts: null }).toEqual({ ...sent, facts: null });
    for (const { facts } of [sent, taken[0]].flatMap((batch) => batch ?? []))
      expect(JSON.parse(facts ?? "")).toHaveProperty("kernel");
    const seconds = taken
      .flatMap(({ csv }) => csv.trimEnd().split("\n").slice(1))
      .map((row) => Number.parseInt(row, 10));
    expect(new Set(seconds).size).toBe(seconds.length);
    expect(seconds.length).toBeGreaterThan(1);
  }, 60_000);

  test("pcc ends within 10 s of SIGTERM when the portal does not answer, and says what is unsent", async () => {
    const portal = await startStubPortal([() => {}]);
    const program = startProgram("pcc", ["--mode", "trickle", "--portal", portal.url.href, "1"], {
      environment: { PCC_API_KEY: "pa_x" },
    });
    await expect.poll(() => portal.received.length, { timeout: 20_000 }).toBe(1);
    const startMs = Date.now();
    program.kill("SIGTERM");
    const { exitCode, stderr } = await program.ended;
    expect(exitCode).toBe(0);
    expect(Date.now() - startMs).toBeLessThan(10_000);
    expect(stderr).toMatch(/\d samples? did not reach the portal: 0 refused, 0 dropped, \d unsent/);
  }, 40_000);

  test("pcc tells by its exit code that samples in memory did not arrive before its time was over", async () => {
    // The discard port: nobody listens.
    const args = ["--mode", "trickle", "--portal", "http://127.0.0.1:9", "1", "2"];
    const environment = { PCC_API_KEY: "pa_x" };
    const { exitCode, stderr } = await runProgram("pcc", args, { environment });
    expect(stderr).toContain("2 samples did not reach the portal: 0 refused, 0 dropped, 2 unsent");
    expect(exitCode).toBe(69);
  }, 40_000);
});
