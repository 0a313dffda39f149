import { existsSync } from "node:fs";
import { findSettings } from "../config.ts";
import { pccProgram } from "../settings.ts";

/** Where a daemon of this machine answers, if it runs. */
export interface DaemonSocket {
  program: string;
  socket: string;
}

const packagedPcc = "/run/perfcollector/pcc.sock";
const packagedPcd = "/run/pcd/pcd.sock";

/**
 * The sockets that were given, else that of pcc's settings or the packaged one, and pcd's where there is one.
 * @throws ExitError where the configuration file cannot be read.
 */
export async function findSockets(
  given: readonly string[] | undefined,
  configPath: string | undefined,
): Promise<DaemonSocket[]> {
  if (given !== undefined) return given.map((socket) => ({ program: "daemon", socket }));
  const settings = await findSettings(pccProgram, { configPath: configPath ?? null });
  const control = settings.find(({ name }) => name === "control")?.text ?? packagedPcc;
  const sockets = [{ program: "pcc", socket: control }];
  if (existsSync(packagedPcd)) sockets.push({ program: "pcd", socket: packagedPcd });
  return sockets;
}
