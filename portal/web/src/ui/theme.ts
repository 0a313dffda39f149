import { createTheme, type MantineColorsTuple } from "@mantine/core";

const indigo: MantineColorsTuple = [
  "#eef1ff",
  "#dce1fd",
  "#b6c0f8",
  "#8e9df3",
  "#6c7fee",
  "#5469e6",
  "#4358dc",
  "#3b4fd8",
  "#2f3fb0",
  "#25338e",
];

/** Cooler than the library's greys: charts stand out against them. */
const dark: MantineColorsTuple = [
  "#d5dae3",
  "#b3bac7",
  "#9aa3b3",
  "#5d6678",
  "#3a4251",
  "#2b3240",
  "#1f2530",
  "#171c25",
  "#11151c",
  "#0b0e13",
];

export const theme = createTheme({
  colors: { indigo, dark },
  primaryColor: "indigo",
  primaryShade: { light: 7, dark: 6 },
  defaultRadius: "md",
  cursorType: "pointer",
  respectReducedMotion: true,
  fontFamily:
    '"Inter Variable", system-ui, -apple-system, "Segoe UI", Roboto, "Helvetica Neue", sans-serif',
  fontFamilyMonospace:
    'ui-monospace, "SF Mono", "Cascadia Mono", Menlo, "DejaVu Sans Mono", monospace',
  headings: {
    fontWeight: "650",
    sizes: {
      h1: { fontSize: "1.5rem", lineHeight: "1.25" },
      h2: { fontSize: "1.0625rem", lineHeight: "1.3" },
      h3: { fontSize: "0.9375rem", lineHeight: "1.35" },
    },
  },
});
