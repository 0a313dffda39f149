import { from as copyFromStream, to as copyToStream } from "pg-copy-streams";
import { commit, extendedQuery, rollBack, type Database } from "./database.ts";
import { toDatabaseError } from "./unavailable.ts";
import type { TenantId } from "./tenant-id.ts";
import type pg from "pg";

export type { TenantId } from "./tenant-id.ts";

/** Set once by the class below: nothing outside this file can make a TenantDb. */
let openTenantDb: (client: pg.Client, tenantId: TenantId) => TenantDb;
/** Ends it: true where every COPY was read or written to its end, so that the connection takes statements again. */
let closeTenantDb: (db: TenantDb) => boolean;

/** One transaction on a connection that has logged in as the tenant's own role. Only `asTenant` makes it. */
export class TenantDb {
  readonly tenantId: TenantId;
  #client: pg.Client | null;
  #copies = new Set<NodeJS.WritableStream | NodeJS.ReadableStream>();
  /** The statement before: pg wants one at a time. */
  #last: Promise<unknown> = Promise.resolve();

  static {
    openTenantDb = (client, tenantId) => new TenantDb(client, tenantId);
    closeTenantDb = (db) => {
      db.#client = null;
      return db.#copies.size === 0;
    };
  }

  private constructor(client: pg.Client, tenantId: TenantId) {
    this.#client = client;
    this.tenantId = tenantId;
  }

  /** Rows of one statement, extended protocol only. The search path is the tenant's schema. */
  query<Row = Record<string, unknown>>(
    text: string,
    values: readonly unknown[] = [],
  ): Promise<Row[]> {
    // Asked again when its turn comes: a statement must never run behind the COMMIT.
    const result = this.#last.then(() =>
      this.#open().query<Row & pg.QueryResultRow>(extendedQuery(text, values)),
    );
    this.#last = result.catch(() => undefined);
    return result.then(({ rows }) => rows);
  }

  /** Takes the data of `COPY … FROM STDIN`. Write or pipe to its end before the next statement. */
  copyFrom(text: string): NodeJS.WritableStream {
    return this.#copy(copyFromStream(checkCopy(text)));
  }

  /** Gives the data of `COPY … TO STDOUT`. Read to its end before the next statement. */
  copyTo(text: string): NodeJS.ReadableStream {
    return this.#copy(copyToStream(checkCopy(text)));
  }

  #copy<Stream extends pg.Submittable & (NodeJS.WritableStream | NodeJS.ReadableStream)>(
    stream: Stream,
  ): Stream {
    this.#open();
    this.#copies.add(stream);
    const ended = Promise.withResolvers<void>();
    const end = () => {
      this.#copies.delete(stream);
      ended.resolve();
    };
    for (const event of ["end", "finish", "error"]) stream.on(event, end);
    const before = this.#last;
    this.#last = ended.promise;
    void before
      .then(() => this.#open().query(stream))
      .catch((error: unknown) => stream.emit("error", error));
    return stream;
  }

  #open(): pg.Client {
    if (this.#client !== null) return this.#client;
    throw new TypeError(
      "Cannot query: the transaction has ended; await every query within asTenant()",
    );
  }
}

/**
 * Runs `work` in one transaction on a connection logged in as the tenant. An error rolls it back.
 * Throws DatabaseUnavailable where no connection could be had or it was lost.
 */
export async function asTenant<T>(
  database: Database,
  tenantId: TenantId,
  work: (db: TenantDb) => Promise<T>,
): Promise<T> {
  const connection = await database.acquireTenant(tenantId);
  const { client } = connection;
  let reusable = false;
  try {
    await client.query("BEGIN");
    const db = openTenantDb(client, tenantId);
    let clean = false;
    try {
      const result = await work(db);
      clean = closeTenantDb(db);
      if (!clean) throw new TypeError("Cannot commit: a COPY was not brought to its end");
      await commit(client);
      reusable = true;
      return result;
    } catch (error) {
      clean = closeTenantDb(db);
      // An unfinished COPY would let ROLLBACK wait for ever: the server rolls back when the connection ends.
      reusable = clean && (await rollBack(client));
      throw error;
    }
  } catch (error) {
    throw toDatabaseError(error);
  } finally {
    database.releaseTenant(connection, { reusable });
  }
}

/** COPY goes over the simple protocol, which would run a second statement behind it. */
function checkCopy(text: string): string {
  if (/^\s*COPY\s/i.test(text) && !text.includes(";")) return text;
  throw new SyntaxError(`Cannot copy: "${text}" is not one COPY statement`);
}
