// The only way to HTML and SVG in this package. Every interpolation is escaped here, so no caller can forget it.

/** Text that is safe as element content and inside a double-quoted attribute. Only `html` and `trusted` make it. */
export interface Markup {
  toString(): string;
  readonly [escaped]: true;
}

export type Interpolation = Markup | string | number | null | readonly Interpolation[];

declare const escaped: unique symbol;

class EscapedMarkup implements Markup {
  declare readonly [escaped]: true;
  readonly #text: string;

  constructor(text: string) {
    this.#text = text;
  }

  toString(): string {
    return this.#text;
  }
}

/**
 * Template tag for HTML. Strings are escaped, markup is taken as it is, lists are joined, null gives nothing.
 * Attributes must be written in double quotes. Throws a RangeError for a number that is not finite: a gap needs words.
 */
export function html(strings: TemplateStringsArray, ...values: Interpolation[]): Markup {
  let text = strings[0] ?? "";
  for (const [index, value] of values.entries()) {
    text += render(value) + (strings[index + 1] ?? "");
  }
  return new EscapedMarkup(text);
}

/** The same, for SVG. */
export function svg(strings: TemplateStringsArray, ...values: Interpolation[]): Markup {
  return html(strings, ...values);
}

/** Takes `text` as markup without a look at it: for this package's own style sheet, script and path data alone. */
export function trusted(text: string): Markup {
  return new EscapedMarkup(text);
}

function escape(text: string): string {
  return text.replace(unsafe, (character) => entities[character] ?? "\u{fffd}");
}

function render(value: Interpolation): string {
  if (value === null) return "";
  if (typeof value === "string") return escape(value);
  if (typeof value === "number") {
    if (!Number.isFinite(value)) throw new RangeError(`Cannot write ${value} as a number`);
    return String(value);
  }
  if (value instanceof EscapedMarkup) return value.toString();
  if (Array.isArray(value)) return value.map(render).join("");
  throw new TypeError(`Cannot write ${typeof value} as markup`);
}

// Control characters have no place in HTML, and NUL would be replaced by the browser in any case.
// oxlint-disable-next-line no-control-regex -- they are what is looked for
const unsafe = /[&<>"'\u0000-\u0008\u000b\u000c\u000e-\u001f\u007f]/g;
const entities: Record<string, string> = {
  "&": "&amp;",
  "<": "&lt;",
  ">": "&gt;",
  '"': "&quot;",
  "'": "&#39;",
};
