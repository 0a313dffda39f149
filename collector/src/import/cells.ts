// Cells of other tools' text files.
import { countOf } from "../count-of.ts";

/** The text in quotes, cut to 40 characters. */
export function quoteCell(text: string): string {
  return JSON.stringify(text.length > 40 ? `${text.slice(0, 40)}…` : text);
}

/**
 * The cell's number; NaN, a gap, where it is empty or says that there is none.
 * @throws SyntaxError naming the column, counted in cells from 1.
 */
export function parseCell(cells: readonly string[], at: number, name: string): number {
  const cell = cells[at];
  if (cell === undefined || /^(?:-?nan|inf|N\/A|\?|-|)$/i.test(cell)) return Number.NaN;
  if (/^-?\d{1,20}(?:\.\d{1,20})?(?:e[+-]?\d{1,3})?$/i.test(cell)) return Number(cell);
  throw new SyntaxError(`column ${at + 1}: ${name} is ${quoteCell(cell)}, not a number`);
}

/** @throws SyntaxError where the line has not as many cells as its header; `hint` says what to do. */
export function requireCount(cells: readonly string[], count: number, hint = ""): void {
  if (cells.length === count) return;
  throw new SyntaxError(
    `the line has ${countOf(cells.length, "column")}, the header has ${count}${hint}`,
  );
}

/** The cells of a line of CSV, of which quotes are taken off. */
export function splitCsv(line: string): string[] {
  if (!line.includes('"')) return line.split(",");
  const cells: string[] = [];
  for (const match of line.matchAll(/(?:^|,)(?:"((?:[^"]|"")*)"|([^,]*))/g)) {
    cells.push(match[1]?.replaceAll('""', '"') ?? match[2] ?? "");
  }
  return cells;
}
