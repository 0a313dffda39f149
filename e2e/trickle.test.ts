// pcc with a spool against the portal itself: the portal is stopped and started again, the line cuts answers off, and pcc is killed.
import { readFile, rm } from "node:fs/promises";
import { release } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, expect, test } from "vitest";
import { runOk, startRunning, type Running } from "./binaries.ts";
import { readCsv } from "./csv.ts";
import { makeFolder } from "./folder.ts";
import { readCaptureFacts, readHostFacts } from "./host-facts.ts";
import { openLine, type Line } from "./line.ts";

const machineId = "trickle-01";

let folder: string;
let state: string[];
let line: Line;
let running: Running[];

beforeAll(async () => {
  folder = await makeFolder("trickle");
  state = ["--state-dir", join(folder, "state")];
  running = [];
  line = await openLine();
});

afterAll(async () => {
  for (const program of running) await program.stop();
  line?.close();
  await rm(folder, { recursive: true, force: true });
});

test("no sample is lost, and none comes twice, where the portal stops, answers are cut off and pcc is killed", async () => {
  const portal = await startPortal("0");
  const keyFile = join(folder, "key");
  await runOk("perf-portal", ["tenant", "create", "trickle", ...state]);
  const key = ["key", "create", "trickle", "--tenant", "trickle", "--scope", "ingest"];
  await runOk("perf-portal", [...key, "--output", keyFile, ...state]);

  // Answers are lost after the commit: batches come again.
  line.cutAnswers(2);
  const first = startPcc(keyFile);
  await expect.poll(() => countSampled(), { timeout: 30_000 }).toBeGreaterThan(4);
  expect(await portal.program.stop()).toBe(0);
  const stoppedAt = await countSampled();
  await expect.poll(() => countSampled(), { timeout: 30_000 }).toBeGreaterThan(stoppedAt + 2);
  await first.stop("SIGKILL");
  const second = startPcc(keyFile);
  const killedAt = await countSampled();
  await expect.poll(() => countSampled(), { timeout: 30_000 }).toBeGreaterThan(killedAt + 1);

  const restarted = await startPortal(new URL(portal.url).port);
  await second.line(/the portal takes samples again/);
  expect(await second.stop()).toBe(0);
  expect(second.lines.join("\n")).not.toContain("wait in");

  const reader = join(folder, "read.key");
  const mayRead = ["--tenant", "trickle", "--scope", "read", "--output", reader];
  await runOk("perf-portal", ["key", "create", "reader", ...mayRead, ...state]);
  const told = await readCaptureFacts(join(folder, "pcc.json"));
  expect(Object.keys(told)).toEqual(expect.arrayContaining(["kernel", "cpu_count", "boot_id"]));
  const { url } = restarted;
  expect(await readHostFacts(url, { machineId, keyFile: reader })).toMatchObject(told);
  const fromPortal = ["--portal", url, "--key-file", reader, "--machine", machineId];
  const report = join(folder, "report.html");
  await runOk("perf-report", [...fromPortal, "--output", report]);
  expect(await readFile(report, "utf8")).toContain(release());

  const exported = join(folder, "export.csv");
  const target = ["--tenant", "trickle", "--machine-id", machineId, "--output", exported];
  await runOk("perf-portal", ["export", ...target, ...state]);
  const arrived = (await readCsv(exported)).map(({ timestamp }) => Number(timestamp));
  const sampled = await readSampled();
  expect(line.cuts()).toBe(2);
  expect(new Set(arrived).size).toBe(arrived.length);
  expect(arrived).toEqual(expect.arrayContaining(sampled));
  // The killed pcc may have spooled a sample that it did not write any more.
  expect(arrived.length - sampled.length).toBeLessThanOrEqual(1);
});

function startPcc(keyFile: string): Running {
  const program = startRunning("pcc", ["1", join(folder, "pcc.json")], {
    PCC_MODE: "trickle",
    PCC_PORTAL: line.url,
    PCC_API_KEY_FILE: keyFile,
    PCC_MACHINE_ID: machineId,
    PCC_SPOOL: join(folder, "spool"),
  });
  running.push(program);
  return program;
}

async function startPortal(port: string): Promise<{ program: Running; url: string }> {
  const program = startRunning("perf-portal", ["serve", "--port", port, ...state]);
  running.push(program);
  const [, url = ""] = await program.line(/^Ready on (http:\S+)/);
  line.leadTo(Number(new URL(url).port));
  return { program, url };
}

/** Whole seconds of the samples in the capture that pcc writes besides. */
async function readSampled(): Promise<number[]> {
  const text = await readFile(join(folder, "pcc.json"), "utf8").catch(() => "");
  const times = Array.from(text.matchAll(/^\{"t":(\d+)/gm), ([, ms]) =>
    Math.floor(Number(ms) / 1000),
  );
  return [...new Set(times)];
}

async function countSampled(): Promise<number> {
  return (await readSampled()).length;
}
