import { existsSync, readdirSync } from "node:fs";
import { join } from "node:path";

/** The packaged collector of this machine's kind, which `npm run package` makes; "" where there is none. */
export function findPackaged(): string {
  const folder = join(import.meta.dirname, "../dist");
  const target = process.arch === "x64" ? "linux-x64" : "linux-arm64";
  const files = existsSync(folder) ? readdirSync(folder) : [];
  const name = files.find((file) => file.startsWith("perfcollector-") && file.endsWith(target));
  return name === undefined ? "" : join(folder, name);
}
