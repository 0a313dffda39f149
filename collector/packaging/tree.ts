// Everything but the executable that a package brings, as it lies on a host.
import { execFileSync } from "node:child_process";
import {
  copyFileSync,
  mkdirSync,
  readFileSync,
  readdirSync,
  symlinkSync,
  writeFileSync,
} from "node:fs";
import { dirname, join } from "node:path";
import { gzipSync } from "node:zlib";
import { renderCompletion, renderDispatch } from "./completion.ts";
import { parseHelp } from "./help-text.ts";
import { renderManual } from "./manual.ts";
import { renderSettingsFile } from "./settings-file.ts";

const here = import.meta.dirname;
const entry = join(here, "../src/perfcollector.ts");

const documents = "/usr/share/doc/perfcollector";
/** Those that the programs' own texts name. */
const pages = ["capture-format.md", "import.md", "metrics.md"];

const files = {
  pcc: [
    {
      path: "/etc/perfcollector/config.yaml",
      text: "settings, where neither a flag nor a variable gives them",
    },
    { path: "/etc/default/perfcollector", text: "variables for the service" },
    { path: "/var/lib/perfcollector/capture", text: "captures of the service" },
    { path: "/var/lib/perfcollector/spool", text: "samples that wait for the portal" },
    { path: "/run/perfcollector/pcc.sock", text: "where pcctl asks the service" },
    { path: `${documents}/capture-format.md`, text: "what a capture holds" },
  ],
  pcd: [
    {
      path: "/etc/perfcollector/pcd.yaml",
      text: "settings, where neither a flag nor a variable gives them",
    },
    { path: "/etc/default/pcd", text: "variables for the service" },
    { path: "/var/lib/pcd", text: "samples that wait for the portal" },
    { path: "/run/pcd/pcd.sock", text: "where pcctl asks the service" },
  ],
  pcprocess: [
    {
      path: "/var/lib/perfcollector/capture",
      text: "captures of the service, which this converts",
    },
    { path: `${documents}/import.md`, text: "how other tools make files that this reads" },
    { path: `${documents}/metrics.md`, text: "the columns of the CSV" },
  ],
  pcctl: [
    { path: "/etc/perfcollector/config.yaml", text: "pcc's settings" },
    { path: "/etc/perfcollector/pcd.yaml", text: "pcd's settings" },
    { path: "/run/perfcollector/pcc.sock, /run/pcd/pcd.sock", text: "where the services answer" },
    { path: `${documents}/metrics.md`, text: "the columns of pcctl tail" },
  ],
} as const;

type ProgramName = keyof typeof files;

/** The programs that the executable is, as it says itself. */
export function listPrograms(): ProgramName[] {
  return parseHelp(runProgram("--help")).commands.map(({ name }) => {
    // Object.hasOwn() makes sure of it.
    if (Object.hasOwn(files, name)) return name as ProgramName;
    throw new Error(`Cannot package ${name}: its files stand nowhere in tree.ts`);
  });
}

export interface Layout {
  /** The folder that becomes the host's root. */
  root: string;
  /** `usr/share` */
  share: string;
  etc: string;
  units: string;
  /** Unix seconds of everything that is dated. */
  dateS: number;
  billOfMaterials: string;
}

/** Manual pages, documents, completion, units, settings; answers the programs' names. */
export function writeTree({
  root,
  share,
  etc,
  units,
  dateS,
  billOfMaterials,
}: Layout): ProgramName[] {
  const write = (path: string, content: string | Uint8Array): void => {
    mkdirSync(dirname(join(root, path)), { recursive: true });
    writeFileSync(join(root, path), content, { mode: 0o644 });
  };
  const programs = listPrograms();
  for (const name of programs) {
    const help = runProgram(name, "--help");
    const commands = parseHelp(help).commands.map((command) =>
      runProgram(name, command.name, "--help"),
    );
    const section = sectionOf(name);
    const seeAlso = programs.filter((other) => other !== name).map(toPage);
    const manual = renderManual(help, { section, dateS, files: files[name], commands, seeAlso });
    write(`${share}/man/man${section}/${name}.${section}.gz`, gzipSync(manual, { level: 9 }));
    write(`${share}/bash-completion/completions/${name}`, renderCompletion(help, commands));
    if (name === "pcc") {
      write(`${etc}/perfcollector/config.yaml`, renderSettingsFile(help, "PCC"));
    } else if (name === "pcd") {
      write(`${etc}/perfcollector/pcd.yaml`, renderSettingsFile(help, "PCD"));
    }
  }
  const dispatch = renderDispatch(runProgram("--help"));
  write(`${share}/bash-completion/completions/perfcollector`, dispatch);
  const overview = renderManual(runProgram("--help"), {
    section: 1,
    dateS,
    files: [{ path: "/etc/perfcollector", text: "settings" }],
    seeAlso: programs.map(toPage),
  });
  write(`${share}/man/man1/perfcollector.1.gz`, gzipSync(overview, { level: 9 }));
  const ownDocuments = `${share}/doc/perfcollector`;
  write(`${ownDocuments}/copyright`, renderCopyright());
  write(`${ownDocuments}/sbom.cdx.json`, billOfMaterials);
  for (const page of pages) {
    write(`${ownDocuments}/${page}`, readFileSync(join(here, "../../docs", page)));
  }
  mkdirSync(join(root, units), { recursive: true });
  for (const unit of readdirSync(join(here, "systemd"))) {
    copyFileSync(join(here, "systemd", unit), join(root, units, unit));
  }
  return programs;
}

/** Of everything that is in the executable: Debian's format, and the notices that its licenses want with every copy. */
function renderCopyright(): string {
  const license = readFileSync(join(here, "../../LICENSE"), "utf8").trimEnd();
  const lines = license.split("\n").map((line) => ` ${line === "" ? "." : line}`);
  const template = readFileSync(join(here, "copyright-template"), "utf8");
  return template.replace("@LICENSE@", lines.join("\n"));
}

function sectionOf(name: string): 1 | 8 {
  return name === "pcd" ? 8 : 1;
}

function toPage(name: string): { name: string; section: number } {
  return { name, section: sectionOf(name) };
}

/** One file, and a link to it by each program's name. */
export function placeExecutable(
  executable: string,
  { folder, programs }: { folder: string; programs: readonly string[] },
): void {
  mkdirSync(folder, { recursive: true });
  copyFileSync(executable, join(folder, "perfcollector"));
  for (const name of programs) symlinkSync("perfcollector", join(folder, name));
}

/** What the sources' programs print; asked once, since a run packages several times. */
const printed = new Map<string, string>();

function runProgram(...args: string[]): string {
  const command = args.join(" ");
  const known = printed.get(command);
  if (known !== undefined) return known;
  const text = execFileSync(process.execPath, [entry, ...args], { encoding: "utf8", env: {} });
  printed.set(command, text);
  return text;
}
