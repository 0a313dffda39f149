import { describe, expect, test } from "vitest";
import { deleteMachine } from "../machines/machines.ts";
import { SampleImport } from "./import.ts";
import { readLatest } from "./latest.ts";
import { listColumns, readTimeRange } from "./read.ts";
import { readSeries } from "./series.ts";
import { readStatistics } from "./statistics.ts";
import {
  mergeIntoModel,
  names,
  openStore,
  readAll,
  sorted,
  startS,
  toBlock,
  toImport,
  type Model,
  type Row,
  type Rows,
  type Store,
} from "./testing.ts";
import {
  appendSamples,
  deleteSamples,
  listUnsealed,
  sealHot,
  storeImport,
  type StoredRows,
} from "./write.ts";

function append(store: Store, some: Rows): Promise<StoredRows> {
  return store.run((db, machine) => appendSamples(db, machine, toBlock(some)));
}

function upload(store: Store, some: Rows): Promise<StoredRows> {
  return store.run((db, machine) => storeImport(db, machine, toImport(some)));
}

function seal(store: Store, beforeS: number): Promise<{ rowsSealed: number }> {
  return store.run((db, machine) => sealHot(db, machine, { beforeS }));
}

/** Rows at one sample a second. */
function ramp(length: number, from = 0): [number, Row][] {
  return Array.from({ length }, (_, index) => [
    startS + from + index,
    { cpu_user: (from + index) / 100, mem_free: 4096 * index },
  ]);
}

describe("samples merge", () => {
  const rows = [
    [startS + 3598, { cpu_user: 1.25, mem_free: 4096 }],
    [startS + 3599, { cpu_user: 2.5 }],
    [startS + 3600, { cpu_user: 3.75, mem_free: 8192 }],
    [startS + 3601, { cpu_user: 100 / 3, mem_free: 12288 }],
  ] as const;
  for (const [first, then] of [
    ["appendSamples()", "storeImport()"],
    ["storeImport()", "appendSamples()"],
    ["storeImport()", "storeImport()"],
    ["appendSamples()", "appendSamples()"],
  ] as const) {
    const ways = { "appendSamples()": append, "storeImport()": upload };

    test(`${then} adds nothing of what ${first} has stored`, async () => {
      const store = await openStore();
      expect(await ways[first](store, rows)).toMatchObject({ rowsImported: 4, rowsDuplicate: 0 });
      expect(await ways[then](store, rows)).toMatchObject({ rowsImported: 0, rowsDuplicate: 4 });
      expect(await readAll(store)).toEqual(rows);
    });

    test(`${then} keeps values and fills gaps of what ${first} has stored, across the hour and the day`, async () => {
      const store = await openStore();
      await ways[first](store, rows.slice(0, 3));
      const more = [
        [startS + 3597, { disk_sda_reads: 7 }],
        [startS + 3598, { cpu_user: 99, disk_sda_reads: 8 }],
        [startS + 3599, { cpu_user: 99, mem_free: 1 }],
        [startS + 3600, { mem_free: 2 }],
        [startS + 7200, { mem_free: 3 }],
      ] as const;
      expect(await ways[then](store, more)).toMatchObject({ rowsImported: 2, rowsDuplicate: 3 });
      expect(await readAll(store)).toEqual([
        [startS + 3597, { disk_sda_reads: 7 }],
        [startS + 3598, { cpu_user: 1.25, mem_free: 4096, disk_sda_reads: 8 }],
        [startS + 3599, { cpu_user: 2.5, mem_free: 1 }],
        [startS + 3600, { cpu_user: 3.75, mem_free: 8192 }],
        [startS + 7200, { mem_free: 3 }],
      ]);
    });
  }

  test("within one block: the first row of a time stays, later ones fill its gaps", async () => {
    for (const way of [append, upload]) {
      const store = await openStore();
      const twice = [
        [startS + 9, { cpu_user: 1 }],
        [startS + 5, { cpu_user: 2 }],
        [startS + 9, { cpu_user: 3, mem_free: 4 }],
      ] as const;
      expect(await way(store, twice)).toMatchObject({ rowsImported: 2, rowsDuplicate: 1 });
      expect(await readAll(store)).toEqual([
        [startS + 5, { cpu_user: 2 }],
        [startS + 9, { cpu_user: 1, mem_free: 4 }],
      ]);
    }
  });

  test("every bit of a value survives hot rows and segments", async () => {
    const values = [0, -0, 0.1 + 0.2, 100 / 3, Number.MAX_VALUE, Number.MIN_VALUE, 2 ** 53 - 1];
    const store = await openStore();
    const exact = values.map((value, index) => [startS + index, { cpu_user: value }] as const);
    await append(store, exact);
    expect(await readAll(store)).toEqual(exact);
    await store.run((db, machine) => sealHot(db, machine, { beforeS: startS + 4 }));
    expect(await readAll(store)).toEqual(exact);
  });
});

