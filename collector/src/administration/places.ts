// Where pcc's captures and samples lie.
import { existsSync } from "node:fs";
import { dirname } from "node:path";
import { packaged } from "./sockets.ts";

const service: { collection: string; spool: string } = packaged.pcc;

export interface Places {
  collection: string | null;
  spool: string | null;
}

/**
 * As the settings say, else where the package's service has them: its unit names them, and nobody but it knows its variables. Whoever
 * gives a configuration file of his own does not mean the service.
 */
export function findPlaces(
  { collection, spool }: Places,
  { configPath, installed = service }: { configPath: string | null; installed?: typeof service },
): Places {
  // Also who may not look into it sees that it is there.
  const isService = configPath === null && existsSync(dirname(installed.spool));
  if (!isService) return { collection, spool };
  return { collection: collection ?? installed.collection, spool: spool ?? installed.spool };
}
