import {
  appendFileSync,
  existsSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  rmSync,
  utimesSync,
  writeFileSync,
} from "node:fs";
import { join } from "node:path";
import { gunzipSync, gzipSync } from "node:zlib";
import { createCsvParser } from "@perfanalysis/contract/csv/parse";
import { describe, expect, test } from "vitest";
import { inspectCapture } from "../capture/inspect.ts";
import { createFolder } from "../sampling/fake-procfs.ts";
import type { Batch } from "./batch.ts";
import type { Destination } from "./destination.ts";
import { openStore } from "./store.ts";
import { tidyStore } from "./store-housekeeping.ts";
import { renderRows, startGateway } from "./test-gateway.ts";

const midnightS = Date.UTC(2026, 0, 8) / 1000;
const { signal } = new AbortController();

async function withStore(
  folder: string,
  work: (store: Destination, put: (body: string | Buffer) => Promise<void>) => Promise<void>,
): Promise<void> {
  const options = { retentionDays: 0, now: Date.now, report: () => {} };
  const store = await openStore(folder, options);
  try {
    await work(store, async (body) => {
      expect(await store.deliver(toBatch(body), signal)).toEqual({ kind: "taken" });
    });
  } finally {
    store.close();
  }
}

function toBatch(body: string | Buffer, machineId = "web-01"): Batch {
  const name = { agent: machineId, epoch: "e1", sequence: 0 };
  return { ...name, machineId, rowCount: 1, digest: "", facts: null, body: Buffer.from(body) };
}

/** Times of the file's rows, as the contract's parser reads them; it must have nothing to object to. */
function readTimesOf(path: string): number[] {
  const times: number[] = [];
  const parser = createCsvParser({
    onHeader: () => {},
    onBlock: ({ rowCount, timestampsS }) => times.push(...timestampsS.slice(0, rowCount)),
  });
  const bytes = readFileSync(path);
  parser.write(path.endsWith(".gz") ? gunzipSync(bytes) : bytes);
  const { faults, warnings } = parser.end();
  expect({ path, faults, warnings }).toEqual({ path, faults: [], warnings: [] });
  return times;
}

function readFacts(folder: string): unknown {
  return JSON.parse(readFileSync(join(folder, "web-01/machine-facts.json"), "utf8"));
}

function listFiles(folder: string): string[] {
  return readdirSync(join(folder, "web-01")).toSorted();
}

