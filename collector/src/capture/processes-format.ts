// The record of the processes with the most CPU and memory.
import type { TopProcess, TopProcesses } from "../sampling/top-processes.ts";
import { quoteJson, readNumber, readNumberOrNull, readObject, readText } from "./json.ts";

export function toProcessesJson({ timeMs, elapsedMs, count, top }: TopProcesses): object {
  return {
    t: timeMs,
    ms: elapsedMs,
    count,
    top: top.map((process) => ({
      pid: process.pid,
      start: process.startTicks,
      name: process.name,
      cpu: process.cpuTicks,
      rss: process.memoryBytes,
      threads: process.threads,
      read: process.readBytes,
      write: process.writeBytes,
    })),
  };
}

/** @throws SyntaxError saying which field is wrong. */
export function parseProcesses(value: unknown): TopProcesses {
  const json = readObject(value, "processes");
  const top = json["top"];
  if (!Array.isArray(top)) throw new SyntaxError(`top is ${quoteJson(top)}, not a list`);
  return {
    timeMs: readNumber(json, "t"),
    elapsedMs: readNumberOrNull(json, "ms"),
    count: readNumber(json, "count"),
    top: top.map(parseProcess),
  };
}

function parseProcess(value: unknown): TopProcess {
  const json = readObject(value, "an entry of top");
  return {
    pid: readNumber(json, "pid"),
    startTicks: readNumber(json, "start"),
    name: readText(json, "name"),
    cpuTicks: readNumberOrNull(json, "cpu"),
    memoryBytes: readNumber(json, "rss"),
    threads: readNumber(json, "threads"),
    readBytes: readNumberOrNull(json, "read"),
    writeBytes: readNumberOrNull(json, "write"),
  };
}
