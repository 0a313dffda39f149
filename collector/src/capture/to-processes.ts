// The processes that a capture names, a line each and sample.
import { renderTextCell } from "@perfanalysis/contract/csv/write";
import type { TopProcess, TopProcesses } from "../sampling/top-processes.ts";
import { OutputFile } from "./output-file.ts";
import { readCapture } from "./read.ts";
import { isInWindow } from "./time-window.ts";
import type { ConvertOptions, InputSummary } from "./convert-options.ts";
import { orderInputs } from "./inputs.ts";

export interface ProcessesSummary {
  inputs: InputSummary[];
  lines: number;
}

type ProcessesOptions = Omit<ConvertOptions, "machineId" | "intervalS" | "report">;

const header =
  "timestamp,pid,name,cpu_percent,memory_bytes,threads,read_bytes,write_bytes,processes";

/** In /proc/PID/stat, as in /proc/stat: the kernel's USER_HZ. */
const clockTicks = 100;

/**
 * Writes the file: CPU in percent of one, bytes from and to disks per second; an empty cell is a gap.
 * @throws SyntaxError naming file and line of damage, and the system's errors; then no file is left behind.
 */
export async function convertToProcesses(
  output: string,
  options: ProcessesOptions,
): Promise<ProcessesSummary> {
  const { ordered, window } = await orderInputs(options);
  const file = new OutputFile(output);
  const inputs: InputSummary[] = [];
  let lines = 0;
  let before: TopProcesses | null = null;
  try {
    file.write(Buffer.from(`${header}\n`));
    for (const { name, path } of ordered) {
      const summary = await readCapture(path, {
        name,
        visitor: {
          run() {},
          layout() {},
          sample() {},
          processes: (processes) => {
            if (isInWindow(window, Math.floor(processes.timeMs / 1000))) {
              file.write(Buffer.from(renderLines(processes, before)));
              lines += processes.top.length;
            }
            before = processes;
          },
          afterChunk: options.onProgress,
        },
        skipDamaged: options.skipDamaged,
        filters: options.filters,
        format: options.inputFormat ?? undefined,
      });
      inputs.push({ input: name, ...summary });
    }
    file.commit();
    return { inputs, lines };
  } catch (error) {
    file.discard();
    throw error;
  }
}

function renderLines(processes: TopProcesses, before: TopProcesses | null): string {
  const { timeMs, elapsedMs, count, top } = processes;
  const timestampS = Math.floor(timeMs / 1000);
  const known = new Map(before?.top.map((process) => [keyOf(process), process]));
  // Counters go on from the record before where that is the reading before.
  const intervalMs = elapsedMs !== null && elapsedMs > 0 ? elapsedMs : null;
  const isNext = before !== null && isJustBefore(before, processes);
  const perSecond = (counter: "readBytes" | "writeBytes", process: TopProcess): number | null => {
    const was = isNext ? (known.get(keyOf(process))?.[counter] ?? null) : null;
    const is = process[counter];
    if (intervalMs === null || was === null || is === null || is < was) return null;
    return ((is - was) / intervalMs) * 1000;
  };
  return top
    .map((process) => {
      const { pid, name, cpuTicks, memoryBytes, threads } = process;
      const cells = [
        cpuTicks === null || intervalMs === null
          ? null
          : (cpuTicks / clockTicks / intervalMs) * 100_000,
        memoryBytes,
        threads,
        perSecond("readBytes", process),
        perSecond("writeBytes", process),
        count,
      ];
      return `${[timestampS, pid, renderTextCell(name), ...cells.map(renderCell)].join(",")}\n`;
    })
    .join("");
}

/** The wall clock may be set between two readings, by a second at most for what is one interval. */
function isJustBefore(before: TopProcesses, { timeMs, elapsedMs }: TopProcesses): boolean {
  return Math.abs(timeMs - before.timeMs - (elapsedMs ?? Number.NaN)) <= 1000;
}

/** A pid is given out again; a start's moment is not. */
function keyOf({ pid, startTicks }: TopProcess): string {
  return `${pid} ${startTicks}`;
}

function renderCell(value: number | null): string {
  return value === null ? "" : String(Math.round(value * 100) / 100);
}
