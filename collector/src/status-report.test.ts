import { expect, test } from "vitest";
import type { Sample } from "./sampling/layout.ts";
import { createStatusReport } from "./status-report.ts";

// The report does not look at it.
const sample = {} as Sample;

test("createStatusReport() tells what cannot be read and when it can again, but not what a machine does not have", () => {
  const told: string[] = [];
  const sink = createStatusReport((message) => void told.push(message));
  const status: typeof sink.status = (...given) => {
    sink.status(...given);
    sink.sample(sample);
  };
  status(0, { source: "pressure/io", error: "ENOENT: no such file or directory, open '/proc/…'" });
  status(0, { source: "meminfo", error: "Cannot parse /proc/meminfo: line 2: nonsense" });
  status(1, { source: "pressure/io", error: null });
  status(1, { source: "meminfo", error: null });
  status(2, { source: "meminfo", error: null });
  status(3, { source: "mounts:/srv", error: "EACCES: permission denied, statfs '/srv'" });
  status(4, { source: "mounts:/srv", error: null });
  expect(told).toEqual([
    "meminfo is not sampled: Cannot parse /proc/meminfo: line 2: nonsense",
    "meminfo is sampled again",
    "mounts:/srv is not sampled: EACCES: permission denied, statfs '/srv'",
    "mounts:/srv is sampled again, or gone",
  ]);
});

test("createStatusReport() tells in one line what of a sample fails alike, and what was not told yet at its end", async () => {
  const told: string[] = [];
  const sink = createStatusReport((message) => void told.push(message));
  const paths = ["/a", "/b", "/c", "/d", "/e"];
  for (const path of paths) {
    const error = `EACCES: permission denied, statfs '${path}'`;
    sink.status(0, { source: `mounts:${path}`, error });
  }
  sink.status(0, { source: "containers", error: "no tree of cgroups v2" });
  expect(told).toEqual([]);
  sink.sample(sample);
  for (const path of paths.slice(1)) sink.status(1, { source: `mounts:${path}`, error: null });
  await sink.close();
  expect(told).toEqual([
    "5 mounts are not sampled: EACCES: permission denied (/a, /b, /c and 2 others)",
    "4 mounts are sampled again, or gone (/b, /c, /d and 1 other)",
  ]);
});
