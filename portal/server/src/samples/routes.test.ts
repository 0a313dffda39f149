import { Series, Statistics } from "@perfanalysis/contract/api";
import { Value } from "typebox/value";
import { expect, test } from "vitest";
import { asTenant } from "../db/tenant-db.ts";
import { ensureMachine } from "../machines/machines.ts";
import { newPortal, readProblem, type TestPortal } from "../testing/portal.ts";
import { SampleImport } from "./import.ts";
import { appendSamples, storeImport } from "./write.ts";

const startS = Date.UTC(2026, 2, 1) / 1000;
const start = "2026-03-01T00:00:00Z";

/** Two hours at 1 s of a ramp, with a spike of one second and a gap of ten minutes; the last ten minutes are not sealed. */
async function loadMachine(portal: TestPortal, machineId = "web-01"): Promise<void> {
  const kept = Array.from({ length: 7200 }, (_, second) => second).filter(
    (second) => second < 1800 || second >= 2400,
  );
  const toBlock = (seconds: number[]) => ({
    columns: ["cpu_user", "mem_free"],
    rowCount: seconds.length,
    timestampsS: Float64Array.from(seconds, (second) => startS + second),
    values: [
      Float64Array.from(seconds, (second) => (second === 4242 ? 99.5 : second / 100)),
      Float64Array.from(seconds, (second) => (second % 2 === 0 ? NaN : 4096 * second)),
    ],
  });
  await asTenant(portal.services.database, portal.tenantId, async (db) => {
    const machine = await ensureMachine(db, { machineId });
    const sampleImport = new SampleImport();
    sampleImport.add(toBlock(kept.filter((second) => second < 6600)));
    await storeImport(db, machine, sampleImport);
    await appendSamples(db, machine, toBlock(kept.filter((second) => second >= 6600)));
  });
}

async function getSeries(portal: TestPortal, query: string): Promise<Series> {
  const response = await portal.fetch(`/api/v1/machines/web-01/series?${query}`, {
    key: portal.keys.read,
  });
  expect(response.status).toBe(200);
  return Value.Parse(Series, await response.json());
}

test("GET series gives every bucket of the range, with nulls where nothing was measured, and the peak of one second", async () => {
  const portal = await newPortal();
  await loadMachine(portal);
  const series = await getSeries(
    portal,
    `metrics=cpu_user,mem_free,disk_sda_reads&from=${start}&to=${startS + 7200}&points=120`,
  );
  expect(series).toMatchObject({
    machine_id: "web-01",
    timestamp_range: { start, end: "2026-03-01T02:00:00Z" },
    bucket_seconds: 60,
    resolution: "sample",
  });
  expect(series.time).toEqual(Array.from({ length: 120 }, (_, minute) => startS + minute * 60));
  const [cpu, memory, disk] = series.series;
  expect(cpu).toMatchObject({ column: "cpu_user", unit: "percent" });
  expect(memory).toMatchObject({ column: "mem_free", unit: "bytes" });
  const gap = Array.from({ length: 10 }, () => null);
  expect(cpu?.min.slice(30, 40)).toEqual(gap);
  expect(cpu?.mean.slice(30, 40)).toEqual(gap);
  expect(cpu?.max.slice(30, 40)).toEqual(gap);
  expect(cpu?.min.filter((value) => value === null)).toHaveLength(10);
  expect(cpu?.max[70]).toBe(99.5);
  expect([cpu?.min[119], cpu?.max[119]]).toEqual([71.4, 71.99]);
  expect(cpu?.mean[0]).toBeCloseTo(0.295, 12);
  expect(memory?.min[0]).toBe(4096);
  expect(disk?.max).toEqual(Array.from({ length: 120 }, () => null));
});

test("GET series without times gives the last hour up to the last sample", async () => {
  const portal = await newPortal();
  await loadMachine(portal);
  const series = await getSeries(portal, "metrics=cpu_user&points=3600");
  expect(series.timestamp_range).toEqual({
    start: "2026-03-01T01:00:00Z",
    end: "2026-03-01T02:00:00Z",
  });
  expect(series.bucket_seconds).toBe(1);
  expect(series.time).toHaveLength(3600);
  expect(series.series[0]?.min).toEqual(series.series[0]?.max);
});

test("GET series never gives more buckets than points", async () => {
  const portal = await newPortal();
  await loadMachine(portal);
  for (const points of [1, 2, 3, 7, 100, 499, 500, 5000]) {
    const range = `from=${startS + 1234}&to=${startS + 6789}`;
    const series = await getSeries(portal, `metrics=cpu_user&${range}&points=${points}`);
    expect(series.time.length).toBeLessThanOrEqual(points);
    const highest = Math.max(...(series.series[0]?.max ?? []).map((value) => value ?? -1));
    expect(highest).toBe(99.5);
  }
});

test("GET statistics gives exact figures of the raw samples", async () => {
  const portal = await newPortal();
  await loadMachine(portal);
  const response = await portal.fetch(
    `/api/v1/machines/web-01/statistics?metrics=cpu_user,vm_faults&from=${startS}&to=${startS + 101}`,
    { key: portal.keys.read },
  );
  const { statistics } = Value.Parse(Statistics, await response.json());
  expect(statistics[0]).toMatchObject({ column: "cpu_user", unit: "percent", count: 101 });
  expect(statistics[0]).toMatchObject({ min: 0, p50: 0.5, p75: 0.75, p90: 0.9, p99: 0.99, max: 1 });
  expect(statistics[0]?.p97_5).toBeCloseTo(0.975, 12);
  expect(statistics[0]?.mean).toBeCloseTo(0.5, 12);
  expect(statistics[1]).toEqual({
    column: "vm_faults",
    unit: "1/s",
    count: 0,
    min: null,
    mean: null,
    p50: null,
    p75: null,
    p90: null,
    p95: null,
    p97_5: null,
    p99: null,
    max: null,
  });
});

