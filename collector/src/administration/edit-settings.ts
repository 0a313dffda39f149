// Sets some lines of a configuration file and leaves everything else as it is, comments too.
import { existsSync, readFileSync } from "node:fs";
import { ExitError, exitCodes } from "../exit.ts";
import { messageOf } from "../message-of.ts";

export interface EditedSettings {
  text: string;
  /** As the file has it. */
  machineId: string | null;
}

/** @throws ExitError where the file is there and holds no settings. */
export async function editSettings(
  path: string,
  values: Readonly<Record<string, string>>,
): Promise<EditedSettings> {
  const before = existsSync(path) ? readFileSync(path, "utf8") : "";
  return path.endsWith(".json")
    ? editJson(path, before, values)
    : await editYaml(path, before, values);
}

function editJson(
  path: string,
  before: string,
  values: Readonly<Record<string, string>>,
): EditedSettings {
  let json: unknown;
  try {
    json = before.trim() === "" ? {} : JSON.parse(before);
  } catch (cause) {
    throw unreadable(path, cause);
  }
  if (typeof json !== "object" || json === null || Array.isArray(json)) {
    throw unreadable(path, "it is no object");
  }
  const edited: Record<string, unknown> = { ...json, ...values };
  return {
    text: `${JSON.stringify(edited, null, 2)}\n`,
    machineId: toText(edited["machine_id"]),
  };
}

async function editYaml(
  path: string,
  before: string,
  values: Readonly<Record<string, string>>,
): Promise<EditedSettings> {
  const { isMap, parseDocument } = await import("yaml");
  const document = parseDocument(before);
  const [error] = document.errors;
  if (error !== undefined) throw unreadable(path, error.message.split("\n", 1)[0] ?? "");
  if (document.contents !== null && !isMap(document.contents)) {
    throw unreadable(path, 'it is no list of "name: value" lines');
  }
  for (const [name, value] of Object.entries(values)) document.set(name, value);
  return {
    text: document.toString({ lineWidth: 0 }),
    machineId: toText(document.get("machine_id")),
  };
}

function toText(value: unknown): string | null {
  return typeof value === "string" || typeof value === "number" ? String(value) : null;
}

function unreadable(path: string, cause: unknown): ExitError {
  const why = messageOf(cause);
  return new ExitError(exitCodes.config, `Cannot edit settings of ${path}: ${why}`, { cause });
}
