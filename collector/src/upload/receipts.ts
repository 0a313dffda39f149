// What was uploaded, and what the portal said: a folder a portal, with a file a part and one a finished file, by the SHA-256 of their
// content. Whatever has a receipt is not sent again.
import { readFileSync, renameSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { makeFolder } from "@perfanalysis/contract/make-folder";
import { giveToOwner } from "../whose.ts";

export interface Receipts {
  folder: string;
  /** The portal's receipt of this content; null where there is none. */
  find(sha256: string): Record<string, unknown> | null;
  keep(sha256: string, receipt: object): void;
  /** Up to which time the machine's samples have been uploaded, Unix seconds; null where none have. */
  uploadedTo(machineId: string): number | null;
  setUploadedTo(machineId: string, timeS: number): void;
}

/** @throws the system's errors where the folder cannot be made. */
export function openReceipts(root: string, portal: URL): Receipts {
  const folder = join(root, portal.host.replaceAll(/[^\w.-]/g, "_"));
  for (const each of [root, folder]) {
    makeFolder(each, { mode: 0o750 });
    giveToOwner(each);
  }
  const read = (name: string): Record<string, unknown> | null => readJson(join(folder, name));
  const write = (name: string, value: object): void => {
    const path = join(folder, name);
    // Never half a receipt: one that cannot be read is one more upload, which adds nothing.
    const draft = `${path}.new`;
    rmSync(draft, { force: true });
    writeFileSync(draft, `${JSON.stringify(value, null, 2)}\n`, { mode: 0o640, flag: "wx" });
    giveToOwner(draft);
    renameSync(draft, path);
  };
  return {
    folder,
    find: (sha256) => read(`${sha256.slice(0, 32)}.json`),
    keep: (sha256, receipt) => write(`${sha256.slice(0, 32)}.json`, { sha256, ...receipt }),
    uploadedTo(machineId) {
      const value = read(`uploaded-to-${machineId}.json`)?.["timestamp"];
      return typeof value === "number" ? value : null;
    },
    setUploadedTo: (machineId, timeS) =>
      write(`uploaded-to-${machineId}.json`, { timestamp: timeS }),
  };
}

function readJson(path: string): Record<string, unknown> | null {
  try {
    const json: unknown = JSON.parse(readFileSync(path, "utf8"));
    // An object that is no array has string keys.
    return typeof json === "object" && json !== null && !Array.isArray(json)
      ? (json as Record<string, unknown>)
      : null;
  } catch (error) {
    if (error instanceof SyntaxError) return null;
    if (error instanceof Error && "code" in error && error.code === "ENOENT") return null;
    throw error;
  }
}
