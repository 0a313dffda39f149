import { expect, test } from "vitest";
import { createStatusReport } from "./status-report.ts";

test("createStatusReport() tells what cannot be read and when it can again, but not what a machine does not have", () => {
  const told: string[] = [];
  const sink = createStatusReport((message) => void told.push(message));
  const status: typeof sink.status = (...given) => sink.status(...given);
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
