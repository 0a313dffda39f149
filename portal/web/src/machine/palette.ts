// Categorical colours after Okabe and Ito, told apart with any colour vision; lifted for dark pages. 3:1 against the surface.

const light = [
  "#3b5bdb",
  "#b5478f",
  "#0a8f74",
  "#c46f00",
  "#c93434",
  "#5c7080",
  "#7048b8",
  "#0b84a5",
];
const dark = [
  "#7c93f7",
  "#e07bbd",
  "#3cc9a7",
  "#eaa23f",
  "#f27575",
  "#9fb0bf",
  "#ac8bf0",
  "#56c1e0",
];

export interface Palette {
  lines: readonly string[];
  grid: string;
  text: string;
  peak: string;
}

export const palettes: Record<"light" | "dark", Palette> = {
  light: { lines: light, grid: "#e8ebf1", text: "#596274", peak: "#2b3240" },
  dark: { lines: dark, grid: "#252c38", text: "#9aa5b8", peak: "#e2e7f0" },
};

export function lineColour(palette: Palette, colour: number): string {
  return colour < 0 ? palette.peak : (palette.lines[colour % palette.lines.length] ?? palette.text);
}
