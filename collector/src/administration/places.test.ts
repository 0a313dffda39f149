import { join } from "node:path";
import { expect, test } from "vitest";
import { createFolder } from "../sampling/fake-procfs.ts";
import { findPlaces } from "./places.ts";

test("findPlaces() is the package's where it is installed and the settings name none", () => {
  const state = createFolder();
  const service = { collection: join(state, "capture/"), spool: join(state, "spool") };
  const unset = { collection: null, spool: null };
  expect(findPlaces(unset, service)).toEqual(service);
  expect(findPlaces({ collection: "pcc.json", spool: null }, service)).toEqual({
    collection: "pcc.json",
    spool: service.spool,
  });
  const elsewhere = { collection: "/nonexistent/capture/", spool: "/nonexistent/spool" };
  expect(findPlaces(unset, elsewhere)).toEqual(unset);
});
