import { execFile } from "node:child_process";
import {
  existsSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  symlinkSync,
  writeFileSync,
} from "node:fs";
import { join } from "node:path";
import { promisify } from "node:util";
import { gzipSync } from "node:zlib";
import { describe, expect, test } from "vitest";
import { runProgram, startProgram } from "./binaries.ts";
import { createFolder } from "./sampling/fake-procfs.ts";

const fixtures = join(import.meta.dirname, "capture/fixtures");
const azure = join(fixtures, "azure-ubuntu/collection.json");
const capture = join(fixtures, "own-format.json");

const nmon = join(import.meta.dirname, "import/fixtures/web-01.nmon");
/** A folder in which nothing is a capture. */
const emptyFolder = join(import.meta.dirname, "import");

type Row = Record<string, string>;

function parseCsv(text: string): Row[] {
  const [header = "", ...lines] = text.trimEnd().split("\n");
  const names = header.split(",");
  return lines.map((line) =>
    Object.fromEntries(line.split(",").map((cell, at) => [names[at] ?? "", cell])),
  );
}

describe("pcprocess", () => {
  test("pcprocess converts our own capture as the golden file says", async () => {
    const output = join(createFolder(), "perf_data.csv");
    const { exitCode, stdout, stderr } = await runProgram("pcprocess", [
      "--input",
      capture,
      "--output",
      output,
    ]);
    expect({ exitCode, stdout }).toEqual({ exitCode: 0, stdout: "" });
    expect(stderr).toContain("pcprocess: 6 rows of");
    await expect(readFileSync(output, "utf8")).toMatchFileSnapshot(
      join(fixtures, "own-format.csv"),
    );
  });

  test("pcprocess gives gaps, never zeros, for what begins anew: the first sample, a new disk, a reset, a boot", async () => {
    const { stdout } = await runProgram("pcprocess", ["-i", capture, "-o", "-"]);
    const rows = parseCsv(stdout);
    const column = (name: string): string[] => rows.map((row) => row[name] ?? "not there");
    expect(column("timestamp")).toEqual([
      "1700000000",
      "1700000001",
      "1700000004",
      "1700000005",
      "1700000060",
      "1700000061",
    ]);
    expect(column("context_switches")).toEqual(["", "1000", "500", "", "", "100"]);
    expect(column("disk_sdb_reads")).toEqual(["", "", "", "5", "", ""]);
    expect(column("procs_running")).toEqual(["1", "1", "1", "1", "1", "1"]);
    expect(rows.every((row) => !/-|Infinity|NaN/.test(Object.values(row).slice(2).join()))).toBe(
      true,
    );
  });

  test("pcprocess converts a capture of containers alone: their columns, and empty ones for the machine", async () => {
    const input = join(fixtures, "oci-containers/container_collection.json");
    const { stdout } = await runProgram("pcprocess", ["-i", input, "-o", "-"]);
    const rows = parseCsv(stdout);
    const columns = Object.keys(rows[0] ?? {}).filter((name) => rows.some((row) => row[name]));
    expect(rows).toHaveLength(4);
    // Nobody has read or written the pids' and the memory's limits of these.
    expect(columns.filter((name) => name.startsWith("container_942b476921d8_"))).toEqual(
      [
        "cpu",
        "cpu_limit",
        "throttled",
        "memory_bytes",
        "memory_limit_bytes",
        "memory_anonymous_bytes",
        "memory_file_bytes",
        "read_bytes",
        "write_bytes",
        "reads",
        "writes",
        "pids",
      ].map((field) => `container_942b476921d8_${field}`),
    );
    expect(rows.map((row) => row["container_942b476921d8_cpu"])).toEqual([
      "",
      "0.0025",
      "32.5477",
      "32.9762",
    ]);
    expect(rows.map((row) => row["cpu_user"])).toEqual(["", "", "", ""]);
  });

  test("pcprocess says so where a capture has nothing that the CSV could show, and writes none", async () => {
    const folder = createFolder();
    const input = join(folder, "capture.json");
    writeFileSync(input, '{"timestamp":1767813011,"subsystem":"/proc/else","measurement":"x"}\n');
    const output = join(folder, "perf_data.csv");
    const args = ["-i", input, "-o", output, "--machine-id", "web-01"];
    expect(await runProgram("pcprocess", args)).toEqual({
      exitCode: 65,
      stdout: "",
      stderr: `pcprocess: Cannot convert ${input}: none of the columns has a value; not known: /proc/else\n`,
    });
    expect(readdirSync(folder)).toEqual(["capture.json"]);
  });

  test("pcprocess writes perfcollector2's containers.csv, with names from a file and of the containers that are wanted", async () => {
    const folder = join(fixtures, "oci-containers");
    const args = ["-i", join(folder, "container_collection.json"), "--containers-csv"];
    const names = ["--container-names", join(folder, "container_names.json")];
    const output = join(createFolder(), "containers.csv");
    const { stdout, stderr } = await runProgram("pcprocess", [...args, output, ...names]);
    expect(stdout).toBe("");
    expect(stderr).toContain("12 lines of 3 containers into");
    expect(readFileSync(output, "utf8")).toBe(readFileSync(join(folder, "containers.csv"), "utf8"));
    const one = await runProgram("pcprocess", [...args, "-", "--include-container", "^942b"]);
    expect(one.stdout.trimEnd().split("\r\n")).toHaveLength(5);
  });

  test.each([
    ["[]", "the file is [], not an object"],
    ['{"942b":7}', "the name of 942b is 7, not a text"],
  ])("pcprocess says what is wrong with the names %s", async (text, message) => {
    const names = join(createFolder(), "names.json");
    writeFileSync(names, text);
    const input = join(fixtures, "oci-containers/container_collection.json");
    const wanted = ["--containers-csv", "-", "--container-names", names];
    const { exitCode, stderr } = await runProgram("pcprocess", ["-i", input, ...wanted]);
    expect({ exitCode, stderr }).toEqual({
      exitCode: 65,
      stderr: `pcprocess: Cannot read ${names}: ${message}\n`,
    });
  });

  test("pcprocess converts perfcollector2's captures, naming the machine after the file", async () => {
    const { exitCode, stdout, stderr } = await runProgram("pcprocess", ["-i", azure, "-o", "-"]);
    expect(exitCode).toBe(0);
    expect(stderr).toContain('machine id "collection" after its name');
    const rows = parseCsv(stdout);
    expect(rows).toHaveLength(6);
    expect(rows[0]).toMatchObject({
      timestamp: "1767813011",
      machine_id: "collection",
      cpu_user: "",
    });
    // 4 of 498 ticks; 5 requests in 5 s.
    expect(rows[1]).toMatchObject({ cpu_user: "0.803213", disk_sda_reads: "1", psi_cpu_some: "" });
    expect(Object.keys(rows[0] ?? {}).filter((name) => /^disk_(?:loop|sda1)/.test(name))).toEqual(
      [],
    );
  });

  test("pcprocess keeps the devices that are asked for", async () => {
    const args = [
      "-i",
      azure,
      "-o",
      "-",
      "--include-disk",
      "^(loop0|sda1)$",
      "--exclude-interface",
      "^lo$",
    ];
    const { stdout } = await runProgram("pcprocess", args);
    const [header = ""] = stdout.split("\n");
    const devices = new Set(header.match(/(?:disk|net)_[a-z0-9]+/g));
    expect(devices).toEqual(new Set(["disk_loop0", "disk_sda1", "net_eth0"]));
  });

  test("pcprocess reads gzip from standard input and writes to standard output", async () => {
    const zipped = gzipSync(readFileSync(capture));
    const { exitCode, stdout } = await runProgram("pcprocess", ["-i", "-", "-o", "-"], {
      input: zipped,
    });
    expect(exitCode).toBe(0);
    expect(stdout).toBe(readFileSync(join(fixtures, "own-format.csv"), "utf8"));
  });

  test("pcprocess reads a pipe that has a name, as the shell's <(…) gives", async () => {
    const program = join(import.meta.dirname, "pcprocess.ts");
    const script = '"$0" "$1" --input <(cat "$2") --output -';
    const { stdout } = await promisify(execFile)("bash", [
      "-c",
      script,
      process.execPath,
      program,
      capture,
    ]);
    expect(stdout).toBe(readFileSync(join(fixtures, "own-format.csv"), "utf8"));
  });

  test("pcprocess puts several inputs into one CSV in the order of time", async () => {
    const lines = readFileSync(azure, "utf8").trimEnd().split("\n");
    const folder = createFolder();
    const [early, late] = [join(folder, "a.json"), join(folder, "b.json")];
    writeFileSync(early, `${lines.slice(0, 15).join("\n")}\n`);
    writeFileSync(late, `${lines.slice(15).join("\n")}\n`);
    const args = ["-i", late, "-i", early, "-o", "-", "--machine-id", "web-01"];
    const { stdout } = await runProgram("pcprocess", args);
    const times = parseCsv(stdout).map(({ timestamp }) => Number(timestamp) - 1_767_813_011);
    expect(times).toEqual([0, 5, 10, 15, 20, 25]);
    const sar = ["-i", late, "-i", early, "--sar-dir", join(folder, "sar")];
    expect((await runProgram("pcprocess", sar)).exitCode).toBe(0);
    const memory = readFileSync(join(folder, "sar/proc/meminfo"), "utf8").trimEnd().split("\n");
    expect(memory.slice(1).map((line) => line.split(",")[0])).toEqual(
      // Nothing tells that the second capture is of the same boot, so that it begins anew.
      [5, 10, 20, 25].map((second) => String(1_767_813_011 + second)),
    );
  });

  test("pcprocess takes a folder for the captures in it, and says what it leaves out", async () => {
    const folder = createFolder();
    const [header = "", ...samples] = readFileSync(capture, "utf8").split(/(?<=\n)/);
    const late = samples.findIndex((line) => line.startsWith('{"restart"'));
    const restart = samples[late] ?? "";
    // The second run's header is what its restart says.
    const second = `{"format":"perfanalysis-capture","version":1,${restart.slice('{"restart":{'.length, -2)}\n`;
    writeFileSync(join(folder, "b.json"), header + samples.slice(0, late).join(""));
    writeFileSync(join(folder, "a.json.gz"), gzipSync(second + samples.slice(late + 1).join("")));
    writeFileSync(join(folder, "notes.txt"), "not a capture\n");
    writeFileSync(join(folder, "b.json.lock"), "");
    // pcc is compressing it.
    const partial = gzipSync(header + samples.slice(0, late).join("")).subarray(0, -20);
    writeFileSync(join(folder, "b.json.gz.partial"), partial);
    const { exitCode, stdout, stderr } = await runProgram("pcprocess", ["-i", folder, "-o", "-"]);
    expect(exitCode).toBe(0);
    expect(stdout).toBe(readFileSync(join(fixtures, "own-format.csv"), "utf8"));
    expect(stderr).toContain("left out, as no captures: notes.txt\n");
  });

  test("pcprocess takes rows of the wanted time, in CSV and in sysstat's columns", async () => {
    const folder = createFolder();
    const args = ["-i", capture, "-o", "-", "--sar-dir", folder, "--from", "-57s", "--to", "22:14"];
    const { stdout, stderr } = await runProgram("pcprocess", args);
    expect(stderr).not.toContain("no row");
    expect(parseCsv(stdout).map(({ timestamp }) => timestamp)).toEqual([
      "1700000004",
      "1700000005",
    ]);
    const memory = readFileSync(join(folder, "proc/meminfo"), "utf8")
      .trimEnd()
      .split("\n")
      .slice(1);
    expect(memory.map((line) => line.split(",")[0])).toEqual(["1700000004", "1700000005"]);
    const none = ["-i", capture, "-o", "-", "--from", "2030-01-01T00:00:00Z", "--json"];
    expect((await runProgram("pcprocess", none)).stderr).toContain(
      "no row is of the time that --from and --to give; the input has 6 rows, 2023-11-14T22:13:20Z to 2023-11-14T22:14:21Z",
    );
    // Times of day are those of the first day, also where all of them were before the first sample.
    const before = ["-i", capture, "-o", "-", "--from", "21:00", "--to", "21:30"];
    const empty = await runProgram("pcprocess", before);
    expect(empty).toMatchObject({ exitCode: 0 });
    expect(empty.stdout).toMatch(/^timestamp,[^\n]+\n$/);
    expect(empty.stderr).toContain("no row is of the time that --from and --to give");
  });

  test("pcprocess --interval gives fewer rows", async () => {
    const args = ["-i", capture, "-o", "-", "--interval", "1m"];
    const rows = parseCsv((await runProgram("pcprocess", args)).stdout);
    // 22:13:20 to 22:13:25, of which 4 s were measured: (1000 + 3 × 500) / 4; and 22:14:20 to 22:14:21.
    expect(rows.map(({ timestamp, context_switches }) => [timestamp, context_switches])).toEqual([
      ["1700000040", "625"],
      ["1700000100", "100"],
    ]);
  });

  test("pcprocess converts what another tool wrote, from standard input and with a zone, too", async () => {
    const args = ["-i", "-", "-o", "-", "--time-zone", "America/New_York"];
    const { exitCode, stdout, stderr } = await runProgram("pcprocess", args, {
      input: readFileSync(nmon),
    });
    expect(exitCode).toBe(0);
    expect(stderr).toContain("its times do not say their zone and are taken as America/New_York");
    expect(parseCsv(stdout)[0]).toMatchObject({
      timestamp: String(1_795_654_427 + 5 * 3600),
      machine_id: "web-01",
    });
  });

  test("pcprocess says what it needs for sar's files where there is no sadf, or where it does not know them", async () => {
    const folder = createFolder();
    const [path, output] = [join(folder, "sa26"), join(folder, "x.csv")];
    writeFileSync(path, Buffer.from([0x96, 0xd5, 0x75, 0x21, 1, 2, 3, 4]));
    const run = (PATH: string) =>
      runProgram("pcprocess", ["-i", path, "-o", output], { environment: { PATH } });
    const programs = createFolder();
    symlinkSync("/usr/bin/env", join(programs, "env"));
    const missing = await run(programs);
    expect(missing.stderr).toContain(
      `Cannot read ${path}: it is sar's binary file, and sadf is not`,
    );
    expect(missing.exitCode).toBe(69);
    writeFileSync(
      join(programs, "sadf"),
      "#!/bin/sh\necho 'Invalid system activity file: sa26' >&2\nexit 3\n",
      { mode: 0o755 },
    );
    const other = await run(programs);
    expect(other.stderr).toContain(
      "sadf says: Invalid system activity file: sa26; a file of another",
    );
    expect(other.exitCode).toBe(65);
    expect(existsSync(output)).toBe(false);
    // sadf gives what is whole of a file that was cut off.
    const json = join(import.meta.dirname, "import/fixtures/sadf.json");
    const complaint = "echo 'End of system activity file unexpected' >&2";
    writeFileSync(
      join(programs, "sadf"),
      `#!/bin/sh\nwhile read -r line; do echo "$line"; done <'${json}'\n${complaint}\n${complaint}\n`,
    );
    const cut = await run(programs);
    expect(cut.exitCode).toBe(0);
    expect(cut.stderr).toContain(`${path}: sadf says: End of system activity file unexpected\n`);
  });

  test("pcprocess --json tells what it read and wrote", async () => {
    const output = join(createFolder(), "x.csv");
    const { stdout } = await runProgram("pcprocess", ["-i", capture, "-o", output, "--json"]);
    expect(JSON.parse(stdout)).toMatchObject({
      csv: {
        machine_id: "web-01",
        rows: 6,
        timestamp_range: { start: "2023-11-14T22:13:20Z", end: "2023-11-14T22:14:21Z" },
        inputs: [{ samples: 6, restarts: 1, missed_ticks: 2, damaged_lines: 0 }],
      },
      sar: null,
    });
  });

  test("pcprocess --sar-dir writes sysstat's columns of our own captures, too", async () => {
    const folder = createFolder();
    const { exitCode } = await runProgram("pcprocess", ["-i", capture, "--sar-dir", folder]);
    expect(exitCode).toBe(0);
    const [header, ...lines] = readFileSync(join(folder, "proc/diskstats"), "utf8")
      .trimEnd()
      .split("\n");
    expect(header).toBe("#timestamp,DEV,tps,rtps,wtps,dtps,bread/s,bwrtn/s,bdscd/s");
    // The disk that came has no counters from before, and then has; the first samples of a boot have no lines.
    expect(lines.filter((line) => line.includes("sdb"))).toEqual([
      "1700000004,sdb,,,,,,,",
      "1700000005,sdb,5,5,0,0,0,0,0",
    ]);
    expect(lines.some((line) => line.startsWith("1700000060"))).toBe(false);
  });

  test("pcprocess names file and line of damage, and leaves no output behind", async () => {
    const folder = createFolder();
    const [input, output] = [join(folder, "c.json"), join(folder, "c.csv")];
    const lines = readFileSync(capture, "utf8").split("\n");
    lines[2] = (lines[2] ?? "").slice(0, 100);
    writeFileSync(input, lines.join("\n"));
    const failed = await runProgram("pcprocess", ["-i", input, "-o", output]);
    expect(failed.exitCode).toBe(65);
    expect(failed.stderr).toMatch(
      new RegExp(`^pcprocess: Cannot read ${input}: line 3: column \\d+: expected`),
    );
    expect(existsSync(output)).toBe(false);
    expect(existsSync(`${output}.partial`)).toBe(false);
    const skipped = await runProgram("pcprocess", ["-i", input, "-o", output, "--skip-damaged"]);
    expect(skipped.exitCode).toBe(0);
    expect(skipped.stderr).toContain("1 damaged line was skipped, the first: line 3: column");
    expect(parseCsv(readFileSync(output, "utf8"))).toHaveLength(5);
  });

  test.each([
    [["-o", "x.csv"], 64, "there is no input"],
    [["-i", "x.json"], 64, "there is no output"],
    [["-i", capture, "-o", `${fixtures}/./own-format.json`], 64, "own-format.json: it is an input"],
    [["-i", capture, "-o", fixtures], 74, `Cannot write ${fixtures}: EISDIR`],
    [["-i", capture, "-o", `${capture}/x.csv`], 74, `Cannot write ${capture}/x.csv: `],
    [["-i", capture, "--sar-dir", capture], 74, `Cannot write ${capture}/proc/`],
    [["-i", "x.json", "-o", "-", "--machine-id", "a b"], 64, "is not 1–64 letters"],
    [["-i", "/nonexistent.json", "-o", "-"], 66, "Cannot read /nonexistent.json: ENOENT"],
    [
      ["-i", emptyFolder, "-o", "-"],
      66,
      `Cannot read ${emptyFolder}: no file in it is a capture or the CSV standard`,
    ],
    [["-i", "x.json", "-o", "-", "--from", "noon"], 64, '--from "noon" is no time'],
    [["-i", "x.json", "-o", "-", "--interval", "1500ms"], 64, "is no whole number of seconds"],
    [["-i", "x.json", "-o", "-", "--time-zone", "Mars"], 64, '--time-zone "Mars" is no time zone'],
    [
      ["-i", "x.json", "-o", "-", "--input-format", "xml"],
      64,
      "is not one of perfanalysis-capture",
    ],
    [["-i", "x.json", "--sar-dir", "y", "--interval", "60s"], 64, "--interval is of the CSV"],
    [["-i", nmon, "--sar-dir", "/nonexistent"], 64, "it is of nmon, which has no counters"],
    [["-i", capture, "-o", "/nonexistent/x.csv"], 66, "there is no folder /nonexistent\n"],
    [["-i", capture, "--sar-dir", "/nonexistent/x"], 66, "there is no folder /nonexistent\n"],
    [["-i", capture, "-o", "/dev/full"], 74, "Cannot write /dev/full: ENOSPC"],
    [
      ["-i", join(import.meta.dirname, "../package.json"), "-o", "-"],
      65,
      "collector/package.json: line 1 is no line of a capture",
    ],
    [
      ["-i", "/etc/hostname", "-o", "-"],
      65,
      "Cannot read /etc/hostname: line 1 is no line of a capture",
    ],
    [["--oops"], 64, "Unknown option '--oops'"],
  ])("pcprocess %j ends with exit code %d and says why", async (args, code, message) => {
    const { exitCode, stderr, stdout } = await runProgram("pcprocess", args);
    expect(stderr).toContain(message);
    expect({ exitCode, stdout }).toEqual({ exitCode: code, stdout: "" });
  });

  test("pcprocess says once what is so of several inputs, and makes no folder for its output", async () => {
    const folder = createFolder();
    const lines = readFileSync(capture, "utf8").split("\n");
    const names = ["a.json", "b.json", "c.json"].map((name) => join(folder, name));
    const status = '{"status":{"t":1700000000500,"source":"containers","error":"there are none"}}';
    for (const name of names) writeFileSync(name, [...lines.slice(0, 2), status, ""].join("\n"));
    const inputs = names.flatMap((name) => ["-i", name]);
    const { stderr } = await runProgram("pcprocess", [...inputs, "-o", join(folder, "x.csv")]);
    expect(stderr.split("\n").filter((line) => line.includes("containers"))).toEqual([
      `pcprocess: ${names[0]} and 2 other inputs: containers could not be read at times: there are none`,
    ]);
    expect(stderr).toContain("pcprocess: 1 row of ");
    expect(stderr).toContain("2 samples share the row of another input's of the same second");
    // What the kernel does not have is nothing to tell each time.
    const none = '{"status":{"t":1700000000500,"source":"pressure/io","error":"ENOENT: no such"}}';
    const lone = join(folder, "lone.json");
    writeFileSync(lone, [...lines.slice(0, 3), lines[2], none, ""].join("\n"));
    const alone = await runProgram("pcprocess", ["-i", lone, "-o", join(folder, "y.csv")]);
    expect(alone.stderr).toMatch(
      /^pcprocess: 1 sample has no row of its own: of .*\n.*\d rows? of /,
    );
  });

  test("pcprocess says that filters may have left nothing where no column has a value", async () => {
    const input = join(fixtures, "oci-containers/container_collection.json");
    const filter = ["--exclude-container", "."];
    const { exitCode, stderr } = await runProgram("pcprocess", ["-i", input, "-o", "-", ...filter]);
    expect({ exitCode, stderr }).toEqual({
      exitCode: 65,
      stderr: expect.stringContaining(
        "none of the columns has a value; of devices, --include-… and --exclude-… may leave none",
      ),
    });
  });

  test("pcprocess refuses captures of several machines in one file", async () => {
    const other = join(createFolder(), "other.json");
    writeFileSync(other, readFileSync(capture, "utf8").replaceAll('"web-01"', '"db-01"'));
    const { exitCode, stderr } = await runProgram("pcprocess", [
      "-i",
      capture,
      "-i",
      other,
      "-o",
      "-",
    ]);
    expect(exitCode).toBe(65);
    expect(stderr).toContain("web-01, db-01");
  });

  test("pcprocess clears away what it kept of its standard input when a signal ends it", async () => {
    const folder = createFolder();
    const [output, temporary] = [join(folder, "c.csv"), join(folder, "tmp")];
    mkdirSync(temporary);
    const program = startProgram("pcprocess", ["-i", "-", "-o", output], {
      environment: { TMPDIR: temporary },
      input: null,
    });
    await expect.poll(() => readdirSync(temporary), { timeout: 10_000 }).toHaveLength(1);
    program.kill("SIGTERM");
    const { exitCode, stderr } = await program.ended;
    expect({ exitCode, stderr }).toEqual({
      exitCode: 143,
      stderr: "pcprocess: ended by SIGTERM\n",
    });
    expect(readdirSync(temporary)).toEqual([]);
    expect(readdirSync(folder)).toEqual(["tmp"]);
  });

  test("pcprocess --help and --version say what they should", async () => {
    expect((await runProgram("pcprocess", ["--help"])).stdout).toContain("--sar-dir");
    expect((await runProgram("pcprocess", ["--version"])).stdout).toMatch(
      /^pcprocess \d+\.\d+\.\d+\n$/,
    );
  });
});
