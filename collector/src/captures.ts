// What other parts may use of the collector: captures, and other files that pcprocess reads, as rows of the CSV standard.
import type { CaptureInput } from "./capture/convert-options.ts";
import {
  guessMachineId,
  readInputs,
  scanInputs,
  type ReadInput,
  type ScannedInput,
  type Without,
} from "./capture/inputs.ts";
import { listInputs } from "./capture/list-inputs.ts";
import { recogniseFile } from "./capture/read.ts";
import { readRows } from "./capture/read-rows.ts";
import type { RowSink } from "./capture/row-sink.ts";
import { ExitError, exitCodes } from "./exit.ts";
import type { CpuInfo } from "./procfs/cpuinfo.ts";
import { withEarlierSpeeds } from "./sampling/machine.ts";

export { ExitError as CaptureError };
export { groupFailures } from "./failed-sources.ts";

/** Whether the file is a capture of ours or perfcollector2's, or of another tool that can be read. Throws the system's errors. */
export async function isCapture(path: string): Promise<boolean> {
  return (await recogniseFile(path)) !== null;
}

/**
 * The captures in a folder, in any order; the file itself where it is none.
 * @throws CaptureError where the folder cannot be read or holds no capture.
 */
export function listCaptures(name: string): Promise<string[]> {
  return listInputs(name, () => {});
}

export interface CapturesOptions {
  /** Of whose captures; null: of the only machine that they are of. */
  machineId: string | null;
  /** Columns are named anew when devices come or go; values hold during the call. */
  sink: RowSink;
  onBytes: (bytesRead: number) => void;
}

export interface Captures {
  machineId: string;
  /** In the order of time. */
  inputs: ReadInput[];
  /** From the last that tells; null where none does. */
  host: string | null;
  /** With speeds of interfaces that only an earlier one tells. */
  machine: ReadInput["machine"];
  processors: CpuInfo | null;
  /** Samples that gave no row: they are from the same second as the row before, or of a clock never set. */
  mergedSamples: number;
}

/**
 * Reads captures of one machine, in any order, as one: rows ascend in time, but where the clock was set back, and counters go on from one capture to the next
 * within one boot. Damaged lines are passed over and counted.
 * @throws SyntaxError naming file and line of what is no capture, CaptureError where they are of several machines.
 */
export async function readCaptures(
  inputs: readonly CaptureInput[],
  { machineId: wanted, sink, onBytes }: CapturesOptions,
): Promise<Captures> {
  let processors: CpuInfo | null = null;
  const options = {
    skipDamaged: true,
    filters: {},
    onProgress: (bytesRead: number) => Promise.resolve(onBytes(bytesRead)),
    onCpuInfo: (info: CpuInfo) => {
      processors = info;
    },
  };
  const [only, ...others] = inputs;
  let read: { inputs: ReadInput[]; without: Without };
  if (only !== undefined && others.length === 0) {
    // One alone needs no order, so it is read once.
    const without: Without = { row: 0, statistics: 0, sharing: 0 };
    const summary = await readRows(only.path, {
      ...options,
      name: only.name,
      statistic: null,
      sink,
      afterChunk: options.onProgress,
      onWithout: (missing) => {
        without[missing] += 1;
      },
    });
    read = { inputs: [{ input: only.name, ...summary }], without };
  } else {
    const scanned = await scanInputs({ ...options, inputs });
    read = await readInputs(choose(scanned, wanted), { ...options, sink });
  }
  sink.end();
  choose(read.inputs, wanted);
  const told = read.inputs.toReversed();
  const id = wanted ?? told.find(({ machineId }) => machineId !== null)?.machineId;
  return {
    machineId: id ?? guessMachineId(only?.name ?? ""),
    inputs: read.inputs,
    host: told.find(({ host }) => host !== null)?.host ?? null,
    machine: read.inputs.reduce<ReadInput["machine"]>(
      (earlier, { machine }) => (machine === null ? earlier : withEarlierSpeeds(machine, earlier)),
      null,
    ),
    processors,
    mergedSamples: read.without.row + read.without.sharing,
  };
}

/** The wanted machine's. Those that do not say whose they are, are. @throws CaptureError where there is none, or no telling which. */
function choose<Input extends Pick<ScannedInput, "machineId">>(
  inputs: readonly Input[],
  wanted: string | null,
): readonly Input[] {
  const machines = [...new Set(inputs.flatMap(({ machineId }) => machineId ?? []))];
  const list = machines.join(", ");
  if (wanted === null && machines.length > 1) {
    throw new ExitError(
      exitCodes.badData,
      `Cannot choose a machine: the captures are of ${list}; name one with --machine`,
    );
  }
  const chosen = inputs.filter(
    ({ machineId }) => wanted === null || machineId === null || machineId === wanted,
  );
  if (chosen.length > 0 || inputs.length === 0) return chosen;
  throw new ExitError(
    exitCodes.badData,
    `Cannot report on "${wanted ?? ""}": the captures are of ${list}`,
  );
}
