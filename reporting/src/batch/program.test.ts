import { mkdir, mkdtemp, rm, utimes, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { expect, onTestFinished, test } from "vitest";
import { digestProgram, findProgram, type Program } from "./program.ts";

async function newProgram(): Promise<
  Program & { write: (name: string, text: string) => Promise<void> }
> {
  const folder = await mkdtemp(join(tmpdir(), "report-program-"));
  onTestFinished(() => rm(folder, { recursive: true }));
  const write = async (name: string, text: string): Promise<void> => {
    await writeFile(join(folder, name), text);
    // As npm does, whatever is in it.
    await utimes(join(folder, name), 499_162_500, 499_162_500);
  };
  await mkdir(join(folder, "one"));
  await mkdir(join(folder, "other"));
  await write("one/a.ts", "1");
  await write("other/b.typ", "1");
  await write("lock.json", "1");
  const folders = ["one", "other"].map((name) => join(folder, name));
  return { folders, lockFile: join(folder, "lock.json"), write };
}

/** The clock of a file system has steps of some milliseconds. */
const aMoment = () => new Promise((done) => setTimeout(done, 20));

test.each(["one/a.ts", "other/b.typ", "lock.json"])(
  "digestProgram() is another one where %s was written, be it as long and as old as before",
  async (name) => {
    const { write, ...program } = await newProgram();
    const before = digestProgram(program);
    expect(digestProgram(program)).toBe(before);
    await aMoment();
    await write(name, "2");
    expect(digestProgram(program)).not.toBe(before);
  },
);

test("digestProgram() is the same whatever happens to tests", async () => {
  const { write, ...program } = await newProgram();
  const before = digestProgram(program);
  await write("one/a.test.ts", "1");
  expect(digestProgram(program)).toBe(before);
});

test("findProgram() knows the code of all parts that make a report, and what npm installed", () => {
  const { folders, lockFile } = findProgram();
  expect(folders.map((folder) => /\/(\w+)\/src$/.exec(folder)?.[1])).toEqual([
    "reporting",
    "contract",
    "collector",
  ]);
  expect(lockFile).toMatch(/package-lock\.json$/);
});
