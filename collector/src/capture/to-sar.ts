import { join } from "node:path";
import type { CpuInfo } from "../procfs/cpuinfo.ts";
import { everyDevice } from "../sampling/devices.ts";
import type { Machine } from "../sampling/machine.ts";
import type { ConvertOptions, InputSummary } from "./convert-options.ts";
import { orderInputs } from "./inputs.ts";
import { Intervals } from "./intervals.ts";
import { OutputFile } from "./output-file.ts";
import { readCapture } from "./read.ts";
import {
  renderSarLine,
  sarFiles,
  toSarLines,
  toSarMountLines,
  type SarCells,
  type SarFile,
} from "./sar.ts";
import { isInWindow } from "./time-window.ts";

export interface SarSummary {
  inputs: InputSummary[];
  /** Lines without the header, by file. */
  lines: Record<string, number>;
}

/**
 * Writes sysstat's columns into a folder, a file per subsystem; those of which the captures have nothing are not written. The first
 * sample of a capture has no lines: there is no interval before it.
 * @throws SyntaxError naming file and line of damage, and the system's errors; then no file is left behind.
 */
export async function convertToSar(
  folder: string,
  options: Omit<ConvertOptions, "filters" | "machineId" | "intervalS" | "report">,
): Promise<SarSummary> {
  const { ordered, window } = await orderInputs({ ...options, filters: everyDevice });
  const files = new SarFolder(folder);
  const inputs: InputSummary[] = [];
  const intervals = new Intervals();
  try {
    for (const { name, path } of ordered) {
      let inInterval = false;
      const summary = await readCapture(path, {
        name,
        visitor: {
          run: (run) => intervals.startRun(run),
          layout: (next) => intervals.setLayout(next),
          sample: (sample) => {
            inInterval = false;
            intervals.add(sample, (interval) => {
              inInterval = interval.elapsedS > 0 && isInWindow(window, intervals.timestampS);
              if (!inInterval) return;
              for (const [file, lines] of toSarLines(intervals.layout, interval)) {
                files.write(file, intervals.timestampS, lines);
              }
            });
          },
          mounts: (timeMs, mounts) => {
            if (!inInterval) return;
            files.write("statfs_ALL", Math.floor(timeMs / 1000), toSarMountLines(mounts));
          },
          cpuInfo: (info) => files.setSystem(toSystemInfo(info)),
          machine: (machine) => files.setSystem(toMachineInfo(machine)),
          afterChunk: options.onProgress,
        },
        skipDamaged: options.skipDamaged,
        filters: everyDevice,
        format: options.inputFormat ?? undefined,
      });
      inputs.push({ input: name, ...summary });
    }
    files.commit();
    return { inputs, lines: files.lines };
  } catch (error) {
    files.discard();
    throw error;
  }
}

class SarFolder {
  readonly lines: Record<string, number> = {};
  private readonly folder: string;
  private readonly files = new Map<SarFile, OutputFile>();
  private system: object | null = null;

  constructor(folder: string) {
    this.folder = folder;
  }

  write(name: SarFile, timestampS: number, lines: readonly SarCells[]): void {
    if (lines.length === 0) return;
    let file = this.files.get(name);
    if (file === undefined) {
      file = this.open(name);
      this.files.set(name, file);
      file.write(Buffer.from(`${sarFiles[name]}\n`));
    }
    file.write(Buffer.from(lines.map((cells) => renderSarLine(timestampS, cells)).join("")));
    this.lines[name] = (this.lines[name] ?? 0) + lines.length;
  }

  setSystem(info: object): void {
    this.system ??= info;
  }

  commit(): void {
    if (this.system !== null) {
      const file = this.open("system_info.json");
      file.write(Buffer.from(`${JSON.stringify(this.system, null, 2)}\n`));
      file.commit();
    }
    for (const file of this.files.values()) file.commit();
  }

  discard(): void {
    for (const file of this.files.values()) file.discard();
  }

  private open(name: string): OutputFile {
    return new OutputFile(join(this.folder, name), { ownFolder: this.folder });
  }
}

/** As perfcollector2 writes it. */
function toSystemInfo(info: CpuInfo): object {
  return {
    vendor_id: info.vendorId,
    model_name: info.modelName,
    cpu_cores: info.coresPerPackage,
    siblings: info.siblings,
    cpu_mhz: info.mhz,
    cache_size: info.cacheSize,
    total_cpus: info.cpuCount,
    physical_cpus: info.packageCount,
    bogomips: info.bogomips,
    flags: info.flags,
  };
}

/** Under the same names, as far as there are some. */
function toMachineInfo(machine: Machine): object {
  const {
    cpu_vendor: vendorId,
    cpu_model: modelName,
    cpu_cores_per_package: coresPerPackage,
    cpu_threads_per_package: siblings,
    cpu_cache: cacheSize,
    cpu_count: cpuCount,
    cpu_packages: packageCount,
    ...rest
  } = machine;
  return {
    vendor_id: vendorId,
    model_name: modelName,
    cpu_cores: coresPerPackage,
    siblings,
    cache_size: cacheSize,
    total_cpus: cpuCount,
    physical_cpus: packageCount,
    ...rest,
  };
}
