// Completion for bash, from what the programs say of themselves.
import { parseHelp, type Option } from "./help-text.ts";

/** A script for one program, which may have commands with helps of their own. */
export function renderCompletion(help: string, commandHelps: readonly string[] = []): string {
  const { name, commands, options } = parseHelp(help);
  const own = commandHelps.map(parseHelp);
  const helper = `_perfcollector_${name}`;
  const cases = own.map(({ name: full, options: theirs, usage }) => {
    const command = full.slice(name.length + 1);
    const words = [...listFlags(theirs), ...listWords(usage, `${name} ${command}`)];
    return `    ${command}) words=${quote(words)} ;;`;
  });
  const all = [...options, ...own.flatMap((command) => command.options)];
  return `# Completion of ${name} in bash; npm run package makes it from ${name} --help.
${helper}() {
  local word=\${COMP_WORDS[COMP_CWORD]} before=\${COMP_WORDS[COMP_CWORD-1]} words=${quote(listFlags(options))}
  compopt -o bashdefault -o default 2>/dev/null
  COMPREPLY=()
  case $before in
${renderValues(all)}
  esac
${commands.length === 0 ? "" : renderCommandCase(commands, cases)}
  if [[ $word == -*${commands.length === 0 ? "" : " || -n $choose"} ]]; then
    mapfile -t COMPREPLY < <(compgen -W "$words" -- "$word")
  fi
}
complete -F ${helper} ${name}
`;
}

/** What a flag's value can be: of several, one; of files, bash's own completion; of anything else, nothing. */
function renderValues(options: readonly Option[]): string {
  const lines = new Map<string, string>();
  for (const { flags, placeholder } of options) {
    if (placeholder === "") continue;
    const pattern = flags.join("|");
    const choices = placeholder.split("|");
    const chosen = choices.filter((choice) => /^[a-z-]+$/.test(choice));
    if (/^(?:PATH|FILE|FOLDER|DIR)/.test(placeholder)) lines.set(pattern, "return ;;");
    else if (chosen.length > 0) {
      lines.set(
        pattern,
        `mapfile -t COMPREPLY < <(compgen -W ${quote(chosen)} -- "$word"); compopt +o default +o bashdefault 2>/dev/null; return ;;`,
      );
    } else {
      lines.set(pattern, "compopt +o default +o bashdefault 2>/dev/null; return ;;");
    }
  }
  return [...lines].map(([pattern, action]) => `    ${pattern}) ${action}`).join("\n");
}

function renderCommandCase(
  commands: readonly { name: string }[],
  cases: readonly string[],
): string {
  const names = commands.map(({ name }) => name);
  return `  local choose=
  if ((COMP_CWORD == 1)); then
    choose=1 words+=${quote(["", ...names])}
    compopt +o default +o bashdefault 2>/dev/null
  else
    case \${COMP_WORDS[1]} in
    help) words=${quote(names)} ;;
${cases.join("\n")}
    esac
    if ((COMP_CWORD == 2)); then choose=1; fi
  fi`;
}

function listFlags(options: readonly Option[]): string[] {
  return options.flatMap(({ flags }) => flags);
}

/** Words that can stand behind the command: `pcctl config check|show`. */
function listWords(usage: readonly string[], start: string): string[] {
  const words = usage.flatMap((line) => {
    const [, rest = ""] = line.split(start);
    const [first = ""] = rest.trim().split(" ");
    return first.split("|").filter((word) => /^[a-z]+$/.test(word));
  });
  return [...new Set(words)];
}

function quote(words: readonly string[]): string {
  return `'${words.join(" ")}'`;
}
