// What a machine is, on its way beside a batch of its samples: HostFacts (api.ts) as JSON in a header, which holds ASCII only.
import type { HostFacts } from "./api.ts";

export const hostFactsHeader = "machine-facts";

/** What pcd's store keeps of a machine beside its days: `machine_id` and HostFacts as JSON. */
export const hostFactsFile = "machine-facts.json";

/** Proxies take lines of 8 KiB, and some of 4. */
export const maxHostFactsBytes = 4000;

/** Mbit/s that the line carries in each direction, by interface. */
export type InterfaceSpeeds = Readonly<Record<string, number>>;

/** Speeds that a machine tells at most: the names of hundreds would leave no room for its other facts. */
export const maxInterfaceSpeeds = 32;

export const interfaceName = /^[!-~]{1,32}$/;
export const maxInterfaceSpeedMbps = 10_000_000;

/** Whether HostFacts can have it. */
export function isInterfaceSpeed(name: string, mbps: unknown): mbps is number {
  if (typeof mbps !== "number" || !Number.isInteger(mbps)) return false;
  return interfaceName.test(name) && mbps >= 1 && mbps <= maxInterfaceSpeedMbps;
}

/** "100 Mbit/s", "2.5 Gbit/s": as lines are sold. */
export function renderInterfaceSpeed(mbps: number): string {
  return mbps < 1000 ? `${mbps} Mbit/s` : `${mbps / 1000} Gbit/s`;
}

/** The header's value. */
export function renderHostFacts(facts: HostFacts): string {
  return JSON.stringify(facts).replaceAll(
    /[^ -~]/g,
    (unit) => `\\u${unit.charCodeAt(0).toString(16).padStart(4, "0")}`,
  );
}

/**
 * The object that the header's value holds; whether it holds facts is for the schema to say.
 * @throws SyntaxError that ends the sentence "The facts were not taken: …".
 */
export function parseHostFacts(text: string): object {
  if (text.length > maxHostFactsBytes)
    throw new SyntaxError(`they are longer than ${maxHostFactsBytes} bytes`);
  let json: unknown;
  try {
    json = JSON.parse(text);
  } catch (cause) {
    throw new SyntaxError("they are no JSON", { cause });
  }
  if (typeof json === "object" && json !== null && !Array.isArray(json)) return json;
  throw new SyntaxError("they are no JSON object");
}

/** A warning of the batch's receipt. */
export function renderFactsWarning(machineId: string, why: string): string {
  return `What "${machineId}" tells of itself was not taken: ${why}. Its rows were.`;
}
