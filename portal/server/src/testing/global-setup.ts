import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { TestProject } from "vitest/node";
import { readSettings } from "../config.ts";
import { deleteLocalServer, openLocalServer, type DatabaseAccess } from "../db/local-server.ts";
import { migrate } from "../db/migrate.ts";

declare module "vitest" {
  export interface ProvidedContext {
    databaseAccess: DatabaseAccess;
  }
}

/** One real PostgreSQL for all tests, with one migrated database in which each test makes its own tenant. */
export async function setup(project: TestProject): Promise<() => Promise<void>> {
  const stateDirectory = await mkdtemp(join(tmpdir(), "perfanalysis-test-"));
  const { postgres: kind } = readSettings();
  const remove = async () => {
    await deleteLocalServer(stateDirectory);
    await rm(stateDirectory, { recursive: true, force: true });
  };
  try {
    const server = await openLocalServer({ stateDirectory, kind, durable: false });
    await migrate(server);
    const { address, control, migrator, secret } = server;
    project.provide("databaseAccess", { address, control, migrator, secret });
    return async () => {
      await server.close();
      await remove();
    };
  } catch (error) {
    await remove();
    throw error;
  }
}
