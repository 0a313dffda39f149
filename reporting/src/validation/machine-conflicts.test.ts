import { expect, test } from "vitest";
import type { CaptureOrigin } from "../data/input.ts";
import { findConflicts } from "./machine-conflicts.ts";

const startS = Date.UTC(2026, 2, 2, 10) / 1000;
const [minute, hour, day] = [60, 3600, 86_400];
const gib = 2 ** 30;

interface Facts extends Partial<Omit<CaptureOrigin, "firstS" | "lastS">> {
  /** Seconds since 10:00. */
  fromS: number;
  toS: number;
  /** How long the machine had been up at 10:00. */
  upS?: number;
}

function origin({ fromS, toS, upS, ...facts }: Facts): CaptureOrigin {
  return {
    name: "a.json",
    firstS: startS + fromS,
    lastS: startS + toS,
    hostName: null,
    bootTimeS: upS === undefined ? null : startS - upS,
    cpuModel: null,
    cpuCount: null,
    memoryBytes: null,
    ...facts,
  };
}

const first = { fromS: 0, toS: 10 * minute };
const atOnce = { fromS: 5 * minute, toS: 15 * minute };
const next = { fromS: 20 * minute, toS: 30 * minute };

test.each<[string, Facts, Facts, RegExp]>([
  ["of two boots at once", { ...first, upS: 9 * day }, { ...atOnce, upS: 9.01 * day }, /booted/],
  [
    "of which the second had been up for longer by months",
    { ...first, upS: 9 * day },
    { ...next, upS: 200 * day },
    /booted 14 Aug 2025 10:00 UTC/,
  ],
  [
    "of which the first goes on behind the boot of the second",
    { ...first, upS: 200 * day },
    { ...next, upS: 9 * day },
    /booted 21 Feb 2026 10:00 UTC/,
  ],
  [
    "of two hosts at once",
    { ...first, hostName: "web-01" },
    { ...atOnce, hostName: "db-01" },
    /its host is db-01/,
  ],
  ["of 2 and 4 CPUs at once", { ...first, cpuCount: 2 }, { ...atOnce, cpuCount: 4 }, /4.CPUs/],
  [
    "of two sizes of memory at once",
    { ...first, memoryBytes: 16 * gib },
    { ...atOnce, memoryBytes: 15.5 * gib },
    /15\.5.GiB of memory/,
  ],
  [
    "of two models of CPU at once",
    { ...first, cpuModel: "EPYC 7763" },
    { ...atOnce, cpuModel: "Xeon 8370C" },
    /Xeon 8370C/,
  ],
])("findConflicts() finds captures %s", (_title, one, other, says) => {
  const [conflict, ...others] = findConflicts([origin({ ...other, name: "b.json" }), origin(one)]);
  expect(others).toEqual([]);
  expect(conflict).toMatchObject({ one: { name: "a.json" }, other: { name: "b.json" } });
  expect(conflict?.saysOther).toMatch(says);
  expect(conflict?.isAtOnce).toBe(other === atOnce || other.fromS === atOnce.fromS);
});

test.each<[string, Facts, Facts]>([
  ["of one boot", { ...first, upS: 9 * day }, { ...atOnce, upS: 9 * day + 1 }],
  ["on either side of a reboot", { ...first, upS: 9 * day }, { ...next, upS: -15 * minute }],
  [
    "on either side of a clock that was set forward by an hour",
    { ...first, upS: 9 * day },
    { fromS: 80 * minute, toS: 90 * minute, upS: 9 * day - hour },
  ],
  [
    "on either side of a clock that was set back by two hours",
    { ...first, upS: 9 * day },
    { ...next, upS: 9 * day + 2 * hour },
  ],
  [
    "of a machine that was made larger between them",
    { ...first, cpuCount: 2, memoryBytes: 8 * gib, cpuModel: "EPYC 7763" },
    { ...next, cpuCount: 4, memoryBytes: 16 * gib, cpuModel: "Xeon 8370C" },
  ],
  [
    "of a machine whose memory a balloon takes",
    { ...first, upS: 9 * day, memoryBytes: 16 * gib },
    { ...atOnce, upS: 9 * day, memoryBytes: 8 * gib },
  ],
  [
    "of a machine that was given a name",
    { ...first, hostName: "localhost" },
    { ...atOnce, hostName: "web-01" },
  ],
  ["of which one says nothing", { ...first, upS: 9 * day, cpuCount: 2 }, atOnce],
])("findConflicts() finds nothing in captures %s", (_title, one, other) => {
  expect(findConflicts([origin(one), origin({ ...other, name: "b.json" })])).toEqual([]);
});

test("findConflicts() finds the machines of captures that take turns, and passes over one without samples", () => {
  const turns = [0, 1, 2, 3].map((turn) =>
    origin({
      name: `${turn}.json`,
      fromS: turn * hour,
      toS: turn * hour + 10 * minute,
      upS: turn % 2 === 0 ? 9 * day : 200 * day,
    }),
  );
  const empty = { ...origin({ ...first, name: "empty.json" }), firstS: null, lastS: null };
  const found = findConflicts([...turns, empty]);
  expect(found.map(({ one, other }) => [one.name, other.name])).toEqual([
    ["0.json", "1.json"],
    ["1.json", "2.json"],
    ["2.json", "3.json"],
  ]);
});
