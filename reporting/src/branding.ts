// Whose report it is: a name, a colour and a logo beside our own. What would be hard to read or could do harm is refused.

export interface Branding {
  /** Null where the logo says it. */
  name: string | null;
  colors: BrandColors | null;
  logo: Logo | null;
}

/** #rrggbb, one for light and one for dark paper. */
export interface BrandColors {
  light: string;
  dark: string;
}

export interface Logo {
  mediaType: "image/png" | "image/svg+xml";
  base64: string;
}

/** Of texts, by WCAG 2.2, 1.4.3: level AA. */
const leastContrast = 4.5;
/** The least favourable of what texts of the brand's colour stand on, in light and in dark. */
const lightPaper = "#f6f7f9";
const darkPaper = "#1a212c";
const largestLogoBytes = 256 * 1024;

/**
 * Takes the colour as it is on light paper, and as much of white into it as it needs on dark paper. Throws a RangeError
 * where it is no colour, or too pale to be read on light paper.
 */
export function parseBrandColor(text: string): BrandColors {
  const light = text.toLowerCase();
  if (!/^#[0-9a-f]{6}$/.test(light)) {
    throw new RangeError(`Cannot use the colour "${text}": write it like "#0b4a7d"`);
  }
  const contrast = contrastOf(light, lightPaper);
  if (contrast < leastContrast) {
    throw new RangeError(
      `Cannot use the colour "${text}": its contrast with light paper is ${contrast.toFixed(1)}:1, and texts need ${leastContrast}:1 (WCAG AA); ${mixedUntilRead(light, { into: "#000000", paper: lightPaper })} is the nearest darker one that has it`,
    );
  }
  return { light, dark: mixedUntilRead(light, { into: "#ffffff", paper: darkPaper }) };
}

/** Takes a PNG or SVG as it is. Throws a RangeError for anything else, for what is too large, and for SVG that acts or loads. */
export function parseLogo(bytes: Uint8Array, fileName: string): Logo {
  const refuse = (why: string): RangeError =>
    new RangeError(`Cannot use the logo ${fileName}: ${why}`);
  if (bytes.length > largestLogoBytes) {
    throw refuse(
      `it has ${Math.ceil(bytes.length / 1024)} KiB, and every report would carry them; the most is ${largestLogoBytes / 1024} KiB`,
    );
  }
  const base64 = Buffer.from(bytes).toString("base64");
  if (isPng(bytes)) return { mediaType: "image/png", base64 };
  const text = decode(bytes);
  if (text === null || !/^\s*(<\?xml [^>]*\?>\s*)?(<!--[^]*?-->\s*)*<svg[\s>]/.test(text)) {
    throw refuse("it is neither PNG nor SVG");
  }
  const fault = findSvgFault(text);
  if (fault !== null) throw refuse(`${fault}; export it as plain SVG, or as PNG`);
  return { mediaType: "image/svg+xml", base64 };
}

/** By signature and first chunk: https://www.w3.org/TR/png-3/#5PNG-file-signature */
function isPng(bytes: Uint8Array): boolean {
  const start = [
    0x89, 0x50, 0x4e, 0x47, 0x0d, 0x0a, 0x1a, 0x0a, 0, 0, 0, 13, 0x49, 0x48, 0x44, 0x52,
  ];
  return bytes.length > 33 && start.every((byte, index) => bytes[index] === byte);
}

function decode(bytes: Uint8Array): string | null {
  try {
    return new TextDecoder("utf-8", { fatal: true }).decode(bytes);
  } catch {
    return null; // Other encodings could hide from the look below.
  }
}

/** What acts, or loads from elsewhere. A browser runs none of it in a picture, but other programs read the report, too. */
function findSvgFault(text: string): string | null {
  const content = text.replace(/^\s*<\?xml [^>]*\?>/, "").replaceAll(/<!--[^]*?-->/g, "");
  if (/<!|<\?/.test(content)) return "it has a document type, an entity or an instruction";
  const element =
    /<(?:[\w-]+:)?(script|foreignObject|iframe|object|embed|audio|video|handler|animate\w*|set)[\s/>]/i.exec(
      content,
    )?.[1];
  if (element !== undefined) return `it has the element <${element}>`;
  const handler = /[\s"'/](on\w+)\s*=/i.exec(content)?.[1];
  if (handler !== undefined) return `it has the attribute ${handler}`;
  for (const [, , target = ""] of content.matchAll(/[\s:](href|src)\s*=\s*["']([^"']*)["']/gi)) {
    if (!/^(#|data:image\/(png|jpeg|gif|webp);base64,)/.test(target.trim())) {
      return `it refers to "${target.slice(0, 60)}"`;
    }
  }
  if (/[\s:](href|src)\s*=\s*[^"'\s]/i.test(content))
    return "it refers to something without quotes";
  if (/@import|\\|url\(\s*["']?\s*(?!#)[^\s"']/i.test(withCharacters(content)))
    return "its styles load something";
  return null;
}

/** With numbered characters, such as &#114;, as what they stand for: in styles and attributes they read the same. */
function withCharacters(content: string): string {
  const numbered = /&#(?:x0*([0-9a-f]{1,5})|0*(\d{1,6}));/gi;
  return content.replaceAll(numbered, (_, hex: string | undefined, decimal: string) =>
    String.fromCodePoint(hex === undefined ? Number(decimal) : Number.parseInt(hex, 16)),
  );
}

type Rgb = [red: number, green: number, blue: number];

function toRgb(color: string): Rgb {
  const part = (from: number): number => Number.parseInt(color.slice(from, from + 2), 16);
  return [part(1), part(3), part(5)];
}

/** https://www.w3.org/TR/WCAG22/#dfn-contrast-ratio */
function contrastOf(a: string, b: string): number {
  const [high = NaN, low = NaN] = [luminanceOf(a), luminanceOf(b)].toSorted((p, q) => q - p);
  return (high + 0.05) / (low + 0.05);
}

/** https://www.w3.org/TR/WCAG22/#dfn-relative-luminance */
function luminanceOf(color: string): number {
  const [red, green, blue] = toRgb(color).map((part) => {
    const share = part / 255;
    return share <= 0.04045 ? share / 12.92 : ((share + 0.055) / 1.055) ** 2.4;
  }) as Rgb; // map() keeps the three
  return 0.2126 * red + 0.7152 * green + 0.0722 * blue;
}

/** The colour with as little of another as it takes to be read; a mixture of all of it always is. */
function mixedUntilRead(color: string, { into, paper }: { into: string; paper: string }): string {
  const [from, to] = [toRgb(color), toRgb(into)];
  for (let percent = 0; percent < 100; percent += 2) {
    const mixed = from.map((part, index) =>
      Math.round(part + (((to[index] ?? part) - part) * percent) / 100),
    );
    const hex = `#${mixed.map((part) => part.toString(16).padStart(2, "0")).join("")}`;
    if (contrastOf(hex, paper) >= leastContrast) return hex;
  }
  return into;
}
