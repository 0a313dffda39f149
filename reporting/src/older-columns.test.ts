// perfcollector2's CSV: memory in KiB and MiB, disks and network without a device.
import { gzipSync } from "node:zlib";
import { expect, test } from "vitest";
import type { Verdict } from "./findings/finding.ts";
import { makeReport, type Report } from "./report.ts";
import { inputOf, testOptions } from "./testing/report.ts";

const header =
  "timestamp,machine_id,cpu_user,cpu_system,cpu_idle,mem_total_kb,mem_free_kb,mem_used_mb,disk_read_bytes,disk_write_bytes,net_rx_bytes,net_tx_bytes,load_1";
const startS = Date.UTC(2026, 2, 2) / 1000;

/** Two hours at 10 s of a machine of 16 GiB, 3 GiB of them free. */
function olderCsv(usedMiB: (row: number) => number): string {
  const rows = Array.from({ length: 720 }, (_, row) =>
    [
      startS + 10 * row,
      "old-01",
      12 + (row % 5),
      4,
      84 - (row % 5),
      16 * 2 ** 20,
      3 * 2 ** 20,
      usedMiB(row),
      40_000 + 100 * (row % 7),
      90_000 + 100 * (row % 9),
      200_000 + row,
      300_000 + row,
      0.5,
    ].join(","),
  );
  return `${[header, ...rows].join("\n")}\n`;
}

const make = async (bytes: Buffer) => makeReport(await inputOf(bytes), testOptions);

const verdictOf = (report: Report, id: string) =>
  report.judgements.find(({ rule }) => rule.id === id)?.verdict;
const sectionOf = ({ document }: Report, id: string) =>
  JSON.stringify(document.sections.find((section) => section.id === id)).replaceAll("\u{a0}", " ");
const quiet = olderCsv((row) => 7168 + (row % 11));

test.each([
  ["plain", Buffer.from(quiet)],
  ["gzipped", gzipSync(quiet)],
])("makeReport() has perfcollector2's memory in bytes when its CSV is %s", async (_, bytes) => {
  const { dataset, document, ...report } = await make(bytes);
  const maximum = (name: string) => {
    const measure = dataset.measure(name);
    return measure === null ? null : dataset.summary(measure).max;
  };
  expect(["mem_total", "mem_free", "mem_used", "mem_available"].map(maximum)).toEqual([
    16 * 2 ** 30,
    3 * 2 ** 30,
    7178 * 2 ** 20,
    (16_384 - 7168) * 2 ** 20,
  ]);
  const memory = sectionOf({ dataset, document, ...report }, "memory");
  expect(memory).toContain("Of 16.0 GiB, 9.00 GiB were available in the median");
  expect(memory).toContain('"id":"chart-memory-available"');
});

test("makeReport() shows disks and network without a device together, and judges or says why not", async () => {
  const report = await make(Buffer.from(quiet));
  const [disk, network] = [sectionOf(report, "disk"), sectionOf(report, "network")];
  expect(disk).toContain("The file has all disks together, as total: it read and wrote");
  expect(disk).toContain('"id":"chart-disk-bytes-total"');
  expect(network).toContain("The file has all interfaces together, as total. They received");
  expect(network).toContain('"id":"chart-net-bytes-total"');
  expect(JSON.stringify(report.document.cover.facts)).toContain("together, not one by one");
  const outcomes = ["cpu-saturation", "memory-exhaustion", "disk-saturation", "network-saturation"];
  expect(outcomes.map((id) => verdictOf(report, id))).toEqual<(Verdict | object)[]>([
    expect.objectContaining({ outcome: "clear" }),
    expect.objectContaining({ outcome: "clear" }),
    { outcome: "refused", reason: expect.stringContaining("throughput alone does not tell") },
    { outcome: "refused", reason: expect.stringContaining("speed of no interface is known") },
  ]);
});

test("makeReport() finds that memory ran short by what perfcollector2 says is used", async () => {
  const report = await make(
    Buffer.from(olderCsv((row) => (row > 200 && row < 400 ? 15_600 : 7168))),
  );
  expect(verdictOf(report, "memory-exhaustion")).toMatchObject({
    outcome: "finding",
    finding: { title: "Memory ran short at times" },
  });
});

test("makeReport() takes used memory that has the cache in it for no sign of what is available", async () => {
  const report = await make(Buffer.from(olderCsv(() => 13 * 1024)));
  expect(report.dataset.measure("mem_available")).toBeNull();
  expect(verdictOf(report, "memory-exhaustion")).toMatchObject({
    outcome: "refused",
    reason: expect.stringMatching(/^mem_available has no values/),
  });
});

test("makeReport() shows real disks and interfaces before the sums over them", async () => {
  const lines = quiet.trimEnd().split("\n");
  const [first = "", ...rows] = lines;
  const csv = [
    `${first},disk_sda_read_bytes,net_eth0_rx_bytes`,
    ...rows.map((row) => `${row},7,8`),
  ].join("\n");
  const { disks, interfaces, profile } = await make(Buffer.from(csv));
  expect([disks, interfaces]).toEqual([
    ["sda", "total"],
    ["eth0", "total"],
  ]);
  expect(profile.resources.map(({ use }) => use.label)).not.toContain("total received");
});
