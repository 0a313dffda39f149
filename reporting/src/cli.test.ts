import { execFile, execFileSync, spawn, spawnSync } from "node:child_process";
import { lstat, mkdtemp, readdir, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { gzipSync } from "node:zlib";
import { expect, onTestFinished, test } from "vitest";
import { parseConfig } from "./config.ts";
import { testSamples, toCsv } from "./testing/machine.ts";

const program = join(import.meta.dirname, "cli.mjs");
const csv = toCsv(testSamples({ rows: 720 }));
const environment = { PATH: process.env["PATH"], SOURCE_DATE_EPOCH: "1772500000" };

/** A signature and a first chunk that no decoder takes: its checksum is wrong. */
const damagedPng = Buffer.from(`\x89PNG\r\n\x1a\n\0\0\0\rIHDR${"\0".repeat(64)}`, "latin1");

interface Result {
  code: number;
  stdout: string;
  stderr: string;
}

function perfReport(folder: string, args: string[], input: string | Buffer = ""): Promise<Result> {
  return new Promise((done) => {
    const child = execFile(
      process.execPath,
      [program, ...args],
      { cwd: folder, env: environment, maxBuffer: 1e8 },
      (error, stdout, stderr) => {
        done({ code: typeof error?.code === "number" ? error.code : 0, stdout, stderr });
      },
    );
    child.stdin?.end(input);
  });
}

async function folderWith(files: Record<string, string | Buffer>): Promise<string> {
  const folder = await mkdtemp(join(tmpdir(), "perf-report-"));
  onTestFinished(() => rm(folder, { recursive: true }));
  for (const [name, content] of Object.entries(files)) await writeFile(join(folder, name), content);
  return folder;
}

test("perf-report writes the report, and nothing else", async () => {
  const folder = await folderWith({ "web-01.csv": csv });
  const result = await perfReport(folder, ["--data-file", "web-01.csv", "--output", "r.html"]);
  expect(result).toEqual({ code: 0, stdout: "", stderr: "" });
  expect(await readdir(folder)).toEqual(["r.html", "web-01.csv"]);
  expect(await readFile(join(folder, "r.html"), "utf8")).toMatch(
    /^<!DOCTYPE html>[^]*<\/html>\s*$/,
  );
});

test("perf-report writes PDF where the name says so, beside HTML, to the same bytes each time", async () => {
  const folder = await folderWith({ "web-01.csv": csv });
  const outputs = ["--output", "r.html", "--output", "r.PDF"];
  const make = () => perfReport(folder, ["--data-file", "web-01.csv", ...outputs]);
  expect(await make()).toEqual({ code: 0, stdout: "", stderr: "" });
  expect(await readdir(folder)).toEqual(["r.PDF", "r.html", "web-01.csv"]);
  const pdf = await readFile(join(folder, "r.PDF"));
  expect(pdf.subarray(0, 5).toString()).toBe("%PDF-");
  await make();
  expect((await readFile(join(folder, "r.PDF"))).equals(pdf)).toBe(true);
});

test("perf-report writes all but the PDF where that cannot be laid out, and ends with a code of its own", async () => {
  const folder = await folderWith({
    "web-01.csv": csv,
    "damaged.png": damagedPng,
    "c.yaml": "branding: { logo: damaged.png }",
  });
  const make = (...outputs: string[]) =>
    perfReport(folder, ["--config=c.yaml", "--data-file=web-01.csv", ...outputs]);
  const stderr = expect.stringMatching(
    /^perf-report: Made without its PDF: Cannot lay out the PDF: failed to decode image/,
  ) as string;
  const both = await make("--output=r.html", "--output=r.pdf");
  expect(both).toEqual({ code: 80, stdout: "", stderr });
  expect(await readdir(folder)).toEqual(["c.yaml", "damaged.png", "r.html", "web-01.csv"]);
  expect(await readFile(join(folder, "r.html"), "utf8")).toMatch(/<\/html>\s*$/);
  const piped = await make("--output=r.pdf", "--output=-");
  expect(piped).toEqual({
    code: 80,
    stdout: expect.stringMatching(/<\/html>\s*$/) as string,
    stderr,
  });
  const withFacts = await make("--output=s.pdf", "--json");
  expect(withFacts).toMatchObject({ code: 80, stderr });
  expect(JSON.parse(withFacts.stdout)).toHaveProperty("verdict");
  const alone = await make("--output=s.pdf");
  expect(alone).toMatchObject({
    code: 70,
    stderr: expect.stringMatching(/^perf-report: Cannot lay out the PDF/) as string,
  });
  const several = await make("--all", "--output=.", "--format=html", "--format=pdf");
  expect(several).toMatchObject({
    code: 80,
    stderr: expect.stringMatching(/^perf-report: web-01 of \S+: Made without its PDF/) as string,
  });
  expect(await readdir(folder)).toContain("web-01.html");
});

test("perf-report writes into a pipe that has a name, and leaves it one", async () => {
  const folder = await folderWith({ "web-01.csv": csv });
  const pipe = join(folder, "pipe");
  execFileSync("sh", ["-c", 'mkfifo "$0"', pipe]);
  const [result, text] = await Promise.all([
    perfReport(folder, ["--data-file", "web-01.csv", "--output", pipe]),
    readFile(pipe, "utf8"),
  ]);
  expect(result).toEqual({ code: 0, stdout: "", stderr: "" });
  expect(text.slice(0, 15).toLowerCase()).toBe("<!doctype html>");
  expect(text.trimEnd().slice(-7)).toBe("</html>");
  expect((await lstat(pipe)).isFIFO()).toBe(true);
});

test("perf-report reads standard input and writes standard output, gzip or not, to the same bytes", async () => {
  const folder = await folderWith({});
  const args = ["--data-file", "-", "--output", "-"];
  const [plain, again, packed] = await Promise.all([
    perfReport(folder, args, csv),
    perfReport(folder, args, csv),
    perfReport(folder, args, gzipSync(csv)),
  ]);
  expect(plain.stdout).toMatch(/^<!DOCTYPE html>/);
  expect(again).toEqual(plain);
  expect(packed.stdout).toContain("<b>Nothing is wrong</b>");
});

test("perf-report reads a pipe that has a name, as a shell makes of <(…), with a cache or without", async () => {
  const folder = await folderWith({ "web-01.csv": gzipSync(csv) });
  const pipe = join(folder, "pipe");
  execFileSync("sh", ["-c", 'mkfifo "$0"', pipe]);
  for (const flags of [[], ["--no-cache"]]) {
    const [result] = await Promise.all([
      perfReport(folder, ["--data-file", pipe, "--output", "-", ...flags]),
      writeFile(pipe, csv),
    ]);
    expect(result.stderr).toBe("");
    expect(result.stdout).toContain("<b>Nothing is wrong</b>");
  }
  const script = `exec "$0" "$@" --data-file <(gunzip -c web-01.csv)`;
  const shell = spawnSync("bash", ["-c", script, process.execPath, program, "--output=s.html"], {
    cwd: folder,
    env: environment,
    encoding: "utf8",
  });
  expect(shell).toMatchObject({ status: 0 });
});

test("perf-report tells its stages to the descriptor that it was given", async () => {
  const folder = await folderWith({ "web-01.csv": csv });
  const args = ["--data-file", "web-01.csv", "--progress-fd", "3"];
  const child = spawn(process.execPath, [program, ...args], {
    cwd: folder,
    env: environment,
    stdio: ["ignore", "inherit", "inherit", "pipe"],
  });
  let told = "";
  child.stdio[3]?.on("data", (bytes: Buffer) => (told += bytes.toString()));
  expect(await new Promise((done) => child.on("close", done))).toBe(0);
  expect(told).toBe('{"stage":"reading"}\n{"stage":"judging"}\n{"stage":"writing"}\n');
});

test("perf-report --json prints the conclusions", async () => {
  const folder = await folderWith({ "web-01.csv": csv });
  const { stdout } = await perfReport(folder, ["--data-file", "web-01.csv", "--json"]);
  expect(JSON.parse(stdout)).toMatchObject({
    machine_id: "web-01",
    timestamp_range: { start: "2026-03-02T00:00:00Z", end: "2026-03-02T01:59:50Z" },
    interval_seconds: 10,
    samples: 720,
    grade: "A",
    storage_device: "sda",
    network_interface: "eth0",
    verdict: { tone: "good" },
    rules: expect.arrayContaining([
      expect.objectContaining({ id: "cpu-saturation", outcome: "clear" }),
    ]),
  });
  expect(await readdir(folder)).toEqual(["web-01.csv"]);
});

test("perf-report takes its settings from YAML, resolving output and data by them", async () => {
  const folder = await folderWith({ "web-01.csv.gz": gzipSync(csv), "db-01.csv": "" });
  const config = `machine: { uuid: web-01, name: "Shop <1>" }\npaths: { data_directory: ${folder}, output_directory: ${folder} }\n`;
  await writeFile(join(folder, "config.yaml"), config);
  const result = await perfReport(tmpdir(), ["--config", join(folder, "config.yaml")]);
  expect(result).toMatchObject({ code: 0, stderr: "" });
  expect(await readFile(join(folder, "report.html"), "utf8")).toContain("<h1>Shop &lt;1&gt;</h1>");
});

const broken = csv.replace("machine_id", "host").replaceAll(/(?<=,)[^,\n]*$/gm, "much");
const both = csv + toCsv(testSamples({ machineId: "db-01", rows: 5 })).replace(/^.*\n/, "");

test.each([
  [64, ["--output", "r.html"], /--data-file/],
  [64, ["--data-fiel", "x.csv"], /unknown option '--data-fiel'/],
  [64, ["--data-file", "-", "--output", "-", "--json"], /both the report and --json/],
  [64, ["--data-file", "web-01.csv", "--progress-fd", "x"], /It is no file descriptor/],
  [65, ["--data-file", "broken.csv"], /line 1, column machine_id: The required column is missing/],
  [65, ["--data-file", "both.csv"], /web-01 \(720 rows\), db-01 \(5 rows\)/],
  [65, ["--data-file", "both.csv", "--machine", "x"], /"x".*only web-01/],
  [
    66,
    ["--data-file", "\u{1b}]0;title\u{7}.csv"],
    /^perf-report: Cannot read \ufffd\]0;title\ufffd\.csv/,
  ],
  [64, ["web-01.csv"], /Cannot use "web-01\.csv" by itself: name input with --data-file/],
  [
    65,
    ["--data-file", "bad.yaml"],
    /no CSV of the standard[^]*columns timestamp, machine_id, cpu_u/,
  ],
  [66, ["--data-file", "missing.csv"], /Cannot read missing\.csv: there is no such file or folder/],
  [78, ["--config", "missing.yaml"], /Cannot read missing\.yaml: there is no such file or folder/],
  [66, ["--watch", "missing", "--output", "."], /Cannot read missing: there is no such file/],
  [66, ["--data-file", "/"], /Cannot read \/: no file in it is a capture/],
  [66, ["--data-dir", "."], /both\.csv, broken\.csv, web-01\.csv/],
  [
    73,
    ["--data-file", "web-01.csv", "--output", "no/such/folder/r.html"],
    /there is no folder .*such\/folder/,
  ],
  [
    78,
    ["--data-file", "web-01.csv", "--config", "bad.yaml"],
    /bad\.yaml: the key "machin" is unknown/,
  ],
  [78, ["--data-file", "web-01.csv", "--machine-facts", "bad.yaml"], /Cannot use bad\.yaml/],
  [78, ["--data-file", "web-01.csv", "--storage-device", "sdz"], /"sdz".*the data has sda/],
])(
  "perf-report exits with %i given %j, says why and writes nothing",
  async (code, args, message) => {
    const files = {
      "web-01.csv": csv,
      "broken.csv": broken,
      "both.csv": both,
      "bad.yaml": "machin: {}\n",
    };
    const folder = await folderWith(files);
    const result = await perfReport(folder, args);
    expect(result).toMatchObject({ code, stdout: "" });
    expect(result.stderr).toMatch(message);
    expect(result.stderr).not.toMatch(/\n\s+at /);
    expect((await readdir(folder)).toSorted()).toEqual(Object.keys(files).toSorted());
  },
);

