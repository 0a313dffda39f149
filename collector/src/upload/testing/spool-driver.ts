// A pcc without sampling, for tests that kill it: the real spool and the real sender, with a row each few milliseconds. Says on standard
// output what it has done: `opened <milliseconds>`, `kept <row>`, `synced <row>`, `waiting <rows>`.
import { writeSync } from "node:fs";
import { setTimeout } from "node:timers/promises";
import { systemClock } from "../../sampling/clock.ts";
import { createHttpClient } from "../http.ts";
import { openStores } from "../stores.ts";
import { StreamSender } from "../stream.ts";

/** What the one argument holds, as JSON. */
interface Drive {
  folder: string;
  portal: string;
  /** Names the boot; another one after a power cut. */
  bootId: string;
  maxBytes: number;
  /** The first row's number, and how many follow. */
  firstRow: number;
  rows: number;
  closeMs: number;
  /** Whether nothing goes on while the disk syncs. */
  syncWaits: boolean;
}

const rowsBetweenSyncs = 10;
const columns = [
  "cpu_user",
  "cpu_system",
  "cpu_idle",
  "mem_total",
  "mem_free",
  ...Array.from({ length: 60 }, (_, cpu) => `cpu${cpu}_user`),
];

let isSyncing = false;
// The tests write it.
const drive = JSON.parse(process.argv[2] ?? "") as Drive;
const startMs = performance.now();
const stores = openStores({
  folder: drive.folder,
  maxBytes: drive.maxBytes,
  bootId: drive.bootId,
  report,
});
say(`opened ${Math.round(performance.now() - startMs)}`);
const portal = new URL(drive.portal);
const sender = new StreamSender({
  client: await createHttpClient(portal.protocol, Date.now),
  portal,
  readApiKey: () => "pa_ingest_test",
  machineId: "driven",
  readFacts: () => ({}),
  stores,
  // Outages here are short.
  clock: {
    ...systemClock,
    sleep: (durationMs, signal) => systemClock.sleep(durationMs / 100, signal),
  },
  random: Math.random,
  report,
});
sender.start();
const lastRow = drive.firstRow + drive.rows - 1;
for (let row = drive.firstRow; row <= lastRow; row += 1) {
  sender.add({ timestampS: row, columns, values: Float64Array.from(columns, () => row / 7) });
  say(`kept ${row}`);
  if (row % rowsBetweenSyncs === 0) {
    if (drive.syncWaits) sync(row);
    else void syncInBackground(row);
  }
  await setTimeout(row % 3);
}
await sender.close(drive.closeMs);
sync(lastRow);
say(`waiting ${sender.count().waitingRows}`);
for (const { spool } of stores) spool.close();

function sync(row: number): void {
  try {
    for (const { spool } of stores) spool.sync();
    say(`synced ${row}`);
  } catch (error) {
    report(`Cannot sync: ${String(error)}`);
  }
}

/** Where one is under way, that one says nothing of this row. */
async function syncInBackground(row: number): Promise<void> {
  if (isSyncing) return;
  isSyncing = true;
  try {
    await Promise.all(stores.map(({ spool }) => spool.syncInBackground()));
    say(`synced ${row}`);
  } catch (error) {
    report(`Cannot sync: ${String(error)}`);
  } finally {
    isSyncing = false;
  }
}

function say(line: string): void {
  writeSync(1, `${line}\n`);
}

function report(message: string): void {
  writeSync(2, `${message}\n`);
}
