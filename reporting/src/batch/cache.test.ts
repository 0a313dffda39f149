import { createHash } from "node:crypto";
import { mkdtemp, readdir, rm, stat, utimes, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { expect, onTestFinished, test } from "vitest";
import { cacheKey, digestFiles, openCache } from "./cache.ts";

async function newFolder(): Promise<string> {
  const folder = await mkdtemp(join(tmpdir(), "report-cache-"));
  onTestFinished(() => rm(folder, { recursive: true }));
  return folder;
}

const bytes = (length: number) => new Uint8Array(length).fill(65);

/** As long as a digest. */
const keyOf = (digit: string) => digit.repeat(64);

test("openCache() gives back what was put to its owner, and null for what was not", async () => {
  const folder = join(await newFolder(), "reports");
  const cache = await openCache(folder);
  await cache.put(keyOf("a"), "html", bytes(5));
  expect(await cache.get(keyOf("a"), "html")).toEqual(Buffer.from("AAAAA"));
  expect(await cache.get(keyOf("a"), "pdf")).toBeNull();
  expect((await stat(folder)).mode & 0o777).toBe(0o700);
  const file = join(folder, `${keyOf("a")}.html`);
  expect((await stat(file)).mode & 0o777).toBe(0o600);
});

test("openCache() lets go of what was unused for the longest", async () => {
  const folder = await newFolder();
  const cache = await openCache(folder, { maxBytes: 25 + 3 * 32 });
  for (const [age, digit] of [
    [30, "a"],
    [20, "b"],
  ] as const) {
    await cache.put(keyOf(digit), "html", bytes(10));
    const then = Date.now() / 1000 - age;
    await utimes(join(folder, `${keyOf(digit)}.html`), then, then);
  }
  await cache.get(keyOf("a"), "html");
  await cache.put(keyOf("c"), "html", bytes(10));
  expect((await readdir(folder)).toSorted()).toEqual([`${keyOf("a")}.html`, `${keyOf("c")}.html`]);
});

test("openCache() removes nothing but its own where it was given a folder with other files", async () => {
  const folder = await newFolder();
  for (const name of ["web-01.csv", "report.html", `.${keyOf("d")}.html.${"0".repeat(12)}`]) {
    await writeFile(join(folder, name), bytes(100));
    await utimes(join(folder, name), 1, 1);
  }
  const cache = await openCache(folder, { maxBytes: 25 + 3 * 32 });
  await cache.put(keyOf("a"), "html", bytes(10));
  expect((await readdir(folder)).toSorted()).toEqual([
    `${keyOf("a")}.html`,
    "report.html",
    "web-01.csv",
  ]);
});

test("cacheKey() differs with the content of a file and with the settings, not with the file's name", async () => {
  const folder = await newFolder();
  const path = (name: string) => join(folder, name);
  await writeFile(path("one"), "timestamp\n1\n");
  await writeFile(path("other"), "timestamp\n1\n");
  await writeFile(path("changed"), "timestamp\n2\n");
  const keyOfFiles = async (names: string[], title = "a") =>
    cacheKey(await digestFiles(names.map(path)), { title });
  const key = await keyOfFiles(["one"]);
  expect(await keyOfFiles(["other"])).toBe(key);
  expect(await keyOfFiles(["changed"])).not.toBe(key);
  expect(await keyOfFiles(["one"], "b")).not.toBe(key);
  expect(await keyOfFiles(["one", "other"])).not.toBe(key);
});

test("cacheKey() tells two files from one that holds both, and digestFiles() has what a reader of them has", async () => {
  const folder = await newFolder();
  const path = (name: string) => join(folder, name);
  await writeFile(path("a"), "12");
  await writeFile(path("b"), "3");
  await writeFile(path("both"), "123");
  const apart = await digestFiles([path("a"), path("b")]);
  const together = await digestFiles([path("both")]);
  expect(apart.sha256).toBe(createHash("sha256").update("123").digest("hex"));
  expect(apart.sha256).toBe(together.sha256);
  expect(cacheKey(apart, {})).not.toBe(cacheKey(together, {}));
});
