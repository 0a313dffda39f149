import { expect, test } from "vitest";
import type { Field } from "./binary-copy.ts";
import { orderForPages } from "./pages.ts";

test("orderForPages() gives every row once, and needs fewer pages than the order in which they came", () => {
  const rows = Array.from({ length: 500 }, (_, index) => [
    Buffer.alloc(500 + ((index * 7919) % 5000), index),
  ]);
  const ordered = orderForPages(rows);
  expect(new Set(ordered)).toEqual(new Set(rows));
  expect(ordered).toHaveLength(rows.length);
  expect(countPages(ordered)).toBeLessThan(0.9 * countPages(rows));
});

function countPages(rows: readonly Field[][]): number {
  let pages = 0;
  let room = 0;
  for (const [field] of rows) {
    const size = 28 + Math.ceil((field?.length ?? 0) / 8) * 8;
    if (room < size) {
      pages++;
      room = 8168;
    }
    room -= size;
  }
  return pages;
}
