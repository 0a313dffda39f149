import { spawnSync } from "node:child_process";
import { expect, test } from "vitest";
import { tryKillPoints } from "./kill-points.ts";

test.skipIf(spawnSync("strace", ["-V"]).status !== 0)(
  "tryKillPoints() finds nothing that pcc kept lost, nor twice, at 25 points (needs strace)",
  async () => {
    const result = await tryKillPoints({ points: 25, seed: Date.now() % 1e6 });
    expect(result).toMatchObject({ killed: 25, lostRows: 0, duplicateRows: 0, conflicts: 0 });
    expect(result.keptRows).toBeGreaterThan(100);
  },
  120_000,
);
