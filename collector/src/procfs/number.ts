/** A field of a kernel file: a number, or null where this kernel does not give it. */
export type Field = number | null;

/** Where a value stands, for the message of an error. */
export interface Place {
  /** For example `/proc/stat`. */
  file: string;
  /** From 1. */
  line: number;
}

/**
 * An unsigned counter of the kernel, at most 64 bits. Above 2^53 it is the nearest double.
 * @throws SyntaxError where `digits` is anything else.
 */
export function parseCounter(digits: string | undefined, name: string, place: Place): number {
  if (digits !== undefined && /^\d{1,20}$/.test(digits)) return Number(digits);
  throw malformed(place, `${name} is ${quote(digits)}, not a whole number`);
}

export function malformed({ file, line }: Place, why: string): SyntaxError {
  return new SyntaxError(`Cannot parse ${file}: line ${line}: ${why}`);
}

/** The text in quotes, cut to 80 characters: kernel files have lines of many kilobytes. */
export function quote(text: string | undefined): string {
  if (text === undefined) return "missing";
  return JSON.stringify(text.length > 80 ? `${text.slice(0, 80)}…` : text);
}

/** Splits at white space; an empty or blank text has no words. */
export function splitWords(text: string): string[] {
  return text.match(/[^ \t]+/g) ?? [];
}
