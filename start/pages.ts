// The portal's pages, built by Vite when they are missing or older than their sources.
import { readdir, stat } from "node:fs/promises";
import { join } from "node:path";
import { runToEnd } from "./child.ts";

/** Sources of the pages, from the checkout's root. */
const sources = [
  "portal/web/src",
  "portal/web/index.html",
  "portal/web/vite.config.ts",
  "contract/src",
  "reporting/src",
];

export async function buildPages(root: string, signal: AbortSignal): Promise<void> {
  const built = await modifiedMs(join(root, "portal/web/dist/index.html"));
  const newest = Math.max(
    ...(await Promise.all(sources.map((path) => newestMs(join(root, path))))),
  );
  if (built !== null && built >= newest) return;
  const vite = join(root, "node_modules/.bin/vite");
  await runToEnd(vite, ["build", "--logLevel", "warn", join(root, "portal/web")], signal);
}

async function newestMs(path: string): Promise<number> {
  const entries = await readdir(path, { recursive: true }).catch(() => []);
  const times = await Promise.all(
    [path, ...entries.map((entry) => join(path, entry))].map(modifiedMs),
  );
  return Math.max(0, ...times.filter((time) => time !== null));
}

async function modifiedMs(path: string): Promise<number | null> {
  return stat(path).then(
    ({ mtimeMs }) => mtimeMs,
    () => null,
  );
}
