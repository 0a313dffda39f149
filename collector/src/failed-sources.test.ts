import { expect, test } from "vitest";
import { groupFailures } from "./failed-sources.ts";

const denied = (path: string): readonly [string, string] => [
  `mounts:${path}`,
  `EACCES: permission denied, statfs '${path}'`,
];

test("groupFailures() joins what fails alike, and names three of them", () => {
  const failures = [
    denied("/a"),
    ["diskstats", "EACCES: permission denied, open '/proc/diskstats'"],
    denied("/b"),
    ["mounts:/stale", "ESTALE: stale file handle, statfs '/stale'"],
    denied("/c:d"),
    denied("/e"),
  ] as const;
  expect(groupFailures(failures)).toEqual([
    {
      subject: "4 mounts",
      verb: "are",
      error: "EACCES: permission denied (/a, /b, /c:d and 1 other)",
    },
    {
      subject: "diskstats",
      verb: "is",
      error: "EACCES: permission denied, open '/proc/diskstats'",
    },
    {
      subject: "mounts:/stale",
      verb: "is",
      error: "ESTALE: stale file handle, statfs '/stale'",
    },
  ]);
  expect(groupFailures([denied("/a"), denied("/b")])).toMatchObject([
    { error: "EACCES: permission denied (/a, /b)" },
  ]);
});
