import type { HostFacts } from "@perfanalysis/contract/api";
import { expect, test } from "vitest";
import { parseHostFacts } from "./host-facts.ts";
import { unknownMachine } from "./machine-facts.ts";

test("parseHostFacts() takes what is told, and leaves the rest unknown", () => {
  const host = { kernel: "6.1.0", cpu_count: 8, memory_bytes: null, later: [] };
  expect(parseHostFacts(JSON.stringify(host))).toEqual({
    ...unknownMachine,
    kernel: "6.1.0",
    cpuCount: 8,
  });
});

test("parseHostFacts() takes all that a portal has", () => {
  const host = {
    host_name: "web-01.example",
    kernel: "6.1.0",
    distribution: "Debian GNU/Linux 12 (bookworm)",
    architecture: "x86_64",
    cpu_model: "Xeon",
    cpu_count: 8,
    memory_bytes: 1024,
    boot_id: "77263b45",
    boot_time: "2026-01-01T00:00:00.000Z",
    vendor: "Amazon EC2",
    product: "m5.large",
    virtualisation: "kvm",
    cloud: "aws",
    instance_type: "m5.large",
    interface_speeds_mbps: { eth0: 10_000, eth1: 2500 },
    read_at: "2026-01-02T00:00:00.000Z",
  } satisfies Required<HostFacts>;
  expect(parseHostFacts(JSON.stringify(host))).toEqual({
    hostName: "web-01.example",
    kernel: "6.1.0",
    distribution: "Debian GNU/Linux 12 (bookworm)",
    architecture: "x86_64",
    cpuModel: "Xeon",
    cpuCount: 8,
    memoryBytes: 1024,
    bootTimeS: 1_767_225_600,
    vendor: "Amazon EC2",
    product: "m5.large",
    virtualisation: "kvm",
    cloud: "aws",
    instanceType: "m5.large",
    interfaceSpeedsMbps: { eth0: 10_000, eth1: 2500 },
  });
});

test.each([
  "[",
  "null",
  `"x"`,
  `{"kernel":6}`,
  `{"cpu_count":"8"}`,
  `{"memory_bytes":-1}`,
  `{"boot_time":"x"}`,
  `{"interface_speeds_mbps":1000}`,
  `{"interface_speeds_mbps":{"eth0":"1000"}}`,
])("parseHostFacts() refuses %s", (json) => {
  expect(() => parseHostFacts(json)).toThrow(SyntaxError);
});
