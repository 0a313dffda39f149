import { appendFileSync, readFileSync, statSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, test } from "vitest";
import { createFolder } from "../sampling/fake-procfs.ts";
import type { Batch } from "./batch.ts";
import { openBatchNames } from "./names.ts";

function toBatch(sequence: number, agent = "web-01", epoch = "e1"): Batch {
  const digest = String(sequence).padStart(22, "0");
  const name = { agent, epoch, sequence };
  return { ...name, machineId: agent, rowCount: 3, digest, facts: null, body: Buffer.alloc(0) };
}

const report = (): void => {};

describe("openBatchNames()", () => {
  test("openBatchNames() remembers an agent's last batches, also after a restart", () => {
    const path = join(createFolder(), "taken");
    const names = openBatchNames(path, report);
    for (let sequence = 0; sequence < 100; sequence += 1) names.add(toBatch(sequence));
    names.close();
    const next = openBatchNames(path, report);
    expect(next.find(toBatch(99))).toEqual({
      machineId: "web-01",
      rowCount: 3,
      digest: "0000000000000000000099",
    });
    expect(next.find(toBatch(68))).not.toBeNull();
    // Older ones the portal knows.
    expect(next.find(toBatch(67))).toBeNull();
    expect(next.find(toBatch(99, "web-02"))).toBeNull();
    expect(next.find(toBatch(99, "web-01", "e2"))).toBeNull();
    next.close();
  });

  test("openBatchNames() leaves out what is damaged or cut off", () => {
    const path = join(createFolder(), "taken");
    const names = openBatchNames(path, report);
    names.add(toBatch(1));
    names.close();
    const line = readFileSync(path, "utf8");
    appendFileSync(
      path,
      `${line.replace(" 1 ", " x ")}\u0000\u0000\n${line.replace(" 1 ", " 2 ").slice(0, -5)}`,
    );
    const next = openBatchNames(path, report);
    expect(readFileSync(path, "utf8")).toBe(line);
    next.close();
  });

  test("openBatchNames() keeps file and memory small, whatever comes", () => {
    const path = join(createFolder(), "taken");
    const names = openBatchNames(path, report);
    for (let sequence = 0; sequence < 30_000; sequence += 1)
      names.add(toBatch(sequence, `web-${sequence % 7}`, `e${sequence % 5000}`));
    expect(statSync(path).size).toBeLessThan(2_500_000);
    expect(names.find(toBatch(29_999, "web-4", "e4999"))).not.toBeNull();
    names.close();
    expect(readFileSync(path, "utf8").split("\n").length).toBeLessThan(30_000);
  });

  test("openBatchNames() refuses a file that it cannot write", () => {
    const path = join(createFolder(), "file");
    writeFileSync(path, "");
    expect(() => openBatchNames(join(path, "taken"), report)).toThrow("ENOTDIR");
  });
});
