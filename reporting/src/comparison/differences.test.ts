import { expect, test } from "vitest";
import { createDataset } from "../statistics/dataset.ts";
import {
  during,
  testDataset,
  testSamples,
  testStartS,
  type TestMachine,
} from "../testing/machine.ts";
import { compare, type Comparison } from "./compare.ts";
import type { Subject } from "./differences.ts";

function subject(label: string, machine: Partial<TestMachine> = {}, cpuCount = 2): Subject {
  return { label, dataset: testDataset({ rows: 720, ...machine }), cpuCount };
}

const compareAll = (...subjects: Subject[]) => compare(subjects, { alignment: "elapsed" });

const named = ({ differences }: Comparison) =>
  differences.map(({ quantity, size, verdict }) => [quantity.name, size, verdict]);

test("rankDifferences() finds none between two captures of a machine that does the same", () => {
  expect(
    named(compareAll(subject("before"), subject("after", { startS: testStartS + 86_400 }))),
  ).toEqual([]);
});

test("rankDifferences() puts the clearest first and knows what is worse", () => {
  const slower = subject("after", {
    columns: {
      disk_sda_await_ms: () => 9,
      disk_sda_read_bytes: () => 900_000,
      mem_available: () => 5 * 2 ** 30,
    },
  });
  expect(named(compareAll(subject("before"), slower))).toEqual([
    ["disk_sda_read_bytes", "large", "other"],
    ["disk_sda_await_ms", "large", "worse"],
    ["mem_available_percent", "large", "worse"],
    ["mem_used", "large", "other"],
  ]);
  expect(named(compareAll(slower, subject("before")))).toContainEqual([
    "disk_sda_await_ms",
    "large",
    "better",
  ]);
});

test("rankDifferences() passes over what differs clearly but hardly", () => {
  const faster = subject("after", { columns: { disk_sda_await_ms: () => 0.9 } });
  expect(named(compareAll(subject("before"), faster))).toEqual([]);
});

test("rankDifferences() looks at the time that all captures have", () => {
  const columns = { disk_sda_await_ms: during(30, 120, { high: 50, low: 1 }) };
  const before = subject("before", { rows: 180 });
  expect(named(compareAll(before, subject("after", { columns })))).toEqual([]);
});

test("listQuantities() weighs means by time, as each capture's own report does", () => {
  // An hour at 10 s, then two at a minute.
  const columns = { load1: during(0, 60, { high: 8, low: 2 }) };
  const whole = testSamples({ rows: 1080, columns });
  const kept = Array.from(whole.timestampsS.keys()).filter((row) => row < 360 || row % 6 === 0);
  const pick = (values: Float64Array) => Float64Array.from(kept, (row) => values[row] ?? NaN);
  const dataset = createDataset({
    ...whole,
    timestampsS: pick(whole.timestampsS),
    values: whole.values.map(pick),
  });
  const uneven: Subject = { label: "uneven", dataset, cpuCount: 2 };
  const meansWith = (rows: number) =>
    compareAll(subject("even", { rows, columns }), uneven)
      .quantities.find(({ name }) => name === "load1")
      ?.summaries.map((summary) => summary?.mean ?? NaN);
  expect(meansWith(1080)).toEqual([expect.closeTo(4, 1), expect.closeTo(4, 1)]);
  expect(meansWith(720)).toEqual([expect.closeTo(5, 1), expect.closeTo(5, 1)]);
});

test("listQuantities() compares the busiest disk of each, whatever its name", () => {
  const columns = {
    disk_sda_await_ms: null,
    disk_sda_read_bytes: null,
    disk_sda_write_bytes: null,
    disk_sda_busy: null,
    disk_sda_queue: null,
    disk_nvme0n1_read_bytes: () => 9_000_000,
    disk_nvme0n1_busy: () => 80,
  };
  const { quantities, differences } = compareAll(subject("old"), subject("new", { columns }));
  const busy = quantities.find(({ label }) => label === "Busiest disk: busy");
  expect(busy?.measures.map((measure) => measure?.device)).toEqual(["sda", "nvme0n1"]);
  expect(differences.map(({ quantity }) => quantity.name)).toEqual([
    "disk_sda_read_bytes",
    "disk_sda_busy",
  ]);
  expect(quantities.some(({ name }) => name === "disk_sda_queue")).toBe(false);
});

test("listQuantities() names what is of the CPU, of the disk and of the interface", () => {
  const labels = compareAll(subject("a"), subject("b")).quantities.map(({ label }) => label);
  expect(labels).toEqual(
    expect.arrayContaining(["CPU: busy", "CPU: I/O wait", "Busiest disk: queue"]),
  );
});

test("rankDifferences() compares tasks and load per CPU when the machines differ in CPUs", () => {
  const one = subject("one", { columns: { procs_running: () => 2.4, load1: () => 2 } }, 1);
  const two = subject("two", { columns: { procs_running: () => 3.76, load1: () => 4 } }, 2);
  const compared = compareAll(one, two);
  expect(named(compared)).toEqual([["procs_running_per_cpu", "large", "better"]]);
  expect(compared.differences[0]).toMatchObject({
    quantity: { label: "Runnable tasks per CPU" },
    before: { mean: 2.4 },
    after: { mean: 1.88 },
  });
  expect(named(compareAll(one, { ...two, cpuCount: 1 }))).toEqual(
    expect.arrayContaining([["procs_running", "large", "worse"]]),
  );
});

test("listQuantities() leaves out tasks of a machine whose CPUs nobody counted, when others differ in them", () => {
  const unknown = { ...subject("unknown"), cpuCount: null };
  const { quantities } = compareAll(subject("one", {}, 1), subject("two", {}, 2), unknown);
  const load = quantities.find(({ name }) => name === "load1_per_cpu");
  expect(load?.summaries.map((summary) => summary === null)).toEqual([false, false, true]);
});

test("rankDifferences() compares memory as a share when the machines differ in it", () => {
  const gibibytes = (count: number) => () => count * 2 ** 30;
  const columns = { mem_total: gibibytes(32), mem_available: gibibytes(18) };
  const larger = compareAll(subject("small"), subject("large", { columns }));
  expect(named(larger)).toEqual([]);
  expect(larger.quantities.map(({ name }) => name)).not.toContain("mem_available_percent");
  const full = { ...columns, mem_available: gibibytes(4) };
  expect(named(compareAll(subject("small"), subject("large", { columns: full })))).toEqual([
    ["mem_used_percent", "large", "worse"],
  ]);
});

test("rankDifferences() does not judge swap when one machine has none", () => {
  const swap = (total: number, free: number, pages: number) => ({
    swap_total: () => total * 2 ** 20,
    swap_free: () => free * 2 ** 20,
    vm_swapin_pages: () => pages,
  });
  const none = subject("none", { columns: swap(0, 0, 0) });
  const used = subject("used", { columns: swap(1024, 931, 50) });
  expect(named(compareAll(none, used))).toEqual([]);
  expect(named(compareAll(used, none))).toEqual([]);
  const free = subject("free", { columns: swap(1024, 1024, 0) });
  expect(named(compareAll(free, used)).map(([name]) => name)).toEqual([
    "swap_used",
    "vm_swapin_pages",
  ]);
});
