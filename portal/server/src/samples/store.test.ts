import * as fc from "fast-check";
import { describe, expect, test } from "vitest";
import { asTenant, type TenantDb, type TenantId } from "../db/tenant-db.ts";
import { ensureMachine } from "../machines/machines.ts";
import { newTenant, testDatabase } from "../testing/postgres.ts";
import type { MachineRef, SampleBlock } from "./block.ts";
import { SampleImport } from "./import.ts";
import { readLatest } from "./latest.ts";
import { beginSnapshot, listColumns, readBlocks, readTimeRange } from "./read.ts";
import { readSeries } from "./series.ts";
import { readStatistics } from "./statistics.ts";
import { appendSamples, deleteSamples, sealHot, storeImport } from "./write.ts";

/** An hour before midnight of 2026-01-02 UTC. */
const startS = Date.UTC(2026, 0, 1, 23) / 1000;
const names = ["cpu_user", "mem_free", "disk_sda_reads"];

type Row = Record<string, number>;
/** What the store should hold, by time: gaps have no entry. */
type Model = Map<number, Row>;

interface Store {
  tenantId: TenantId;
  machine: MachineRef;
  run: <T>(work: (db: TenantDb, machine: MachineRef) => Promise<T>) => Promise<T>;
  snapshot: <T>(work: (db: TenantDb, machine: MachineRef) => Promise<T>) => Promise<T>;
}

async function openStore(tenant?: TenantId, machineId = "web-01"): Promise<Store> {
  const tenantId = tenant ?? (await newTenant());
  const machine = await asTenant(testDatabase(), tenantId, (db) =>
    ensureMachine(db, { machineId }),
  );
  return {
    tenantId,
    machine,
    run: (work) => asTenant(testDatabase(), tenantId, (db) => work(db, machine)),
    snapshot: (work) =>
      asTenant(testDatabase(), tenantId, async (db) => {
        await beginSnapshot(db);
        return work(db, machine);
      }),
  };
}

/** Rows [time, {column: value}] as a block, with gaps where a row lacks a column. */
function toBlock(rows: readonly (readonly [number, Row])[]): SampleBlock {
  const columns = [...new Set(rows.flatMap(([, row]) => Object.keys(row)))];
  return {
    columns,
    rowCount: rows.length,
    timestampsS: Float64Array.from(rows, ([timeS]) => timeS),
    values: columns.map((name) => Float64Array.from(rows, ([, row]) => row[name] ?? NaN)),
  };
}

function toImport(rows: readonly (readonly [number, Row])[]): SampleImport {
  const sampleImport = new SampleImport();
  sampleImport.add(toBlock(rows));
  return sampleImport;
}

/** Everything of the machine, gaps left out. */
async function readAll(
  store: Store,
  range: { fromS: number; toS: number } = { fromS: 0, toS: 1e11 },
): Promise<[number, Row][]> {
  return store.snapshot(async (db, machine) => {
    const rows: [number, Row][] = [];
    for await (const block of readBlocks(db, machine, range)) {
      for (let index = 0; index < block.rowCount; index++) {
        const cells = block.columns.map(
          (name, at) => [name, block.values[at]?.[index] ?? NaN] as const,
        );
        rows.push([
          block.timestampsS[index] ?? NaN,
          Object.fromEntries(cells.filter(([, value]) => !Number.isNaN(value))),
        ]);
      }
    }
    return rows;
  });
}

/** The same merge rule, written down naively. Returns how many rows were new. */
function mergeIntoModel(model: Model, rows: readonly (readonly [number, Row])[]): number {
  let added = 0;
  for (const [timeS, row] of rows) {
    const known = model.get(timeS);
    if (known === undefined) added++;
    model.set(timeS, { ...row, ...known });
  }
  return added;
}

function sorted(model: Model): [number, Row][] {
  return [...model].toSorted(([a], [b]) => a - b);
}

