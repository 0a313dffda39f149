// JSON of captures: every reader throws a SyntaxError that names the field and what it is, without a place.

export function parseJson(line: string): unknown {
  try {
    return JSON.parse(line);
  } catch (cause) {
    throw new SyntaxError(`${quoteJson(line)} is not JSON`, { cause });
  }
}

/** Whether the bytes are one JSON value, as a whole line of either format is. */
export function isJson(bytes: Buffer, start: number, end: number): boolean {
  try {
    JSON.parse(bytes.toString("utf8", start, end));
    return true;
  } catch {
    return false;
  }
}

export function readObject(value: unknown, name: string): Record<string, unknown> {
  if (typeof value !== "object" || value === null || Array.isArray(value)) {
    throw new SyntaxError(`${name} is ${quoteJson(value)}, not an object`);
  }
  // An object that is no array has string keys, and what they hold is unknown.
  return value as Record<string, unknown>;
}

export function readNames(value: unknown, name: string): string[] {
  const names = Array.isArray(value)
    ? value.filter((entry): entry is string => typeof entry === "string")
    : [];
  if (
    !Array.isArray(value) ||
    names.length !== value.length ||
    new Set(names).size !== names.length
  ) {
    throw new SyntaxError(`${name} is ${quoteJson(value)}, not a list of different names`);
  }
  return names;
}

export function readText(json: Record<string, unknown>, name: string): string {
  const value = json[name];
  if (typeof value === "string") return value;
  throw new SyntaxError(`${name} is ${quoteJson(value)}, not a text`);
}

export function readNumber(json: Record<string, unknown>, name: string): number {
  const value = json[name];
  if (typeof value === "number" && Number.isFinite(value)) return value;
  throw new SyntaxError(`${name} is ${quoteJson(value)}, not a number`);
}

export function readNumberOrNull(json: Record<string, unknown>, name: string): number | null {
  return json[name] === null ? null : readNumber(json, name);
}

export function quoteJson(value: unknown): string {
  if (value === undefined) return "missing";
  const text = JSON.stringify(value);
  return text.length > 80 ? `${text.slice(0, 80)}…` : text;
}
