import { chownSync, readdirSync, statSync, symlinkSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";
import { createFolder } from "../sampling/fake-procfs.ts";
import { openReceipts } from "./receipts.ts";

const sha256 = "ab".repeat(32);

test("openReceipts() remembers over restarts, each portal by itself", () => {
  const root = createFolder();
  const portal = new URL("https://portal.example:8443/base");
  const receipts = openReceipts(root, portal);
  expect(receipts.find(sha256)).toBeNull();
  expect(receipts.uploadedTo("web-01")).toBeNull();
  receipts.keep(sha256, { file: "pcc.json" });
  receipts.setUploadedTo("web-01", 1_767_225_600);
  const again = openReceipts(root, portal);
  expect(again.find(sha256)).toEqual({ sha256, file: "pcc.json" });
  expect(again.uploadedTo("web-01")).toBe(1_767_225_600);
  expect(again.uploadedTo("web-02")).toBeNull();
  expect(openReceipts(root, new URL("https://other.example")).find(sha256)).toBeNull();
  expect(readdirSync(root)).toEqual(expect.arrayContaining(["portal.example_8443"]));
});

test("a receipt that cannot be read is none: the upload is made once more, and adds nothing", () => {
  const receipts = openReceipts(createFolder(), new URL("https://portal.example"));
  receipts.keep(sha256, { file: "pcc.json" });
  for (const text of ["", '{"file":', "[]"]) {
    writeFileSync(join(receipts.folder, `${sha256.slice(0, 32)}.json`), text);
    expect(receipts.find(sha256)).toBeNull();
  }
});

test.skipIf(process.geteuid?.() !== 0)(
  "openReceipts() of root leaves receipts that the service's user can go on with (needs root)",
  () => {
    const state = createFolder();
    const serviceUser = 12_345;
    chownSync(state, serviceUser, serviceUser);
    const root = join(state, "receipts");
    const receipts = openReceipts(root, new URL("https://portal.example"));
    receipts.keep(sha256, { file: "pcc.json" });
    const made = [root, receipts.folder, join(receipts.folder, `${sha256.slice(0, 32)}.json`)];
    for (const path of made) {
      expect(statSync(path)).toMatchObject({ uid: serviceUser, gid: serviceUser });
    }
    // Not what somebody has put a link to there.
    const other = createFolder();
    symlinkSync(other, join(root, "other.example"));
    openReceipts(root, new URL("https://other.example"));
    expect(statSync(other).uid).toBe(0);
  },
);
