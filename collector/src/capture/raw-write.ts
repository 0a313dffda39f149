import { join } from "node:path";
import { ByteText } from "../procfs/in-place/byte-text.ts";
import { KernelFileHandle } from "../sampling/kernel-file.ts";
import { listKernelFiles } from "../sampling/readings.ts";
import { AppendFile } from "./append-file.ts";
import { parseRawRecord, renderRawRecord } from "./raw-format.ts";
import type { FileSink } from "./write.ts";

const initialBytes = 64 * 1024;

/**
 * Appends perfcollector2's format: the files of /proc as they are, read at each tick. It has no place for gaps, restarts and
 * errors: readers see the timestamps.
 * @throws SyntaxError where the file holds something else.
 */
export function openRawWriter(
  path: string,
  { procfs, report }: { procfs: string; report: (message: string) => void },
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
  if (file.cutBytes > 0) report(`${path}: cut off a torn last line of ${file.cutBytes} bytes`);
  const text = new ByteText(initialBytes);
  const handles = listKernelFiles().map((name) => ({
    subsystem: `/proc/${name}`,
    handle: new KernelFileHandle(join(procfs, name)),
    missing: false,
  }));
  let lostSamples = 0;
  const nothing = (): void => {};
  const end = (): void => {
    for (const { handle } of handles) handle.close();
    file.close();
  };
  return {
    get bytes() {
      return file.bytes;
    },
    tick: nothing,
    layout: nothing,
    status: nothing,
    sample({ timeMs }) {
      const timestampS = Math.floor(timeMs / 1000);
      let lines = "";
      for (const entry of handles) {
        if (entry.missing) continue;
        try {
          entry.handle.read(text);
        } catch (error) {
          report(`${entry.subsystem}: ${String(error)}; left out`);
          entry.missing = true;
          continue;
        }
        const measurement = text.toString();
        lines += renderRawRecord({ timestampS, subsystem: entry.subsystem, measurement });
      }
      try {
        file.append(Buffer.from(lines));
      } catch (error) {
        if (!file.regular) throw error;
        if (lostSamples === 0) report(`Cannot write ${path}: ${String(error)}; trying again`);
        lostSamples += 1;
        return;
      }
      if (lostSamples > 0) report(`${path}: writing again; ${lostSamples} samples were lost`);
      lostSamples = 0;
    },
    describe: () => ({ kind: "capture", path, bytes: file.bytes, lost_samples: lostSamples }),
    end,
    close: async () => end(),
  };
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
