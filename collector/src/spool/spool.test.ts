import {
  copyFileSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  rmSync,
  symlinkSync,
  truncateSync,
  writeFileSync,
} from "node:fs";
import { basename, join } from "node:path";
import * as fc from "fast-check";
import { describe, expect, onTestFinished, test } from "vitest";
import { LockedError } from "../capture/lock.ts";
import { createFolder } from "../sampling/fake-procfs.ts";
import { openSpool, type DiskSpoolOptions } from "./disk-spool.ts";
import { createMemorySpool } from "./memory-spool.ts";
import type { Spool, SpoolRecord } from "./spool.ts";

const all = { maxRecords: 1e9, maxBytes: 1e9 };

function open(folder: string, options: Partial<DiskSpoolOptions> = {}): Spool {
  return openSpool(folder, { maxBytes: 1e9, report: () => {}, ...options });
}

function segmentsOf(folder: string): string[] {
  return readdirSync(folder)
    .filter((name) => name.endsWith(".spool"))
    .toSorted()
    .map((name) => join(folder, name));
}

/** The folder as a kill would leave it now. */
function copySegments(folder: string): string {
  const copy = createFolder();
  for (const path of segmentsOf(folder)) copyFileSync(path, join(copy, basename(path)));
  return copy;
}

function textsOf(records: readonly SpoolRecord[]): string[] {
  return records.map(
    ({ id, kind, payload, head }) => `${id} ${kind} ${payload.toString()} ${String(head)}`,
  );
}

/** A closed spool of one segment with records without a head, with one and with another. */
function fill(folder: string, count: number): string[] {
  const spool = open(folder);
  for (let at = 0; at < count; at += 1) {
    const head = [null, Buffer.from("first head"), Buffer.from("second head")][(at >> 2) % 3];
    spool.append(at % 5, Buffer.from(`record ${at} ${"x".repeat((at * 7) % 40)}`), head);
  }
  const texts = textsOf(spool.read(0, all));
  expect(texts).toHaveLength(count);
  spool.close();
  return texts;
}

