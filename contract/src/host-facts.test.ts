import { Value } from "typebox/value";
import { expect, test } from "vitest";
import { HostFacts } from "./api.ts";
import {
  maxHostFactsBytes,
  parseHostFacts,
  renderHostFacts,
  renderInterfaceSpeed,
} from "./host-facts.ts";

test("renderHostFacts() gives ASCII that parseHostFacts() reads back", () => {
  const facts: HostFacts = {
    host_name: "büro-01",
    cpu_model: 'AMD "EPYC" \\ 7763\u2122',
    cpu_count: 8,
    interface_speeds_mbps: { eth0: 10_000, __proto__x: 1 },
    boot_time: "2026-01-07T15:42:02.000Z",
  };
  const text = renderHostFacts(facts);
  expect(text).toMatch(/^[ -~]+$/);
  expect(Value.Parse(HostFacts, parseHostFacts(text))).toEqual(facts);
});

test.each(["", "{", "null", "[]", '"x"', `{"kernel":"${"x".repeat(maxHostFactsBytes)}"}`])(
  "parseHostFacts() refuses %.20s",
  (text) => {
    expect(() => parseHostFacts(text)).toThrow(SyntaxError);
  },
);

test.each([
  { kernel: "a\u0000b" },
  { kernel: "\ud800" },
  { cpu_count: 0 },
  { cpu_count: 1.5 },
  { memory_bytes: 2 ** 53 },
  { boot_time: "yesterday" },
  { boot_time: "2026-02-30T00:00:00Z" },
  { boot_time: "2026-12-31T23:59:60Z" },
  { boot_time: "0000-01-01T00:00:00Z" },
  { host_name: "x".repeat(256) },
  { interface_speeds_mbps: { eth0: 0 } },
  { interface_speeds_mbps: { eth0: 0.5 } },
  { interface_speeds_mbps: { "eth 0": 1000 } },
  { interface_speeds_mbps: { [`eth${"0".repeat(30)}`]: 1000 } },
  {
    interface_speeds_mbps: Object.fromEntries(Array.from({ length: 129 }, (_, n) => [`e${n}`, 1])),
  },
])("HostFacts are not %j", (facts) => {
  expect(Value.Check(HostFacts, facts)).toBe(false);
});

test.each([
  [10, "10 Mbit/s"],
  [1000, "1 Gbit/s"],
  [2500, "2.5 Gbit/s"],
  [400_000, "400 Gbit/s"],
])("renderInterfaceSpeed() of %i Mbit/s is %s", (mbps, text) => {
  expect(renderInterfaceSpeed(mbps)).toBe(text);
});
