import { describe, expect, test } from "vitest";
import { StatusFilter } from "./status-filter.ts";

const failed = { source: "meminfo", error: "EIO" };
const works = { source: "meminfo", error: null };

/** What is told of a source that fails in every second sample, one a second. */
function flap(filter: StatusFilter, fromS: number, seconds: number): (string | null)[] {
  return Array.from({ length: seconds }, (_, at) => fromS + at).flatMap((second) =>
    filter.select([second % 2 === 0 ? failed : works], second * 1e6).map(({ error }) => error),
  );
}

describe("StatusFilter", () => {
  test("StatusFilter.select() tells what changes as it comes", () => {
    const filter = new StatusFilter();
    const other = { source: "stat", error: "gone" };
    expect(filter.select([failed, other], 0)).toEqual([failed, other]);
    expect(filter.listFailing()).toEqual(["meminfo", "stat"]);
    expect(filter.select([], 1e6)).toEqual([]);
    expect(filter.select([works], 2e6)).toEqual([works]);
    expect(filter.listFailing()).toEqual(["stat"]);
  });

  test("StatusFilter.select() tells ten changes of a source that does not settle, and then one in ten minutes", () => {
    const filter = new StatusFilter();
    const told = flap(filter, 0, 3600);
    expect(told).toHaveLength(15);
    // Each is another than the one before.
    expect(told.every((error, at) => at === 0 || error !== told[at - 1])).toBe(true);
    expect(flap(filter, 3600, 86_400).length).toBeLessThanOrEqual(145);
  });

  test("StatusFilter.select() tells in the end how a source is that has settled", () => {
    const filter = new StatusFilter();
    flap(filter, 0, 61);
    expect(filter.listFailing()).toEqual([]);
    expect(filter.select([], 100e6)).toEqual([]);
    expect(filter.select([], 601e6)).toEqual([failed]);
    expect(filter.select([], 5000e6)).toEqual([]);
  });

  test("StatusFilter.select() forgets sources that came and went", () => {
    const filter = new StatusFilter();
    for (let at = 0; at < 5000; at += 1) {
      const source = `mounts:/${at}`;
      filter.select([{ source, error: "gone" }], at);
      filter.select([{ source, error: null }], at);
    }
    // Its map has no other sign of its size.
    expect(JSON.stringify([...filter["sources"].keys()]).length).toBeLessThan(20_000);
    expect(filter.select([failed], 0)).toEqual([failed]);
  });
});
