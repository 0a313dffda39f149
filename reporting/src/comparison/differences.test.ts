import { expect, test } from "vitest";
import { during, testDataset, testStartS, type TestMachine } from "../testing/machine.ts";
import { compare, type Comparison } from "./compare.ts";
import type { Subject } from "./differences.ts";

function subject(label: string, machine: Partial<TestMachine> = {}): Subject {
  return { label, dataset: testDataset({ rows: 720, ...machine }) };
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
