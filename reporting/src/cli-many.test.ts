import { execFile, spawn } from "node:child_process";
import {
  mkdir,
  mkdtemp,
  readFile,
  readdir,
  rm,
  symlink,
  truncate,
  writeFile,
} from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { gzipSync } from "node:zlib";
import { expect, onTestFinished, test, vi } from "vitest";
import { testSamples, testStartS, toCsv, type TestMachine } from "./testing/machine.ts";

const program = join(import.meta.dirname, "cli.mjs");

interface Result {
  code: number;
  stdout: string;
  stderr: string;
}

const csvOf = (machineId: string, machine: Partial<TestMachine> = {}) =>
  toCsv(testSamples({ machineId, rows: 360, ...machine }));
const fleet = csvOf("web-01") + csvOf("web-02").split("\n").slice(1).join("\n");

async function newFolder(files: Record<string, string> = {}): Promise<string> {
  const folder = await mkdtemp(join(tmpdir(), "perf-report-many-"));
  onTestFinished(() => rm(folder, { recursive: true }));
  await mkdir(join(folder, "reports"));
  for (const [name, content] of Object.entries(files)) await writeFile(join(folder, name), content);
  return folder;
}

const environmentOf = (folder: string) => {
  return { PATH: process.env["PATH"], HOME: join(folder, "home") };
};

function perfReport(folder: string, ...args: string[]): Promise<Result> {
  return new Promise((done) => {
    execFile(
      process.execPath,
      [program, ...args],
      { cwd: folder, env: environmentOf(folder), maxBuffer: 1e8 },
      (error, stdout, stderr) => {
        done({ code: typeof error?.code === "number" ? error.code : 0, stdout, stderr });
      },
    );
  });
}

const reportsIn = async (folder: string) => (await readdir(join(folder, "reports"))).toSorted();

test("perf-report makes a report of every folder of a folder that holds samples", async () => {
  const folder = await newFolder();
  for (const machine of ["db-01.example", "db-01.test"]) {
    await mkdir(join(folder, "samples", machine), { recursive: true });
    await writeFile(join(folder, "samples", machine, "2026-03-02.csv"), csvOf("db-01"));
  }
  await mkdir(join(folder, "samples/reports"));
  await writeFile(join(folder, "samples/reports/old.html"), "<!DOCTYPE html>");
  const args = ["--data-dir=samples", "--all", "--output=reports"];
  expect(await perfReport(folder, ...args)).toMatchObject({ code: 0, stderr: "" });
  expect(await reportsIn(folder)).toEqual(["db-01.example.html", "db-01.test.html"]);
});

test("perf-report says that a folder holds nothing to report on", async () => {
  const folder = await newFolder({ "old.html": "<!DOCTYPE html>" });
  const result = await perfReport(folder, "--data-dir=.", "--all", "--output=reports");
  expect(result).toMatchObject({ code: 66, stdout: "" });
  expect(result.stderr).toMatch(/^perf-report: Cannot find anything to report on in \.: neither/);
});

test("perf-report takes no report for input where reports lie beside their captures", async () => {
  const folder = await newFolder({ "a.csv": csvOf("web-01"), "b.csv": csvOf("web-02") });
  const both = ["--data-dir=.", "--all", "--output=.", "--format=html", "--format=pdf"];
  for (const _ of [1, 2]) {
    expect(await perfReport(folder, ...both)).toMatchObject({ code: 0, stderr: "" });
  }
  expect((await readdir(folder)).filter((name) => /html|pdf/.test(name)).toSorted()).toEqual([
    "web-01.html",
    "web-01.pdf",
    "web-02.html",
    "web-02.pdf",
  ]);
});

test("perf-report makes a report of every file of a folder, and of those that it can where one is broken", async () => {
  const folder = await newFolder({
    "a.csv": csvOf("web-01"),
    "b.csv": csvOf("web-02"),
    "c.csv": "no header\n",
  });
  const result = await perfReport(
    folder,
    "--data-file=a.csv",
    "--data-file=b.csv",
    "--data-file=c.csv",
    "--all",
    "--output=reports",
    "--format=html",
    "--format=pdf",
  );
  expect(result).toMatchObject({ code: 65, stdout: "" });
  expect(result.stderr).toMatch(/^perf-report: c\.csv: Cannot read c\.csv/);
  expect(await reportsIn(folder)).toEqual([
    "web-01.html",
    "web-01.pdf",
    "web-02.html",
    "web-02.pdf",
  ]);
  expect(await readFile(join(folder, "reports/web-02.html"), "utf8")).toContain("web-02");
});