describe("openSpool()", () => {
  test("openSpool() gives back what was appended, also after it was closed, with its heads", () => {
    const folder = createFolder();
    const texts = fill(folder, 20);
    const spool = open(folder);
    expect(textsOf(spool.read(0, all))).toEqual(texts);
    expect(textsOf(spool.read(13, { maxRecords: 2, maxBytes: 1e9 }))).toEqual(texts.slice(13, 15));
    expect(textsOf(spool.read(15, { maxRecords: 9, maxBytes: 1 }))).toEqual(texts.slice(15, 16));
    spool.acknowledge(18);
    expect(spool.counts()).toMatchObject({ records: 2, droppedRecords: 0, damagedRecords: 0 });
    spool.close();
    const again = open(folder);
    expect(again.acknowledgedId).toBe(18);
    expect(textsOf(again.read(again.acknowledgedId, all))).toEqual(texts.slice(18));
    expect(again.append(0, Buffer.from("next"))).toBe(21);
    again.close();
  });

  test("openSpool() trims the tail at every cut, loses no whole record, and gives no id twice", () => {
    const folder = createFolder();
    const texts = fill(folder, 12);
    const [path = ""] = segmentsOf(folder);
    const whole = readFileSync(path);
    let kept = 0;
    for (let size = 0; size < whole.length; size += 1) {
      writeFileSync(path, whole.subarray(0, size));
      const spool = open(folder);
      const records = textsOf(spool.read(0, all));
      // Cuts of growing files never have fewer records, and one more only when it is whole.
      expect(records).toEqual(texts.slice(0, records.length));
      expect(records.length - kept).toBeLessThanOrEqual(1);
      expect(records.length).toBeGreaterThanOrEqual(kept);
      kept = records.length;
      expect(spool.counts().damagedRecords).toBe(0);
      expect(spool.append(1, Buffer.from("behind"))).toBeGreaterThan(kept);
      expect(textsOf(spool.read(kept, all))).toEqual([expect.stringContaining(" 1 behind null")]);
      spool.close();
    }
    expect(kept).toBeGreaterThanOrEqual(11);
  });

  test("openSpool() loses one record at most to any flipped bit, counts it, and never gives a wrong one", () => {
    const folder = createFolder();
    const texts = fill(folder, 9);
    const [path = ""] = segmentsOf(folder);
    const whole = readFileSync(path);
    for (let bit = 0; bit < 8 * whole.length; bit += 1) {
      const damaged = Buffer.from(whole);
      damaged.writeUInt8((whole[bit >> 3] ?? 0) ^ (1 << (bit & 7)), bit >> 3);
      writeFileSync(path, damaged);
      const spool = open(folder);
      const found = textsOf(spool.read(0, all));
      const lost = texts.length - found.length;
      expect(lost, `bit ${bit}`).toBeLessThanOrEqual(1);
      expect(texts).toEqual(expect.arrayContaining(found));
      // Of the last record, a flipped length looks as if it had not been written whole.
      const counted = found.at(-1) === texts.at(-1) ? lost : spool.counts().damagedRecords;
      expect(spool.counts().damagedRecords).toBe(counted);
      expect(spool.append(0, Buffer.from("next"))).toBe(texts.length + 1);
      spool.close();
    }
  });

  test("openSpool() gives nothing wrong, and goes on, whatever became of the bytes", () => {
    const folder = createFolder();
    const texts = fill(folder, 30);
    const [path = ""] = segmentsOf(folder);
    const whole = readFileSync(path);
    const patch = fc.record({
      at: fc.nat(whole.length - 1),
      bytes: fc.uint8Array({ minLength: 1, maxLength: 40 }),
    });
    const check = fc.property(fc.array(patch, { minLength: 1, maxLength: 6 }), (patches) => {
      const damaged = Buffer.from(whole);
      for (const { at, bytes } of patches) damaged.set(bytes.slice(0, whole.length - at), at);
      writeFileSync(path, damaged);
      const spool = open(folder);
      const found = textsOf(spool.read(0, all));
      expect(texts).toEqual(expect.arrayContaining(found));
      expect(found.map((text) => Number.parseInt(text, 10))).toEqual(
        found.map((text) => Number.parseInt(text, 10)).toSorted((one, other) => one - other),
      );
      const id = spool.append(0, Buffer.from("next"));
      expect(spool.read(id - 1, all)).toMatchObject([{ id, payload: Buffer.from("next") }]);
      spool.close();
    });
    fc.assert(check, { numRuns: 300 });
  });

  test("openSpool() keeps no descriptors of what it wrote", () => {
    const count = (): number => readdirSync("/proc/self/fd").length;
    const folder = createFolder();
    const before = count();
    const spool = open(folder, { segmentBytes: 200 });
    for (let at = 0; at < 200; at += 1) {
      spool.append(0, Buffer.from(`record ${at}`));
      spool.sync();
    }
    expect(segmentsOf(folder).length).toBeGreaterThan(20);
    expect(count() - before).toBeLessThan(5);
    spool.close();
    expect(count()).toBe(before);
  });

  test("openSpool() passes over a segment that cannot be read, and counts what was in it", () => {
    const folder = createFolder();
    const spool = open(folder, { segmentBytes: 200 });
    for (let at = 0; at < 30; at += 1) spool.append(0, Buffer.from(`record ${at}`));
    const [, second = "", third = ""] = segmentsOf(folder);
    const lost =
      Number(/(\d{15})-/.exec(third)?.[1] ?? 0) - Number(/(\d{15})-/.exec(second)?.[1] ?? 0);
    expect(lost).toBeGreaterThan(1);
    rmSync(second);
    mkdirSync(second);
    expect(spool.read(0, all)).toHaveLength(30 - lost);
    expect(spool.read(0, all)).toHaveLength(30 - lost);
    expect(spool.counts()).toMatchObject({ records: 30 - lost, damagedRecords: lost });
    rmSync(second, { recursive: true });
    spool.acknowledge(30);
    spool.close();
    const again = open(folder);
    expect(again.counts()).toMatchObject({ records: 0, damagedRecords: lost });
    again.close();
  });

  test("openSpool() takes nothing inside a payload for a record", () => {
    const [folder, other] = [createFolder(), createFolder()];
    fill(other, 3);
    const [forged = ""] = segmentsOf(other);
    const spool = open(folder);
    spool.append(0, Buffer.from("first"));
    spool.append(0, readFileSync(forged));
    spool.append(0, Buffer.from("last"));
    spool.close();
    const [path = ""] = segmentsOf(folder);
    const bytes = readFileSync(path);
    // The length of the record that carries the others.
    const at = bytes.indexOf(readFileSync(forged)) - 16;
    bytes.writeUInt32LE(bytes.readUInt32LE(at) + 1, at);
    writeFileSync(path, bytes);
    const again = open(folder);
    expect(again.read(0, all).map(({ payload }) => payload.toString())).toEqual(["first", "last"]);
    again.close();
  });

  test("openSpool() drops the oldest beyond its cap, counts them, and remembers how many", () => {
    const folder = createFolder();
    const spool = open(folder, { maxBytes: 8000 });
    for (let at = 1; at <= 500; at += 1) spool.append(0, Buffer.alloc(76));
    const counts = spool.counts();
    expect(counts.bytes).toBeLessThanOrEqual(8000);
    expect(counts.bytes).toBeGreaterThan(6000);
    expect(counts.records + counts.droppedRecords).toBe(500);
    expect(spool.read(0, all)[0]?.id).toBe(counts.droppedRecords + 1);
    expect(spool.acknowledgedId).toBe(counts.droppedRecords);
    // What is done with already is not dropped.
    spool.acknowledge(500);
    for (let at = 1; at <= 60; at += 1) spool.append(0, Buffer.alloc(76));
    expect(spool.counts().droppedRecords).toBe(counts.droppedRecords);
    spool.close();
    const again = open(folder, { maxBytes: 8000 });
    expect(again.counts()).toMatchObject({
      records: 60,
      droppedRecords: counts.droppedRecords,
    });
    again.close();
    const smaller = open(folder, { maxBytes: 3000 });
    expect(smaller.counts().bytes).toBeLessThanOrEqual(3000);
    expect(smaller.counts().droppedRecords).toBeGreaterThan(counts.droppedRecords);
    smaller.close();
  });

  test("openSpool() remembers which batch was under way", () => {
    const folder = createFolder();
    fill(folder, 10);
    const spool = open(folder);
    spool.acknowledge(4);
    spool.seal(7);
    const again = open(copySegments(folder));
    expect([again.acknowledgedId, again.sealedId]).toEqual([4, 7]);
    spool.close();
    again.close();
  });

  test("Spool.acknowledge() removes no segment of a batch before all of it is done with on disk, too", () => {
    const folder = createFolder();
    const spool = open(folder, { segmentBytes: 200 });
    for (let at = 0; at < 30; at += 1) spool.append(0, Buffer.from(`record ${at}`));
    spool.seal(29);
    spool.acknowledge(29);
    const again = open(copySegments(folder));
    expect(again.acknowledgedId).toBe(29);
    spool.close();
    again.close();
  });

  test("openSpool() refuses a folder that another process has open", () => {
    const folder = createFolder();
    const spool = open(folder);
    expect(() => open(folder)).toThrow(LockedError);
    spool.close();
    open(folder).close();
  });

  test("openSpool() refuses symbolic links, for the folder and in it", () => {
    const folder = createFolder();
    const link = join(createFolder(), "link");
    symlinkSync(folder, link);
    expect(() => open(link)).toThrow(`Cannot use the spool: ${link} is a symbolic link`);
    fill(folder, 1);
    const planted = join(folder, "000000000000002-0badcafe.spool");
    symlinkSync("/etc/passwd", planted);
    expect(() => open(folder)).toThrow(`Cannot use the spool: ${planted} is a symbolic link`);
    rmSync(planted);
    open(folder).close();
  });

  test("openSpool() goes on with the ids where a power cut left an empty segment", () => {
    const folder = createFolder();
    const spool = open(folder, { segmentBytes: 200 });
    for (let at = 0; at < 30; at += 1) spool.append(0, Buffer.from(`record ${at}`));
    spool.acknowledge(20);
    spool.close();
    const paths = segmentsOf(folder);
    truncateSync(paths.at(-1) ?? "", 0);
    const again = open(folder);
    expect(again.acknowledgedId).toBeLessThanOrEqual(20);
    expect(again.acknowledgedId).toBeGreaterThan(10);
    const firstLost = Number(/(\d{15})-/.exec(paths.at(-1) ?? "")?.[1] ?? 0);
    expect(again.append(0, Buffer.from("next"))).toBe(firstLost);
    again.close();
  });

  test("openSpool() does not wait for records that a power cut took", () => {
    const folder = createFolder();
    const spool = open(folder);
    spool.append(0, Buffer.from("record"));
    spool.append(0, Buffer.from("record"));
    const [path = ""] = segmentsOf(folder);
    const { length } = readFileSync(path);
    spool.seal(2);
    spool.close();
    // The note that it wrote last came onto the disk, and the records before it did not.
    writeFileSync(path, readFileSync(path).subarray(length));
    const again = open(folder);
    expect(again.read(again.acknowledgedId, all)).toEqual([]);
    expect(again.counts().records).toBe(0);
    expect(again.append(0, Buffer.from("next"))).toBe(3);
    expect(again.read(again.acknowledgedId, all)).toHaveLength(1);
    again.close();
  });

  test("Spool.append() refuses kinds and sizes that it has no room for", () => {
    const spool = open(createFolder());
    onTestFinished(() => spool.close());
    expect(() => spool.append(256, Buffer.alloc(1))).toThrow(RangeError);
    expect(() => spool.append(1.5, Buffer.alloc(1))).toThrow(RangeError);
    expect(() => spool.append(1, Buffer.alloc(16 * 1024 * 1024 + 1))).toThrow(RangeError);
    expect(spool.counts().records).toBe(0);
  });

  test("openSpool() reads no more of a full spool than its last segment", () => {
    const folder = createFolder();
    const spool = open(folder);
    const payload = Buffer.alloc(600_000, "x");
    for (let at = 0; at < 40; at += 1) spool.append(0, payload);
    spool.close();
    const paths = segmentsOf(folder);
    // A segment that would be read would be found to be damaged.
    for (const path of paths.slice(0, -1)) writeFileSync(path, readFileSync(path).fill(0));
    const again = open(folder);
    expect(again.counts()).toMatchObject({ records: 40, damagedRecords: 0 });
    again.close();
  });
});

