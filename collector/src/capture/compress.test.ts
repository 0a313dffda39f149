import { spawnSync } from "node:child_process";
import {
  existsSync,
  readdirSync,
  readFileSync,
  statSync,
  utimesSync,
  writeFileSync,
} from "node:fs";
import { join } from "node:path";
import { gunzipSync, gzipSync } from "node:zlib";
import { describe, expect, test } from "vitest";
import { createFolder } from "../sampling/fake-procfs.ts";
import { readWritten } from "../testing/written-lines.ts";
import { compressCapture } from "./compress.ts";

/** Of several pieces. */
const content = Array.from({ length: 20_000 }, (_, at) => `{"t":${at * 1000}}\n`).join("");
const never = new AbortController().signal;

function writeCapture(): { folder: string; path: string } {
  const folder = createFolder();
  const path = join(folder, "web-01.json");
  writeFileSync(path, content);
  return { folder, path };
}

describe("compressCapture()", () => {
  test("compressCapture() replaces the capture by its gzip, of the same time", async () => {
    const { folder, path } = writeCapture();
    utimesSync(path, 1_700_000_000, 1_700_000_000);
    await compressCapture(path, { signal: never, pauseMs: 0 });
    expect(readdirSync(folder)).toEqual(["web-01.json.gz"]);
    expect(readWritten(`${path}.gz`)).toBe(content);
    expect(statSync(`${path}.gz`).mtimeMs).toBe(1_700_000_000_000);
  });

  test("compressCapture() leaves the capture alone when it is ended", async () => {
    const { folder, path } = writeCapture();
    const stop = new AbortController();
    const done = compressCapture(path, { signal: stop.signal, pauseMs: 60_000 });
    await expect.poll(() => existsSync(`${path}.gz.partial`)).toBe(true);
    stop.abort();
    await expect(done).rejects.toThrow("abort");
    expect(readdirSync(folder)).toEqual(["web-01.json"]);
  });

  test("compressCapture() does not touch a .gz of something else", async () => {
    const { path } = writeCapture();
    writeFileSync(`${path}.gz`, gzipSync("something else"));
    await expect(compressCapture(path, { signal: never })).rejects.toThrow("of another capture");
    expect(readFileSync(path, "utf8")).toBe(content);
    expect(gunzipSync(readFileSync(`${path}.gz`)).toString()).toBe("something else");
  });

  test.skipIf(spawnSync("strace", ["-V"]).status !== 0)(
    "compressCapture() completes what a killed one began, wherever it was killed (needs strace)",
    async () => {
      const module = JSON.stringify(new URL("compress.ts", import.meta.url).href);
      const found = new Set<string>();
      for (const point of [
        "openat:when=1",
        "openat:when=2",
        "write:when=1",
        "write:when=2",
        "fsync:when=1",
        "rename:when=1",
        "fsync:when=2",
        "unlink:when=1",
      ]) {
        const { folder, path } = writeCapture();
        const script = `const { compressCapture } = await import(${module});
          await compressCapture(${JSON.stringify(path)}, { signal: new AbortController().signal, pauseMs: 0 });`;
        const [call = "", when = ""] = point.split(":");
        const traced = [folder, path, `${path}.gz`, `${path}.gz.partial`];
        const inject = ["-e", `inject=${call}:signal=SIGKILL:${when}`];
        const strace = ["-f", "-o", "/dev/null", ...traced.flatMap((each) => ["-P", each])];
        const node = [process.execPath, "--input-type=module", "-e", script];
        // strace counts by the thread.
        const env = { PATH: "/usr/bin:/bin", UV_THREADPOOL_SIZE: "1" };
        spawnSync("strace", [...strace, ...inject, ...node], { env });
        found.add(readdirSync(folder).join(" "));
        if (existsSync(path)) await compressCapture(path, { signal: never, pauseMs: 0 });
        expect({ point, left: readdirSync(folder) }).toEqual({ point, left: ["web-01.json.gz"] });
        expect(readWritten(`${path}.gz`)).toBe(content);
      }
      // The kills were at different moments.
      expect([...found]).toEqual(
        expect.arrayContaining([
          "web-01.json",
          "web-01.json web-01.json.gz.partial",
          "web-01.json web-01.json.gz",
        ]),
      );
    },
    60_000,
  );
});
