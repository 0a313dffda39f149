import { readFileSync } from "node:fs";

/** The collector's version, from its package. */
export function readVersion(): string {
  const json: unknown = JSON.parse(
    readFileSync(new URL("../package.json", import.meta.url), "utf8"),
  );
  if (typeof json === "object" && json !== null && "version" in json) return String(json.version);
  throw new SyntaxError("Cannot read the collector's package.json: it has no version");
}
