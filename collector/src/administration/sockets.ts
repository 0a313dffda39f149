import { existsSync, readdirSync } from "node:fs";
import { join } from "node:path";
import { findSettings } from "../config.ts";
import { pcdProgram } from "../gateway/settings.ts";
import type { Program } from "../setting-shapes.ts";
import { pccProgram } from "../settings.ts";

/** Where a daemon of this machine answers, if it runs, and where it keeps what waits. */
export interface DaemonSocket {
  program: string;
  socket: string;
  spools: { name: string; folder: string }[];
}

/** As the packages' services have them. */
export const packaged = {
  pcc: {
    socket: "/run/perfcollector/pcc.sock",
    collection: "/var/lib/perfcollector/capture/",
    spool: "/var/lib/perfcollector/spool",
  },
  pcd: { socket: "/run/pcd/pcd.sock" },
};

/**
 * The sockets that were given, else those of pcc's and pcd's settings or the packaged ones; pcd's where there is any sign of one.
 * @throws ExitError where a configuration file cannot be read.
 */
export async function findSockets(
  given: readonly string[] | undefined,
  configPath: string | undefined,
): Promise<DaemonSocket[]> {
  if (given !== undefined) {
    return given.map((socket) => ({ program: "daemon", socket, spools: [] }));
  }
  const pcc = await readTexts(pccProgram, configPath ?? null);
  const spool = pcc.get("spool") ?? packaged.pcc.spool;
  const sockets: DaemonSocket[] = [
    {
      program: "pcc",
      socket: pcc.get("control") ?? packaged.pcc.socket,
      spools: [{ name: "spool", folder: spool }],
    },
  ];
  const pcd = await readTexts(pcdProgram, null);
  const control = pcd.get("control");
  const socket = control ?? packaged.pcd.socket;
  const state = join(pcd.get("state") ?? "", "upstreams");
  if (control !== undefined || existsSync(socket) || existsSync(state)) {
    sockets.push({ program: "pcd", socket, spools: listUpstreamSpools(state) });
  }
  return sockets;
}

async function readTexts(
  program: Program,
  configPath: string | null,
): Promise<Map<string, string>> {
  const found = await findSettings(program, { configPath });
  return new Map(found.flatMap(({ name, text }) => (text === null ? [] : [[name, text] as const])));
}

function listUpstreamSpools(state: string): { name: string; folder: string }[] {
  try {
    const names = readdirSync(state).toSorted();
    return names.map((name) => ({ name, folder: join(state, name, "spool") }));
  } catch {
    // There is none, or it is somebody else's.
    return [];
  }
}
