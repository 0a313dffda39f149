import { ConfigError, type Settings } from "../config.ts";
import { openLocalServer, type DatabaseAccess } from "./local-server.ts";
import { migrate } from "./migrate.ts";

export interface OpenedAccess {
  access: Omit<DatabaseAccess, "migrator">;
  /** Gives the provisioning login too. Throws ConfigError where nobody gave it. */
  provision: () => DatabaseAccess;
  close: () => Promise<void>;
}

/**
 * The database that the settings name, or our own: started or joined, and brought up to date. Somebody else's database
 * is migrated by `perf-portal migrate` alone. Whoever opens it closes it.
 */
export async function openAccess(
  { external, stateDirectory, postgres }: Settings,
  { say }: { say: (text: string) => void },
): Promise<OpenedAccess> {
  if (external !== undefined) {
    const { migrator, ...access } = external;
    const provision = () => {
      if (migrator !== undefined) return { ...access, migrator };
      throw new ConfigError(
        "Cannot migrate or change tenants: set MIGRATOR_DATABASE_URL to a login with CREATEROLE that owns the database",
      );
    };
    return { access, provision, close: async () => undefined };
  }
  const server = await openLocalServer({ stateDirectory, kind: postgres, say });
  try {
    const { address, control, migrator, secret } = server;
    await migrate({ address, control, migrator }, { say });
    const access = { address, control, secret };
    return { access, provision: () => ({ ...access, migrator }), close: server.close };
  } catch (error) {
    await server.close();
    throw error;
  }
}
