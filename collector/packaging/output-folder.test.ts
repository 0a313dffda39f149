import { mkdirSync, mkdtempSync, readdirSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { expect, onTestFinished, test } from "vitest";
import { listOutputs, prepareOutputFolder } from "./output-folder.ts";

test("prepareOutputFolder() removes what packaging has made, and nothing of anybody else", () => {
  const folder = mkdtempSync(join(tmpdir(), "output-"));
  onTestFinished(() => rmSync(folder, { recursive: true }));
  const made = ["perfcollector-0.0.9-linux-x64", "perfcollector_0.0.9_amd64.deb"];
  for (const file of [...made, "SHA256SUMS", "thesis.tex", "perfcollector.txt"]) {
    writeFileSync(join(folder, file), "");
  }
  // The tar.gz, unpacked.
  mkdirSync(join(folder, "perfcollector-0.0.9"));
  expect(listOutputs(folder)).toEqual(made);
  prepareOutputFolder(folder);
  expect(readdirSync(folder).toSorted()).toEqual([
    "perfcollector-0.0.9",
    "perfcollector.txt",
    "thesis.tex",
  ]);
  prepareOutputFolder(join(folder, "new/one"));
  expect(readdirSync(join(folder, "new/one"))).toEqual([]);
});
