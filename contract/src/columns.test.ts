import * as fc from "fast-check";
import { expect, test } from "vitest";
import {
  columnName,
  parseColumn,
  requiredColumns,
  sortColumns,
  type MetricColumn,
} from "./columns.ts";
import { metrics } from "./metrics.ts";

const deviceMetrics = metrics.filter(({ scope }) => scope !== "machine" && scope !== "cpu");
const cpuMetrics = metrics.filter(({ scope }) => scope === "cpu");
const oddDevices = [
  "sda",
  "eth0.100",
  "dm-0",
  "my_disk",
  "cciss!c0d0",
  "_",
  "a_reads",
  "reads",
  "x_read_bytes",
  "read_",
  "br-1a2b",
  "wlp2s0:1",
  "ü",
  "/",
  "/_size_bytes",
  "/srv/my\\040data",
  `/var/lib/docker/overlay2/${"0f".repeat(32)}/merged`,
  `/var/lib/kubelet/plugins/kubernetes.io/csi/rook-ceph.rbd.csi.ceph.com/${"0f".repeat(32)}/globalmount`,
  "x".repeat(255),
];

function known(name: string): MetricColumn {
  const column = parseColumn(name);
  if (column === null) throw new Error(`${name} is no column`);
  return column;
}

test("parseColumn() gives metric and device of what columnName() wrote, for odd device names too", () => {
  for (const metric of deviceMetrics) {
    for (const device of oddDevices) {
      expect(parseColumn(columnName(metric, device))).toEqual({
        name: columnName(metric, device),
        metric,
        device,
      });
    }
  }
  for (const metric of cpuMetrics) {
    expect(parseColumn(columnName(metric, "127"))).toMatchObject({ metric, device: "127" });
  }
  for (const metric of metrics.filter(({ scope }) => scope === "machine")) {
    expect(parseColumn(columnName(metric))).toEqual({ name: metric.name, metric, device: null });
  }
});

test("parseColumn() splits any device name from any field", () => {
  const device = fc.oneof(
    fc.stringMatching(/^[^\s\p{C},]{1,32}$/u),
    fc
      .array(fc.constantFrom("_", "read", "reads", "bytes", "rx", "a", "await", "ms"), {
        minLength: 1,
        maxLength: 6,
      })
      .map((parts) => parts.join("")),
  );
  fc.assert(
    fc.property(fc.constantFrom(...deviceMetrics), device, (metric, name) => {
      expect(parseColumn(columnName(metric, name))).toMatchObject({ metric, device: name });
    }),
    { numRuns: 2000 },
  );
});

test("no field is the end of another behind an underscore, so that a split is unique", () => {
  for (const scope of ["disk", "interface", "mount", "container"]) {
    const fields = metrics
      .filter((metric) => metric.scope === scope)
      .map(({ name }) => name.replace(/^[a-z]+_<[a-z]+>_/, ""));
    for (const field of fields) {
      expect(fields.filter((other) => other.endsWith(`_${field}`))).toEqual([]);
    }
  }
});

test.each([
  "",
  "cpu",
  "cpu_",
  "cpu_users",
  "cpu00_user",
  "cpu-1_user",
  "cpu123456_user",
  "disk_reads",
  "disk__reads",
  "disk_sda_",
  "disk_sda_bytes",
  "disk_a b_reads",
  "disk_a\u0000_reads",
  "disk_a,b_reads",
  `fs_/${"x".repeat(255)}_used`,
  "fs_used",
  "fs__used",
  "container_cpu",
  "net_rx_bytes",
  "timestamp",
  "machine_id",
  "__proto__",
  "constructor",
])("parseColumn() does not know %j", (name) => {
  expect(parseColumn(name)).toBeNull();
});

test("columnName() asks for a device exactly where the metric has one, and for one that can stand in a header", () => {
  const user = known("cpu_user").metric;
  const reads = known("disk_sda_reads").metric;
  expect(columnName(reads, "$&")).toBe("disk_$&_reads");
  expect(() => columnName(user, "0")).toThrow("it is measured per machine");
  expect(() => columnName(reads)).toThrow("it is measured per disk");
  expect(() => columnName(reads, "a b")).toThrow('"a b" is no device name');
  expect(() => columnName(reads, "")).toThrow("is no device name");
});

test("sortColumns() orders by scope, device and catalogue, whatever came in", () => {
  const sorted = [
    "cpu_user",
    "mem_free",
    "cpu2_user",
    "cpu2_idle",
    "cpu10_user",
    "disk_nvme0n1_reads",
    "disk_sda_reads",
    "disk_sda_writes",
    "disk_sda_busy",
    "net_eth2_rx_bytes",
    "net_eth10_rx_bytes",
    "fs_/_size_bytes",
    "fs_/_used",
    "fs_/boot_used",
  ];
  fc.assert(
    fc.property(fc.shuffledSubarray(sorted, { minLength: sorted.length }), (names) => {
      expect(sortColumns(names.map(known)).map(({ name }) => name)).toEqual(sorted);
    }),
  );
});

test("required columns are metrics of the machine, behind time and machine id", () => {
  const [time, machine, ...rest] = requiredColumns;
  expect([time, machine]).toEqual(["timestamp", "machine_id"]);
  expect(rest.map((name) => known(name).device)).toEqual([null, null, null, null, null]);
});
