// What a machine is, where its samples do not say so: pcd's store keeps it in a file beside a machine's days.
import { readFile, stat } from "node:fs/promises";
import { dirname, join } from "node:path";
import { hostFactsFile } from "@perfanalysis/contract/host-facts";
import { parseHostFacts } from "./host-facts.ts";
import type { MachineFacts } from "./machine-facts.ts";

/** The texts of such files in the folders that are named, or that hold what is named; never fails. */
export async function readFactsBeside(names: readonly string[]): Promise<string[]> {
  const folders = await Promise.all(names.filter((name) => name !== "-").map(folderOf));
  const texts = await Promise.all(
    [...new Set(folders)].map((folder) =>
      // Mostly there is none; and facts that cannot be read cost no report.
      readFile(join(folder, hostFactsFile), "utf8").catch(() => null),
    ),
  );
  return texts.filter((text) => text !== null);
}

/** Those of the machine; null where there are none. */
export function findFacts(texts: readonly string[], machineId: string): MachineFacts | null {
  for (const text of texts) {
    try {
      const json: unknown = JSON.parse(text);
      const isOwn =
        typeof json === "object" &&
        json !== null &&
        "machine_id" in json &&
        json.machine_id === machineId;
      if (isOwn) return parseHostFacts(text);
    } catch (error) {
      if (!(error instanceof SyntaxError)) throw error;
    }
  }
  return null;
}

/** Whether somebody told more than a name. */
export function isTold({ architecture, kernel, distribution, cpuModel }: MachineFacts): boolean {
  return (architecture ?? kernel ?? distribution ?? cpuModel) !== null;
}

async function folderOf(name: string): Promise<string> {
  try {
    return (await stat(name)).isDirectory() ? name : dirname(name);
  } catch {
    return dirname(name);
  }
}
