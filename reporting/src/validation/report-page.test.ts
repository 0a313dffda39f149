import { readFile } from "node:fs/promises";
import { join } from "node:path";
import { expect, test } from "vitest";
import { checks } from "./checks.ts";

test("docs/report.md shows the checks as they are", async () => {
  const page = await readFile(join(import.meta.dirname, "../../../docs/report.md"), "utf8");
  const rows = checks.map(
    ({ id, looksFor, thresholds }) => `| \`${id}\` | ${looksFor} | ${thresholds} |`,
  );
  expect(page).toContain(rows.join("\n"));
});