describe("openStore()", () => {
  test("openStore() keeps what the machine tells of itself beside its days, as it was read last", async () => {
    const folder = createFolder();
    const model = "x".repeat(3800);
    await withStore(folder, async (store) => {
      const known = { cpu_model: model, interface_speeds_mbps: { eth0: 10_000 } };
      const tell = async (kernel: string, readAt?: string) => {
        const facts = JSON.stringify({ kernel, ...known, read_at: readAt });
        const batch = { ...toBatch(renderRows("web-01", midnightS)), facts };
        expect(await store.deliver(batch, signal)).toEqual({ kind: "taken" });
        return readFacts(folder);
      };
      const told = { machine_id: "web-01", ...known };
      const second = { ...told, kernel: "6.2", read_at: "2026-01-08T01:00:00.000Z" };
      expect(await tell("6.1", "2026-01-08T00:00:00Z")).toMatchObject({ ...told, kernel: "6.1" });
      expect(await tell("6.2", "2026-01-08T01:00:00Z")).toEqual(second);
      // It had waited in a spool.
      expect(await tell("6.1", "2026-01-08T00:30:00Z")).toEqual(second);
      // Of a clock that is ahead, and of one that says nothing: now.
      expect(await tell("6.3", "2999-01-01T00:00:00Z")).toMatchObject({ kernel: "6.3" });
      expect(await tell("6.4")).toMatchObject({ kernel: "6.4" });
      // What a disk damaged is replaced.
      writeFileSync(join(folder, "web-01/machine-facts.json"), "{");
      expect(await tell("6.5", "2026-01-08T00:00:00Z")).toMatchObject({ kernel: "6.5" });
    });
  });

  test("openStore() takes rows without the facts that it cannot keep, and says so", async () => {
    const folder = createFolder();
    mkdirSync(join(folder, "web-01/machine-facts.json"), { recursive: true });
    await withStore(folder, async (store) => {
      for (const facts of ["[]", "{}"]) {
        const batch = { ...toBatch(renderRows("web-01", midnightS, 2)), facts };
        expect(await store.deliver(batch, signal)).toEqual({
          kind: "taken",
          warning: expect.stringContaining('What "web-01" tells of itself was not taken: '),
        });
      }
    });
    expect(readTimesOf(join(folder, "web-01/2026-01-08.csv"))).toHaveLength(2);
  });

  test("openStore() writes a file a machine and day of UTC, in the CSV standard", async () => {
    const folder = createFolder();
    await withStore(folder, async (store, put) => {
      await put(renderRows("web-01", midnightS - 2, 4));
      await put(gzipSync(renderRows("web-01", midnightS + 2, 3)));
      expect(await store.deliver(toBatch(renderRows("db", midnightS), "db"), signal)).toEqual({
        kind: "taken",
      });
    });
    expect(readdirSync(folder).toSorted()).toEqual(["db", "web-01"]);
    expect(listFiles(folder)).toEqual(["2026-01-07.csv", "2026-01-08.csv"]);
    expect(readTimesOf(join(folder, "web-01/2026-01-07.csv"))).toEqual([
      midnightS - 2,
      midnightS - 1,
    ]);
    expect(readTimesOf(join(folder, "web-01/2026-01-08.csv"))).toEqual(
      [0, 1, 2, 3, 4].map((second) => midnightS + second),
    );
    expect(readFileSync(join(folder, "db/2026-01-08.csv"), "utf8")).toBe(
      renderRows("db", midnightS),
    );
  });

  test("openStore() begins a new part where the columns change, and goes on with the last one", async () => {
    const folder = createFolder();
    await withStore(folder, async (_, put) => {
      await put(renderRows("web-01", midnightS, 2));
      await put(renderRows("web-01", midnightS + 2, 2, "load1"));
    });
    await withStore(folder, async (_, put) => {
      await put(renderRows("web-01", midnightS + 4, 1, "load1"));
      await put(renderRows("web-01", midnightS + 5, 1));
    });
    expect(listFiles(folder)).toEqual(["2026-01-08.2.csv", "2026-01-08.3.csv", "2026-01-08.csv"]);
    const rows = ["2026-01-08.csv", "2026-01-08.2.csv", "2026-01-08.3.csv"].map(
      (name) => readTimesOf(join(folder, "web-01", name)).length,
    );
    expect(rows).toEqual([2, 3, 1]);
  });

  test("openStore() writes a row of a time once, also after a restart and into a zipped day", async () => {
    const folder = createFolder();
    await withStore(folder, async (_, put) => {
      await put(renderRows("web-01", midnightS, 3));
      await put(renderRows("web-01", midnightS + 1, 4));
    });
    await withStore(folder, async (_, put) => put(renderRows("web-01", midnightS, 6)));
    const path = join(folder, "web-01/2026-01-08.csv");
    expect(readTimesOf(path)).toEqual([0, 1, 2, 3, 4, 5].map((second) => midnightS + second));
    await tidy(folder, midnightS + 2 * 86_400);
    expect(listFiles(folder)).toEqual(["2026-01-08.csv.gz"]);
    await withStore(folder, async (_, put) => put(renderRows("web-01", midnightS + 4, 3)));
    expect(listFiles(folder)).toEqual(["2026-01-08.2.csv", "2026-01-08.csv.gz"]);
    expect(readTimesOf(join(folder, "web-01/2026-01-08.2.csv"))).toEqual([midnightS + 6]);
  });

  test("openStore() cuts off half a row that a killed process left, whether or not the machine sends more", async () => {
    const folder = createFolder();
    await withStore(folder, async (store, put) => {
      await put(renderRows("web-01", midnightS, 2));
      await store.deliver(toBatch(renderRows("db", midnightS), "db"), signal);
    });
    for (const machine of ["web-01", "db"])
      appendFileSync(join(folder, machine, "2026-01-08.csv"), `${midnightS + 2},${machine},1`);
    await withStore(folder, async (_, put) => put(renderRows("web-01", midnightS + 2)));
    expect(readTimesOf(join(folder, "web-01/2026-01-08.csv"))).toHaveLength(3);
    expect(readTimesOf(join(folder, "db/2026-01-08.csv"))).toHaveLength(1);
  });

  test("openStore() stores rows of other spellings in the standard's", async () => {
    const folder = createFolder();
    await withStore(folder, async (_, put) => {
      await put(
        "\uFEFFmachine_id,timestamp,cpu_idle,cpu_user,cpu_system,mem_total_kb,mem_free,what\r\nweb-01,2026-01-08T00:00:00Z,97,1,2,4,1024,x\r\n",
      );
    });
    expect(readFileSync(join(folder, "web-01/2026-01-08.csv"), "utf8")).toBe(
      `timestamp,machine_id,cpu_user,cpu_system,cpu_idle,mem_total,mem_free\n${midnightS},web-01,1,2,97,4096,1024\n`,
    );
  });

  test("openStore() says why where a file cannot be written, and takes the batch once it can", async () => {
    const folder = createFolder();
    await withStore(folder, async (store, put) => {
      writeFileSync(join(folder, "web-01"), "in the way");
      const batch = toBatch(renderRows("web-01", midnightS));
      expect(await store.deliver(batch, signal)).toMatchObject({
        kind: "later",
        why: expect.stringContaining("ENOTDIR") as string,
      });
      rmSync(join(folder, "web-01"));
      await put(renderRows("web-01", midnightS));
    });
    expect(readTimesOf(join(folder, "web-01/2026-01-08.csv"))).toEqual([midnightS]);
  });

  test("openStore() refuses a folder that another one writes", async () => {
    const folder = createFolder();
    await withStore(folder, async () => {
      await expect(
        openStore(folder, { retentionDays: 0, now: Date.now, report: () => {} }),
      ).rejects.toThrow(/process \d+ is writing it/);
    });
  });

  test("batches of many agents at once are all stored, and answered when they are safe", async () => {
    const folder = createFolder();
    const gateway = await startGateway({
      upstream: "store",
      settings: { store: join(folder, "store") },
    });
    const machines = Array.from({ length: 20 }, (_, at) => `web-${at}`);
    await Promise.all(
      machines.flatMap((agent) =>
        [0, 1, 2].map(async (sequence) => {
          const body = renderRows(agent, midnightS + 10 * sequence, 10);
          expect((await gateway.post({ agent, sequence, body })).status).toBe(200);
        }),
      ),
    );
    await expect.poll(() => gateway.gateway.status().get("store")?.spool.records).toBe(0);
    for (const machine of machines) {
      const times = readTimesOf(join(folder, "store", machine, "2026-01-08.csv"));
      expect(new Set(times).size).toBe(30);
      expect(times).toHaveLength(30);
    }
  });
});