describe("samples merge", () => {
  const rows = [
    [startS + 3598, { cpu_user: 1.25, mem_free: 4096 }],
    [startS + 3599, { cpu_user: 2.5 }],
    [startS + 3600, { cpu_user: 3.75, mem_free: 8192 }],
    [startS + 3601, { cpu_user: 100 / 3, mem_free: 12288 }],
  ] as const;
  const append = (store: Store, some: readonly (readonly [number, Row])[]) =>
    store.run((db, machine) => appendSamples(db, machine, toBlock(some)));
  const upload = (store: Store, some: readonly (readonly [number, Row])[]) =>
    store.run((db, machine) => storeImport(db, machine, toImport(some)));

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

describe("the store behaves as a map from time to row", () => {
  /** Times around the borders of hours and of the day. */
  const time = fc
    .tuple(fc.constantFrom(0, 3600, 7200, 10_800), fc.integer({ min: -3, max: 3 }))
    .map(([border, second]) => startS + 3600 + border + second);
  const value = fc.oneof(
    fc.integer({ min: 0, max: 10_000 }).map((integer) => integer / 100),
    fc.nat({ max: 30 }).map((count) => (100 * count) / 199),
    fc.constant(2 ** 40),
  );
  const anyRow = fc.tuple(time, fc.dictionary(fc.constantFrom(...names), value, { maxKeys: 3 }));
  const rows = fc.array(anyRow, { minLength: 1, maxLength: 12 });
  const command = fc.oneof(
    { weight: 4, arbitrary: fc.record({ kind: fc.constantFrom("append", "import"), rows }) },
    { weight: 2, arbitrary: fc.record({ kind: fc.constant("seal"), beforeS: time }) },
    { weight: 1, arbitrary: fc.record({ kind: fc.constant("delete"), fromS: time, toS: time }) },
  );

  test("whatever is appended, imported, sealed and deleted in whatever order", async () => {
    const tenantId = await newTenant();
    let machines = 0;
    await fc.assert(
      fc.asyncProperty(fc.array(command, { minLength: 1, maxLength: 8 }), async (commands) => {
        const store = await openStore(tenantId, `machine-${machines++}`);
        const model: Model = new Map();
        for (const step of commands) {
          expect(await applyToStore(store, step)).toEqual(applyToModel(model, step));
        }
        await expectModel(store, model);
      }),
      { numRuns: 60 },
    );
  }, 120_000);

  type Command = typeof command extends fc.Arbitrary<infer Value> ? Value : never;

  /** What the answer says. */
  async function applyToStore(store: Store, step: Command): Promise<unknown> {
    return store.run(async (db, machine) => {
      if (!("rows" in step)) {
        await ("beforeS" in step ? sealHot(db, machine, step) : deleteSamples(db, machine, step));
        return null;
      }
      const { rowsImported, rowsDuplicate } =
        step.kind === "append"
          ? await appendSamples(db, machine, toBlock(step.rows))
          : await storeImport(db, machine, toImport(step.rows));
      return { rowsImported, rowsDuplicate };
    });
  }

  /** What it should say. */
  function applyToModel(model: Model, step: Command): unknown {
    if ("rows" in step) {
      const rowsImported = mergeIntoModel(model, step.rows);
      return { rowsImported, rowsDuplicate: step.rows.length - rowsImported };
    }
    if ("fromS" in step) {
      for (const timeS of model.keys()) {
        if (timeS >= step.fromS && timeS < step.toS) model.delete(timeS);
      }
    }
    return null;
  }

  async function expectModel(store: Store, model: Model): Promise<void> {
    const expected = sorted(model);
    expect(await readAll(store)).toEqual(expected);
    const [fromS, toS] = [startS + 3000, startS + 3 * 3600];
    const inside = expected.filter(([timeS]) => timeS >= fromS && timeS < toS);
    expect(await readAll(store, { fromS, toS })).toEqual(inside);
    const [range, latest, columns] = await store.snapshot(async (db, machine) => [
      await readTimeRange(db, machine),
      (await readLatest(db, [machine.id])).get(machine.id),
      await listColumns(db, machine),
    ]);
    const newest = expected.at(-1);
    expect(range).toEqual(
      newest === undefined ? null : { startS: expected[0]?.[0], endS: newest[0] },
    );
    expect(latest).toEqual(
      newest === undefined ? undefined : { timeS: newest[0], values: newest[1] },
    );
    expect(new Set(columns)).toEqual(new Set(expected.flatMap(([, own]) => Object.keys(own))));
    await expectSummaries(store, inside, { fromS, toS });
    await expectMinutes(store, expected);
  }

  async function expectSummaries(
    store: Store,
    inside: readonly [number, Row][],
    range: { fromS: number; toS: number },
  ): Promise<void> {
    const query = { ...range, columns: names, points: 50 };
    const series = await store.snapshot((db, machine) => readSeries(db, machine, query));
    const statistics = await store.snapshot((db, machine) =>
      readStatistics(db, machine, { ...query, probabilities: [0, 0.5, 1] }),
    );
    expect(series.resolution).toBe("sample");
    names.forEach((name, at) => {
      const values = inside.flatMap(([, own]) => own[name] ?? []);
      const buckets = series.buckets[at];
      expect(buckets?.count.length).toBeLessThanOrEqual(50);
      expect(buckets?.count.reduce((sum, count) => sum + count, 0)).toBe(values.length);
      expect(statistics[at]?.count).toBe(values.length);
      const [low, high] =
        values.length === 0 ? [NaN, NaN] : [Math.min(...values), Math.max(...values)];
      expect(statistics[at]).toMatchObject({ column: name, min: low, max: high });
      expect(statistics[at]?.percentiles[0]).toBe(low);
      expect(statistics[at]?.percentiles[2]).toBe(high);
      for (const [timeS, own] of inside) {
        const sample = own[name];
        if (sample === undefined || buckets === undefined) continue;
        const bucket = Math.floor((timeS - buckets.startS) / buckets.bucketS);
        expect(buckets.min[bucket]).toBeLessThanOrEqual(sample);
        expect(buckets.max[bucket]).toBeGreaterThanOrEqual(sample);
      }
    });
  }

  /** Rollups, read as a range that is too long for samples would be, against what the rows give. */
  async function expectMinutes(store: Store, expected: readonly [number, Row][]): Promise<void> {
    const range = { fromS: startS, toS: startS + 5 * 3600 };
    const { resolution, buckets } = await store.snapshot((db, machine) =>
      readSeries(db, machine, { ...range, columns: names, points: 300, maxSampleCost: -1 }),
    );
    expect(resolution).toBe("minute");
    names.forEach((name, at) => {
      const own = buckets[at];
      const byBucket = Map.groupBy(
        expected.flatMap(([timeS, row]) =>
          row[name] === undefined ? [] : [[timeS, row[name]] as const],
        ),
        ([timeS]) => Math.floor((timeS - (own?.startS ?? NaN)) / (own?.bucketS ?? NaN)),
      );
      own?.count.forEach((count, bucket) => {
        const values = (byBucket.get(bucket) ?? []).map(([, sample]) => sample);
        expect(count).toBe(values.length);
        if (count === 0) return;
        expect(own.min[bucket]).toBe(Math.min(...values));
        expect(own.max[bucket]).toBe(Math.max(...values));
        const sum = values.reduce((total, one) => total + one, 0);
        expect(Math.abs((own.sum[bucket] ?? NaN) - sum)).toBeLessThanOrEqual(1e-12 * sum);
      });
    });
  }
});