describe("SampleImport", () => {
  test("storeImport() stores rows in any order, in blocks of different columns", async () => {
    const store = await openStore();
    const model: Model = new Map();
    const sampleImport = new SampleImport();
    let state = 1;
    for (let block = 0; block < 40; block++) {
      const rows = Array.from({ length: 200 }, (_, index): [number, Row] => {
        state = (state * 48_271) % 2_147_483_647;
        return [startS + (state % 40_000), { [names[block % 3] ?? ""]: block * 1000 + index }];
      });
      sampleImport.add(toBlock(rows));
      mergeIntoModel(model, rows);
    }
    const stored = await store.run((db, machine) => storeImport(db, machine, sampleImport));
    const expected = sorted(model);
    expect(stored).toEqual({
      rowsImported: model.size,
      rowsDuplicate: 8000 - model.size,
      startS: expected[0]?.[0],
      endS: expected.at(-1)?.[0],
    });
    expect(await readAll(store)).toEqual(expected);
  });

  test("add() refuses a time with a fraction, before 1970 or after 9999", () => {
    for (const timeS of [1.5, -1, 253_402_300_800, NaN]) {
      expect(() => toImport([[timeS, { cpu_user: 1 }]])).toThrow(
        `Cannot store samples: the time ${timeS} is not a whole number of seconds`,
      );
    }
  });

  test("storeImport() refuses an import without rows", async () => {
    const store = await openStore();
    await expect(
      store.run((db, machine) => storeImport(db, machine, new SampleImport())),
    ).rejects.toThrow("Cannot store an import: it has no rows");
  });
});

describe("sealHot()", () => {
  test("changes nothing that is read, and a second time seals nothing", async () => {
    const store = await openStore();
    await append(store, ramp(100, 3550));
    const before = await readAll(store);
    expect(await seal(store, startS + 3620)).toEqual({ rowsSealed: 70 });
    expect(await readAll(store)).toEqual(before);
    expect(await seal(store, startS + 3620)).toEqual({ rowsSealed: 0 });
    expect(await seal(store, startS + 9999)).toEqual({ rowsSealed: 30 });
    expect(await readAll(store)).toEqual(before);
  });

  test("leaves everything as it was where the transaction fails", async () => {
    const store = await openStore();
    await append(store, ramp(100));
    const before = await readAll(store);
    const crash = store.run(async (db, machine) => {
      expect(await sealHot(db, machine, { beforeS: startS + 50 })).toEqual({ rowsSealed: 50 });
      throw new Error("crash");
    });
    await expect(crash).rejects.toThrow("crash");
    expect(await readAll(store)).toEqual(before);
    expect(await seal(store, startS + 50)).toEqual({ rowsSealed: 50 });
  });

  test("is asked for by listUnsealed()", async () => {
    const store = await openStore();
    const other = await openStore(store.tenantId, "web-02");
    await append(store, ramp(10));
    await append(other, ramp(10, 3600));
    const unsealed = (beforeS: number) => store.run((db) => listUnsealed(db, { beforeS }));
    expect(await unsealed(startS + 3600)).toEqual([{ id: store.machine.id }]);
    expect(await unsealed(startS + 9999)).toHaveLength(2);
    await seal(store, startS + 3600);
    expect(await unsealed(startS + 3600)).toEqual([]);
  });
});

describe("at the same time", () => {
  test("appends, imports and seals of one machine store each row once", async () => {
    const store = await openStore();
    const writes = Array.from({ length: 24 }, (_, index) => {
      const rows = ramp(300, 3300 + 40 * (index % 8));
      if (index % 3 === 0) return upload(store, rows);
      return index % 3 === 1 ? append(store, rows) : seal(store, startS + 3600).then(() => null);
    });
    const stored = (await Promise.all(writes)).reduce(
      (sum, result) => sum + (result?.rowsImported ?? 0),
      0,
    );
    const times = (await readAll(store)).map(([timeS]) => timeS);
    expect(times).toEqual([...new Set(times)].toSorted((a, b) => a - b));
    expect(stored).toBe(times.length);
  });

  test("sealing hides no row from a reader, and shows none twice", async () => {
    const store = await openStore();
    await append(store, ramp(600));
    const seals = (async () => {
      for (let second = 0; second <= 600; second += 60) await seal(store, startS + second);
    })();
    const counts: number[] = [];
    for (let turn = 0; turn < 20; turn++) {
      const range = { fromS: startS, toS: startS + 3600, columns: ["cpu_user"] };
      const [samples, minutes, statistics] = await store.snapshot(async (db, machine) => [
        await readSeries(db, machine, { ...range, points: 10 }),
        await readSeries(db, machine, { ...range, points: 10, maxSampleCost: -1 }),
        await readStatistics(db, machine, { ...range, probabilities: [0.5] }),
      ]);
      for (const series of [samples, minutes]) {
        counts.push(series.buckets[0]?.count.reduce((sum, count) => sum + count, 0) ?? NaN);
      }
      counts.push(statistics[0]?.count ?? NaN);
    }
    await seals;
    expect(new Set(counts)).toEqual(new Set([600]));
  });
});

