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
} as const;

export type Color = keyof typeof palette;

/** A CSS variable where the page sets it, the light colour where the SVG stands alone. */
export function paint(color: Color): string {
  return `var(--${color},${palette[color].light})`;
}
