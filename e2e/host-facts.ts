// What a machine is, as the portal tells it and as the header of a capture does.
import { readFile } from "node:fs/promises";

/** `host` of the machine in the portal's API. */
export async function readHostFacts(
  portal: string | URL,
  { machineId, keyFile }: { machineId: string; keyFile: string },
): Promise<unknown> {
  const key = (await readFile(keyFile, "utf8")).trim();
  const answer = await fetch(new URL(`/api/v1/machines/${machineId}`, portal), {
    headers: { authorization: `Bearer ${key}` },
  });
  // The portal holds its answers to its schema.
  const { host } = (await answer.json()) as { host: unknown };
  return host;
}

/** What `host` must have, by the first line of a capture that was written at the same time. */
export async function readCaptureFacts(path: string): Promise<object> {
  const [first = ""] = (await readFile(path, "utf8")).split("\n", 1);
  // pcc wrote it.
  const header = JSON.parse(first) as {
    host: string;
    boot_id: string | null;
    machine: Record<string, unknown>;
  };
  const { host, boot_id, machine } = header;
  const { kernel, distribution, architecture, cpu_model, cpu_count, memory_bytes } = machine;
  const { interface_speeds_mbps } = machine;
  const facts = { host_name: host, boot_id, kernel, distribution, architecture };
  const all = { ...facts, cpu_model, cpu_count, memory_bytes, interface_speeds_mbps };
  return Object.fromEntries(Object.entries(all).filter(([, value]) => value !== null));
}
