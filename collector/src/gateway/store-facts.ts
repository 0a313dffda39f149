// What a machine tells of itself, beside its days in the store: the latest reading, as perf-report looks for it.
import { readFile } from "node:fs/promises";
import { join } from "node:path";
import { hostFactsFile, parseHostFacts } from "@perfanalysis/contract/host-facts";
import { replaceFile } from "./store-files.ts";

/**
 * Readings that are earlier than what is there replace nothing; a clock that is ahead counts as now.
 * @throws SyntaxError where they are none, and the system's errors.
 */
export async function keepFacts(
  folder: string,
  { machineId, facts, nowMs }: { machineId: string; facts: string; nowMs: number },
): Promise<void> {
  const path = join(folder, hostFactsFile);
  const told = parseHostFacts(facts);
  const readAtMs = Math.min(findReadAtMs(told) ?? nowMs, nowMs);
  if ((await findKnownMs(path)) > readAtMs) return;
  const kept = { ...told, machine_id: machineId, read_at: new Date(readAtMs).toISOString() };
  await replaceFile(path, Buffer.from(`${JSON.stringify(kept, null, 2)}\n`));
}

/** When what is there was read; −∞ where it cannot be read: then any other is better. */
async function findKnownMs(path: string): Promise<number> {
  try {
    const known: unknown = JSON.parse(await readFile(path, "utf8"));
    return findReadAtMs(Object(known)) ?? Number.NEGATIVE_INFINITY;
  } catch {
    return Number.NEGATIVE_INFINITY;
  }
}

function findReadAtMs(facts: object): number | null {
  const readAt: unknown = new Map<string, unknown>(Object.entries(facts)).get("read_at");
  const timeMs = typeof readAt === "string" ? Date.parse(readAt) : Number.NaN;
  return Number.isNaN(timeMs) ? null : timeMs;
}
