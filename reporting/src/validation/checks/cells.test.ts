import { expect, test } from "vitest";
import { createDataset } from "../../statistics/dataset.ts";
import { noCorrections } from "../../testing/corrections.ts";
import { during, testSamples, type Course } from "../../testing/machine.ts";
import { gradeData } from "../grade-data.ts";

const result = (columns: Record<string, Course>, rows = 720) => {
  const samples = testSamples({ rows, columns });
  const corrections = noCorrections(rows);
  const input = { corrections, machines: new Map([["web-01", rows]]), captures: [] };
  return gradeData(input, createDataset(samples)).checks.find(({ id }) => id === "empty-cells");
};
/** Of two hours, a container that lives from minute 40 to 50, five such columns. */
const living = (course: Course): Record<string, Course> =>
  Object.fromEntries(
    ["cpu", "memory_bytes", "memory_file_bytes", "pids", "reads"].map((field) => [
      `container_job_${field}`,
      course,
    ]),
  );

test("cells does not blame the data for a container that came and went, or slept", () => {
  const lived = living(during(40, 50, { high: 5, low: NaN }));
  const slept = { container_web_throttled: (s: number) => (s % 100 === 0 ? 1 : NaN) };
  expect(result({ ...lived, ...slept })?.grade).toBe("A");
});

test("cells blames no short capture for the rates that its first sample cannot have", () => {
  const late = (names: string[]): Record<string, Course> =>
    Object.fromEntries(names.map((name) => [name, (s) => (s === 0 ? NaN : 5)]));
  const rates = ["cpu_user", "cpu_system", "cpu_idle", "context_switches", "net_eth0_rx_bytes"];
  expect(result(late(rates), 13)?.grade).toBe("A");
  expect(result(late(["mem_free", "mem_available", "load1"]), 13)?.grade).toBe("B");
  const second = Object.fromEntries(
    rates.map((name) => [name, (s: number) => (s === 10 ? NaN : 5)]),
  );
  expect(result(second, 13)?.grade).toBe("B");
});

test("cells blames it for what is missing while the container lived", () => {
  const holes = living((s) => (s >= 2400 && s < 7000 && s % 20 === 0 ? 5 : NaN));
  expect(result(holes)?.grade).not.toBe("A");
});
