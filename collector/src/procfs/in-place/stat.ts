import { cpuFields, cpuFieldsInTotal, statFields } from "../stat.ts";
import type { ByteText } from "./byte-text.ts";
import { createKeyedLinesParser, type ScalarsParser } from "./keyed-lines.ts";

const cpuLine = Buffer.from("cpu");

/** Sets the six counters from `offset` on. */
export const createStatCountersParser = (): ScalarsParser =>
  createKeyedLinesParser(statFields, { separator: " ", required: [] });

/** Makes the parser for exactly these CPUs; `cpu`, all of them, is one. It answers false for any others. */
export function createCpuParser(cpus: readonly string[]): ScalarsParser {
  const names = cpus.map((name) => Buffer.from(`${name} `, "latin1"));
  return (text, values, offset) => {
    for (let row = 0; row < names.length; row += 1) {
      const name = names[row];
      if (name === undefined || !text.skip(name)) return false;
      if (!readTicks(text, values, offset + row * cpuFields.length)) return false;
    }
    return !text.skip(cpuLine);
  };
}

function readTicks(text: ByteText, values: Float64Array, offset: number): boolean {
  let column = 0;
  for (; column < cpuFields.length && !text.atLineEnd; column += 1) {
    const value = text.readCounter();
    if (value < 0) return false;
    values[offset + column] = value;
  }
  if (column < cpuFieldsInTotal) return false;
  for (; column < cpuFields.length; column += 1) values[offset + column] = Number.NaN;
  text.skipLine();
  return true;
}
