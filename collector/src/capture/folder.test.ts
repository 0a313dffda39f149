import { mkdirSync, writeFileSync } from "node:fs";
import { basename, join } from "node:path";
import { describe, expect, test } from "vitest";
import { createFolder } from "../sampling/fake-procfs.ts";
import { listCaptures, nameCapture, selectExpired, type CaptureFile } from "./folder.ts";

const midnightMs = Date.UTC(2026, 10, 26);
const dayMs = 86_400_000;

function capture(startMs: number, bytes = 10, number = 1): CaptureFile {
  return { path: `${startMs}-${number}`, startMs, number, compressed: true, bytes };
}

describe("listCaptures()", () => {
  test("listCaptures() lists the machine's captures by time, and no other files", () => {
    const folder = createFolder();
    const own = [
      "web-01-20251231T235959Z.json.gz",
      "web-01-20261126T000000Z.json.gz",
      "web-01-20261126T000000Z-2.json",
      "web-01-20261126T000000Z-10.json",
    ];
    const others = [
      "web-01.lock",
      "web-01-20261126T000000Z.json.gz.partial",
      "web-01-20261126T000000Z.json.lock",
      "web-01-20261126T000000Z.csv",
      "web-01-20261326T000000Z.json",
      "web-01-2-20261126T000000Z.json",
      "web-0-20261126T000000Z.json",
      "pcc.json",
    ];
    for (const name of [...others, ...own.toReversed()]) writeFileSync(join(folder, name), "12");
    mkdirSync(join(folder, "web-01-20261127T000000Z.json"));
    const captures = listCaptures(folder, "web-01");
    expect(captures.map(({ path }) => basename(path))).toEqual(own);
    expect(captures[1]).toMatchObject({
      startMs: midnightMs,
      number: 1,
      compressed: true,
      bytes: 2,
    });
  });
});

describe("nameCapture()", () => {
  test("nameCapture() gives a name that neither a capture nor a compressed one has", () => {
    const folder = createFolder();
    const name = (): string => basename(nameCapture(folder, "web-01", midnightMs + 999));
    expect(name()).toBe("web-01-20261126T000000Z.json");
    writeFileSync(join(folder, "web-01-20261126T000000Z.json"), "");
    expect(name()).toBe("web-01-20261126T000000Z-2.json");
    writeFileSync(join(folder, "web-01-20261126T000000Z-2.json.gz"), "");
    expect(name()).toBe("web-01-20261126T000000Z-3.json");
  });
});

describe("selectExpired()", () => {
  const keepAll = { keepDays: 1000, keepBytes: 1000 };

  test("selectExpired() keeps the captures of the last days that have any", () => {
    const files = [0, 1, 1, 40, 41].map((day, at) => capture(midnightMs + day * dayMs, 10, at));
    expect(selectExpired(files, keepAll)).toEqual([]);
    expect(selectExpired(files, { ...keepAll, keepDays: 3 })).toEqual([files[0]]);
    expect(new Set(selectExpired(files, { ...keepAll, keepDays: 1 }))).toEqual(
      new Set(files.slice(0, 4)),
    );
  });

  test("selectExpired() loses a day, not all days, by a clock that is a year ahead", () => {
    const days = [0, 1, 2].map((day) => capture(midnightMs + day * dayMs));
    const files = [...days, capture(midnightMs + 365 * dayMs)];
    expect(selectExpired(files, { ...keepAll, keepDays: 3 })).toEqual([files[0]]);
  });

  test("selectExpired() selects the oldest beyond the size, also where a still older one would fit", () => {
    const files = [1, 500, 400, 300].map((bytes, day) => capture(midnightMs + day * dayMs, bytes));
    expect(new Set(selectExpired(files, keepAll))).toEqual(new Set([files[0], files[1]]));
  });
});
