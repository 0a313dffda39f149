import { existsSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { gunzipSync, gzipSync } from "node:zlib";
import { assert, asyncProperty, integer } from "fast-check";
import { expect, test } from "vitest";
import { createFolder } from "../sampling/fake-procfs.ts";
import { splitCsv, type CsvPart, type SplitOptions } from "./parts.ts";

const header = "timestamp,machine_id,load1";

async function split(
  text: string | Buffer,
  options: Omit<SplitOptions, "folder" | "use"> = {},
): Promise<(CsvPart & { text: string })[]> {
  const folder = createFolder();
  const path = join(folder, "all.csv");
  writeFileSync(path, text);
  const parts: (CsvPart & { text: string })[] = [];
  await splitCsv(path, {
    folder,
    ...options,
    use: async (part) => {
      const zipped = readFileSync(part.path);
      expect(zipped).toHaveLength(part.bytes);
      parts.push({ ...part, text: gunzipSync(zipped).toString("utf8") });
    },
  });
  for (const { path: used } of parts) expect(existsSync(used)).toBe(false);
  return parts;
}

const rows = (count: number, startS = 1_767_225_600): string[] =>
  Array.from({ length: count }, (_, index) => `${startS + index},web-01,${index}`);

test("splitCsv() gives a small file as one part, as it stands, zipped or not", async () => {
  const text = `${[header, ...rows(3)].join("\n")}\n`;
  for (const content of [text, text.trimEnd(), gzipSync(text)]) {
    const [part, ...more] = await split(content);
    expect(more).toEqual([]);
    expect(part).toMatchObject({
      number: 1,
      rows: 3,
      machineId: "web-01",
      endS: 1_767_225_602,
      text,
    });
  }
});

test("splitCsv() splits between rows, each part with the header, and loses none", async () => {
  await assert(
    asyncProperty(
      integer({ min: 0, max: 60 }),
      integer({ min: 60, max: 400 }),
      async (count, maxBytes) => {
        const all = rows(count);
        const parts = await split([header, ...all].join("\n"), { maxBytes });
        for (const { text } of parts) {
          expect(text.startsWith(`${header}\n`)).toBe(true);
          expect(Buffer.byteLength(text)).toBeLessThanOrEqual(maxBytes);
        }
        const seen = parts.flatMap(({ text }) => text.trimEnd().split("\n").slice(1));
        expect(seen).toEqual(all);
        expect(parts.map(({ number }) => number)).toEqual(parts.map((_, index) => index + 1));
      },
    ),
    { numRuns: 40 },
  );
});

test("splitCsv() keeps to columns times hours", async () => {
  const hourly = Array.from({ length: 10 }, (_, hour) => rows(1, 1_767_225_600 + hour * 3600)[0]);
  const parts = await split([header, ...hourly].join("\n"), { maxColumnHours: 12 });
  expect(parts.map((part) => part.rows)).toEqual([4, 4, 2]);
});

test("splitCsv() leaves out what is not after a time, and gives no part where that is all", async () => {
  const text = [header, ...rows(5)].join("\n");
  const [part] = await split(text, { afterS: 1_767_225_601 });
  expect(part?.text).toBe(`${[header, ...rows(5).slice(2)].join("\n")}\n`);
  expect(await split(text, { afterS: 1_767_225_604 })).toEqual([]);
  expect(await split(header)).toEqual([]);
  await expect(split("")).rejects.toThrow("it is empty");
});

test("splitCsv() finds the machine in any column, and times that are none of ours do no harm", async () => {
  const text = '\uFEFF"machine_id",timestamp\r\n"db-1",2026-01-01T00:00:00Z\r\n';
  const [part] = await split(text);
  expect(part).toMatchObject({ machineId: "db-1", endS: null, text });
});
