import { malformed, parseCounter, quote, type Field } from "./number.ts";

/** A counter's protocol and its name there; together they are what nstat(8) calls it: TcpExt and ListenDrops. */
export type PairedField = readonly [protocol: string, name: string];

/**
 * Reads the wanted fields of a text in which each protocol has two lines: the names of its counters, and below each name its
 * value. Other counters are left alone, whatever they hold: MaxConn of Tcp is -1. Where a protocol stands twice, the first holds.
 * @throws SyntaxError naming file, line and value where lines do not belong together, a wanted value is no whole number, or
 * the protocol of the first wanted field is missing.
 */
export function parsePairedLines(
  text: string,
  { file, fields }: { file: string; fields: readonly PairedField[] },
): Field[] {
  const protocols = new Map<string, Map<string, { value: string | undefined; line: number }>>();
  const lines = text.split("\n");
  if (lines.at(-1) === "") lines.pop();
  for (let index = 0; index < lines.length; index += 2) {
    const [names = "", values = ""] = lines.slice(index, index + 2);
    const protocol = names.slice(0, names.indexOf(":") + 1);
    if (protocol === "" || !values.startsWith(protocol)) {
      throw malformed(
        { file, line: index + 2 },
        `${quote(lines[index + 1])} are no values of ${quote(names)}`,
      );
    }
    if (protocols.has(protocol)) continue;
    const words = splitAtSpaces(values.slice(protocol.length));
    const counters = splitAtSpaces(names.slice(protocol.length)).map(
      (name, at) => [name, { value: words[at], line: index + 2 }] as const,
    );
    // Of a name that stands twice, the first holds here, too.
    protocols.set(protocol, new Map(counters.toReversed()));
  }
  const [first] = fields;
  if (first !== undefined && !protocols.has(`${first[0]}:`)) {
    throw malformed({ file, line: lines.length }, `the text ends without ${first[0]}`);
  }
  return fields.map(([protocol, name]) => {
    const counter = protocols.get(`${protocol}:`)?.get(name);
    if (counter === undefined) return null;
    return parseCounter(counter.value, `${name} of ${protocol}`, { file, line: counter.line });
  });
}

function splitAtSpaces(text: string): string[] {
  return text.split(" ").filter((word) => word !== "");
}
