// The report's own colours, so that what is blue here is blue there: told apart with any colour vision, 3:1 against the page.
import { palette as report, type Color } from "@perfanalysis/reporting/charts/palette";

export interface Palette {
  lines: readonly string[];
  grid: string;
  axis: string;
  text: string;
  peak: string;
}

/** By the numbers that panels give. */
const lineColours: readonly Color[] = [
  "blue",
  "purple",
  "green",
  "orange",
  "vermilion",
  "grey",
  "yellow",
  "sky",
];

export const palettes: Record<"light" | "dark", Palette> = {
  light: paletteOf("light", "#2b3240"),
  dark: paletteOf("dark", "#e2e7f0"),
};

export function lineColour(palette: Palette, colour: number): string {
  return colour < 0 ? palette.peak : (palette.lines[colour % palette.lines.length] ?? palette.text);
}

function paletteOf(scheme: "light" | "dark", peak: string): Palette {
  return {
    lines: lineColours.map((name) => report[name][scheme]),
    grid: report.grid[scheme],
    axis: report.axis[scheme],
    text: report.label[scheme],
    peak,
  };
}