interface Append {
  step: "append";
  bytes: number;
  head: number;
}

interface Read {
  step: "read";
  of: number;
  maxRecords: number;
  maxBytes: number;
}

type Step =
  | Append
  | Read
  | { step: "acknowledge"; of: number }
  | { step: "seal" | "sync" | "close" | "kill" };

const steps: fc.Arbitrary<Step[]> = fc.array(
  fc.oneof(
    {
      weight: 6,
      arbitrary: fc.record({
        step: fc.constant("append" as const),
        bytes: fc.nat(120),
        head: fc.nat(3),
      }),
    },
    fc.record({ step: fc.constant("acknowledge" as const), of: fc.nat(1000) }),
    fc.record({ step: fc.constantFrom("seal" as const, "sync", "close", "kill") }),
    fc.record({
      step: fc.constant("read" as const),
      of: fc.nat(1000),
      maxRecords: fc.integer({ min: 1, max: 9 }),
      maxBytes: fc.integer({ min: 1, max: 500 }),
    }),
  ),
  { maxLength: 120 },
);

/** A spool and what it is: a list. */
interface Tried {
  folder: string;
  spool: Spool;
  texts: string[];
  acknowledgedId: number;
  /** As of the last time that it was surely written. */
  safeId: number;
}

const segmentBytes = 500;

