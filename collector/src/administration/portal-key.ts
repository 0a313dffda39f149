// The portal and the key that pcc's settings name, or the command's flags.
import { readFileSync } from "node:fs";
import { readApiKey, readSettings } from "../config.ts";
import { ExitError, exitCodeOf, exitCodes } from "../exit.ts";
import { isLoopback } from "../loopback.ts";
import { messageOf } from "../message-of.ts";
import { readHost } from "../sampling/host.ts";
import { toGiven } from "../setting-flags.ts";
import type { Terminal } from "./terminal.ts";
import { pccProgram, type Settings } from "../settings.ts";

export interface PortalFlags {
  portal?: string | undefined;
  "api-key-file"?: string | undefined;
  "machine-id"?: string | undefined;
  config?: string | undefined;
}

export interface PortalAccess {
  settings: Settings;
  portal: URL;
  apiKey: string;
  /** Who this machine is. */
  machineId: string;
}

/** @throws ExitError where there is no portal or no key. */
export async function readPortalAccess(flags: PortalFlags): Promise<PortalAccess> {
  const { portal: address, "api-key-file": keyFile, "machine-id": machine } = flags;
  const settings = await readSettings(pccProgram, {
    configPath: flags.config ?? null,
    flags: {
      ...(address === undefined ? {} : { portal: toGiven(address, "--portal") }),
      ...(keyFile === undefined ? {} : { api_key_file: toGiven(keyFile, "--api-key-file") }),
      ...(machine === undefined ? {} : { machine_id: toGiven(machine, "--machine-id") }),
    },
  });
  const { portal, procfs, rootfs, machine_id } = settings;
  if (portal === null) {
    throw new ExitError(
      exitCodes.config,
      "Cannot send to the portal: its address is not set; give --portal, set PCC_PORTAL, or enrol this host (pcctl enroll)",
    );
  }
  const apiKey = readApiKey(pccProgram, settings.api_key_file);
  const { machineId } = readHost({ procfs, rootfs, machineId: machine_id });
  return { settings, portal, apiKey, machineId };
}

/** A key or a token that goes to another machine as it is can be read on its way. */
export function warnUnencrypted({ protocol, hostname, origin }: URL, terminal: Terminal): void {
  if (protocol === "https:" || isLoopback(hostname)) return;
  terminal.report(`keys go to ${origin} unencrypted: use https`);
}

/**
 * The first line of a file; `-` is standard input.
 * @throws ExitError where it cannot be read or has none.
 */
export function readSecretFile(path: string): string {
  let text: string;
  try {
    text = readFileSync(path === "-" ? 0 : path, "utf8");
  } catch (cause) {
    const why = messageOf(cause);
    const isRefused = exitCodeOf(cause) === exitCodes.permission;
    const exitCode = isRefused ? exitCodes.permission : exitCodes.noInput;
    throw new ExitError(exitCode, `Cannot read ${path}: ${why}`, { cause });
  }
  const [line = ""] = text.trim().split("\n");
  if (line !== "") return line.trim();
  throw new ExitError(exitCodes.noInput, `Cannot read ${path}: it is empty`);
}