test("openStore() takes late rows of a day whose zipped file is damaged or cut off, and says so", async () => {
  const folder = createFolder();
  const own = join(folder, "web-01");
  mkdirSync(own);
  const whole = gzipSync(renderRows("web-01", midnightS - 50, 10));
  const damaged = Buffer.from(whole);
  damaged[damaged.length - 6] = (damaged.at(-6) ?? 0) ^ 0xff;
  writeFileSync(join(own, "2026-01-07.csv.gz"), damaged);
  writeFileSync(join(own, "2026-01-06.csv.gz"), whole.subarray(0, -20));
  const messages: string[] = [];
  const report = (message: string): void => void messages.push(message);
  const store = await openStore(folder, { retentionDays: 0, now: Date.now, report });
  try {
    for (const dayS of [86_400, 2 * 86_400]) {
      const body = renderRows("web-01", midnightS - dayS + 86_399, 1);
      expect(await store.deliver(toBatch(body), signal)).toEqual({ kind: "taken" });
    }
  } finally {
    store.close();
  }
  expect(listFiles(folder)).toEqual([
    "2026-01-06.2.csv",
    "2026-01-06.csv.gz",
    "2026-01-07.2.csv",
    "2026-01-07.csv.gz",
  ]);
  expect(messages).toEqual([
    expect.stringContaining("2026-01-07.csv.gz is damaged: incorrect data check"),
    expect.stringContaining("2026-01-06.csv.gz is damaged: unexpected end of file"),
  ]);
});