function take(tried: Tried, step: Step): void {
  const { spool, texts } = tried;
  switch (step.step) {
    case "append":
      append(tried, step);
      break;
    case "acknowledge": {
      const upTo = step.of % (texts.length + 1);
      spool.acknowledge(upTo);
      tried.acknowledgedId = Math.max(tried.acknowledgedId, upTo);
      break;
    }
    case "read":
      read(tried, step);
      break;
    case "seal":
    case "sync":
      if (step.step === "seal") spool.seal(texts.length);
      else spool.sync();
      tried.safeId = tried.acknowledgedId;
      break;
    case "close":
    case "kill":
      reopen(tried, step.step);
      break;
  }
}

function append({ spool, texts }: Tried, { bytes, head: headNumber }: Append): void {
  const head = headNumber === 0 ? null : Buffer.from(`head ${headNumber}`);
  const text = "y".repeat(bytes);
  const id = spool.append(bytes, Buffer.from(text), head);
  texts.push(`${id} ${bytes} ${text} ${String(head)}`);
  expect(id).toBe(texts.length);
}

function read({ spool, texts, acknowledgedId }: Tried, limits: Read): void {
  const afterId = acknowledgedId + (limits.of % (texts.length - acknowledgedId + 1));
  const records = textsOf(spool.read(afterId, limits));
  expect(records).toEqual(texts.slice(afterId, afterId + records.length));
  expect(records.length > 0).toBe(afterId < texts.length);
  expect(records.length).toBeLessThanOrEqual(limits.maxRecords);
}

