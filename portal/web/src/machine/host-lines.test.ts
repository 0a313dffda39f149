import { expect, test } from "vitest";
import { toHostLines } from "./host-lines.ts";

test("toHostLines() tells what the machine told", () => {
  const lines = toHostLines({
    host_name: "web-01.example",
    kernel: "6.1.0-18-amd64",
    architecture: "x86_64",
    distribution: "Debian GNU/Linux 12 (bookworm)",
    cpu_model: "Intel(R) Xeon(R) CPU",
    cpu_count: 8,
    memory_bytes: 16 * 1024 ** 3,
    vendor: "Amazon EC2",
    product: "m5.large",
    virtualisation: "kvm",
    cloud: "aws",
    instance_type: "m5.large",
    interface_speeds_mbps: { eth0: 10_000, eth1: 2500 },
  });
  expect(lines.map(({ label, text }) => `${label}: ${text}`)).toEqual([
    "Host name: web-01.example",
    "Distribution: Debian GNU/Linux 12 (bookworm)",
    "Kernel: 6.1.0-18-amd64, x86_64",
    "Processor: 8 CPUs, Intel(R) Xeon(R) CPU",
    "Memory: 16 GiB",
    "Hardware: aws, m5.large",
    "Interfaces: eth0 10 Gbit/s, eth1 2.5 Gbit/s",
  ]);
});

test.each([
  [{}, []],
  [{ cpu_count: 1 }, ["1 CPU"]],
  [{ cpu_model: "Neoverse-N1" }, ["Neoverse-N1"]],
  [{ vendor: "Dell Inc.", virtualisation: "none" }, ["Dell Inc."]],
  [{ vendor: "QEMU", virtualisation: "kvm" }, ["QEMU, virtual (kvm)"]],
  [{ virtualisation: "unknown" }, ["virtual"]],
  [{ cloud: "hetzner", vendor: "Hetzner" }, ["hetzner"]],
  [{ interface_speeds_mbps: {} }, []],
  [
    { interface_speeds_mbps: Object.fromEntries(Array.from("abcdefghij", (name) => [name, 100])) },
    [`${Array.from("abcdefgh", (name) => `${name} 100 Mbit/s`).join(", ")} and 2 more`],
  ],
])("toHostLines() of %j", (host, texts) => {
  expect(toHostLines(host).map(({ text }) => text)).toEqual(texts);
});
