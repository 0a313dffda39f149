// PostgreSQL puts rows into pages in the order in which they come, and leaves the rest of a page empty when the next row does
// not fit. Segments are a third of a page long: in a good order they need some per cent less.
// Format: https://www.postgresql.org/docs/current/storage-page-layout.html
import type { Field } from "./binary-copy.ts";

const pageBytes = 8192 - 24;
const rowBytes = 24 + 4;
const alignment = 8;

/** The rows in an order in which they fill pages: each goes to the first page that has room for it, large ones first. */
export function orderForPages(rows: readonly Field[][]): Field[][] {
  const pages: { room: number; rows: Field[][] }[] = [];
  const sized = rows
    .map((row) => ({ row, size: rowBytes + Math.ceil(sizeOf(row) / alignment) * alignment }))
    .toSorted((one, other) => other.size - one.size);
  for (const { row, size } of sized) {
    let page = pages.find(({ room }) => room >= size);
    if (page === undefined) {
      page = { room: pageBytes, rows: [] };
      pages.push(page);
    }
    page.room -= size;
    page.rows.push(row);
  }
  return pages.flatMap((page) => page.rows);
}

function sizeOf(row: readonly Field[]): number {
  return row.reduce((size, field) => size + (field?.length ?? 0), 0);
}