test("perf-report names reports by the folders of their files where nothing else tells them apart", async () => {
  const folder = await newFolder();
  for (const site of ["paris", "rome"]) {
    await mkdir(join(folder, site));
    await writeFile(join(folder, site, "day.csv"), csvOf("web-01"));
  }
  const files = ["--data-file=paris/day.csv", "--data-file=rome/day.csv"];
  const result = await perfReport(folder, ...files, "--all", "--output=reports");
  expect(result).toMatchObject({ code: 0, stderr: "" });
  expect(await reportsIn(folder)).toEqual(["paris-day-web-01.html", "rome-day-web-01.html"]);
});

test("perf-report makes a report of every machine of a file, and prints the conclusions a line each", async () => {
  const folder = await newFolder({ "fleet.csv": fleet });
  const result = await perfReport(
    folder,
    "--data-file=fleet.csv",
    "--all",
    "--output=reports",
    "--json",
  );
  expect(result).toMatchObject({ code: 0, stderr: "" });
  expect(await reportsIn(folder)).toEqual(["web-01.html", "web-02.html"]);
  const facts = result.stdout
    .trim()
    .split("\n")
    .map((line): unknown => JSON.parse(line));
  expect(facts).toMatchObject([{ machine_id: "web-01" }, { machine_id: "web-02" }]);
});

test("perf-report prints the conclusions of many machines and nothing else", async () => {
  const ids = Array.from({ length: 12 }, (_, at) => `web-${at}`);
  const lines = ids.flatMap((id, at) =>
    csvOf(id, { rows: 12 })
      .split("\n")
      .slice(at === 0 ? 0 : 1),
  );
  const folder = await newFolder({ "fleet.csv": lines.filter((line) => line !== "").join("\n") });
  const result = await perfReport(folder, "--data-file=fleet.csv", "--all", "--json", "--jobs=1");
  expect(result).toMatchObject({ code: 0, stderr: "" });
  expect(result.stdout.trim().split("\n")).toHaveLength(12);
});

test.each([
  ["conclusions", ["--data-file=fleet.csv", "--all", "--json"]],
  ["help", ["--help"]],
])("perf-report ends well where nobody reads its %s on", async (_, args) => {
  const folder = await newFolder({ "fleet.csv": fleet });
  const child = spawn(process.execPath, [program, ...args], {
    cwd: folder,
    env: environmentOf(folder),
    stdio: ["ignore", "pipe", "pipe"],
  });
  child.stdout.destroy();
  let stderr = "";
  child.stderr.setEncoding("utf8").on("data", (text: string) => (stderr += text));
  const code = await new Promise((done) => child.once("close", done));
  expect({ code, stderr }).toEqual({ code: 0, stderr: "" });
});

