import { readFileSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";
import { readFixture } from "../procfs/fixtures.ts";
import { createFakeProcfs } from "./fake-procfs.ts";
import { offsetOf, sources, type SourceName } from "./layout.ts";
import type { Probe } from "./probe.ts";
import { Sampler } from "./sampler.ts";

function valueOf(
  sampler: Sampler,
  { source, field, device }: { source: SourceName; field: string; device?: string },
): number {
  const { per, fields } = sources.find(({ name }) => name === source) ?? sources[0];
  const names: readonly string[] = fields;
  const row =
    per === null || device === undefined ? 0 : sampler.layout.devices[per].indexOf(device);
  const at = offsetOf(sampler.layout, source) + row * names.length + names.indexOf(field);
  return sampler.sample.values[at] ?? Number.NaN;
}

test("Sampler.read() reads every source of a captured tree", () => {
  const { path } = createFakeProcfs();
  const sampler = new Sampler({ procfs: path, filters: {} });
  expect(sampler.read(1_700_000_000_000, 5)).toEqual([]);
  expect(sampler.layout.devices).toEqual({
    cpu: ["cpu", "cpu0", "cpu1"],
    disk: ["vda"],
    interface: ["lo", "ifb0", "ifb1", "eth0"],
    mount: [],
    container: [],
  });
  const [reads] = / vda (\d+)/.exec(readFixture("linux-6.18/diskstats"))?.slice(1) ?? [];
  expect(valueOf(sampler, { source: "diskstats", field: "reads", device: "vda" })).toBe(
    Number(reads),
  );
  expect(sampler.sample).toMatchObject({ timeMs: 1_700_000_000_000, monotonicUs: 5 });
  // This kernel has everything that the catalogue wants.
  const ofFiles = sampler.sample.values.subarray(0, offsetOf(sampler.layout, "mounts"));
  expect([...ofFiles].some(Number.isNaN)).toBe(false);
  sampler.close();
});

test("Sampler.read() sees new numbers through the descriptors that it keeps", () => {
  const procfs = createFakeProcfs();
  const sampler = new Sampler({ procfs: procfs.path, filters: {} });
  sampler.read(0, 0);
  procfs.write("loadavg", "12.34 0.11 0.08 2/94 6580\n");
  expect(sampler.read(1000, 1e6)).toEqual([]);
  expect(valueOf(sampler, { source: "loadavg", field: "load1" })).toBe(12.34);
  sampler.close();
});

test("Sampler.read() leaves alone what is not to be sampled, and does not call it a fault", () => {
  const tree = createFakeProcfs();
  tree.write("net/snmp", "nonsense");
  const sampler = new Sampler({
    procfs: tree.path,
    filters: {},
    sources: { include: /^(?:stat|net\/)/, exclude: /snmp/ },
  });
  expect(sampler.read(1_700_000_000_000, 5)).toEqual([]);
  expect(valueOf(sampler, { source: "stat", field: "ctxt" })).toBeGreaterThan(0);
  expect(valueOf(sampler, { source: "net/netstat", field: "TcpExtListenDrops" })).toBe(0);
  expect(valueOf(sampler, { source: "meminfo", field: "MemTotal" })).toBeNaN();
  expect(valueOf(sampler, { source: "net/snmp", field: "TcpInSegs" })).toBeNaN();
  sampler.close();
});

test("Sampler.read() gives NaN for pressure where the kernel has none, and says so once", () => {
  const procfs = createFakeProcfs();
  for (const resource of ["cpu", "io", "memory"]) procfs.remove(`pressure/${resource}`);
  const sampler = new Sampler({ procfs: procfs.path, filters: {} });
  const changes = sampler.read(0, 0);
  expect(changes.map(({ source }) => source)).toEqual([
    "pressure/cpu",
    "pressure/io",
    "pressure/memory",
  ]);
  expect(changes[0]?.error).toContain("ENOENT");
  expect(sampler.read(1000, 1e6)).toEqual([]);
  expect(valueOf(sampler, { source: "pressure/io", field: "some_total_us" })).toBeNaN();
  expect(valueOf(sampler, { source: "stat", field: "ctxt" })).toBeGreaterThan(0);
  sampler.close();
});

test("Sampler.read() makes a malformed file its own status, naming line and value, and comes back", () => {
  const procfs = createFakeProcfs();
  const sampler = new Sampler({ procfs: procfs.path, filters: {} });
  sampler.read(0, 0);
  procfs.write("meminfo", "MemTotal: 12 kB\nMemFree: twelve kB\n");
  expect(sampler.read(1000, 1e6)).toEqual([
    {
      source: "meminfo",
      error: 'Cannot parse /proc/meminfo: line 2: MemFree is "twelve", not a whole number',
    },
  ]);
  expect(valueOf(sampler, { source: "meminfo", field: "MemTotal" })).toBeNaN();
  expect(valueOf(sampler, { source: "cpu", field: "user", device: "cpu" })).toBeGreaterThan(0);
  procfs.write("meminfo", "MemTotal: 12 kB\nMemFree: 2 kB\n");
  expect(sampler.read(2000, 2e6)).toEqual([{ source: "meminfo", error: null }]);
  expect(valueOf(sampler, { source: "meminfo", field: "MemFree" })).toBe(2);
  expect(valueOf(sampler, { source: "meminfo", field: "MemAvailable" })).toBeNaN();
  sampler.close();
});

test("Sampler.read() changes its layout when a device comes and when it goes", () => {
  const procfs = createFakeProcfs();
  const sampler = new Sampler({ procfs: procfs.path, filters: {} });
  sampler.read(0, 0);
  const first = sampler.layout;
  const text = readFileSync(join(procfs.path, "diskstats"), "utf8");
  procfs.write("diskstats", `${text}   8      16 sdb 1 2 3 4 5 6 7 8 9 10 11\n`);
  sampler.read(1000, 1e6);
  expect(sampler.layout).not.toBe(first);
  expect(sampler.layout.devices.disk).toEqual(["vda", "sdb"]);
  expect(valueOf(sampler, { source: "diskstats", field: "io_ms", device: "sdb" })).toBe(10);
  expect(valueOf(sampler, { source: "diskstats", field: "discards", device: "sdb" })).toBeNaN();
  expect(valueOf(sampler, { source: "stat", field: "ctxt" })).toBeGreaterThan(0);
  procfs.write("diskstats", text);
  sampler.read(2000, 2e6);
  expect(sampler.layout.devices.disk).toEqual(["vda"]);
  sampler.close();
});

test("Sampler.read() keeps its layout when a device comes that the filters leave out", () => {
  const procfs = createFakeProcfs();
  const sampler = new Sampler({ procfs: procfs.path, filters: {} });
  sampler.read(0, 0);
  const first = sampler.layout;
  const text = readFileSync(join(procfs.path, "net/dev"), "utf8");
  procfs.write("net/dev", `${text}vethfff: 1 2 3 4 5 6 7 8 9 10 11 12 13 14 15 16\n`);
  sampler.read(1000, 1e6);
  expect(sampler.layout).toBe(first);
  expect(
    valueOf(sampler, { source: "net/dev", field: "rx_bytes", device: "eth0" }),
  ).toBeGreaterThan(0);
  sampler.close();
});

test("Sampler.read() reads a file that is longer than its buffer", () => {
  const procfs = createFakeProcfs();
  const stat = readFileSync(join(procfs.path, "stat"), "utf8");
  procfs.write("stat", stat.replace(/^intr (\d+)/m, `intr $1${" 0".repeat(200_000)}`));
  const sampler = new Sampler({ procfs: procfs.path, filters: {} });
  expect(sampler.read(0, 0)).toEqual([]);
  expect(valueOf(sampler, { source: "stat", field: "processes" })).toBe(
    Number(/^processes (\d+)$/m.exec(stat)?.[1]),
  );
  sampler.close();
});

test("Sampler.read() of this machine's own /proc measures what grows", () => {
  const sampler = new Sampler({ procfs: "/proc", filters: {} });
  sampler.read(0, 0);
  const before = valueOf(sampler, { source: "stat", field: "ctxt" });
  sampler.read(1, 1);
  expect(valueOf(sampler, { source: "stat", field: "ctxt" })).toBeGreaterThanOrEqual(before);
  expect(valueOf(sampler, { source: "meminfo", field: "MemTotal" })).toBeGreaterThan(0);
  sampler.close();
});

/** A probe of mounts whose first field is 7; `devices` and `error` are the test's to change. */
function createProbe(): Probe & { devices: string[]; error: string | null } {
  return {
    source: "mounts",
    devices: ["/"],
    error: null,
    update() {
      if (this.error !== null) throw new Error(this.error);
      return this.devices;
    },
    fill(values, offset) {
      for (const [row] of this.devices.entries()) values[offset + 6 * row] = 7;
    },
    close() {},
  };
}

test("Sampler.read() takes a probe's devices and values, and goes on where the probe fails", () => {
  const probe = createProbe();
  const { path } = createFakeProcfs();
  const sampler = new Sampler({ procfs: path, filters: {}, probes: [probe] });
  const read = (device: string): number =>
    valueOf(sampler, { source: "mounts", field: "block_bytes", device });
  expect(sampler.read(0, 0)).toEqual([]);
  expect(sampler.layout.devices.mount).toEqual(["/"]);
  expect(read("/")).toBe(7);
  const before = sampler.layout;
  sampler.read(1000, 1e6);
  expect(sampler.layout).toBe(before);
  probe.devices = ["/boot", "/"];
  sampler.read(2000, 2e6);
  expect(sampler.layout.devices.mount).toEqual(["/boot", "/"]);
  expect(read("/boot")).toBe(7);
  probe.error = "no mounts today";
  expect(sampler.read(3000, 3e6)).toEqual([{ source: "mounts", error: "no mounts today" }]);
  expect(read("/")).toBeNaN();
  expect(valueOf(sampler, { source: "stat", field: "ctxt" })).toBeGreaterThan(0);
  expect(sampler.read(4000, 4e6)).toEqual([]);
  probe.error = null;
  expect(sampler.read(5000, 5e6)).toEqual([{ source: "mounts", error: null }]);
  probe.devices = ["a b"];
  const [change] = sampler.read(6000, 6e6);
  expect(change?.error).toBe('Cannot sample "a b": no column can have such a name');
  sampler.close();
});

test("Sampler.read() of a container reads the network of the machine's first process", () => {
  const procfs = createFakeProcfs();
  const text = readFileSync(join(procfs.path, "net/dev"), "utf8");
  procfs.write("1/net/dev", text.replace("eth0:", "host0:"));
  const sampler = new Sampler({ procfs: procfs.path, filters: {}, process: "1" });
  sampler.read(0, 0);
  expect(sampler.layout.devices.interface).toContain("host0");
  sampler.close();
});
