import type { App } from "./app.ts";

const jsonDeadlineMs = 15_000;

/**
 * Closes the connection of whoever sends JSON drop by drop. Uploads and streams may take as long as their lines are slow; for
 * them the server's requestTimeout holds.
 */
export function registerBodyDeadline(app: App): void {
  app.addHook("preParsing", async ({ raw, headers }) => {
    if (headers["content-type"]?.startsWith("application/json") !== true) return;
    const timer = setTimeout(() => raw.destroy(), jsonDeadlineMs);
    raw.once("end", () => clearTimeout(timer)).once("close", () => clearTimeout(timer));
  });
}
