// Commands in the documents: every fenced block marked sh is run, a document's blocks in order in one folder.
import { execFile } from "node:child_process";
import { cp, mkdir, mkdtemp, readdir, readFile, rm, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { gzipSync } from "node:zlib";
import { afterAll, beforeAll, expect, test } from "vitest";
import { root, runOk, startRunning, type Running } from "./binaries.ts";
import { makeFolder } from "./folder.ts";

let folder: string;
let state: string;
let portal: Running;
let url: string;

beforeAll(async () => {
  folder = await makeFolder("docs");
  state = join(folder, "state");
  portal = startRunning("perf-portal", ["serve", "--port", "0", "--state-dir", state]);
  url = String((await portal.line(/^Ready on (http:\S+)/))[1]);
  await makeExampleFiles();
});

afterAll(async () => {
  await portal?.stop();
  await rm(folder, { recursive: true, force: true });
});

const documents = await findDocuments();

test("documents with commands are found", () => {
  expect(documents.map(({ name }) => name)).toEqual(
    expect.arrayContaining(["README.md", "docs/collector.md", "docs/portal.md", "docs/report.md"]),
  );
});

test.each(documents)("the commands in $name work", async ({ blocks }) => {
  const own = await mkdtemp(join(folder, "document-"));
  await cp(join(folder, "examples"), own, { recursive: true });
  for (const block of blocks) await expect(runShell(block, own)).resolves.toBeUndefined();
});

async function findDocuments(): Promise<{ name: string; blocks: string[] }[]> {
  const pages = (await readdir(join(root, "docs"))).filter((name) => name.endsWith(".md"));
  const names = ["README.md", ...pages.map((name) => `docs/${name}`)];
  const all = await Promise.all(
    names.map(async (name) => ({
      name,
      blocks: shellBlocks(await readFile(join(root, name), "utf8")),
    })),
  );
  return all.filter(({ blocks }) => blocks.length > 0);
}

function shellBlocks(markdown: string): string[] {
  return [...markdown.matchAll(/^```sh\n(.*?)^```$/gms)].map(([, block]) => block ?? "");
}

/** Files that documents speak of as the reader's own. */
async function makeExampleFiles(): Promise<void> {
  const examples = join(folder, "examples");
  await mkdir(examples);
  const header = "timestamp,machine_id,cpu_user,cpu_system,cpu_idle,mem_total,mem_free";
  const rows = Array.from(
    { length: 120 },
    (_, second) =>
      `${1_767_800_521 + second},web-01,${second % 50},3,${97 - (second % 50)},4096000,${2_048_000 - second}`,
  );
  const csv = `${[header, ...rows].join("\n")}\n`;
  await writeFile(join(examples, "web-01.csv"), csv);
  const others = rows.map((row) => row.replace("web-01", "web-02")).join("\n");
  await writeFile(join(examples, "fleet.csv.gz"), gzipSync(`${csv}${others}\n`));
  await runOk("perf-portal", ["tenant", "create", "smoke", "--state-dir", state]);
  const scopes = ["--scope", "ingest", "--scope", "read", "--scope", "admin"];
  const key = ["key", "create", "smoke", "--tenant", "smoke", ...scopes];
  await runOk("perf-portal", [
    ...key,
    "--output",
    join(examples, "smoke.key"),
    "--state-dir",
    state,
  ]);
}

/** As a reader's shell in the checkout, but in another folder: npx finds the checkout's programs. */
async function runShell(script: string, cwd: string): Promise<void> {
  const env = {
    ...process.env,
    PATH: `${join(root, "node_modules/.bin")}:${process.env["PATH"]}`,
    PORTAL_STATE_DIR: state,
    PORTAL: url,
  };
  // With job control, as in a terminal: whoever ends a job ends all of it.
  const whole = `set -euo pipefail; set -m\nnpx() { command "$@"; }\n${script}`;
  await new Promise<void>((resolve, reject) => {
    execFile("bash", ["-c", whole], { cwd, env }, (error, stdout, stderr) => {
      if (error === null) resolve();
      else reject(new Error(`Cannot run\n${script}\n${stdout}${stderr}`, { cause: error }));
    });
  });
}
