import { expect, test } from "vitest";
import { createSelfProbe, selfFields } from "./self-probe.ts";

function read(probe: ReturnType<typeof createSelfProbe>): Record<string, number> {
  const sample = { values: new Float64Array(selfFields.length) };
  expect(probe.update(0, [])).toBeNull();
  probe.fill(sample.values, 0);
  return Object.fromEntries(selfFields.map((name, at) => [name, sample.values[at] ?? Number.NaN]));
}

test("createSelfProbe() measures this process as the runtime does", () => {
  const counts = { missedTicks: 0, droppedSamples: 0 };
  const probe = createSelfProbe(counts);
  const before = process.cpuUsage();
  const first = read(probe);
  const residentBytes = process.memoryUsage.rss();
  expect(first["cpu_us"]).toBeGreaterThanOrEqual(before.user + before.system);
  expect(first["resident_bytes"]).toBeGreaterThan(residentBytes / 2);
  expect(first["resident_bytes"]).toBeLessThan(residentBytes * 2);
  // Pages are whole.
  expect((first["resident_bytes"] ?? Number.NaN) % 4096).toBe(0);
  counts.missedTicks = 3;
  counts.droppedSamples = 2;
  expect(read(probe)).toMatchObject({
    started_ms: first["started_ms"],
    missed_ticks: 3,
    dropped_samples: 2,
  });
  probe.close();
});
