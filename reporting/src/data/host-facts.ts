import type { HostFacts } from "@perfanalysis/contract/api";
import { isInterfaceSpeed, type InterfaceSpeeds } from "@perfanalysis/contract/host-facts";
import { unknownMachine, type MachineFacts } from "./machine-facts.ts";

/** The facts of a JSON text in the form of the contract's `HostFacts`, as the portal has them. Throws a SyntaxError where it is not. */
export function parseHostFacts(json: string): MachineFacts {
  const host: unknown = JSON.parse(json);
  if (typeof host !== "object" || host === null)
    throw new SyntaxError(`Cannot read facts of a machine: ${json.slice(0, 80)} is no JSON object`);
  return toMachineFacts(host);
}

/** Throws a SyntaxError where a fact is of another type than the contract's. */
export function toMachineFacts(host: object): MachineFacts {
  const facts = new Map<string, unknown>(Object.entries(host));
  return {
    ...unknownMachine,
    hostName: textOf(facts, "host_name"),
    architecture: textOf(facts, "architecture"),
    kernel: textOf(facts, "kernel"),
    distribution: textOf(facts, "distribution"),
    cpuModel: textOf(facts, "cpu_model"),
    cpuCount: countOf(facts, "cpu_count"),
    memoryBytes: countOf(facts, "memory_bytes"),
    bootTimeS: timeOf(facts, "boot_time"),
    vendor: textOf(facts, "vendor"),
    product: textOf(facts, "product"),
    virtualisation: textOf(facts, "virtualisation"),
    cloud: textOf(facts, "cloud"),
    instanceType: textOf(facts, "instance_type"),
    interfaceSpeedsMbps: speedsOf(facts, "interface_speeds_mbps"),
  };
}

type Facts = ReadonlyMap<string, unknown>;

function textOf(facts: Facts, name: keyof HostFacts): string | null {
  const fact = facts.get(name) ?? null;
  if (fact === null || typeof fact === "string") return fact;
  throw new SyntaxError(`Cannot read facts of a machine: ${name} is no text`);
}

function countOf(facts: Facts, name: keyof HostFacts): number | null {
  const fact = facts.get(name) ?? null;
  if (fact === null || (typeof fact === "number" && fact >= 0)) return fact;
  throw new SyntaxError(`Cannot read facts of a machine: ${name} is no count`);
}

function speedsOf(facts: Facts, name: keyof HostFacts): InterfaceSpeeds | null {
  const fact = facts.get(name) ?? null;
  if (fact === null) return null;
  const entries = Object.entries(Object(fact)).filter((entry): entry is [string, number] =>
    isInterfaceSpeed(...entry),
  );
  if (typeof fact === "object" && entries.length === Object.keys(fact).length) {
    return entries.length === 0 ? null : Object.fromEntries(entries);
  }
  throw new SyntaxError(`Cannot read facts of a machine: ${name} are no speeds`);
}

/** Unix seconds. */
function timeOf(facts: Facts, name: keyof HostFacts): number | null {
  const text = textOf(facts, name);
  if (text === null) return null;
  const timeMs = Date.parse(text);
  if (!Number.isNaN(timeMs)) return timeMs / 1000;
  throw new SyntaxError(`Cannot read facts of a machine: ${name} is no time`);
}
