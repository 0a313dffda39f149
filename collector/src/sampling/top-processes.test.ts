import { mkdirSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";
import { createFolder } from "./fake-procfs.ts";
import { readPageSize } from "./page-size.ts";
import { ProcessReader, type TopProcess } from "./top-processes.ts";

interface FakeProcess {
  name?: string | Buffer;
  cpuTicks?: number;
  startTicks?: number;
  pages?: number;
}

/** A tree like /proc with nothing but processes. */
function createProcesses(): {
  reader: (limit: number) => ProcessReader;
  set: (pid: number, process?: FakeProcess) => void;
  remove: (pid: number) => void;
} {
  const procfs = createFolder();
  writeFileSync(join(procfs, "stat"), "cpu 1 2 3 4\n");
  mkdirSync(join(procfs, "sys"));
  return {
    reader: (limit) => new ProcessReader({ procfs, limit, pageBytes: 4096 }),
    set(pid, { name = `p${pid}`, cpuTicks = 0, startTicks = 100, pages = 10 } = {}) {
      mkdirSync(join(procfs, String(pid)), { recursive: true });
      const rest = `) S 1 1 1 0 -1 4194304 1 0 0 0 ${cpuTicks} 0 0 0 20 0 2 0 ${startTicks} 1000 ${pages} 18446744073709551615 1 1\n`;
      const start = Buffer.from(`${pid} (`);
      const stat = Buffer.concat([start, Buffer.from(name), Buffer.from(rest)]);
      writeFileSync(join(procfs, String(pid), "stat"), stat);
      // Its arguments, which nobody may read.
      writeFileSync(join(procfs, String(pid), "cmdline"), `--password=secret${pid}\0`);
    },
    remove: (pid) => rmSync(join(procfs, String(pid)), { recursive: true }),
  };
}

function list(top: readonly TopProcess[]): [pid: number, cpuTicks: number | null][] {
  return top.map(({ pid, cpuTicks }) => [pid, cpuTicks]);
}

test("ProcessReader.read() gives the processes with the most CPU first, then those with the most memory", () => {
  const { reader: createReader, set } = createProcesses();
  set(1, { cpuTicks: 1000, pages: 500 });
  set(2, { cpuTicks: 5, pages: 900 });
  set(3, { cpuTicks: 5 });
  set(4, { cpuTicks: 5, pages: 20 });
  const reader = createReader(2);
  const first = reader.read(1000, 0);
  expect(first).toMatchObject({ timeMs: 1000, elapsedMs: null, count: 4 });
  set(3, { cpuTicks: 25 });
  set(4, { cpuTicks: 15, pages: 20 });
  const second = reader.read(2000, 1_000_400);
  expect(second.elapsedMs).toBe(1000.4);
  expect(list(second.top)).toEqual([
    [3, 20],
    [4, 10],
    [2, 0],
    [1, 0],
  ]);
  expect(second.top[2]).toEqual({
    pid: 2,
    startTicks: 100,
    name: "p2",
    cpuTicks: 0,
    memoryBytes: 900 * 4096,
    threads: 2,
    readBytes: null,
    writeBytes: null,
  });
  expect(JSON.stringify(second)).not.toContain("secret");
});

test("ProcessReader.read() does not know the first CPU times, and counts what began since from its start", () => {
  const { reader: createReader, set, remove } = createProcesses();
  set(1, { cpuTicks: 1000 });
  set(7, { cpuTicks: 70 });
  const reader = createReader(5);
  expect(list(reader.read(1000, 0).top)).toEqual([
    [1, null],
    [7, null],
  ]);
  set(8, { cpuTicks: 30, startTicks: 200 });
  // Another process with the pid of one that ended.
  set(7, { cpuTicks: 4, startTicks: 210 });
  expect(list(reader.read(2000, 1e6).top)).toEqual([
    [8, 30],
    [7, 4],
    [1, 0],
  ]);
  remove(8);
  const { top, count } = reader.read(3000, 2e6);
  expect(count).toBe(2);
  expect(list(top)).toEqual([
    [1, 0],
    [7, 0],
  ]);
});

test("ProcessReader.read() reads names of any bytes, and passes over what ended meanwhile or is damaged", () => {
  const { reader: createReader, set } = createProcesses();
  set(1, { name: ") S (a\\nb" });
  set(2, { name: Buffer.from([0x63, 0xe9, 0xff, 0x21]) });
  set(3, { name: "x", pages: Number.NaN });
  const reader = createReader(5);
  const { top, count } = reader.read(1000, 0);
  expect(count).toBe(2);
  expect(top.map(({ name }) => name)).toEqual([") S (a\nb", "c\ufffd\ufffd!"]);
});

test("ProcessReader.read() reads this machine's processes", () => {
  const reader = new ProcessReader({ procfs: "/proc", limit: 100, pageBytes: readPageSize() });
  const { top } = reader.read(Date.now(), 0);
  const own = top.find(({ pid }) => pid === process.pid);
  expect(own?.memoryBytes).toBeGreaterThan(10e6);
  expect(own?.readBytes).not.toBeNull();
});

test("ProcessReader.read() says where there is no /proc", () => {
  const reader = new ProcessReader({ procfs: "/nonexistent", limit: 1, pageBytes: 4096 });
  expect(() => reader.read(0, 0)).toThrow("ENOENT");
});
