import { Client, Pool } from "pg";
import type pg from "pg";
import { tenantPassword } from "./secrets.ts";
import {
  TenantConnections,
  type TenantConnection,
  type TenantConnectionsOptions,
} from "./tenant-connections.ts";
import { tenantRole, type TenantId } from "./tenant-id.ts";
import { toDatabaseError } from "./unavailable.ts";

/** Where a database is; without user and password, which each login adds. */
export type DatabaseAddress = Omit<pg.ClientConfig, "user" | "password" | "connectionString">;

export interface DatabaseOptions extends Omit<TenantConnectionsOptions, "connect"> {
  address: DatabaseAddress;
  /** Login of the control plane. */
  control: { user: string; password: string };
  /** From which the tenants' passwords are derived. */
  secret: string;
  /** Open connections of the control plane. */
  maxControl?: number;
}

/** Runs one statement of the control plane; the same as `TenantDb.query`. */
export type ControlQuery = <Row = Record<string, unknown>>(
  text: string,
  values?: readonly unknown[],
) => Promise<Row[]>;

export interface Control {
  query: ControlQuery;
  /** Runs `work` in one transaction; an error rolls it back. */
  transaction: <T>(work: (query: ControlQuery) => Promise<T>) => Promise<T>;
  /** For libraries that bring their own statements. Logged in as pa_control, search_path control. */
  pool: pg.Pool;
}

/** The control plane's connections and every tenant's. Whoever opens it closes it. */
export class Database {
  readonly control: Control;
  readonly #tenants: TenantConnections;

  constructor({ address, control, secret, maxControl = 10, ...limits }: DatabaseOptions) {
    this.control = openControl({
      ...address,
      ...control,
      max: maxControl,
      connectionTimeoutMillis: limits.waitMs ?? 3_000,
    });
    this.#tenants = new TenantConnections({
      ...limits,
      connect: (tenantId) =>
        connectClient({
          ...address,
          user: tenantRole(tenantId),
          password: tenantPassword(secret, tenantId),
        }),
    });
  }

  /** A connection that has logged in as the tenant's own role. For `asTenant` alone. */
  acquireTenant(tenantId: TenantId): Promise<TenantConnection> {
    return this.#tenants.acquire(tenantId);
  }

  releaseTenant(connection: TenantConnection, { reusable }: { reusable: boolean }): void {
    this.#tenants.release(connection, { reusable });
  }

  async close(): Promise<void> {
    await Promise.all([this.#tenants.close(), this.control.pool.end()]);
  }
}

/** Opens no connection yet: the first query does. */
export function openDatabase(options: DatabaseOptions): Database {
  return new Database(options);
}

/** A connected client whose loss does not end the process. */
export async function connectClient(config: pg.ClientConfig): Promise<pg.Client> {
  const client = new Client({
    application_name: "perfanalysis",
    connectionTimeoutMillis: 5_000,
    keepAlive: true,
    ...config,
  });
  client.on("error", () => undefined);
  await client.connect();
  return client;
}

/** Extended protocol: one statement a call, so that nothing can be stacked behind it. */
export function extendedQuery(
  text: string,
  values: readonly unknown[],
): pg.QueryConfig<unknown[]> & { queryMode: "extended" } {
  return { text, values: [...values], queryMode: "extended" };
}

/** Throws where a statement had failed and `work` went on: then the server answers COMMIT with ROLLBACK. */
export async function commit(client: pg.ClientBase): Promise<void> {
  const { command } = await client.query("COMMIT");
  if (command === "COMMIT") return;
  throw new TypeError(
    "Cannot commit: a statement of the transaction failed, so nothing was stored",
  );
}

/** Whether it could: a client whose ROLLBACK failed must not be used again. */
export function rollBack(client: pg.ClientBase): Promise<boolean> {
  return client.query("ROLLBACK").then(
    () => true,
    () => false,
  );
}

function openControl(config: pg.PoolConfig): Control {
  const pool = new Pool({
    application_name: "perfanalysis control",
    keepAlive: true,
    idleTimeoutMillis: 10_000,
    ...config,
  });
  // Without a listener a lost idle connection would end the process.
  pool.on("error", () => undefined);
  return {
    pool,
    query: (text, values = []) => runOn(pool, text, values),
    transaction: (work) => runTransaction(pool, work),
  };
}

async function runOn<Row>(
  client: pg.Pool | pg.PoolClient,
  text: string,
  values: readonly unknown[],
): Promise<Row[]> {
  try {
    const { rows } = await client.query<Row & pg.QueryResultRow>(extendedQuery(text, values));
    return rows;
  } catch (error) {
    throw toDatabaseError(error);
  }
}

/** Runs `work` in a transaction on a client that nobody else uses; an error rolls it back. */
export async function runAlone<T>(client: pg.ClientBase, work: () => Promise<T>): Promise<T> {
  await client.query("BEGIN");
  try {
    const result = await work();
    await commit(client);
    return result;
  } catch (error) {
    await rollBack(client);
    throw error;
  }
}

async function runTransaction<T>(
  pool: pg.Pool,
  work: (query: ControlQuery) => Promise<T>,
): Promise<T> {
  const client = await pool.connect().catch((error: unknown) => {
    throw toDatabaseError(error);
  });
  // pg takes the listener of an idle client away while it is in use.
  client.on("error", ignore);
  let reusable = false;
  try {
    await runOn(client, "BEGIN", []);
    const result = await work((text, values = []) => runOn(client, text, values));
    await commit(client);
    reusable = true;
    return result;
  } catch (error) {
    reusable = await rollBack(client);
    throw toDatabaseError(error);
  } finally {
    client.off("error", ignore);
    client.release(!reusable);
  }
}

function ignore(): void {
  // The statement under way has the error already.
}
