import { expect, test } from "vitest";
import { splitColumns } from "./column-lists.ts";

test("splitColumns() asks for all columns in their order, at most 64 at once", () => {
  const columns = Array.from({ length: 130 }, (_, index) => `cpu${index}_user`);
  const lists = splitColumns(columns);
  expect(lists.map(({ length }) => length)).toEqual([64, 64, 2]);
  expect(lists.flat()).toEqual(columns);
  expect(splitColumns([])).toEqual([]);
});

test("splitColumns() keeps addresses short where mounts have long paths", () => {
  const columns = Array.from({ length: 60 }, (_, index) => `fs_/${"a/".repeat(125)}${index}_used`);
  const lists = splitColumns(columns);
  expect(lists.flat()).toEqual(columns);
  for (const list of lists) {
    expect(encodeURIComponent(list.join(",")).length).toBeLessThanOrEqual(4096);
  }
});
