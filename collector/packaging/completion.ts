// Completion for bash, from what the programs say of themselves.
import { parseHelp, type HelpText, type Option } from "./help-text.ts";

/** What can follow verbs: other verbs, and flags. */
interface Place {
  verbs: Set<string>;
  flags: Set<string>;
}

/** A script for one program, which may have commands with helps of their own. */
export function renderCompletion(help: string, commandHelps: readonly string[] = []): string {
  const main = parseHelp(help);
  const own = commandHelps.map(parseHelp);
  const all = [main, ...own].flatMap(({ options }) => options);
  const valued = all.flatMap(({ flags, placeholder }) => (placeholder === "" ? [] : flags));
  const helper = `_perfcollector_${main.name}`;
  // The longest first: verbs that stand before others are their beginning.
  const places = Array.from(listPlaces(main, own)).toSorted(
    ([one], [other]) => other.length - one.length,
  );
  return `# Completion of ${main.name} in bash; npm run package makes it from ${main.name} --help.
${helper}() {
  local word=\${COMP_WORDS[COMP_CWORD]} before=\${COMP_WORDS[COMP_CWORD-1]} words='' verbs='' given='' at
  # bash takes --flag=value apart.
  if [[ $word == '=' ]]; then word=''
  elif [[ $before == '=' ]]; then before=\${COMP_WORDS[COMP_CWORD-2]}; fi
  compopt -o bashdefault -o default 2>/dev/null
  COMPREPLY=()
  case $before in
${renderValues(all)}
  esac
  for ((at = 1; at < COMP_CWORD; at++)); do
    case \${COMP_WORDS[at]} in
    ${[...new Set(valued)].join("|") || "=="}) if [[ \${COMP_WORDS[at+1]} == '=' ]]; then at=$((at + 2)); else at=$((at + 1)); fi ;;
    -*) ;;
    *) given+="\${COMP_WORDS[at]} " ;;
    esac
  done
  case $given in
${places.map(renderPlace).join("\n")}
  esac
  if [[ $word == -* ]]; then
    mapfile -t COMPREPLY < <(compgen -W "$words" -- "$word")
  elif [[ -n $verbs ]]; then
    compopt +o default +o bashdefault 2>/dev/null
    mapfile -t COMPREPLY < <(compgen -W "$verbs" -- "$word")
  fi
}
complete -F ${helper} ${main.name}
`;
}

/** A script for the executable that is all programs, each of which has a script of its own beside this one. */
export function renderDispatch(help: string): string {
  const { name, commands, options } = parseHelp(help);
  const programs = commands.map((program) => program.name);
  const helper = `_perfcollector_${name}`;
  return `# Completion of ${name} in bash; npm run package makes it from ${name} --help.
${helper}() {
  local word=\${COMP_WORDS[COMP_CWORD]} program=\${COMP_WORDS[1]}
  COMPREPLY=()
  if ((COMP_CWORD == 1)); then
    mapfile -t COMPREPLY < <(compgen -W ${quote([...programs, ...listFlags(options)])} -- "$word")
    return
  fi
  case $program in
  ${programs.join("|")}) ;;
  *) return ;;
  esac
  declare -F "_perfcollector_$program" >/dev/null || source "\${BASH_SOURCE[0]%/*}/$program" || return
  COMP_WORDS=("\${COMP_WORDS[@]:1}") COMP_CWORD=$((COMP_CWORD - 1))
  "_perfcollector_$program"
}
complete -F ${helper} ${name}
`;
}

/** By the verbs that stand before, each with a space behind it. */
function listPlaces(main: HelpText, own: readonly HelpText[]): Map<string, Place> {
  const places = new Map<string, Place>();
  const placeOf = (before: readonly string[]): Place => {
    const key = before.map((verb) => `${verb} `).join("");
    const place = places.get(key) ?? { verbs: new Set(), flags: new Set() };
    places.set(key, place);
    return place;
  };
  const { commands } = main;
  const start = placeOf([]);
  for (const flag of listFlags(main.options)) start.flags.add(flag);
  for (const { name } of commands) {
    start.verbs.add(name);
    if (name !== "help") placeOf(["help"]).verbs.add(name);
  }
  for (const { usage, options } of [main, ...own]) {
    for (const line of usage) {
      const { chains, flags } = parseUsage(line);
      const known = own.length > 0 ? listFlags(options) : [...flags, "--help"];
      for (const chain of chains) {
        for (const [at, verb] of chain.entries()) {
          placeOf(chain.slice(0, at)).verbs.add(verb);
          for (const flag of known) placeOf(chain.slice(0, at + 1)).flags.add(flag);
        }
      }
    }
  }
  return places;
}

/** `pcctl config check|show [--json]`: the verbs are config check and config show. */
function parseUsage(line: string): { chains: string[][]; flags: string[] } {
  const words = line.split(" ").slice(1);
  const end = words.findIndex((word) => !/^[a-z]+(?:\|[a-z]+)*$/.test(word));
  let chains: string[][] = [[]];
  for (const word of end === -1 ? words : words.slice(0, end)) {
    const verbs = word.split("|");
    chains = chains.flatMap((chain) => verbs.map((verb) => [...chain, verb]));
  }
  return { chains, flags: line.match(/--[a-z-]+/g) ?? [] };
}

function renderPlace([before, { verbs, flags }]: [string, Place]): string {
  // Behind the last verb come arguments; behind one that others follow, what is none of them is wrong.
  const pattern = verbs.size === 0 ? `'${before}'*` : `'${before}'`;
  return `  ${pattern}) verbs=${quote([...verbs])} words=${quote([...flags])} ;;`;
}

/** What a flag's value can be: of several, one; of files, bash's own completion; of anything else, nothing. */
function renderValues(options: readonly Option[]): string {
  const lines = new Map<string, string>();
  for (const { flags, placeholder } of options) {
    if (placeholder === "") continue;
    const pattern = flags.join("|");
    const choices = placeholder.split("|");
    const chosen = choices.filter((choice) => /^[a-z][a-z0-9-]*$/.test(choice));
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

function listFlags(options: readonly Option[]): string[] {
  return options.flatMap(({ flags }) => flags);
}

function quote(words: readonly string[]): string {
  return `'${words.join(" ")}'`;
}