function reopen(tried: Tried, how: "close" | "kill"): void {
  if (tried.folder === "") return;
  if (how === "close") {
    tried.spool.close();
    tried.safeId = tried.acknowledgedId;
  } else {
    tried.folder = copySegments(tried.folder);
    tried.spool.close();
  }
  tried.spool = open(tried.folder, { segmentBytes });
  const { acknowledgedId } = tried.spool;
  expect(acknowledgedId).toBeGreaterThanOrEqual(tried.safeId);
  expect(acknowledgedId).toBeLessThanOrEqual(tried.acknowledgedId);
  tried.acknowledgedId = acknowledgedId;
}

describe.each(["on disk", "in memory"])("a spool %s", (where) => {
  test("does what a list does, whatever the order of its calls, and is as it was after a kill", () => {
    const check = fc.property(steps, (sequence) => {
      const folder = where === "on disk" ? createFolder() : "";
      const spool =
        folder === "" ? createMemorySpool({ maxBytes: 1e9 }) : open(folder, { segmentBytes });
      const tried: Tried = { folder, spool, texts: [], acknowledgedId: 0, safeId: 0 };
      for (const step of sequence) {
        take(tried, step);
        expect(tried.spool.acknowledgedId).toBe(tried.acknowledgedId);
        expect(tried.spool.counts()).toMatchObject({
          records: tried.texts.length - tried.acknowledgedId,
          droppedRecords: 0,
          damagedRecords: 0,
        });
      }
      const waiting = textsOf(tried.spool.read(tried.acknowledgedId, all));
      expect(waiting).toEqual(tried.texts.slice(tried.acknowledgedId));
      tried.spool.close();
    });
    fc.assert(check, { numRuns: 150 });
  });
});

test("createMemorySpool() drops the oldest beyond its cap, and counts them", () => {
  const spool = createMemorySpool({ maxBytes: 100 });
  for (let at = 0; at < 20; at += 1) spool.append(0, Buffer.alloc(10));
  expect(spool.counts()).toEqual({
    records: 10,
    bytes: 100,
    droppedRecords: 10,
    damagedRecords: 0,
  });
  expect(spool.read(spool.acknowledgedId, all)[0]?.id).toBe(11);
});
