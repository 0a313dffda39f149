import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";
import { createFolder } from "../sampling/fake-procfs.ts";
import { openSpool } from "./disk-spool.ts";
import { inspectSpool } from "./inspect.ts";

test("inspectSpool() tells what waits in a spool that nobody has open, and changes nothing", () => {
  const folder = join(createFolder(), "spool");
  expect(inspectSpool(folder)).toBeNull();
  const spool = openSpool(folder, { maxBytes: 1024 * 1024, report: () => {} });
  for (const text of ["a", "b", "c"]) spool.append(1, Buffer.from(text));
  spool.acknowledge(1);
  spool.close();
  const contents = (): string[] =>
    readdirSync(folder).map((name) => `${name} ${readFileSync(join(folder, name), "hex")}`);
  const before = contents();
  expect(inspectSpool(folder)).toMatchObject({
    records: 2,
    bytes: expect.any(Number),
    droppedRecords: 0,
    damagedRecords: 0,
  });
  expect(contents()).toEqual(before);
});
