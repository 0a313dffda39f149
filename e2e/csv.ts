import { readFile } from "node:fs/promises";

/** Rows of a CSV without quoted cells, by column name, as text: values are compared as they were written. */
export async function readCsv(path: string): Promise<Record<string, string>[]> {
  const [header = "", ...lines] = (await readFile(path, "utf8")).trimEnd().split("\n");
  const names = header.split(",");
  return lines.map((line) => {
    const cells = line.split(",");
    if (cells.length !== names.length)
      throw new SyntaxError(`Cannot read ${path}: "${line}" has ${cells.length} cells`);
    return Object.fromEntries(names.map((name, index) => [name, cells[index] ?? ""]));
  });
}
