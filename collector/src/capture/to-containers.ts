// perfcollector2's containers.csv: a line a container and sample, one container behind the other, each in the order of time.
import { renderTextCell } from "@perfanalysis/contract/csv/write";
import {
  containerCounters,
  containerFields,
  type ContainerField,
} from "../cgroup/container-fields.ts";
import { offsetOf } from "../sampling/layout.ts";
import { growth, wasReset, type Interval } from "./formula.ts";
import type { CaptureInput, ConvertOptions, InputSummary } from "./convert-options.ts";
import { orderInputs } from "./inputs.ts";
import { Intervals } from "./intervals.ts";
import { OutputFile } from "./output-file.ts";
import type { ContainerIdentity } from "./raw-container.ts";
import { readCapture } from "./read.ts";
import { isInWindow, type TimeWindow } from "./time-window.ts";

export interface ContainersSummary {
  inputs: InputSummary[];
  containers: number;
  lines: number;
}

type ReadOptions = Omit<ConvertOptions, "machineId" | "report">;

export type ContainersOptions = ReadOptions & {
  /** Names by the containers' ids, where the captures do not tell them. */
  names: ReadonlyMap<string, string>;
  /** How many lines wait in memory for their container's turn. */
  maxWaitingLines?: number;
};

const header =
  "timestamp,container_id,container_name,runtime,cpu_percent,cpu_user_percent,cpu_system_percent,memory_current_bytes,memory_max_bytes,memory_percent,io_read_bytes,io_write_bytes,io_read_ops,io_write_ops,pids_current";

/**
 * Writes the file, with the line ends of RFC 4180. The inputs are read once to count, and then as often as the lines ask for that fit into memory.
 * @throws SyntaxError naming file and line of damage, and the system's errors; then no file is left behind.
 */
export async function convertToContainers(
  output: string,
  options: ContainersOptions,
): Promise<ContainersSummary> {
  const { names, maxWaitingLines = 250_000 } = options;
  const { ordered, window } = await orderInputs(options);
  const counts = new Map<string, number>();
  const inputs = await readContainers(ordered, { ...options, window }, ({ id }) => {
    counts.set(id, (counts.get(id) ?? 0) + 1);
  });
  const file = new OutputFile(output);
  try {
    file.write(Buffer.from(`${header}\r\n`));
    for (const group of groupContainers(counts, maxWaitingLines)) {
      const waiting = new Map(group.map((id): [string, string[]] => [id, []]));
      await readContainers(ordered, { ...options, window }, (identity, timestampS, cells) => {
        const lines = waiting.get(identity.id);
        if (lines === undefined) return;
        const name = names.get(identity.id) ?? identity.name;
        const texts = [identity.id, name, identity.runtime].map(renderTextCell);
        const line = `${[timestampS, ...texts, ...cells].join(",")}\r\n`;
        // Of one container alone none has to wait.
        if (group.length === 1) file.write(Buffer.from(line));
        else lines.push(line);
      });
      for (const lines of waiting.values()) file.write(Buffer.from(lines.join("")));
    }
    file.commit();
  } catch (error) {
    file.discard();
    throw error;
  }
  const lines = [...counts.values()].reduce((sum, count) => sum + count, 0);
  return { inputs, containers: counts.size, lines };
}

/** Calls `use` for each container of each sample with the cells behind its name and runtime. */
async function readContainers(
  ordered: readonly CaptureInput[],
  { window, inputFormat, skipDamaged, filters, onProgress }: ReadOptions & { window: TimeWindow },
  use: (identity: ContainerIdentity, timestampS: number, cells: string[]) => void,
): Promise<InputSummary[]> {
  const inputs: InputSummary[] = [];
  const identities = new Map<string, ContainerIdentity>();
  const intervals = new Intervals();
  for (const { name, path } of ordered) {
    const summary = await readCapture(path, {
      name,
      visitor: {
        run: (run) => intervals.startRun(run),
        layout: (next) => intervals.setLayout(next),
        container: (device, identity) => identities.set(device, identity),
        sample: (sample) => {
          const { layout } = intervals;
          const { container: devices } = layout.devices;
          if (devices.length === 0) return;
          intervals.add(sample, (interval) => {
            if (!isInWindow(window, intervals.timestampS)) return;
            for (const [row, device] of devices.entries()) {
              const offset = offsetOf(layout, "containers") + row * containerFields.length;
              if (!isMeasured(interval.after, offset)) continue;
              const identity = identities.get(device) ?? { id: device, name: "", runtime: "" };
              use(identity, intervals.timestampS, listCells(interval, offset));
            }
          });
        },
        afterChunk: onProgress,
      },
      skipDamaged,
      filters,
      format: inputFormat ?? undefined,
    });
    inputs.push({ input: name, ...summary });
  }
  return inputs;
}

/** Ids in their order, together as many as have no more than so many lines. */
function groupContainers(counts: ReadonlyMap<string, number>, maxLines: number): string[][] {
  const groups: string[][] = [];
  let lines = Number.POSITIVE_INFINITY;
  for (const [id, count] of [...counts].toSorted(([left], [right]) => (left < right ? -1 : 1))) {
    lines += count;
    if (lines <= maxLines) {
      groups.at(-1)?.push(id);
    } else {
      groups.push([id]);
      lines = count;
    }
  }
  return groups;
}

function isMeasured(values: Float64Array, offset: number): boolean {
  const row = values.subarray(offset, offset + containerFields.length);
  return row.some((value) => !Number.isNaN(value));
}

function listCells(interval: Interval, offset: number): string[] {
  const indexOf = (field: ContainerField): number => offset + containerFields.indexOf(field);
  const read = (field: ContainerField): number => interval.after[indexOf(field)] ?? Number.NaN;
  const reset = wasReset(interval, offset, containerCounters.length, -1);
  const share = (field: ContainerField): string =>
    renderHundredths(
      reset ? Number.NaN : (growth(interval, indexOf(field)) / 1e6 / interval.elapsedS) * 100,
    );
  const limit = read("memory_max");
  return [
    share("usage_usec"),
    share("user_usec"),
    share("system_usec"),
    renderWhole(read("memory_current")),
    renderWhole(limit),
    renderHundredths((100 * read("memory_current")) / limit),
    renderWhole(read("rbytes")),
    renderWhole(read("wbytes")),
    renderWhole(read("rios")),
    renderWhole(read("wios")),
    renderWhole(read("pids_current")),
  ];
}

function renderWhole(value: number): string {
  return Number.isNaN(value) ? "" : String(value);
}

/** Two decimals, and the even one where both neighbours are as near, as perfcollector2 does. */
function renderHundredths(value: number): string {
  if (!Number.isFinite(value)) return "";
  // Only odd eighths lie exactly between two hundredths; toFixed() goes up then.
  const halfway = Number.isInteger(value * 8) && !Number.isInteger(value * 4);
  const up = halfway && Math.floor(value * 100) % 2 === 0;
  return up ? (Math.floor(value * 100) / 100).toFixed(2) : value.toFixed(2);
}