describe("deletion", () => {
  const tables = ["hot", "axis", "segment", "rollup", "latest"];

  async function countRows(store: Store): Promise<number[]> {
    return store.run(async (db) => {
      const counts: number[] = [];
      for (const table of tables) {
        const [row] = await db.query<{ count: number }>(
          `SELECT count(*)::integer AS count FROM ${table}`,
        );
        counts.push(row?.count ?? NaN);
      }
      return counts;
    });
  }

  test("deleteSamples() and deleteMachine() leave nothing of the machine, and all of the others", async () => {
    for (const remove of [
      (store: Store) => store.run((db, machine) => deleteSamples(db, machine)),
      (store: Store) => store.run((db) => deleteMachine(db, { machineId: "web-01" })),
    ]) {
      const store = await openStore();
      await upload(store, ramp(4000));
      await append(store, ramp(10, 9000));
      expect((await countRows(store)).every((count) => count > 0)).toBe(true);
      const other = await openStore(store.tenantId, "web-02");
      await upload(other, ramp(3));
      await append(other, ramp(1, 5));
      await remove(store);
      expect(await countRows(other)).toEqual([1, 1, 2, 2, 1]);
      expect(await readAll(store)).toEqual([]);
      expect(await readAll(other)).toHaveLength(4);
    }
  });
});

test("no tenant sees another's samples, even of a machine with the same number and name", async () => {
  const [acme, rival] = [await openStore(), await openStore()];
  expect(acme.machine.id).toBe(rival.machine.id);
  await upload(acme, ramp(10));
  await append(acme, ramp(10, 100));
  expect(await readAll(rival)).toEqual([]);
  const seen = await rival.snapshot(async (db, machine) => [
    await listColumns(db, machine),
    await readTimeRange(db, machine),
    (await readLatest(db, [machine.id])).size,
  ]);
  expect(seen).toEqual([[], null, 0]);
  const schema = `s_${acme.tenantId.replaceAll("-", "")}`;
  for (const table of ["metric", "hot", "axis", "segment", "rollup", "latest"]) {
    await expect(rival.run((db) => db.query(`SELECT * FROM ${schema}.${table}`))).rejects.toThrow(
      "permission denied",
    );
  }
});

test("readSeries() and readStatistics() answer for columns that nobody has measured, on streamed samples too", async () => {
  const store = await openStore();
  await append(store, ramp(10));
  const query = { fromS: startS, toS: startS + 10, columns: ["disk_sda_reads"] };
  const [series, statistics] = await store.snapshot(async (db, machine) => [
    await readSeries(db, machine, { ...query, points: 10 }),
    await readStatistics(db, machine, { ...query, probabilities: [0.5] }),
  ]);
  expect(series.buckets[0]?.count).toEqual(new Uint32Array(10));
  expect(statistics[0]).toMatchObject({ count: 0, percentiles: [NaN] });
});

describe("limits", () => {
  test("readStatistics() and readSeries() refuse what is too much for one answer", async () => {
    const store = await openStore();
    await upload(store, ramp(100));
    const range = { fromS: startS, toS: startS + 3600, columns: names };
    await expect(
      store.snapshot((db, machine) =>
        readStatistics(db, machine, { ...range, probabilities: [], maxRows: 99 }),
      ),
    ).rejects.toThrow(
      "Cannot read so many samples at once: exact percentiles of 3 columns with 100 rows",
    );
    await expect(
      store.snapshot((db, machine) =>
        readSeries(db, machine, { ...range, points: 5, maxSampleCost: 10, maxRollups: 1 }),
      ),
    ).rejects.toThrow("Cannot read so many samples at once: 1 days of 2 columns");
  });
});
