import { useDocumentTitle } from "@mantine/hooks";

/** Names the page in the browser's tab: `web-01 · PerfAnalysis`. */
export function usePageTitle(title: string): void {
  useDocumentTitle(`${title} · PerfAnalysis`);
}
