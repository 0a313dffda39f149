import { execFile } from "node:child_process";
import { cp, mkdtemp, readdir, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { basename, join, sep } from "node:path";
import { fileURLToPath } from "node:url";
import { afterAll, beforeAll, expect, test } from "vitest";

// Each file in fixtures/ breaks one rule that goes by folder, except good.ts and config.ts. Linted in a copy of
// the tree's shape, with all other rules off.

const here = fileURLToPath(new URL(".", import.meta.url));
let folder: string;
let findings: { path: string; rule: string }[];

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), "import-directions-"));
  await cp(join(here, "fixtures"), folder, { recursive: true });
  await cp(join(here, "..", ".oxlintrc.json"), join(folder, ".oxlintrc.json"));
  findings = await lint(folder);
});

afterAll(() => rm(folder, { recursive: true }));

test("oxlint refuses each bad fixture and passes the good ones", async () => {
  const files = (await readdir(join(here, "fixtures"), { recursive: true }))
    .filter((path) => path.endsWith(".ts"))
    .map((path) => path.split(sep).join("/"));
  const bad = files.filter((path) => !["good.ts", "config.ts"].includes(basename(path))).toSorted();
  expect(bad.length).toBeGreaterThanOrEqual(18);
  expect(findings.map(({ path }) => path).toSorted()).toEqual(bad);
  expect(new Set(findings.map(({ rule }) => rule))).toEqual(
    new Set(["eslint(no-restricted-imports)", "node(no-process-env)"]),
  );
});

async function lint(cwd: string): Promise<{ path: string; rule: string }[]> {
  const oxlint = join(here, "..", "node_modules", ".bin", "oxlint");
  const args = ["--format", "json", "-A", "all"];
  const output = await new Promise<string>((resolve) => {
    execFile(oxlint, args, { cwd }, (_exitCodeOfFindings, stdout) => resolve(stdout));
  });
  const { diagnostics } = toReport(JSON.parse(output));
  return diagnostics.map(({ filename, code }) => ({ path: filename, rule: code }));
}

function toReport(json: unknown): { diagnostics: { filename: string; code: string }[] } {
  expect(json).toMatchObject({ diagnostics: expect.any(Array) });
  // Guaranteed by the line above and by oxlint's documented JSON format.
  return json as { diagnostics: { filename: string; code: string }[] };
}
