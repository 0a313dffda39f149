import axe from "axe-core";
import type { Page } from "playwright-core";

/** What keeps people from using the page as it is shown now, in light and in dark: axe's serious and critical findings. */
export async function listBarriers(page: Page): Promise<string[]> {
  const barriers: string[] = [];
  for (const colorScheme of ["dark", "light"] as const) {
    await page.emulateMedia({ colorScheme, reducedMotion: "reduce" });
    // The portal's pages follow a moment later; a report has nothing but media queries.
    const isFollowed = `html[data-mantine-color-scheme="${colorScheme}"], html:not([data-mantine-color-scheme])`;
    await page.locator(isFollowed).waitFor({ state: "attached" });
    await page.evaluate("new Promise((drawn) => requestAnimationFrame(() => setTimeout(drawn)))");
    // Not as a <script>, which the pages' content security policy refuses.
    await page.evaluate(axe.source);
    const { violations } = await page.evaluate<axe.AxeResults>("axe.run()");
    for (const { id, impact, help, nodes } of violations) {
      if (impact !== "serious" && impact !== "critical") continue;
      barriers.push(`${colorScheme}: ${id}, ${help}: ${nodes.map(({ html }) => html).join(" ")}`);
    }
  }
  return barriers;
}
