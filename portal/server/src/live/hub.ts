import type { TenantId } from "../db/tenant-db.ts";

export interface LiveSample {
  machineId: string;
  /** Unix seconds. */
  time: number;
  /** By column name; null is a gap. */
  values: Readonly<Record<string, number | null>>;
}

export type LiveListener = (sample: LiveSample) => void;

interface Subscription {
  machineIds: ReadonlySet<string>;
  listener: LiveListener;
}

const recentS = 60;
const maxRemembered = 10_000;

/**
 * Passes samples that have just been stored to those who watch. A tenant's listeners are kept apart from all others': a
 * publication reaches the listeners of its own tenant only, whatever machine ids these have asked for.
 */
export class LiveHub {
  readonly #clock: () => Date;
  readonly #subscriptions = new Map<TenantId, Set<Subscription>>();
  /** The newest sample of each machine, by `tenant/machine`; least recently published first. */
  readonly #newest = new Map<string, LiveSample>();

  constructor({ clock }: { clock: () => Date }) {
    this.#clock = clock;
  }

  publish(tenantId: TenantId, sample: LiveSample): void {
    this.#remember(`${tenantId}/${sample.machineId}`, sample);
    for (const { machineIds, listener } of this.#subscriptions.get(tenantId) ?? []) {
      if (machineIds.has(sample.machineId)) listener(sample);
    }
  }

  /** Hands over at once what was sampled within the last minute. Returns what ends the subscription. */
  subscribe(tenantId: TenantId, machineIds: Iterable<string>, listener: LiveListener): () => void {
    const subscription = { machineIds: new Set(machineIds), listener };
    const ofTenant = this.#subscriptions.get(tenantId) ?? new Set();
    this.#subscriptions.set(tenantId, ofTenant.add(subscription));
    const oldestS = this.#clock().getTime() / 1000 - recentS;
    for (const machineId of subscription.machineIds) {
      const sample = this.#newest.get(`${tenantId}/${machineId}`);
      if (sample !== undefined && sample.time >= oldestS) listener(sample);
    }
    return () => {
      if (ofTenant.delete(subscription) && ofTenant.size === 0)
        this.#subscriptions.delete(tenantId);
    };
  }

  #remember(key: string, sample: LiveSample): void {
    const known = this.#newest.get(key);
    // An agent that empties its spool sends old samples: they are no news.
    if (known !== undefined && known.time > sample.time) return;
    this.#newest.delete(key);
    this.#newest.set(key, sample);
    if (this.#newest.size <= maxRemembered) return;
    for (const oldest of this.#newest.keys()) {
      this.#newest.delete(oldest);
      return;
    }
  }
}