test.each([
  [
    ["--data-file=a.csv", "--data-file=b.csv", "--all", "--output=x.html"],
    /to x\.html: it is no folder/,
  ],
  [
    ["--data-file=a.csv", "--data-file=./a.csv", "--all", "--output=reports"],
    /would be of several captures/,
  ],
  [["--data-file=a.csv", "--all", "--machine=web-01"], /--machine with --all/],
  [["--data-file=-", "--all"], /--all with standard input/],
  [["--data-file=a.csv", "--compare"], /Cannot compare one capture/],
  [[...Array<string>(9).fill("--data-file=a.csv"), "--compare"], /Cannot compare 9 captures/],
  [
    ["--data-file=a.csv", "--data-file=b.csv", "--compare", "--label=x"],
    /--label once for 2 captures/,
  ],
  [
    ["--data-file=a.csv", "--data-file=b.csv", "--compare", "--align=marker"],
    /give --marker once for each/,
  ],
  [["--watch=reports", "--all"], /--watch with/],
  [["--data-file=a.csv", "--portal=http://127.0.0.1:1"], /--portal and from --data-file/],
  [["--data-file=a.csv", "--from=2027-01-01"], /they need --portal/],
  [["--watch=reports", "--output=reports"], /is watched/],
  [["--data-file=a.csv", "--label=x"], /--label.* without --compare/],
  [["--data-file=a.csv", "--cost-per-hour=1", "--cost-per-hour=2"], /more than once without/],
  [["--data-file=a.csv", "--cost-per-hour=0"], /a number above 0/],
  [["--data-file=a.csv", "--all", "--machine-facts=x.json"], /are of one machine/],
  [["--data-file=a.csv", "--all", "--input-name=x"], /has an input of its own/],
  [["--data-file=a.csv", "--format=doc"], /It must be html or pdf/],
  [["--data-file=a.csv", "--jobs=0"], /whole number from 1/],
])("perf-report refuses %j", async (args, message) => {
  const folder = await newFolder({ "a.csv": csvOf("web-01"), "b.csv": csvOf("web-02") });
  const result = await perfReport(folder, ...args);
  expect(result.code).toBe(64);
  expect(result.stderr).toMatch(message);
  expect(await reportsIn(folder)).toEqual([]);
});

test("perf-report compares captures, in HTML, PDF and JSON", async () => {
  const folder = await newFolder({
    "before.csv": csvOf("web-01"),
    "after.csv": csvOf("web-01", {
      startS: testStartS + 7000,
      columns: { disk_sda_await_ms: () => 9 },
    }),
  });
  const result = await perfReport(
    folder,
    "--compare",
    "--data-file=before.csv",
    "--data-file=after.csv",
    "--output=c.html",
    "--output=c.pdf",
    "--json",
    "--cost-per-hour=0.4",
    "--cost-per-hour=0.8",
  );
  expect(result).toMatchObject({ code: 0, stderr: "" });
  expect(JSON.parse(result.stdout)).toMatchObject({
    captures: [{ label: "before" }, { label: "after", cost_per_hour: 0.8 }],
    differences: [
      { metric: "disk_sda_await_ms", capture: "after", verdict: "worse", effect: "large" },
    ],
  });
  expect(await readFile(join(folder, "c.html"), "utf8")).toContain("before and after");
  expect((await readFile(join(folder, "c.pdf"))).subarray(0, 5).toString()).toBe("%PDF-");
});

test("perf-report says why captures cannot be aligned", async () => {
  const folder = await newFolder({
    "a.csv": csvOf("web-01"),
    "b.csv": csvOf("web-02", { startS: testStartS + 40_000 }),
  });
  const both = ["--compare", "--data-file=a.csv", "--data-file=b.csv"];
  expect(await perfReport(folder, ...both, "--align=time-of-day")).toMatchObject({
    code: 65,
    stderr: expect.stringContaining("share no minute") as string,
  });
});

test("perf-report answers unchanged input from its cache, and makes anew what has changed, is asked for anew, or is damaged", async () => {
  const folder = await newFolder({ "a.csv": csvOf("web-01") });
  const make = async (...args: string[]) => {
    expect(await perfReport(folder, "--data-file=a.csv", "--output=a.html", ...args)).toMatchObject(
      { code: 0 },
    );
    return readFile(join(folder, "a.html"), "utf8");
  };
  const reports = join(folder, "home/.cache/perf-report/reports");
  await make("--no-cache");
  await expect(readdir(reports)).rejects.toThrow("ENOENT");
  // The report says in which second it was made.
  const first = await make();
  const [entry = ""] = await readdir(reports);
  const nextSecond = () => new Promise((done) => setTimeout(done, 1001));
  await nextSecond();
  expect(await make()).toBe(first);
  expect(await make("--title=Another")).toContain("<title>web-01 – Another</title>");
  expect(await make("--no-cache")).not.toBe(first);
  await truncate(join(reports, entry), 5000);
  const anew = await make();
  expect(anew).toMatch(/<\/html>\s*$/);
  expect(anew).not.toBe(first);
  await writeFile(join(folder, "a.csv"), csvOf("web-01", { rows: 361 }));
  expect(await make()).toMatch(/361.samples/);
}, 90_000);

