import { execFileSync, spawnSync } from "node:child_process";
import {
  closeSync,
  constants,
  openSync,
  readdirSync,
  readFileSync,
  readSync,
  rmSync,
  writeFileSync,
  writeSync,
} from "node:fs";
import { join } from "node:path";
import { describe, expect, onTestFinished, test } from "vitest";
import { createFolder } from "../sampling/fake-procfs.ts";
import { AppendFile } from "./append-file.ts";
import { acquireLock, LockedError } from "./lock.ts";

const anything = { accepts: () => {} };

describe("AppendFile", () => {
  test("AppendFile cuts a torn last line off at every length, and never a whole one", () => {
    const path = join(createFolder(), "capture");
    const whole = "first line\nsecond line\n";
    const torn = "third, which a killed writer did not finish";
    for (let length = 0; length < torn.length; length += 1) {
      writeFileSync(path, whole + torn.slice(0, length));
      const file = new AppendFile(path, anything);
      expect(file.cutBytes).toBe(length);
      expect(file.continues).toBe(true);
      file.append(Buffer.from("new\n"));
      file.close();
      expect(readFileSync(path, "utf8")).toBe(`${whole}new\n`);
    }
  });

  test("AppendFile finds the last line end of a file that is longer than what it reads at once", () => {
    const path = join(createFolder(), "capture");
    const line = `${"x".repeat(200_000)}\n`;
    writeFileSync(path, `${line}${"y".repeat(150_000)}`);
    const file = new AppendFile(path, anything);
    file.close();
    expect(file.cutBytes).toBe(150_000);
    expect(readFileSync(path, "utf8")).toBe(line);
  });

  test("AppendFile.close() does not mind that somebody took its lock away", () => {
    const path = join(createFolder(), "capture");
    const file = new AppendFile(path, anything);
    rmSync(`${path}.lock`);
    expect(() => file.close()).not.toThrow();
  });

  test("AppendFile changes nothing where the first line is not accepted", () => {
    const path = join(createFolder(), "letter.txt");
    writeFileSync(path, "Dear reader,\nthis is no capt");
    const accepts = (firstLine: string): void => {
      throw new SyntaxError(firstLine);
    };
    expect(() => new AppendFile(path, { accepts })).toThrow("Dear reader,");
    expect(readFileSync(path, "utf8")).toBe("Dear reader,\nthis is no capt");
    // And leaves no lock behind.
    new AppendFile(path, anything).close();
  });

  test("AppendFile refuses a file that another one has open", () => {
    const path = join(createFolder(), "capture");
    const file = new AppendFile(path, anything);
    expect(() => new AppendFile(path, anything)).toThrow(LockedError);
    file.close();
    new AppendFile(path, anything).close();
  });
});

describe("AppendFile on a pipe", () => {
  /** A pipe with a name that is full but for so many bytes, and its reading end. */
  function createFullPipe(freeBytes: number): { path: string; read: () => string } {
    const path = join(createFolder(), "pipe");
    execFileSync("mkfifo", [path]);
    const descriptor = openSync(path, constants.O_RDWR | constants.O_NONBLOCK);
    onTestFinished(() => closeSync(descriptor));
    const buffer = Buffer.alloc(1024 * 1024, "x");
    const capacity = writeSync(descriptor, buffer);
    readSync(descriptor, buffer, 0, capacity, null);
    writeSync(descriptor, buffer, 0, capacity - freeBytes);
    return { path, read: () => buffer.toString("utf8", 0, readSync(descriptor, buffer)) };
  }
  const line = (text: string, length = 3000): Buffer => Buffer.from(`${text.repeat(length)}\n`);

  test("AppendFile.append() keeps what nobody reads, a piece or all of it, but no more", () => {
    const { path, read } = createFullPipe(4096);
    const file = new AppendFile(path, anything);
    const reused = line("a");
    file.append(reused);
    reused.fill("b");
    file.append(line("c"));
    for (const text of ["d", "e"]) {
      const append = (): void => file.append(line(text));
      expect(append).toThrow("nobody reads it");
    }
    expect(read().replaceAll("x", "")).toBe(line("a").toString());
    file.append(line("f"));
    expect(read()).toBe(`${line("c").toString()}${line("f").toString()}`);
    file.close();
  });

  test("AppendFile.append() never leaves a line half written where its reader comes back", () => {
    const { path, read } = createFullPipe(4096);
    const file = new AppendFile(path, anything);
    file.append(line("a", 10_000));
    const first = read().replaceAll("x", "");
    file.append(line("b"));
    expect(first.length).toBeLessThan(10_000);
    expect(first + read()).toBe(`${line("a", 10_000).toString()}${line("b").toString()}`);
    file.close();
  });

  test("AppendFile.drain() gives the reader time for the end, but not for ever", async () => {
    const { path, read } = createFullPipe(4096);
    const file = new AppendFile(path, anything);
    file.append(line("a", 10_000));
    await file.drain();
    const first = read().replaceAll("x", "");
    await file.drain();
    file.close();
    expect(first + read()).toBe(line("a", 10_000).toString());
  });
});

describe("acquireLock()", () => {
  test("acquireLock() names the process that holds the lock", () => {
    const path = join(createFolder(), "capture");
    const lock = acquireLock(path);
    expect(() => acquireLock(path)).toThrow(
      `Cannot write ${path}: process ${process.pid} is writing it (capture.lock)`,
    );
    lock.release();
  });

  test.each([
    ["a process that is gone", { pid: 2 ** 22 + 1, bootId: "x", startTicks: "1" }],
    ["another process that has the number now", { pid: process.pid, bootId: "x", startTicks: "1" }],
    ["nobody: the text is damaged", "}{"],
  ])("acquireLock() takes over the lock of %s", (_, content) => {
    const path = join(createFolder(), "capture");
    writeFileSync(`${path}.lock`, typeof content === "string" ? content : JSON.stringify(content));
    acquireLock(path).release();
    expect(() => readFileSync(`${path}.lock`)).toThrow("ENOENT");
  });

  test("acquireLock() removes what processes that are gone left of their drafts, and nothing else", () => {
    const folder = createFolder();
    const gone = 2 ** 22 + 1;
    const kept = [`capture.lock.${process.ppid}`, "capture.lock.old", `other.lock.${gone}`];
    const dead = JSON.stringify({ pid: process.ppid, bootId: "x", startTicks: "1" });
    for (const name of [...kept, `capture.lock.${gone}`, `capture.lock.stale.${gone}`])
      writeFileSync(join(folder, name), "");
    writeFileSync(join(folder, "capture.lock.1"), dead);
    acquireLock(join(folder, "capture")).release();
    expect(new Set(readdirSync(folder))).toEqual(new Set(kept));
  });

  test("acquireLock() leaves nothing behind on a full disk (needs root, for a small disk)", (context) => {
    const folder = createFolder();
    if (spawnSync("mount", ["-t", "tmpfs", "-o", "size=64k", "tmpfs", folder]).status !== 0) {
      context.skip("only root can mount a small disk");
      return;
    }
    onTestFinished(() => {
      execFileSync("umount", [folder]);
    });
    expect(() => writeFileSync(join(folder, "others"), Buffer.alloc(1e6))).toThrow("ENOSPC");
    expect(() => acquireLock(join(folder, "capture"))).toThrow("ENOSPC");
    expect(readdirSync(folder)).toEqual(["others"]);
  });
});
