import { readFileSync } from "node:fs";
import { gunzipSync } from "node:zlib";
import { createLineRestorer } from "../capture/differences.ts";

/** What was written to the capture before it was closed and compressed, and to any other file. */
export function readWritten(path: string): string {
  const bytes = readFileSync(path);
  if (!path.endsWith(".gz")) return bytes.toString("latin1");
  const restore = createLineRestorer();
  return gunzipSync(bytes)
    .toString("latin1")
    .split("\n")
    .map((text) => {
      const line = Buffer.from(text, "latin1");
      return (restore(line, 0, line.length) ?? line).toString("latin1");
    })
    .join("\n");
}
