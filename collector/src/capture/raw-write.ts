import { join } from "node:path";
import { countOf } from "../count-of.ts";
import { messageOf } from "../message-of.ts";
import { ByteText } from "../procfs/in-place/byte-text.ts";
import { KernelFileHandle, readKeptBelow } from "../sampling/kernel-file.ts";
import { listKernelFiles } from "../sampling/readings.ts";
import { AppendFile } from "./append-file.ts";
import { LostSamples } from "./lost-samples.ts";
import { containerFields } from "../cgroup/container-fields.ts";
import { offsetOf, type Layout } from "../sampling/layout.ts";
import { mountFields } from "../sampling/mounts.ts";
import { renderRawContainer, type ContainerIdentity } from "./raw-container.ts";
import {
  parseRawRecord,
  renderMounts,
  renderRawRecord,
  toMountPath,
  type Mount,
} from "./raw-format.ts";
import type { FileSink } from "./write.ts";

const initialBytes = 64 * 1024;

export interface RawWriterOptions {
  procfs: string;
  layout: Layout;
  /** Who a container of the samples is. */
  identify: (container: string) => ContainerIdentity;
  /** For people, where something is out of the ordinary. */
  report: (message: string) => void;
}

/**
 * Appends perfcollector2's format: the files of /proc as they are, read at each tick, and what the sample has of file systems and
 * containers. It has no place for gaps, restarts and
 * errors: readers see the timestamps.
 * @throws SyntaxError where the file holds something else.
 */
export function openRawWriter(
  path: string,
  { procfs, layout: firstLayout, identify, report }: RawWriterOptions,
): FileSink {
  const file = new AppendFile(path, {
    accepts: (firstLine, complete) => {
      if (complete && !isRawRecord(firstLine)) {
        throw new SyntaxError(
          `Cannot append to ${path}: line 1 is no perfcollector2 record; give another file, or move this one away`,
        );
      }
    },
  });
  if (file.cutBytes > 0)
    report(`${path}: cut off a torn last line of ${countOf(file.cutBytes, "byte")}`);
  const text = new ByteText(initialBytes);
  const keptBelow = readKeptBelow();
  const handles = listKernelFiles().map((name) => ({
    subsystem: `/proc/${name}`,
    handle: new KernelFileHandle(join(procfs, name), keptBelow),
    missing: false,
  }));
  let layout = firstLayout;
  const lost = new LostSamples(path === "-" ? "standard output" : path, report);
  const nothing = (): void => {};
  const end = (): void => {
    for (const { handle } of handles) handle.close();
    file.close();
    lost.tellEnd();
  };
  return {
    get bytes() {
      return file.bytes;
    },
    tick: nothing,
    layout(next) {
      layout = next;
    },
    status: nothing,
    sample({ timeMs, monotonicUs, values }) {
      const timestampS = Math.floor(timeMs / 1000);
      let lines = "";
      for (const entry of handles) {
        if (entry.missing) continue;
        try {
          entry.handle.read(text);
        } catch (error) {
          report(`${entry.subsystem}: ${messageOf(error)}; left out`);
          entry.missing = true;
          continue;
        }
        const measurement = text.toString();
        lines += renderRawRecord({ timestampS, subsystem: entry.subsystem, measurement });
      }
      for (const record of listDeviceRecords(layout, values, identify)) {
        lines += renderRawRecord({ timestampS, ...record });
      }
      try {
        file.append(Buffer.from(lines));
      } catch (error) {
        if (!file.canRetry(error)) throw error;
        lost.add(error, monotonicUs);
        return;
      }
      lost.end();
    },
    describe: () => ({ kind: "capture", path, bytes: file.bytes, lost_samples: lost.count }),
    end,
    async close() {
      try {
        await file.drain();
      } finally {
        end();
      }
    },
  };
}

/** Those of file systems and containers that were measured. */
function listDeviceRecords(
  layout: Layout,
  values: Float64Array,
  identify: RawWriterOptions["identify"],
): { subsystem: string; measurement: string }[] {
  const records = [];
  const mounts = layout.devices.mount.flatMap((device, row): Mount[] => {
    const offset = offsetOf(layout, "mounts") + row * mountFields.length;
    const read = (field: (typeof mountFields)[number]): number =>
      values[offset + mountFields.indexOf(field)] ?? Number.NaN;
    if (Number.isNaN(read("blocks"))) return [];
    return [
      {
        path: toMountPath(device),
        blockSizeBytes: read("block_bytes"),
        blocksTotal: read("blocks"),
        blocksFree: read("blocks_free"),
        blocksAvailable: read("blocks_available"),
      },
    ];
  });
  if (mounts.length > 0) {
    records.push({ subsystem: "statfs[*]", measurement: renderMounts(mounts) });
  }
  for (const [row, device] of layout.devices.container.entries()) {
    const offset = offsetOf(layout, "containers") + row * containerFields.length;
    const read = (field: (typeof containerFields)[number]): number =>
      values[offset + containerFields.indexOf(field)] ?? Number.NaN;
    if (Number.isNaN(read("usage_usec"))) continue;
    records.push(renderRawContainer(device, identify(device), read));
  }
  return records;
}

function isRawRecord(line: string): boolean {
  try {
    parseRawRecord(line);
    return true;
  } catch (error) {
    if (error instanceof SyntaxError) return false;
    throw error;
  }
}
