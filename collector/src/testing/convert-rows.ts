import { readFileSync } from "node:fs";
import { join } from "node:path";
import type { ConvertOptions } from "../capture/convert-options.ts";
import { convertToCsv, type CsvSummary } from "../capture/to-csv.ts";
import { createFolder } from "../sampling/fake-procfs.ts";

export interface ConvertedRows {
  summary: CsvSummary;
  /** Cells by their columns' names. */
  rows: Record<string, string>[];
}

/** What convertToCsv() makes of the inputs, as it is told nothing else. */
export async function convertRows(
  inputs: ConvertOptions["inputs"],
  options: Partial<ConvertOptions> = {},
): Promise<ConvertedRows> {
  const output = join(createFolder(), "out.csv");
  const summary = await convertToCsv(output, {
    inputs,
    machineId: null,
    skipDamaged: false,
    filters: {},
    onProgress: () => Promise.resolve(),
    report: () => {},
    ...options,
  });
  const [header = "", ...lines] = readFileSync(output, "utf8").trimEnd().split("\n");
  const columns = header.split(",");
  const rows = lines.map((line) =>
    Object.fromEntries(line.split(",").map((cell, at) => [columns[at] ?? "", cell])),
  );
  return { summary, rows };
}
