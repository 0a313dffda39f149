// What is made of the programs' own words: manual pages, completion, settings files.
import { execFileSync, spawnSync } from "node:child_process";
import { mkdtempSync, readFileSync, readdirSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { gunzipSync } from "node:zlib";
import { beforeAll, expect, onTestFinished, test } from "vitest";
import { parseHelp } from "./help-text.ts";
import { listPrograms, writeTree } from "./tree.ts";

const hasMandoc = spawnSync("mandoc", ["-Tlint", "/dev/null"]).error === undefined;
let root = "";
const programs = listPrograms();

beforeAll(() => {
  root = mkdtempSync(join(tmpdir(), "programs-"));
  writeTree({
    root,
    share: "share",
    etc: "etc",
    units: "units",
    dateS: 1_700_000_000,
    billOfMaterials: "{}",
  });
  return () => rmSync(root, { recursive: true });
}, 120_000);

function readPage(name: string): string {
  const file = [1, 8]
    .map((section) => join(root, `share/man/man${section}/${name}.${section}.gz`))
    .find((path) => readdirSync(join(path, "..")).some((entry) => path.endsWith(entry)));
  if (file === undefined) throw new Error(`${name} has no page`);
  return gunzipSync(readFileSync(file)).toString();
}

/** What bash offers for the last word of the line. */
function complete(line: string): string[] {
  const words = line.split(" ");
  const [name = ""] = words;
  const script = `
    source "$1"; shift
    COMP_WORDS=("$@") COMP_CWORD=$(($# - 1)) COMPREPLY=()
    _perfcollector_${name}
    printf '%s\\n' "\${COMPREPLY[@]}"`;
  const path = join(root, "share/bash-completion/completions", name);
  const output = execFileSync("bash", ["-c", script, "bash", path, ...words], { encoding: "utf8" });
  return output.split("\n").filter(Boolean).toSorted();
}

test("parseHelp() reads names, usage, examples, options of both forms and exit codes", () => {
  expect(
    parseHelp(`pcx show – shows things

Usage: pcx show [options]
       pcx show --all

Examples:
  pcx show 1 2 | less   two things
  PCX_A=1 pcx show

A sentence
over two lines.

  -a, --all           everything, and
                      more
  --mode local|trickle
      where to (default: local)
      PCX_MODE
  -h, --help

The key is no argument.
Exit codes: 64 usage, 66 nothing there.
`),
  ).toEqual({
    name: "pcx show",
    summary: "shows things",
    usage: ["pcx show [options]", "pcx show --all"],
    examples: [
      { command: "pcx show 1 2 | less", comment: "two things" },
      { command: "PCX_A=1 pcx show", comment: "" },
    ],
    paragraphs: ["A sentence over two lines.", "The key is no argument."],
    commands: [],
    options: [
      { flags: ["-a", "--all"], placeholder: "", text: ["everything, and", "more"] },
      {
        flags: ["--mode"],
        placeholder: "local|trickle",
        text: ["where to (default: local)", "PCX_MODE"],
      },
      { flags: ["-h", "--help"], placeholder: "", text: [] },
    ],
    exitCodes: ["64 usage", "66 nothing there"],
  });
  expect(() => parseHelp("Usage: pcx")).toThrow('it begins with "Usage: pcx"');
});

test.each([...programs, "perfcollector"])("%s has a page with all sections", (name) => {
  const page = readPage(name);
  expect(Array.from(page.matchAll(/^\.Sh (.*)$/gm), ([, section]) => section)).toEqual(
    expect.arrayContaining([
      "NAME",
      "SYNOPSIS",
      "DESCRIPTION",
      "OPTIONS",
      "FILES",
      "EXIT STATUS",
      "EXAMPLES",
      "SEE ALSO",
    ]),
  );
  expect(page).toMatch(/^\.Dd November 14, 2023$/m);
  expect(page).toMatch(/^\.It Fl h , Fl \\-help , /m);
});

test("pcc's page names the settings as flags and as variables", () => {
  expect(readPage("pcc")).toMatch(/^\.It Fl \\-frequency Ar TIME\n.*\n\.br\n\.Ev PCC_FREQUENCY$/m);
});

test.skipIf(!hasMandoc).each([...programs, "perfcollector"])(
  `mandoc has nothing to complain about in the page of %s${hasMandoc ? "" : " (skipped: it is not installed)"}`,
  (name) => {
    const { stdout } = spawnSync("mandoc", ["-Tlint", "-Wwarning"], {
      input: readPage(name),
      encoding: "utf8",
    });
    expect(stdout).toBe("");
  },
);

test("completion offers flags, choices of a value, and leaves files to bash", () => {
  expect(complete("pcc --freq")).toEqual(["--frequency"]);
  expect(complete("pcc --mode ")).toEqual(["local", "trickle"]);
  expect(complete("pcc --mode tr")).toEqual(["trickle"]);
  expect(complete("pcc --collection --f")).toEqual([]);
  expect(complete("pcc /etc/host")).toEqual([]);
  expect(complete("pcprocess --sar")).toContain("--sar-dir");
  expect(complete("pcctl up")).toEqual(["upload"]);
  expect(complete("pcctl config sh")).toEqual(["show"]);
  expect(complete("pcctl upload --ne")).toEqual(["--new"]);
  expect(complete("pcctl upload /etc/host")).toEqual([]);
  expect(complete("pcctl config --program ")).toEqual(["pcc", "pcd"]);
  expect(complete("pcctl config --program = pc")).toEqual(["pcc", "pcd"]);
  expect(complete("pcctl config --program = pcd ch")).toEqual(["check"]);
  expect(complete("pcctl config --program pcd --json sh")).toEqual(["show"]);
  expect(complete("pcctl config show sh")).toEqual([]);
  expect(complete("pcctl help ke")).toEqual(["keys"]);
  expect(complete("pcctl keys create x --sc")).toEqual(["--scope"]);
  expect(complete("pcd k")).toEqual(["key"]);
  expect(complete("pcd key ")).toEqual(["create", "list", "revoke"]);
  expect(complete("pcd key --keys keys.json re")).toEqual(["revoke"]);
  expect(complete("pcd key create web-01 --u")).toEqual(["--upstream"]);
  expect(complete("pcd key list --")).toEqual(["--config", "--help", "--json", "--keys"]);
  expect(complete("pcd --sto")).toEqual(["--store", "--store-retention"]);
  expect(complete("pcprocess -i x.csv --input-format p")).toEqual([
    "perfanalysis-capture",
    "perfcollector2",
    "pmrep",
  ]);
});

test("completion of perfcollector offers its programs, and then what the program's own does", () => {
  expect(complete("perfcollector pc")).toEqual(["pcc", "pcctl", "pcd", "pcprocess"]);
  expect(complete("perfcollector --v")).toEqual(["--version"]);
  expect(complete("perfcollector pcctl config --json sh")).toEqual(["show"]);
  expect(complete("perfcollector pcc --mode ")).toEqual(["local", "trickle"]);
  expect(complete("perfcollector nonsense --mode ")).toEqual([]);
});

test.each(programs)("completion of %s runs in bash", (name) => {
  expect(complete(`${name} --hel`)).toEqual(["--help"]);
});

test("pcc takes its settings file as it is, and with every default that it names", () => {
  const path = join(root, "etc/perfcollector/config.yaml");
  const folder = mkdtempSync(join(tmpdir(), "settings-"));
  onTestFinished(() => rmSync(folder, { recursive: true }));
  const all = join(folder, "all.yaml");
  const text = readFileSync(path, "utf8");
  // Placeholders are in capitals; no default is.
  writeFileSync(
    all,
    text.replaceAll(/^#([a-z_]+: )(?![A-Z]+$)(?!.*\|)/gm, "$1").replace(/^duration: .*$/m, ""),
  );
  expect(readFileSync(all, "utf8")).toMatch(/^frequency: 10s$/m);
  const pcc = join(import.meta.dirname, "../src/pcc.ts");
  for (const file of [path, all]) {
    const { status, stderr } = spawnSync(
      process.execPath,
      [pcc, "--config", file, "--procfs", folder, "1", "1", "-"],
      { encoding: "utf8", env: {} },
    );
    // It got as far as looking for something to sample.
    expect({ status, stderr }).toEqual({ status: 66, stderr: expect.stringContaining(folder) });
  }
});
