// pcctl upload of a CSV in several parts to the portal itself: pcctl is killed within a part, with an answer under way, and between parts.
import { readdir, rm, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { afterAll, beforeAll, expect, test } from "vitest";
import { runOk, startRunning, type Running } from "./binaries.ts";
import { readCsv } from "./csv.ts";
import { makeFolder } from "./folder.ts";
import { openLine, type Line } from "./line.ts";

const machineId = "upload-01";
const columnCount = 1007;
/** So many hours of so many columns make a part, and the last one is shorter. */
const rowsOfParts = [357, 357, 186] as const;
/** The other columns are gaps: it is their number that makes the parts. */
const measuredCpus = 20;
/** Less than a part has, zipped. */
const halfPartBytes = 16 * 1024;
const firstS = 1_767_801_600;

let folder: string;
let state: string[];
let portal: Running;
let line: Line;

beforeAll(async () => {
  folder = await makeFolder("upload");
  state = ["--state-dir", join(folder, "state")];
  portal = startRunning("perf-portal", ["serve", "--port", "0", ...state]);
  const [, url = ""] = await portal.line(/^Ready on (http:\S+)/);
  line = await openLine();
  line.leadTo(Number(new URL(url).port));
});

afterAll(async () => {
  line?.close();
  await portal?.stop();
  await rm(folder, { recursive: true, force: true });
});

test("no row is lost, and none comes twice, where pcctl is killed within an upload of three parts", async () => {
  const keyFile = join(folder, "key");
  await runOk("perf-portal", ["tenant", "create", "acme", ...state]);
  const key = ["key", "create", "upload", "--tenant", "acme", "--scope", "ingest"];
  await runOk("perf-portal", [...key, "--output", keyFile, ...state]);
  const csv = join(folder, "long.csv");
  const times = await writeCsv(csv);
  const [first, second, third] = rowsOfParts;
  const upload = ["upload", csv, "--receipts", join(folder, "receipts"), "--json"];
  const env = { PCC_PORTAL: line.url, PCC_API_KEY_FILE: keyFile };
  const killAt = async (moment: Promise<void>): Promise<void> => {
    const pcctl = startRunning("pcctl", upload, env);
    await moment;
    await pcctl.stop("SIGKILL");
  };

  // In the midst of the second part.
  await killAt(line.holdRequest(2, halfPartBytes));
  expect(await listStored()).toEqual(times.slice(0, first));
  // The first one has a receipt by now. The second is stored, and nobody has heard so.
  await killAt(line.holdAnswer(1));
  expect(await listStored()).toEqual(times.slice(0, first + second));
  // The second is sent again, and the connection for the third is made.
  await killAt(line.holdRequest(2, 0));
  expect(await listStored()).toEqual(times.slice(0, first + second));

  const listWork = async (): Promise<string[]> =>
    (await readdir(join(folder, "receipts"), { recursive: true })).filter((name) =>
      /\bwork\b/.test(name),
    );
  expect(await listWork()).not.toEqual([]);
  const finish = async (): Promise<unknown> => JSON.parse(await runOk("pcctl", upload, { env }));
  expect(await finish()).toMatchObject({
    uploads: [{ rows_imported: third, rows_duplicate: 0, parts_uploaded_before: 2 }],
  });
  expect(await listStored()).toEqual(times);
  expect(await finish()).toMatchObject({ uploads: [{ receipts: [], parts_uploaded_before: 3 }] });
  // What the killed ones left behind is gone.
  expect(await listWork()).toEqual([]);
});

/** A row an hour. Answers the rows' times. */
async function writeCsv(path: string): Promise<number[]> {
  const first = [
    "timestamp",
    "machine_id",
    "cpu_user",
    "cpu_system",
    "cpu_idle",
    "mem_total",
    "mem_free",
  ];
  const names = Array.from({ length: columnCount - first.length }, (_, cpu) => `cpu${cpu}_user`);
  const count = rowsOfParts.reduce((sum, rows) => sum + rows, 0);
  const times = Array.from({ length: count }, (_, row) => firstS + row * 3600);
  const rows = times.map((time, row) => {
    const values = names.map((_, cpu) =>
      cpu < measuredCpus ? (((row + 1) * (cpu + 1) * 7919) % 100_003) / 1003 : "",
    );
    return [time, machineId, 1, 2, 97, 8000, 4000, ...values].join(",");
  });
  await writeFile(path, `${[[...first, ...names].join(","), ...rows].join("\n")}\n`);
  return times;
}

/** Times of the machine's rows in the portal, in their order. */
async function listStored(): Promise<number[]> {
  const exported = join(folder, "export.csv");
  const target = ["--tenant", "acme", "--machine-id", machineId, "--output", exported];
  const range = ["--start-date", new Date(firstS * 1000).toISOString()];
  await runOk("perf-portal", ["export", ...target, ...range, ...state]);
  return (await readCsv(exported)).map(({ timestamp }) => Number(timestamp));
}
