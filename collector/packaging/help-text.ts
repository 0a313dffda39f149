// What a program's --help says, as manual pages and completion need it. All of the collector's programs write it the same way.

export interface Option {
  /** `["-i", "--input"]` */
  flags: string[];
  /** What stands for the value; empty where there is none. */
  placeholder: string;
  /** What it is for, a line each. */
  text: string[];
}

export interface HelpText {
  name: string;
  summary: string;
  usage: string[];
  examples: { command: string; comment: string }[];
  paragraphs: string[];
  commands: { name: string; summary: string }[];
  options: Option[];
  /** `64 usage` and so on. */
  exitCodes: string[];
}

/** @throws SyntaxError where the help is not written as the others are. */
export function parseHelp(help: string): HelpText {
  const [first = "", ...lines] = help.split("\n");
  const [, name = "", summary = ""] = /^(\S+(?: [a-z]+)*) – (.+)$/.exec(first) ?? [];
  if (name === "") throw new SyntaxError(`Cannot read the help: it begins with "${first}"`);
  const parsed: HelpText = {
    name,
    summary,
    usage: [],
    examples: [],
    paragraphs: [],
    commands: [],
    options: [],
    exitCodes: [],
  };
  for (const block of lines
    .join("\n")
    .trim()
    .split(/\n(?:\s*\n)+/))
    readBlock(parsed, block.split("\n"));
  return parsed;
}

function readBlock(parsed: HelpText, lines: string[]): void {
  const [first = ""] = lines;
  if (first.startsWith("Usage:")) {
    parsed.usage.push(...lines.map((line) => line.replace(/^Usage:/, "").trim()).filter(Boolean));
  } else if (/^Examples?:/.test(first)) {
    for (const line of lines.slice(1)) parsed.examples.push(parseExample(line));
  } else if (/^(?:Commands|Programs):$/.test(first)) {
    for (const line of lines.slice(1)) {
      const [, name = "", summary = ""] = /^ {2}(\S.*?) {2,}(.*)$/.exec(line) ?? [];
      if (name !== "") parsed.commands.push({ name, summary });
    }
  } else {
    readProse(parsed, lines);
  }
}

/** Sentences, and options below them. */
function readProse(parsed: HelpText, lines: readonly string[]): void {
  let sentence: string[] = [];
  const endSentence = (): void => {
    const text = sentence.join(" ");
    const codes = /^Exit codes: (.*)\.$/.exec(text);
    if (codes !== null) parsed.exitCodes = (codes[1] ?? "").split(", ");
    else if (text !== "") parsed.paragraphs.push(text);
    sentence = [];
  };
  let option: Option | null = null;
  for (const line of lines) {
    if (line.startsWith("Exit codes:")) endSentence();
    if (/^ {2,6}-/.test(line)) {
      endSentence();
      option = parseOption(line);
      parsed.options.push(option);
    } else if (option !== null && /^ {6}/.test(line)) {
      option.text.push(line.trim());
    } else if (line.trim() !== "") {
      option = null;
      sentence.push(line.trim());
    }
  }
  endSentence();
}

/** `  pcc 1 60 /tmp/pcc.json    a minute, a sample a second` */
function parseExample(line: string): { command: string; comment: string } {
  const [, command = line.trim(), comment = ""] = /^ {2}(\S.*?)(?: {2,}(\S.*))?$/.exec(line) ?? [];
  return { command, comment };
}

/** `  -i, --input FILE    a capture` */
function parseOption(line: string): Option {
  const [, head = "", text = ""] = /^ +(\S.*?)(?: {2,}(\S.*))?$/.exec(line) ?? [];
  const flags: string[] = [];
  let placeholder = "";
  for (const part of head.split(/, (?=-)/)) {
    const [flag = "", ...value] = part.split(" ");
    flags.push(flag);
    placeholder = value.join(" ");
  }
  return { flags, placeholder, text: text === "" ? [] : [text] };
}