test("perf-report without a place for its cache makes the report all the same", async () => {
  const folder = await newFolder({ "a.csv": csvOf("web-01") });
  const env = { PATH: process.env["PATH"], HOME: "/proc/nowhere" };
  const child = spawn(process.execPath, [program, "--data-file=a.csv"], { cwd: folder, env });
  expect(await new Promise((done) => child.on("close", done))).toBe(0);
  expect(await readdir(folder)).toContain("report.html");
});

test("perf-report says which file is cut off, and makes the other reports", async () => {
  const folder = await newFolder({ "a.csv": csvOf("web-01") });
  const packed = gzipSync(csvOf("web-02"));
  await writeFile(join(folder, "cut.csv.gz"), packed.subarray(0, packed.length - 20));
  await writeFile(join(folder, "broken.csv.gz"), Buffer.from([0x1f, 0x8b]));
  const cut = "Cannot read cut.csv.gz: its gzip data is cut off";
  expect(await perfReport(folder, "--data-file=cut.csv.gz")).toEqual({
    code: 65,
    stdout: "",
    stderr: `perf-report: ${cut}\n`,
  });
  expect(await perfReport(folder, "--data-file=broken.csv.gz")).toMatchObject({ code: 65 });
  const both = ["--data-file=cut.csv.gz", "--data-file=a.csv", "--all", "--output=reports"];
  expect(await perfReport(folder, ...both)).toMatchObject({
    code: 65,
    stderr: expect.stringContaining(cut) as string,
  });
  expect(await reportsIn(folder)).toEqual(["web-01.html"]);
});

test("perf-report does not write over what it reads, also where it has another name", async () => {
  const folder = await newFolder({ "a.csv": csvOf("web-01"), "b.html": csvOf("web-01") });
  await symlink(join(folder, "b.html"), join(folder, "link.html"));
  const refused = {
    code: 64,
    stderr: expect.stringContaining("what the report is made of") as string,
  };
  expect(await perfReport(folder, "--data-file=b.html", "--output=b.html")).toMatchObject(refused);
  expect(await perfReport(folder, "--data-file=b.html", "--output=link.html")).toMatchObject(
    refused,
  );
  expect(await readFile(join(folder, "b.html"), "utf8")).toBe(csvOf("web-01"));
  expect(await perfReport(folder, "--data-file=a.csv", "--output=a.docx")).toMatchObject({
    code: 64,
    stderr: expect.stringContaining("reports are .html or .pdf") as string,
  });
});

test("perf-report of one file writes into a folder under the file's name", async () => {
  const folder = await newFolder({ "a.csv": csvOf("web-01") });
  expect(await perfReport(folder, "--data-file=a.csv", "--output=reports")).toMatchObject({
    code: 0,
  });
  expect(await reportsIn(folder)).toEqual(["a.html"]);
});

test("perf-report watches a folder until it is told to end, and goes on behind a file that it cannot read", async () => {
  const folder = await newFolder();
  const incoming = join(folder, "incoming");
  await mkdir(incoming);
  await writeFile(join(incoming, "broken.csv"), "no header\n");
  const child = spawn(process.execPath, [program, "--watch", "incoming", "--output", "reports"], {
    cwd: folder,
    env: environmentOf(folder),
    stdio: ["ignore", "ignore", "pipe"],
  });
  const ended = new Promise<number | null>((done) => child.on("close", done));
  let said = "";
  child.stderr.setEncoding("utf8").on("data", (text: string) => (said += text));
  await vi.waitFor(() => expect(said).toMatch(/incoming\/broken\.csv: Cannot read/), 30_000);
  await writeFile(join(incoming, "web-01.csv"), csvOf("web-01"));
  await vi.waitFor(async () => expect(await reportsIn(folder)).toEqual(["web-01.html"]), 30_000);
  await writeFile(join(incoming, "web-01.txt"), csvOf("web-02"));
  await vi.waitFor(
    () => expect(said).toMatch(/web-01\.txt: its report would replace that of/),
    30_000,
  );
  child.kill("SIGTERM");
  expect(await ended).toBe(0);
}, 90_000);
