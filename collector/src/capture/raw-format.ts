// perfcollector2's capture format: a line per file and tick, with the file's text.
//   {"timestamp":1767813011,"subsystem":"/proc/stat","measurement":"cpu  373708 4860 …\n…"}
// The subsystem statfs[*] has a JSON object a mount in its lines.

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
  const json = parseObject(line);
  const { timestamp, subsystem, measurement } = json;
  if (typeof timestamp !== "number" || !(timestamp >= 0)) {
    throw new SyntaxError(`timestamp is ${quote(timestamp)}, not a number of seconds`);
  }
  if (typeof subsystem !== "string") {
    throw new SyntaxError(`subsystem is ${quote(subsystem)}, not a text`);
  }
  if (typeof measurement !== "string") {
    throw new SyntaxError(`measurement is ${quote(measurement)}, not a text`);
  }
  return { timestampS: timestamp, subsystem, measurement };
}

/** @throws SyntaxError naming the line of the measurement. */
export function parseMounts(measurement: string): Mount[] {
  return measurement.split("\n").flatMap((line, index) => {
    if (line === "") return [];
    const json = parseObject(line);
    const path = json["mount_point"];
    if (typeof path !== "string") {
      throw new SyntaxError(`statfs line ${index + 1}: mount_point is ${quote(path)}, not a text`);
    }
    const count = (name: string): number => {
      const value = json[name];
      if (typeof value === "number" && value >= 0) return value;
      throw new SyntaxError(`statfs line ${index + 1}: ${name} is ${quote(value)}, not a number`);
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

function parseObject(line: string): Record<string, unknown> {
  let json: unknown;
  try {
    json = JSON.parse(line);
  } catch (cause) {
    throw new SyntaxError(`${quote(line)} is not JSON`, { cause });
  }
  if (typeof json !== "object" || json === null || Array.isArray(json)) {
    throw new SyntaxError(`${quote(json)} is not a JSON object`);
  }
  // An object that is no array has string keys, and what they hold is unknown.
  return json as Record<string, unknown>;
}

function quote(value: unknown): string {
  if (value === undefined) return "missing";
  const text = JSON.stringify(value);
  return text.length > 80 ? `${text.slice(0, 80)}…` : text;
}