test("GET series and statistics say what is wrong with a query", async () => {
  const portal = await newPortal();
  await loadMachine(portal);
  const read = async (path: string, status: number) =>
    readProblem(await portal.fetch(`/api/v1/machines/${path}`, { key: portal.keys.read }), status);
  for (const kind of ["series", "statistics"]) {
    const unknown = await read(`web-01/${kind}?metrics=cpu_user,cpu_usr,%3Cb%3E`, 400);
    expect(unknown.errors).toEqual([
      {
        column: "/metrics",
        value: "cpu_usr",
        message: '"cpu_usr" is no column of the CSV standard',
      },
      { column: "/metrics", value: "<b>", message: '"<b>" is no column of the CSV standard' },
    ]);
    expect((await read(`web-01/${kind}?metrics=`, 400)).detail).toContain("metrics");
    expect((await read(`web-01/${kind}`, 400)).detail).toContain("metrics");
    const times = await read(
      `web-01/${kind}?metrics=cpu_user&from=yesterday&to=2026-02-30T00:00:00Z`,
      400,
    );
    expect(times.errors?.map(({ column, value }) => [column, value])).toEqual([
      ["/from", "yesterday"],
      ["/to", "2026-02-30T00:00:00Z"],
    ]);
    const backwards = await read(`web-01/${kind}?metrics=cpu_user&from=200&to=100`, 400);
    expect(backwards.detail).toBe(
      "Cannot accept the query: /from 1970-01-01T00:03:20Z is not before the end, 1970-01-01T00:01:40Z.",
    );
    const many = Array.from({ length: 65 }, (_, cpu) => `cpu${cpu}_user`).join(",");
    expect((await read(`web-01/${kind}?metrics=${many}`, 400)).detail).toContain("at most 64");
    await read(`web-02/${kind}?metrics=cpu_user`, 404);
  }
  await read("web-01/series?metrics=cpu_user&points=0", 400);
  await read("web-01/series?metrics=cpu_user&points=5001", 400);
});

test("GET series and statistics answer for a machine without samples", async () => {
  const portal = await newPortal();
  await asTenant(portal.services.database, portal.tenantId, (db) =>
    ensureMachine(db, { machineId: "web-01" }),
  );
  const series = await getSeries(portal, "metrics=cpu_user&points=10");
  expect(series.series[0]?.mean).toEqual(series.time.map(() => null));
  const statistics = await portal.fetch("/api/v1/machines/web-01/statistics?metrics=cpu_user", {
    key: portal.keys.read,
  });
  expect(await statistics.json()).toMatchObject({ statistics: [{ count: 0, p99: null }] });
});

test("GET series and statistics give another tenant's machine the same 404 as one that does not exist", async () => {
  const portal = await newPortal();
  await loadMachine(portal, "secret-01");
  const rival = await portal.newTenant();
  for (const kind of ["series", "statistics"]) {
    const problems = await Promise.all(
      ["secret-01", "missing-01"].map(async (machineId) => {
        const path = `/api/v1/machines/${machineId}/${kind}?metrics=cpu_user`;
        const problem = await readProblem(await portal.fetch(path, { key: rival.keys.read }), 404);
        return { ...problem, request_id: "", detail: problem.detail.replace(machineId, "X") };
      }),
    );
    expect(problems[0]).toEqual(problems[1]);
    const path = `/api/v1/machines/secret-01/${kind}?metrics=cpu_user`;
    await readProblem(await portal.fetch(path), 401);
    await readProblem(await portal.fetch(path, { key: portal.keys.ingest }), 403);
  }
});

test("mounts are columns like any other, by paths as long and as odd as the kernel has them", async () => {
  const portal = await newPortal();
  const mounts = [
    "/",
    "/srv/my\\040data\\054old",
    `/var/lib/docker/overlay2/${"0f".repeat(32)}/merged`,
    `/${"x".repeat(254)}`,
  ];
  const columns = mounts.map((mount) => `fs_${mount}_used`);
  await asTenant(portal.services.database, portal.tenantId, async (db) => {
    const machine = await ensureMachine(db, { machineId: "web-01" });
    await appendSamples(db, machine, {
      columns,
      rowCount: 2,
      timestampsS: Float64Array.of(startS, startS + 1),
      values: mounts.map((_, at) => Float64Array.of(at, at + 1)),
    });
  });
  const query = new URLSearchParams({
    metrics: columns.join(","),
    from: start,
    to: String(startS + 2),
    points: "2",
  }).toString();
  const { series } = await getSeries(portal, query);
  expect(series.map(({ column, unit, max }) => ({ column, unit, max }))).toEqual(
    columns.map((column, at) => ({ column, unit: "percent", max: [at, at + 1] })),
  );
  const details = await portal.fetch("/api/v1/machines/web-01", { key: portal.keys.read });
  expect(await details.json()).toMatchObject({
    columns: expect.arrayContaining(columns) as string[],
  });
  const path = `/api/v1/performance/export?machine_id=web-01`;
  const csv = await (await portal.fetch(path, { key: portal.keys.read })).text();
  for (const column of columns) expect(csv).toContain(`,${column}`);
});
