import { join } from "node:path";
import { expect, test } from "vitest";
import { createFolder } from "../sampling/fake-procfs.ts";
import { findPlaces } from "./places.ts";

test("findPlaces() is the package's where it is installed and the settings name none", () => {
  const state = createFolder();
  const installed = { collection: join(state, "capture/"), spool: join(state, "spool") };
  const unset = { collection: null, spool: null };
  expect(findPlaces(unset, { configPath: null, installed })).toEqual(installed);
  expect(findPlaces({ ...unset, collection: "pcc.json" }, { configPath: null, installed })).toEqual(
    {
      collection: "pcc.json",
      spool: installed.spool,
    },
  );
  expect(findPlaces(unset, { configPath: "own.yaml", installed })).toEqual(unset);
  const elsewhere = { collection: "/nonexistent/capture/", spool: "/nonexistent/spool" };
  expect(findPlaces(unset, { configPath: null, installed: elsewhere })).toEqual(unset);
});
