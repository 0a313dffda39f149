// By what captures of different machines are told apart where they do not say whose they are.
import { isCsvTime } from "@perfanalysis/contract/csv/times";
import type { CpuInfo } from "../procfs/cpuinfo.ts";
import { meminfoFields } from "../procfs/meminfo.ts";
import { statFields } from "../procfs/stat.ts";
import { offsetOf, type Layout, type Sample } from "../sampling/layout.ts";

/** What a capture's samples show of their machine, at the end; null is what they do not. */
export interface MachineSigns {
  /** Unix seconds of the earliest sample and the latest; those of a clock that was never set do not count. */
  firstS: number | null;
  lastS: number | null;
  /** Unix seconds. */
  bootTimeS: number | null;
  cpuModel: string | null;
  /** Online. */
  cpuCount: number | null;
  memoryBytes: number | null;
}

const bootTimeField = statFields.indexOf("btime");
const memoryField = meminfoFields.indexOf("MemTotal");

export interface SignWatch {
  layout(layout: Layout): void;
  cpuInfo(info: CpuInfo): void;
  sample(sample: Sample): void;
  /** Of what has a time and no more. */
  time(timestampS: number): void;
  signs(): MachineSigns;
}

export function createSignWatch(): SignWatch {
  let [bootTimeAt, memoryAt] = [-1, -1];
  let [firstS, lastS, bootTimeS, memoryKib] = [NaN, NaN, NaN, NaN];
  let cpuModel: string | null = null;
  let cpuCount = 0;
  const time = (timestampS: number): void => {
    if (!isCsvTime(timestampS)) return;
    if (!(timestampS >= firstS)) firstS = timestampS;
    if (!(timestampS <= lastS)) lastS = timestampS;
  };
  return {
    layout(layout) {
      bootTimeAt = offsetOf(layout, "stat") + bootTimeField;
      memoryAt = offsetOf(layout, "meminfo") + memoryField;
      cpuCount = layout.devices.cpu.filter((name) => name !== "cpu").length;
    },
    cpuInfo({ modelName }) {
      cpuModel = modelName;
    },
    sample({ timeMs, values }) {
      time(timeMs / 1000);
      const [bootedS = NaN, kib = NaN] = [values[bootTimeAt], values[memoryAt]];
      if (!Number.isNaN(bootedS)) bootTimeS = bootedS;
      if (!Number.isNaN(kib)) memoryKib = kib;
    },
    time,
    signs: () => ({
      firstS: orNull(firstS),
      lastS: orNull(lastS),
      bootTimeS: orNull(bootTimeS),
      cpuModel,
      cpuCount: cpuCount === 0 ? null : cpuCount,
      memoryBytes: orNull(memoryKib * 1024),
    }),
  };
}

function orNull(value: number): number | null {
  return Number.isNaN(value) ? null : value;
}
