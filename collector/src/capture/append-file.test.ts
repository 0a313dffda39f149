import { readFileSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, test } from "vitest";
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
});
