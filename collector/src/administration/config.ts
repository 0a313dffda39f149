// pcctl config: the settings as pcc reads them, and where each comes from.
import { countOf } from "../count-of.ts";
import { pcdProgram } from "../gateway/settings.ts";
import { findPcdFaults } from "../gateway/upstreams.ts";
import { findFaults } from "../check-settings.ts";
import { findSettings, readSettings, type FoundSetting } from "../config.ts";
import { exitCodes } from "../exit.ts";
import { flagOf, variableOf, type Program } from "../setting-shapes.ts";
import { pccProgram } from "../settings.ts";
import { parseArguments, refusePositionals, usage } from "./arguments.ts";
import type { Terminal } from "./terminal.ts";
import { renderTable, toPlainText } from "./text.ts";

export const help = `pcctl config – the settings, and where each comes from

Usage: pcctl config show  [--program pcc|pcd] [--config PATH] [--json]
       pcctl config check [--program pcc|pcd] [--config PATH] [--json]

Examples:
  pcctl config show
  PCC_FREQUENCY=1s pcctl config show --json
  pcctl config show --program pcd
  pcctl config check --config /etc/perfcollector/config.yaml && systemctl restart perfcollector

show prints every setting with its value and its origin: an environment variable, the configuration file, or the default.
check says what is wrong in them, all of it: also what does not go together, what is missing for the program to start, and a key, a
certificate or a capture's folder that is not there. A key is in no setting, only the name of its file.

  --program pcc|pcd
                   whose settings (default: pcc)
  --config PATH    configuration file (default: as the program finds it)
  --json           prints JSON

Exit codes: 64 usage, 78 where a setting is wrong or the file cannot be read.
`;

const programs: readonly Program[] = [pccProgram, pcdProgram];

export async function run(argv: readonly string[], terminal: Terminal): Promise<number> {
  const { values, positionals } = parseArguments("config", argv, {
    program: { type: "string" },
    config: { type: "string" },
    json: { type: "boolean" },
  });
  const [verb = "", ...rest] = positionals;
  refusePositionals("config", rest);
  if (verb !== "show" && verb !== "check") {
    throw usage(
      "config",
      verb === "" ? "Give show or check" : `Cannot use "${verb}": it is neither show nor check`,
    );
  }
  const program = programs.find(({ name }) => name === (values.program ?? "pcc"));
  if (program === undefined) {
    throw usage(
      "config",
      `Cannot use --program "${values.program ?? ""}": it is neither pcc nor pcd`,
    );
  }
  const found = await findSettings(program, { configPath: values.config ?? null });
  const faults = found.flatMap(({ error }) => error?.message ?? []);
  // Only settings that are right can be compared.
  if (faults.length === 0 && verb === "check") {
    const options = { configPath: values.config ?? null };
    const together =
      program === pccProgram
        ? findFaults(await readSettings(pccProgram, options))
        : findPcdFaults(await readSettings(pcdProgram, options));
    faults.push(...together.map(({ message }) => message));
  }
  if (values.json === true) {
    terminal.printJson({ valid: faults.length === 0, faults, settings: found.map(toJson) });
  } else if (verb === "show") {
    terminal.print(renderSettings(program, found, terminal));
  } else if (faults.length === 0) {
    const given = found.filter((setting) => setting.given !== null).length;
    terminal.print(`${terminal.style.green("ok")}  ${countOf(given, "setting")} given, none wrong`);
  }
  for (const fault of faults) terminal.report(fault);
  return faults.length === 0 ? exitCodes.ok : exitCodes.config;
}

function renderSettings(
  program: Program,
  found: readonly FoundSetting[],
  terminal: Terminal,
): string {
  const { style } = terminal;
  return renderTable(
    [
      ["SETTING", "VALUE", "FROM"],
      ...found.map((setting) => [setting.name, renderValue(setting), originOf(setting)]),
    ],
    style,
  ).concat(
    `\n\n${style.dim(`Each is --${flagOf(found[0]?.name ?? "")}, ${variableOf(program, found[0]?.name ?? "")} or a line of the file, and so on; "${program.name} --help" says what they mean.`)}`,
  );
}

function renderValue({ text, error }: FoundSetting): string {
  if (text === null) return "–";
  return error === null ? toPlainText(text) : `${toPlainText(text)} (wrong)`;
}

function originOf({ text, given }: FoundSetting): string {
  if (given !== null) return given.origin;
  return text === null ? "" : "default";
}

function toJson(setting: FoundSetting): object {
  const { name, text, given, error } = setting;
  return {
    name,
    value: text,
    source: given?.source ?? (text === null ? null : "default"),
    origin: originOf(setting) || null,
    error: error?.message ?? null,
  };
}
