import { parseHelp } from "./help-text.ts";

/** A configuration file that names every setting and sets none. */
export function renderSettingsFile(help: string, variablePrefix: string): string {
  const { name, options } = parseHelp(help);
  const blocks = options.flatMap(({ placeholder, text }) => {
    const variable = text.find((line) => line.startsWith(`${variablePrefix}_`));
    if (variable === undefined || variable === `${variablePrefix}_CONFIG`) return [];
    const setting = variable.slice(variablePrefix.length + 1).toLowerCase();
    const lines = text.filter((line) => line !== variable);
    const [, usual = placeholder] = /\(default: ([^\s()]+)\)$/.exec(lines.join(" ")) ?? [];
    return [[...lines.map((line) => `# ${line}`), `#${setting}: ${usual}`].join("\n")];
  });
  return `# Settings of ${name}: "name: value" lines; see ${name}'s manual page. An environment variable or a flag of the same name goes first.
# What is set here holds for the service, and for ${name} by hand.

${blocks.join("\n\n")}
`;
}
