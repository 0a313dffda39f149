// What the collector itself costs, and what it did not manage.
import { ByteText } from "../procfs/in-place/byte-text.ts";
import { KernelFileHandle, readKeptBelow } from "./kernel-file.ts";
import { readPageSize } from "./page-size.ts";
import type { Probe } from "./probe.ts";

/** All but `resident_bytes` and `started_ms` count from the process's start, which `started_ms` tells apart from others. */
export const selfFields = [
  "started_ms",
  "cpu_us",
  "resident_bytes",
  "missed_ticks",
  "dropped_samples",
] as const;

/** Whoever misses ticks or drops samples adds to it. */
export interface SelfCounts {
  missedTicks: number;
  droppedSamples: number;
}

export function createSelfProbe(counts: Readonly<SelfCounts>): Probe {
  const startedMs = Math.round(Date.now() - process.uptime() * 1000);
  // This process's, wherever the machine's /proc is.
  const statm = new KernelFileHandle("/proc/self/statm", readKeptBelow());
  const text = new ByteText(256);
  let pageBytes: number | null = null;
  let cpuUs = 0;
  let residentBytes = 0;
  return {
    source: "self",
    update() {
      const { user, system } = process.cpuUsage();
      cpuUs = user + system;
      statm.read(text);
      text.readCounter();
      const pages = text.readCounter();
      pageBytes ??= readPageSize();
      residentBytes = pages < 0 ? Number.NaN : pages * pageBytes;
      return null;
    },
    fill(values, offset) {
      values[offset] = startedMs;
      values[offset + 1] = cpuUs;
      values[offset + 2] = residentBytes;
      values[offset + 3] = counts.missedTicks;
      values[offset + 4] = counts.droppedSamples;
    },
    close() {
      statm.close();
    },
  };
}
