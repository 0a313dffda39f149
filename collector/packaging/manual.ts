// Manual pages in mdoc(7), from what the programs say of themselves.
import { parseHelp, type HelpText, type Option } from "./help-text.ts";

const maxWidth = 79;

export interface ManualOptions {
  section: 1 | 8;
  /** Unix seconds. */
  dateS: number;
  files: readonly { path: string; text: string }[];
  /** Helps of the program's commands. */
  commands?: readonly string[];
  seeAlso: readonly { name: string; section: number }[];
}

export function renderManual(
  help: string,
  { section, dateS, files, commands = [], seeAlso }: ManualOptions,
): string {
  const parsed = parseHelp(help);
  const date = new Date(dateS * 1000).toLocaleDateString("en-US", {
    dateStyle: "long",
    timeZone: "UTC",
  });
  const lines = [
    `.Dd ${date}`,
    `.Dt ${parsed.name.toUpperCase()} ${section}`,
    ".Os",
    ".Sh NAME",
    `.Nm ${parsed.name}`,
    `.Nd ${escapeText(parsed.summary)}`,
    ".Sh SYNOPSIS",
    ...renderUsage(parsed),
    ".Sh DESCRIPTION",
    ...renderParagraphs(parsed.paragraphs),
    ...(parsed.options.length === 0 ? [] : [".Sh OPTIONS", ...renderOptions(parsed.options)]),
    ...(parsed.commands.length === 0 ? [] : [".Sh COMMANDS", ...renderCommands(parsed, commands)]),
    ".Sh FILES",
    ".Bl -tag -width Ds",
    ...files.flatMap(({ path, text }) => [`.It Pa ${escapeText(path)}`, ...fillText(text)]),
    ".El",
    ".Sh EXIT STATUS",
    ".Bl -tag -width Ds",
    ...["0 success", ...parsed.exitCodes].flatMap((entry) => {
      const [code = "", ...words] = entry.split(" ");
      return [`.It ${code}`, ...fillText(words.join(" "))];
    }),
    ".El",
    ".Sh EXAMPLES",
    ...renderExamples(parsed),
    ".Sh SEE ALSO",
    ...seeAlso
      // As mdoc(7) wants them: by section, then by name.
      .toSorted((left, right) => left.section - right.section || (left.name < right.name ? -1 : 1))
      .map(
        (page, index) =>
          `.Xr ${page.name} ${page.section}${index < seeAlso.length - 1 ? " ," : ""}`,
      ),
  ];
  return `${lines.join("\n")}\n`;
}

function renderUsage({ usage, name }: HelpText): string[] {
  const [program = name] = name.split(" ");
  return usage.flatMap((line) => {
    const rest = line.startsWith(program) ? line.slice(program.length).trim() : line;
    return [`.Nm ${program}`, ...(rest === "" ? [] : [escapeText(rest)])];
  });
}

function renderParagraphs(paragraphs: readonly string[]): string[] {
  // What a help's options stand behind is not what they stand behind here.
  return paragraphs.flatMap((text, index) => [
    ...(index === 0 ? [] : [".Pp"]),
    ...fillText(text.replace(/:$/, ".")),
  ]);
}

function renderOptions(options: readonly Option[]): string[] {
  return [
    ".Bl -tag -width Ds",
    ...options.flatMap(({ flags, placeholder, text }) => {
      const heads = flags.map((flag) => `Fl ${escapeWord(flag.slice(1))}`).join(" , ");
      const value = placeholder === "" ? "" : ` Ar ${escapeWord(placeholder)}`;
      return [
        `.It ${heads}${value}`,
        ...text.flatMap((line) =>
          /^PC[CD]_[A-Z_]+$/.test(line) ? [".br", `.Ev ${line}`] : fillText(line),
        ),
      ];
    }),
    ".El",
  ];
}

function renderCommands(parsed: HelpText, commands: readonly string[]): string[] {
  const helps = commands.map(parseHelp);
  return parsed.commands.flatMap(({ name, summary }) => {
    const help = helps.find((candidate) => candidate.name.endsWith(` ${name}`));
    const title = `.Ss ${escapeText(name)}`;
    if (help === undefined) return [title, ...fillText(summary)];
    return [
      title,
      ...fillText(help.summary),
      ".Bd -literal -offset indent",
      ...help.usage.map(escapeText),
      ".Ed",
      ...(help.paragraphs.length === 0 ? [] : [".Pp", ...renderParagraphs(help.paragraphs)]),
      ...(help.options.length === 0 ? [] : renderOptions(help.options)),
      ...(help.examples.length === 0 ? [] : [".Pp", "Examples:", ...renderExamples(help)]),
    ];
  });
}

function renderExamples({ examples }: HelpText): string[] {
  return [
    ".Bd -literal -offset indent",
    ...examples.flatMap(({ command, comment }) => [
      ...(comment === "" ? [] : [escapeText(`# ${comment}`)]),
      escapeText(command),
    ]),
    ".Ed",
  ];
}

/** Text as lines: each sentence begins one, so that the formatter knows where it ends. */
function fillText(text: string): string[] {
  return text.split(/(?<=[.!?]) +(?=[A-Z"])/).flatMap((sentence) => {
    const lines: string[] = [];
    for (const word of escapeText(sentence).split(" ")) {
      const line = lines.at(-1);
      if (line === undefined || line.length + word.length >= maxWidth) {
        lines.push(word.startsWith(".") ? `\\&${word}` : word);
      } else {
        lines[lines.length - 1] = `${line} ${word}`;
      }
    }
    return lines;
  });
}

/** A line of text: nothing in it is a macro, and what is ASCII stays so that it can be copied. */
function escapeText(text: string): string {
  const escaped = text
    .replaceAll("\\", "\\e")
    .replaceAll("-", "\\-")
    .replaceAll("'", "\\(aq")
    .replaceAll('"', "\\(dq")
    .replaceAll("^", "\\(ha")
    .replaceAll("~", "\\(ti")
    .replaceAll("`", "\\(ga")
    .replaceAll("–", "\\(en")
    .replaceAll("…", "...")
    .replaceAll("’", "\\(cq");
  return escaped.startsWith(".") ? `\\&${escaped}` : escaped;
}

/** A macro's argument: a word that is another macro's name would be taken for it. */
function escapeWord(word: string): string {
  return word
    .split(" ")
    .map((part) => {
      const escaped = escapeText(part);
      return /^[A-Z][a-z]$|^[|.,:;()[\]?!]$/.test(escaped) ? `\\&${escaped}` : escaped;
    })
    .join(" ");
}
