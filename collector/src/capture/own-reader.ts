import { countOf } from "../count-of.ts";
import { createSampleDecoder, decodeTime, type SampleDecoder } from "./decode.ts";
import { parseRecord, sampleStart, type CaptureRecord, type RunHeader } from "./format.ts";
import { isJson } from "./json.ts";
import { withEarlierSpeeds } from "../sampling/machine.ts";
import { statisticNames, type Statistics } from "./statistics.ts";
import type { CaptureSummary, FormatReader, ReadOptions } from "./read.ts";

const sampleStartBytes = Buffer.from(sampleStart);
const noValues = new Float64Array(0);

export function createOwnReader({
  visitor,
  devicesOnly = false,
  summary,
}: ReadOptions & { summary: CaptureSummary }): FormatReader {
  let header: RunHeader | null = null;
  let decoder: SampleDecoder | null = null;
  /** Of the statistics that follow; null where nobody can tell. */
  let columns: readonly string[] | null = null;
  let statistics: Statistics | null = null;

  return {
    line(bytes, start, end) {
      if (!startsWith(bytes, start, end)) {
        readLine(bytes.toString("utf8", start, end));
        return;
      }
      if (decoder === null) {
        throw new SyntaxError("a sample stands before the header, or behind a damaged one");
      }
      summary.samples += 1;
      if (devicesOnly) {
        const timeMs = decodeTime(bytes, start, end);
        // Whoever reads the capture for its samples says what is wrong with them.
        if (timeMs !== null) visitor.sample({ timeMs, monotonicUs: Number.NaN, values: noValues });
        return;
      }
      const sample = decoder.decode(bytes, start, end);
      // Those whose sample a killed pcc did not come to write are nobody's.
      if (statistics?.timeMs === sample.timeMs) visitor.statistics?.(statistics);
      statistics = null;
      visitor.sample(sample);
    },
    acceptsTail: isJson,
    end() {
      if (header === null) throw new SyntaxError("there is no header");
    },
  };

  function readLine(line: string): void {
    try {
      readRecord(parseRecord(line));
    } catch (error) {
      // Without the devices that it named, nobody can tell what the samples behind it hold.
      if (/^\{"(?:f|r|d)/.test(line)) decoder = null;
      if (line.startsWith('{"columns')) columns = null;
      throw error;
    }
  }

  function readRecord(record: CaptureRecord): void {
    switch (record.kind) {
      case "header":
      case "restart":
        startRun(record.header);
        return;
      case "devices":
        if (header === null) throw new SyntaxError("devices stand before the header");
        setDecoder(createSampleDecoder(header.sources, record.devices));
        return;
      case "gap":
        summary.missedTicks += record.missedTicks;
        return;
      case "clock":
        summary.clockSteps += 1;
        return;
      case "columns":
        columns = record.columns;
        visitor.columns?.(columns);
        return;
      case "statistics":
        readStatistics(record.statistics);
        return;
      case "processes":
        visitor.processes?.(record.processes);
        return;
      case "status": {
        const { source, error } = record.status;
        if (error !== null) summary.failedSources[source] = error;
        return;
      }
      case "unknown":
        summary.skipped["record"] = (summary.skipped["record"] ?? 0) + 1;
    }
  }

  function readStatistics(record: Omit<Statistics, "columns">): void {
    if (columns === null) {
      throw new SyntaxError("statistics stand before their columns, or behind damaged ones");
    }
    const { length } = columns;
    const wrong = statisticNames.find((name) => record[name].length !== length);
    if (wrong !== undefined) {
      throw new SyntaxError(
        `${wrong} has ${countOf(record[wrong].length, "value")} for ${countOf(length, "column")}`,
      );
    }
    statistics = { ...record, columns };
  }

  function startRun(next: RunHeader): void {
    if (header !== null) {
      if (header.machineId !== next.machineId) {
        throw new SyntaxError(
          `machine_id is "${next.machineId}", but was "${header.machineId}": a capture is of one machine`,
        );
      }
      summary.restarts += 1;
    }
    header = next;
    if (next.machine !== null) {
      summary.machine = withEarlierSpeeds(next.machine, summary.machine);
      visitor.machine?.(summary.machine);
    }
    visitor.run(next);
    setDecoder(createSampleDecoder(next.sources, next.devices));
  }

  function setDecoder(next: SampleDecoder): void {
    decoder = next;
    visitor.layout(next.layout);
  }
}

function startsWith(bytes: Buffer, start: number, end: number): boolean {
  if (end - start < sampleStartBytes.length) return false;
  for (let index = 0; index < sampleStartBytes.length; index += 1) {
    if (bytes[start + index] !== sampleStartBytes[index]) return false;
  }
  return true;
}