test("perf-report --help has examples and exit codes, --version the version", async () => {
  const folder = await folderWith({});
  const help = await perfReport(folder, ["--help"]);
  expect(help).toMatchObject({ code: 0, stderr: "" });
  expect(help.stdout).toMatch(/Examples:[^]*Exit codes:/);
  expect(help.stdout).not.toContain("default: []");
  const [, settings = ""] = /nothing is required:\n([^]*?)\n\n/.exec(help.stdout) ?? [];
  expect(Object.keys(await parseConfig(settings.replaceAll(/^ {2}/gm, ""), "--help"))).toHaveLength(
    16,
  );
  const documented = await readFile(join(import.meta.dirname, "../../docs/report.md"), "utf8");
  for (const [variable] of documented.matchAll(/PERF_REPORT_[A-Z_]+/g)) {
    expect(help.stdout).toContain(variable);
  }
  expect(await perfReport(folder, ["--version"])).toMatchObject({
    code: 0,
    stdout: expect.stringMatching(/^\d+\.\d+\.\d+\n$/),
  });
});

test("perf-report calls its input what it is told", async () => {
  const folder = await folderWith({ "web-01.csv": csv });
  const name = ["--data-file", "web-01.csv", "--input-name", "The <week> of the move"];
  const { stdout } = await perfReport(folder, [...name, "--output", "-"]);
  expect(stdout).toContain("<dd>The &lt;week&gt; of the move, ");
});

test("perf-report survives a reader that goes away", async () => {
  const folder = await folderWith({ "web-01.csv": csv });
  const child = spawn(process.execPath, [program, "--data-file", "web-01.csv", "--output", "-"], {
    cwd: folder,
    env: environment,
    stdio: ["ignore", "pipe", "pipe"],
  });
  child.stdout.destroy();
  let said = "";
  child.stderr.setEncoding("utf8").on("data", (text: string) => (said += text));
  await new Promise((done) => child.on("close", done));
  expect(said).not.toMatch(/\n\s+at /);
});
