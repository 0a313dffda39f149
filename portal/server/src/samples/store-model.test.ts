import * as fc from "fast-check";
import { describe, expect, test } from "vitest";
import { newTenant } from "../testing/postgres.ts";
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
  type Store,
} from "./testing.ts";
import { appendSamples, deleteSamples, sealHot, storeImport } from "./write.ts";

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
