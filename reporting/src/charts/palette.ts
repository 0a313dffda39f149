// After Okabe and Ito, "Color Universal Design" (2008), darkened for white paper and lightened for dark screens until each
// has a contrast of at least 3:1 against its background (WCAG 1.4.11).

export const palette = {
  blue: { light: "#0b62a8", dark: "#5aa9e6" },
  sky: { light: "#2f8fc0", dark: "#8fd0f2" },
  green: { light: "#0b7d5b", dark: "#3fc79a" },
  orange: { light: "#b86200", dark: "#f0a03c" },
  vermilion: { light: "#c23b0e", dark: "#ff7a4d" },
  purple: { light: "#9a4a88", dark: "#d98fc4" },
  yellow: { light: "#8a7400", dark: "#e6d34a" },
  grey: { light: "#6b7280", dark: "#9aa3b2" },
  /** Axis texts. */
  label: { light: "#4b5563", dark: "#b4bcc9" },
  grid: { light: "#e3e6eb", dark: "#2b333f" },
  axis: { light: "#9aa1ad", dark: "#5d6778" },
  // Sequential, for quantities as colours: YlGnBu of ColorBrewer (Harrower and Brewer 2003), which people of every colour vision,
  // and a printer without colours, read in its order. The most is the darkest on paper and the brightest on a dark screen.
  heat0: { light: "#f6fcc6", dark: "#1c2a55" },
  heat1: { light: "#e4f5b2", dark: "#233287" },
  heat2: { light: "#c8e9b4", dark: "#234da0" },
  heat3: { light: "#92d4b9", dark: "#2072b2" },
  heat4: { light: "#61c2bf", dark: "#2498c1" },
  heat5: { light: "#38adc3", dark: "#41b6c4" },
  heat6: { light: "#1d91c0", dark: "#73c8bd" },
  heat7: { light: "#216bae", dark: "#aadeb7" },
  heat8: { light: "#23499e", dark: "#d6efb3" },
  heat9: { light: "#1e2e85", dark: "#f1f9ba" },
  heat10: { light: "#081d58", dark: "#ffffe0" },
} as const;

export type Color = keyof typeof palette;

/** A CSS variable where the page sets it, the light colour where the SVG stands alone. */
export function paint(color: Color): string {
  return `var(--${color},${palette[color].light})`;
}
