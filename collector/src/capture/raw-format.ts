// perfcollector2's capture format: a line per file and tick, with the file's text.
//   {"timestamp":1767813011,"subsystem":"/proc/stat","measurement":"cpu  373708 4860 …\n…"}
// The subsystem statfs[*] has a JSON object a mount in its lines; those of containers are in raw-container.ts.
import { parseJson, quoteJson, readObject } from "./json.ts";

export interface RawRecord {
  /** Unix seconds. */
  timestampS: number;
  /** The file's path, or `statfs[*]`. */
  subsystem: string;
  measurement: string;
}

export interface Mount {
  path: string;
  blockSizeBytes: number;
  blocksTotal: number;
  blocksFree: number;
  /** For others than root. */
  blocksAvailable: number;
}

/** The record's line, with its newline. */
export function renderRawRecord({ timestampS, subsystem, measurement }: RawRecord): string {
  return `${JSON.stringify({ timestamp: timestampS, subsystem, measurement })}\n`;
}

/** @throws SyntaxError saying which field is wrong. */
export function parseRawRecord(line: string): RawRecord {
  const json = readObject(parseJson(line), "the line");
  const { timestamp, subsystem, measurement } = json;
  if (typeof timestamp !== "number" || !(timestamp >= 0)) {
    throw new SyntaxError(`timestamp is ${quoteJson(timestamp)}, not a number of seconds`);
  }
  if (typeof subsystem !== "string") {
    throw new SyntaxError(`subsystem is ${quoteJson(subsystem)}, not a text`);
  }
  if (typeof measurement !== "string") {
    throw new SyntaxError(`measurement is ${quoteJson(measurement)}, not a text`);
  }
  return { timestampS: timestamp, subsystem, measurement };
}

/** @throws SyntaxError naming the line of the measurement. */
export function parseMounts(measurement: string): Mount[] {
  return measurement.split("\n").flatMap((line, index) => {
    if (line === "") return [];
    const json = readObject(parseJson(line), "the line");
    const path = json["mount_point"];
    if (typeof path !== "string") {
      throw new SyntaxError(
        `statfs line ${index + 1}: mount_point is ${quoteJson(path)}, not a text`,
      );
    }
    const count = (name: string): number => {
      const value = json[name];
      if (typeof value === "number" && value >= 0) return value;
      throw new SyntaxError(
        `statfs line ${index + 1}: ${name} is ${quoteJson(value)}, not a number`,
      );
    };
    return {
      path,
      blockSizeBytes: count("block_size"),
      blocksTotal: count("blocks_total"),
      blocksFree: count("blocks_free"),
      blocksAvailable: count("blocks_available"),
    };
  });
}

/** The measurement of `statfs[*]`. */
export function renderMounts(mounts: readonly Mount[]): string {
  return mounts
    .map(({ path, blockSizeBytes, blocksTotal, blocksFree, blocksAvailable }) => {
      const json = {
        mount_point: path,
        block_size: blockSizeBytes,
        blocks_total: blocksTotal,
        blocks_free: blocksFree,
        blocks_available: blocksAvailable,
      };
      return `${JSON.stringify(json)}\n`;
    })
    .join("");
}

/** The path as columns name it: with octal escapes, as in /proc/mounts, for what cannot stand in a name. */
export function toMountDevice(path: string): string {
  return path.replaceAll(/[\s\p{C},\\]/gu, (character) =>
    Array.from(Buffer.from(character), (byte) => `\\${byte.toString(8).padStart(3, "0")}`).join(""),
  );
}

/** The path of a mount that is named so. */
export function toMountPath(device: string): string {
  const bytes = Buffer.from(device)
    .toString("latin1")
    .replaceAll(/\\([0-3][0-7]{2})/g, (_, octal: string) =>
      String.fromCharCode(Number.parseInt(octal, 8)),
    );
  return Buffer.from(bytes, "latin1").toString();
}
