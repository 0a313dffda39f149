import { mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { gzipSync } from "node:zlib";
import { expect, test } from "vitest";
import { runProgram } from "../binaries.ts";
import { createFolder } from "../sampling/fake-procfs.ts";

const golden = readFileSync(join(import.meta.dirname, "../capture/fixtures/own-format.csv"));
const header =
  "timestamp,machine_id,cpu_user,cpu_system,cpu_idle,mem_total,mem_free,context_switches,disk_sda_reads,disk_loop0_reads\n";

function row(timestampS: number, contextSwitches: number | "", machineId = "web-01"): string {
  return `${timestampS},${machineId},1.5,2,96.5,8000,100,${contextSwitches},3,4\n`;
}

function write(files: Record<string, string | Buffer>): string {
  const folder = createFolder();
  for (const [name, content] of Object.entries(files)) writeFileSync(join(folder, name), content);
  return folder;
}

async function convert(
  ...args: string[]
): Promise<{ exitCode: number | null; rows: string[]; switches: string[]; stderr: string }> {
  const { exitCode, stdout, stderr } = await runProgram("pcprocess", [...args, "-o", "-"]);
  const [names = "", ...rows] = stdout.trimEnd().split("\n");
  const at = names.split(",").indexOf("context_switches");
  return { exitCode, rows, switches: rows.map((line) => line.split(",")[at] ?? ""), stderr };
}

test.each([
  ["plain", golden],
  ["zipped", gzipSync(golden)],
  ["with a byte order mark and CRLF", `\uFEFF${golden.toString().replaceAll("\n", "\r\n")}`],
])("pcprocess gives CSV back as it was, %s", async (_, content) => {
  const folder = write({ day: content });
  const { exitCode, stdout } = await runProgram("pcprocess", [
    "-i",
    join(folder, "day"),
    "-o",
    "-",
  ]);
  expect({ exitCode, stdout }).toEqual({ exitCode: 0, stdout: golden.toString() });
});

test("pcprocess joins the days of pcd's store, and their means by time are those of one file", async () => {
  const days = [row(1_795_650_000, 100) + row(1_795_650_010, 200), row(1_795_650_020, 400)];
  const [first = "", second = ""] = days;
  const folder = write({
    "2026-11-25.csv.gz": gzipSync(header + first),
    // A row's time is not known where it stands alone; with another behind it, it is.
    "2026-11-26.csv": header + second + row(1_795_650_030, 800),
  });
  const whole = write({ "all.csv": header + days.join("") + row(1_795_650_030, 800) });
  const joined = await convert("-i", folder, "--interval", "30s");
  expect(joined).toEqual({
    ...(await convert("-i", join(whole, "all.csv"), "--interval", "30s")),
    stderr: joined.stderr,
  });
  expect(joined.switches).toEqual(["100", "466.6667"]);
});

test("pcprocess takes CSV with other tools' files, of one time, and without devices that are not wanted", async () => {
  const folder = write({ "a.csv": header + row(1_795_650_000, 1) + row(1_795_650_001, "") });
  const nmon = join(import.meta.dirname, "fixtures/web-01.nmon");
  const inputs = ["-i", join(folder, "a.csv"), "-i", nmon];
  const window = ["--to", "1795650001", "--exclude-disk", "loop"];
  const { rows, stderr } = await convert(...inputs, ...window);
  expect(rows.map((line) => line.split(",")[0])).toEqual(["1795650000", "1795650001"]);
  expect(rows[1]).toMatch(/^1795650001,web-01,1.5,.*,8000,100,/);
  expect(rows.join()).not.toContain(",4,");
  expect(stderr).toContain("2 rows of");
});

test("pcprocess leaves CSV out of a folder of captures, as it may have been made of them", async () => {
  const capture = readFileSync(join(import.meta.dirname, "../capture/fixtures/own-format.json"));
  const folder = write({ "a.csv": header + row(1_795_650_000, 1), "b.json": capture });
  mkdirSync(join(folder, "more"));
  const { rows, stderr } = await convert("-i", folder);
  expect(rows).toHaveLength(6);
  expect(stderr).toContain(`${folder}: left out, as no captures: a.csv\n`);
});

test("pcprocess refuses a CSV of several machines, whoever they are said to be", async () => {
  const folder = write({
    "fleet.csv": header + row(1_795_650_000, 1) + row(1_795_650_000, 1, "db"),
  });
  const path = join(folder, "fleet.csv");
  const { exitCode, stderr } = await convert("-i", path, "--machine-id", "web-01");
  expect({ exitCode, stderr }).toEqual({
    exitCode: 65,
    stderr: `pcprocess: Cannot convert ${path}: it holds several machines, web-01 and db; give each in a file of its own\n`,
  });
});

test("pcprocess says where a row of CSV is damaged, and goes on behind it where that is wanted", async () => {
  const folder = write({
    "a.csv": `${header}${row(1_795_650_000, 1)}1795650001,web-01,x,2,96.5,8000,100,1,3,4\n1795650002\n${row(1_795_650_003, 9)}1795650004,web-01,1`,
  });
  const path = join(folder, "a.csv");
  const { exitCode, stderr } = await convert("-i", path);
  expect(exitCode).toBe(65);
  expect(stderr).toContain(`Cannot read ${path}: line 3: column cpu_user is "x": Is no number`);
  const { switches, stderr: told } = await convert("-i", path, "--skip-damaged");
  expect(switches).toEqual(["1", "9"]);
  expect(told).toContain("2 damaged lines were skipped, the first: line 3: column cpu_user");
  expect(told).toContain("the last line is cut off and was left out");
});

test("pcprocess says which column a CSV lacks, and which it does not know", async () => {
  const folder = write({
    "a.csv": header.replace("mem_free,", "") + row(1_795_650_000, 1),
    "b.csv": header.replace("context_switches", "colour") + row(1_795_650_000, 1),
  });
  const lacking = await convert("-i", join(folder, "a.csv"));
  expect(lacking.exitCode).toBe(65);
  expect(lacking.stderr).toContain("line 1: column mem_free: The required column is missing.");
  const { exitCode, stderr } = await convert("-i", join(folder, "b.csv"));
  expect(exitCode).toBe(0);
  expect(stderr).toContain('were not read: "colour"');
});
