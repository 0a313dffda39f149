import { expect, test } from "vitest";
import { metrics } from "./metrics.ts";

test("metrics have unique names that are lower case and carry their scope's placeholder", () => {
  expect(new Set(metrics.map(({ name }) => name)).size).toBe(metrics.length);
  const shapes = {
    machine: /^[a-z][a-z0-9_]*$/,
    cpu: /^cpu<cpu>_[a-z]+$/,
    disk: /^disk_<device>_[a-z_]+$/,
    interface: /^net_<interface>_[a-z_]+$/,
    mount: /^fs_<mount>_[a-z_]+$/,
    container: /^container_<container>_[a-z_]+$/,
  };
  for (const { name, scope } of metrics) expect(name).toMatch(shapes[scope]);
});

test("metrics are percentages exactly where they have a largest value, but for those of one of several CPUs", () => {
  for (const { unit, max, help } of metrics) {
    const unbounded = unit !== "percent" || help.includes("in percent of one CPU");
    expect(max).toBe(unbounded ? null : 100);
  }
});

test("metrics say where they come from and what they mean", () => {
  for (const { source, formula, label, help } of metrics) {
    expect(source).toMatch(/^\/(?:proc|sys)\/|^[a-z]+\(2\)$|^the collector$/);
    expect(formula).not.toBe("");
    expect(label).not.toBe("");
    expect(help).toMatch(/\.$/);
  }
});

test("rates are per second, per interval or per request, and their formula says so", () => {
  for (const { kind, formula } of metrics) expect(formula.includes("Δ")).toBe(kind === "rate");
});
