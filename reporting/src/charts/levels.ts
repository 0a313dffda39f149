// Quantities as colours: a few levels between round edges, so that a colour can be named and looked up.
import type { Unit } from "@perfanalysis/contract/metrics";
import { scaleLinear } from "d3-scale";
import { svg, type Markup } from "../markup.ts";
import { unitScale } from "../format.ts";
import { paint, type Color } from "./palette.ts";
import { axisTexts } from "./value-axis.ts";

export interface Levels {
  /** Ascending; level i reaches from edge i to edge i + 1. */
  edges: number[];
  /** By edge, without the unit. */
  texts: string[];
  unitText: string;
  colors: Color[];
}

/** From the least to the most. */
const ramp = [
  "heat0",
  "heat1",
  "heat2",
  "heat3",
  "heat4",
  "heat5",
  "heat6",
  "heat7",
  "heat8",
  "heat9",
  "heat10",
] as const;

/** Four to eleven levels from 0 to at least `high`. */
export function levelsUpTo(unit: Unit, high: number): Levels {
  const { divisor, suffix } = unitScale(unit, high);
  const top = high > 0 ? high / divisor : 1;
  const scale = scaleLinear([0, top], [0, 1]).nice(wantedLevels);
  const shown = scale.ticks(wantedLevels);
  const count = shown.length - 1;
  return {
    edges: shown.map((value) => value * divisor),
    texts: axisTexts(shown),
    unitText: suffix,
    colors: Array.from({ length: count }, (_, level): Color => {
      const place = count === 1 ? 0 : Math.round((level * (ramp.length - 1)) / (count - 1));
      return ramp[place] ?? "heat0";
    }),
  };
}

const wantedLevels = 8;

/** The level of a value; -1 for a gap. A value on an edge belongs to the level above. */
export function levelOf(value: number, { edges, colors }: Levels): number {
  if (Number.isNaN(value)) return -1;
  const above = edges.findIndex((edge) => edge > value);
  return above < 0 ? colors.length - 1 : Math.max(0, above - 1);
}

/** "20–40 %" */
export function levelText({ texts, unitText }: Levels, level: number): string {
  return `${texts[level] ?? ""}–${texts[level + 1] ?? ""} ${unitText}`.trim();
}

const swatchWidth = 18;
export const scaleHeight = 34;

/** What the colours mean, from `y` downwards; every other edge is named, or texts would touch on a phone. */
export function renderScale(
  { colors, texts, unitText }: Levels,
  { y, hatch }: { y: number; hatch: string | null },
): Markup {
  const swatches = colors.map(
    (color, level) =>
      svg`<rect x="${level * swatchWidth}" y="${y}" width="${swatchWidth}" height="10" fill="${paint(color)}"/>`,
  );
  const last = texts.length - 1;
  const every = last > 5 ? 2 : 1;
  const names = texts.map((text, edge) => {
    // The last edge carries the unit and takes the place of the one before it.
    if (edge !== last && (edge % every !== 0 || last - edge < every)) return null;
    const named = edge === last ? `${text} ${unitText}`.trim() : text;
    return svg`<text x="${edge * swatchWidth}" y="${y + 24}" text-anchor="${edge === 0 ? "start" : edge === last ? "start" : "middle"}"${edge === last ? svg` dx="-8"` : null}>${named}</text>`;
  });
  const gap =
    hatch === null
      ? null
      : svg`<rect x="${last * swatchWidth + 14}" y="${y}" width="${swatchWidth}" height="10" fill="url(#${hatch})" stroke="${paint("grid")}"/><text x="${last * swatchWidth + 14 + swatchWidth + 5}" y="${y + 10}">no data</text>`;
  return svg`<g class="scale" fill="${paint("label")}">${swatches}${names}${gap}</g>`;
}
