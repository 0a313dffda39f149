// perfcollector2's records of containers: a JSON object a container and tick under the subsystem container/<runtime>/<short id>.
import type { ContainerField } from "../cgroup/container-fields.ts";
import type { Field } from "../procfs/number.ts";
import { quoteJson, parseJson, readObject } from "./json.ts";

/** Who a container is, as far as it is known. */
export interface ContainerIdentity {
  /** All of it where the runtime has told, else what is known. */
  id: string;
  /** `docker`, `podman`, …; empty where nobody knows. */
  runtime: string;
  /** Empty where nobody knows. */
  name: string;
}

interface RawContainer extends ContainerIdentity {
  fields: Partial<Record<ContainerField, Field>>;
}

const start = "container/";

/** Our fields by perfcollector2's keys, in its order. */
const keys: Readonly<Record<string, ContainerField>> = {
  cpu_period: "period_usec",
  cpu_periods: "nr_periods",
  cpu_quota: "quota_usec",
  cpu_system_usec: "system_usec",
  cpu_throttled: "nr_throttled",
  cpu_throttled_usec: "throttled_usec",
  cpu_usage_usec: "usage_usec",
  cpu_user_usec: "user_usec",
  io_read_bytes: "rbytes",
  io_read_ops: "rios",
  io_write_bytes: "wbytes",
  io_write_ops: "wios",
  memory_anon: "anon",
  memory_current: "memory_current",
  memory_file: "file",
  memory_max: "memory_max",
  pids_current: "pids_current",
};

/** A container that is not limited has no limit, 0, less, or what does not fit a machine. */
const limits: ReadonlySet<string> = new Set(["quota_usec", "memory_max"]);

/** The short name that columns have of it: `942b476921d8` of `container/docker/942b476921d8`; null for another subsystem. */
export function toContainerDevice(subsystem: string): string | null {
  if (!subsystem.startsWith(start)) return null;
  const parts = subsystem.slice(start.length).split("/");
  return parts.length === 2 ? (parts[1] ?? null) : null;
}

/** @throws SyntaxError naming the key and its value. */
export function parseRawContainer(measurement: string): RawContainer {
  const json = readObject(parseJson(measurement), "the container's measurement");
  const readText = (key: string): string => {
    const value = json[key] ?? "";
    if (typeof value === "string") return value;
    throw new SyntaxError(`${key} is ${quoteJson(value)}, not a text`);
  };
  const fields: RawContainer["fields"] = {};
  for (const [key, field] of Object.entries(keys)) {
    const value = json[key] ?? null;
    if (value === null) continue;
    if (typeof value !== "number") {
      throw new SyntaxError(`${key} is ${quoteJson(value)}, not a number`);
    }
    const isLimit = limits.has(field);
    if (!(value >= 0) && !isLimit) throw new SyntaxError(`${key} is ${value}, less than 0`);
    fields[field] = isLimit && !(value > 0 && value < Number.MAX_SAFE_INTEGER) ? null : value;
  }
  return {
    id: readText("container_id"),
    name: readText("container_name"),
    runtime: readText("runtime"),
    fields,
  };
}

/** Subsystem and measurement of the container; what was not measured is left out. */
export function renderRawContainer(
  device: string,
  { id, name, runtime }: ContainerIdentity,
  valueOf: (field: ContainerField) => number,
): { subsystem: string; measurement: string } {
  const measured = Object.entries(keys).flatMap(([key, field]): [string, number][] => {
    const value = valueOf(field);
    return Number.isNaN(value) ? [] : [[key, value]];
  });
  const json = {
    container_id: id,
    container_name: name,
    ...Object.fromEntries(measured),
    runtime,
  };
  return {
    subsystem: `${start}${runtime === "" ? "unknown" : runtime}/${device}`,
    measurement: JSON.stringify(json),
  };
}
