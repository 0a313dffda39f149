import { expect, test } from "vitest";
import type { Samples } from "../data/samples.ts";
import { testDataset, testSamples } from "../testing/machine.ts";
import { createDataset, type Dataset } from "./dataset.ts";

const first = (dataset: ReturnType<typeof testDataset>, name: string) =>
  dataset.measure(name)?.values[0];

test("createDataset() derives busy CPU time without I/O wait, and as a gap where a part is one", () => {
  const columns = { cpu_idle: () => 60, cpu_iowait: (s: number) => (s === 10 ? NaN : 15) };
  const values = testDataset({ rows: 2, columns }).measure("cpu_busy")?.values;
  expect([...(values ?? [])]).toEqual([25, NaN]);
});

test("createDataset() derives busy CPU time of a file without I/O wait", () => {
  const dataset = testDataset({ rows: 2, columns: { cpu_idle: () => 60, cpu_iowait: null } });
  expect(first(dataset, "cpu_busy")).toBe(40);
});

test("createDataset() takes I/O wait that holds nothing for absent, not for a gap", () => {
  const dataset = testDataset({ rows: 3, columns: { cpu_idle: () => 80, cpu_iowait: () => NaN } });
  expect([...(dataset.measure("cpu_busy")?.values ?? [])]).toEqual([20, 20, 20]);
});

test("createDataset() derives memory only from the columns that define it", () => {
  const columns = { mem_total: () => 1000, mem_available: () => 250 };
  const dataset = testDataset({ rows: 1, columns });
  expect(first(dataset, "mem_available_percent")).toBe(25);
  expect(first(dataset, "mem_used")).toBe(750);
  const without = testDataset({ rows: 1, columns: { mem_available: null } });
  expect(without.measure("mem_available_percent")).toBeNull();
  expect(without.measure("mem_used")).toBeNull();
});

test("createDataset() knows the number of CPUs only from their columns", () => {
  expect(testDataset({ rows: 1 }).cpuCount).toBe(2);
  expect(
    testDataset({ rows: 1, columns: { cpu0_idle: null, cpu1_idle: null } }).cpuCount,
  ).toBeNull();
});

test("createDataset() has no measure for a column of gaps", () => {
  expect(testDataset({ rows: 3, columns: { load5: () => NaN } }).measure("load5")).toBeNull();
});

test("eachColumn() goes through columns with values, also where one array holds one after the other", () => {
  const samples = testSamples({ rows: 30, columns: { cpu_steal: () => NaN } });
  const { columns, values } = samples;
  const inFile: Samples = {
    ...samples,
    readColumn: (index, room) => room.set(values[index] ?? []),
  };
  const sums = (dataset: Dataset): [string, number][] => {
    const found: [string, number][] = [];
    dataset.eachColumn(({ name }, own, { count }) =>
      found.push([name, own.reduce((sum, value) => sum + value, count)]),
    );
    return found;
  };
  const expected = sums(createDataset(samples));
  expect(expected).toHaveLength(columns.length - 1);
  expect(sums(createDataset(inFile))).toEqual(expected);
});
