import { expect, test } from "vitest";
import { readSettings } from "./config.ts";
import { compareSettings, renderChange } from "./reload.ts";
import { pccProgram, type Settings } from "./settings.ts";

function read(variables: Record<string, string>): Promise<Settings> {
  return readSettings(pccProgram, { environment: { PCC_CONFIG: "/dev/null", ...variables } });
}

test("compareSettings() tells what holds now, and what only with the next start", async () => {
  const before = await read({ PCC_COLLECTION: "/data/", PCC_EXCLUDE_DISK: "sda" });
  const next = await read({
    PCC_COLLECTION: "/other/",
    PCC_FREQUENCY: "60s",
    PCC_EXCLUDE_DISK: "sdb",
    PCC_KEEP_DAYS: "3",
  });
  const { settings, changed, postponed } = compareSettings(before, next);
  expect(changed).toEqual(["frequency", "keep_days", "exclude_disk"]);
  expect(postponed).toEqual(["collection"]);
  expect(settings).toEqual({ ...next, collection: "/data/" });
});

test("compareSettings() takes expressions and addresses of the same text for the same", async () => {
  const variables = { PCC_PORTAL: "https://portal.example", PCC_INCLUDE_DISK: "^sd" };
  const { changed, postponed } = compareSettings(await read(variables), await read(variables));
  expect([...changed, ...postponed]).toEqual([]);
});

test("renderChange() tells of settings, of a new key in the same file, and of neither", async () => {
  const before = await read({});
  const same = compareSettings(before, await read({}));
  expect(renderChange(same, { hasNewKey: false })).toBe("settings read anew, nothing changed");
  expect(renderChange(same, { hasNewKey: true })).toBe("settings read anew; the key is read anew");
  const other = compareSettings(before, await read({ PCC_FREQUENCY: "60s", PCC_SPOOL: "/spool" }));
  expect(renderChange(other, { hasNewKey: true })).toBe(
    "settings read anew, changed: frequency; the key is read anew; with the next start: spool",
  );
});
