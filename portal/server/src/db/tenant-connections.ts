import { DatabaseUnavailable, toDatabaseError } from "./unavailable.ts";
import type { TenantId } from "./tenant-id.ts";
import type pg from "pg";

export interface TenantConnection {
  readonly client: pg.Client;
  readonly tenantId: TenantId;
}

export interface TenantConnectionsOptions {
  /** Gives a connected client, logged in as the tenant. */
  connect: (tenantId: TenantId) => Promise<pg.Client>;
  /** Open connections of all tenants together. */
  maxTotal?: number;
  /** Open connections of one tenant; its role's CONNECTION LIMIT. */
  maxPerTenant?: number;
  /** How long an unused connection stays open. */
  idleMs?: number;
  /** How long a caller waits for a connection before it is refused. */
  waitMs?: number;
}

interface Held extends TenantConnection {
  lost: boolean;
  idleTimer?: NodeJS.Timeout;
}

interface Waiter {
  tenantId: TenantId;
  resolve: (connection: Promise<Held>) => void;
  reject: (reason: Error) => void;
  timer: NodeJS.Timeout;
}

/** Small pools, one a tenant, under one cap: at the cap the connection that was unused for longest makes room. */
export class TenantConnections {
  readonly #connect: (tenantId: TenantId) => Promise<pg.Client>;
  readonly #maxTotal: number;
  readonly #maxPerTenant: number;
  readonly #idleMs: number;
  readonly #waitMs: number;
  /** Open or opening connections by tenant. */
  readonly #open = new Map<TenantId, number>();
  #total = 0;
  /** In the order in which they became idle. */
  readonly #idle = new Set<Held>();
  readonly #busy = new Map<TenantConnection, Held>();
  readonly #waiters = new Set<Waiter>();
  #closed = false;

  constructor({
    connect,
    maxTotal = 60,
    maxPerTenant = 4,
    idleMs = 10_000,
    waitMs = 3_000,
  }: TenantConnectionsOptions) {
    this.#connect = connect;
    this.#maxTotal = maxTotal;
    this.#maxPerTenant = maxPerTenant;
    this.#idleMs = idleMs;
    this.#waitMs = waitMs;
  }

  /** Open connections, in use and idle. */
  get total(): number {
    return this.#total;
  }

  async acquire(tenantId: TenantId): Promise<TenantConnection> {
    if (this.#closed) throw new DatabaseUnavailable("Cannot query: the database is closed");
    // Without a pause between the two: a waiter must be known to close().
    return await (this.#take(tenantId) ?? this.#wait(tenantId));
  }

  /** Gives a connection back; `reusable` is false where its state is not known to be clean. */
  release(connection: TenantConnection, { reusable }: { reusable: boolean }): void {
    const held = this.#busy.get(connection);
    if (held === undefined) return;
    this.#busy.delete(connection);
    if (reusable && !held.lost && !this.#closed) this.#rest(held);
    else this.#drop(held);
    this.#serveWaiters();
  }

  async close(): Promise<void> {
    this.#closed = true;
    for (const waiter of this.#waiters) {
      clearTimeout(waiter.timer);
      waiter.reject(new DatabaseUnavailable("Cannot query: the database is being closed"));
    }
    this.#waiters.clear();
    const idle = [...this.#idle];
    for (const held of idle) this.#forget(held);
    await Promise.allSettled(idle.map((held) => held.client.end()));
  }

  /** A connection, or undefined where the caller has to wait. */
  #take(tenantId: TenantId): Promise<Held> | undefined {
    const rested = [...this.#idle].findLast((held) => held.tenantId === tenantId);
    if (rested !== undefined) {
      clearTimeout(rested.idleTimer);
      this.#idle.delete(rested);
      this.#busy.set(rested, rested);
      return Promise.resolve(rested);
    }
    if ((this.#open.get(tenantId) ?? 0) >= this.#maxPerTenant) return undefined;
    if (this.#total >= this.#maxTotal) {
      const [oldest] = this.#idle;
      if (oldest === undefined) return undefined;
      this.#drop(oldest);
    }
    return this.#openNew(tenantId);
  }

  async #openNew(tenantId: TenantId): Promise<Held> {
    this.#count(tenantId, 1);
    try {
      const client = await this.#connect(tenantId);
      const held: Held = { client, tenantId, lost: false };
      // Without a listener a lost connection would end the process.
      client.on("error", () => {
        held.lost = true;
        if (this.#idle.has(held)) this.#drop(held);
      });
      this.#busy.set(held, held);
      return held;
    } catch (error) {
      this.#count(tenantId, -1);
      this.#serveWaiters();
      throw toDatabaseError(error);
    }
  }

  #wait(tenantId: TenantId): Promise<Held> {
    const { promise, resolve, reject } = Promise.withResolvers<Held>();
    const timer = setTimeout(() => {
      this.#waiters.delete(waiter);
      const seconds = this.#waitMs / 1000;
      reject(
        new DatabaseUnavailable(
          `Cannot query: all database connections were in use for ${seconds} s (${this.#open.get(tenantId) ?? 0} of ${this.#maxPerTenant} of this tenant, ${this.#total} of ${this.#maxTotal} in all)`,
        ),
      );
    }, this.#waitMs);
    const waiter: Waiter = { tenantId, resolve, reject, timer };
    this.#waiters.add(waiter);
    return promise;
  }

  #serveWaiters(): void {
    for (const waiter of this.#waiters) {
      const taken = this.#take(waiter.tenantId);
      if (taken === undefined) continue;
      clearTimeout(waiter.timer);
      this.#waiters.delete(waiter);
      waiter.resolve(taken);
    }
  }

  #rest(held: Held): void {
    held.idleTimer = setTimeout(() => this.#drop(held), this.#idleMs);
    held.idleTimer.unref();
    this.#idle.add(held);
  }

  #drop(held: Held): void {
    this.#forget(held);
    // It may be broken already; whoever used it has had its error.
    held.client.end().catch(() => undefined);
  }

  #forget(held: Held): void {
    clearTimeout(held.idleTimer);
    this.#idle.delete(held);
    this.#count(held.tenantId, -1);
  }

  #count(tenantId: TenantId, change: 1 | -1): void {
    this.#total += change;
    const open = (this.#open.get(tenantId) ?? 0) + change;
    if (open === 0) this.#open.delete(tenantId);
    else this.#open.set(tenantId, open);
  }
}