describe("tidyStore()", () => {
  test("tidyStore() zips days in pieces, so that damage costs the rows of one", async () => {
    const folder = createFolder();
    const own = join(folder, "web-01");
    mkdirSync(own);
    const path = join(own, "2026-01-07.csv");
    const text = renderRows("web-01", midnightS - 86_400, 10_000);
    writeFileSync(path, text);
    utimesSync(path, midnightS - 80_000, midnightS - 80_000);
    await tidy(folder, midnightS, 0);
    const zipped = readFileSync(`${path}.gz`);
    expect(gunzipSync(zipped).toString()).toBe(text);
    const middle = zipped.length >> 1;
    zipped[middle] = (zipped[middle] ?? 0) ^ 0xff;
    writeFileSync(`${path}.gz`, zipped);
    const inspection = await inspectCapture(`${path}.gz`, {
      name: "day",
      afterChunk: () => Promise.resolve(),
    });
    expect(inspection).toMatchObject({ format: "csv", damagedLines: 1, gapCount: 1 });
    expect(inspection.samples).toBeGreaterThan(7000);
    expect(inspection.samples).toBeLessThan(9000);
  });

  test("tidyStore() zips days that are over and at rest, and removes those past the retention", async () => {
    const folder = createFolder();
    const own = join(folder, "web-01");
    mkdirSync(own);
    const nowS = midnightS + 3600 * 12;
    const days = [-3, -2, -1, 0].map((day) => midnightS + day * 86_400);
    for (const dayStartS of days) {
      const path = join(own, `${new Date(dayStartS * 1000).toISOString().slice(0, 10)}.csv`);
      writeFileSync(path, renderRows("web-01", dayStartS, 100));
      utimesSync(path, dayStartS, dayStartS);
    }
    writeFileSync(join(own, "notes.txt"), "not ours");
    // Somebody sends what was spooled.
    utimesSync(join(own, "2026-01-06.csv"), nowS - 60, nowS - 60);
    await tidy(folder, nowS, 2);
    expect(listFiles(folder)).toEqual([
      "2026-01-06.csv",
      "2026-01-07.csv.gz",
      "2026-01-08.csv",
      "notes.txt",
    ]);
    expect(readTimesOf(join(own, "2026-01-07.csv.gz"))).toHaveLength(100);
    expect(existsSync(join(own, "2026-01-07.csv.gz.partial"))).toBe(false);
  });
});

async function tidy(folder: string, nowS: number, retentionDays = 0): Promise<void> {
  for (const name of readdirSync(join(folder, "web-01"))) {
    const path = join(folder, "web-01", name);
    // As if they had been written on their day.
    if (name === "2026-01-08.csv" && nowS > midnightS + 86_400)
      utimesSync(path, midnightS, midnightS);
  }
  await tidyStore(folder, {
    retentionDays,
    now: () => nowS * 1000,
    alone: (_machine, _date, work) => work(),
  });
}
