// pcd put together: keys, an own lane for each upstream, and what is told about them.
import { join } from "node:path";
import { readdirSync } from "node:fs";
import { unavailable } from "@perfanalysis/contract/http-problem";
import { isLoopback } from "../loopback.ts";
import type { Clock } from "../sampling/clock.ts";
import type { Batch } from "./batch.ts";
import type { Destination } from "./destination.ts";
import { openKeyRing, type GatewayKey, type KeyRing } from "./keys.ts";
import { Lane, type LaneStatus } from "./lane.ts";
import type { TakenBatch } from "./names.ts";
import { createPortal } from "./portal.ts";
import type { PcdSettings } from "./settings.ts";
import { checkUpstreams, listPortals } from "./upstreams.ts";

export interface Gateway {
  readonly keys: KeyRing;
  /**
   * Resolves when the batch survives a power cut.
   * @throws HttpProblem
   */
  take(key: GatewayKey, batch: Batch): Promise<TakenBatch>;
  status(): Map<string, LaneStatus>;
  /** Looks at the upstreams' keys again, and tries them at once. */
  reload(): void;
  /** Forwards what waits for at most this long. */
  close(deadlineMs: number): Promise<void>;
}

export interface GatewayOptions {
  settings: PcdSettings;
  clock: Clock;
  /** Uniform in 0–1, for the jitter. */
  random: () => number;
  /** For people. */
  report: (message: string) => void;
}

const unknownRetryAfterS = 60;

/** @throws ExitError, LockedError and the system's errors, all naming what cannot be used. */
export async function openGateway(options: GatewayOptions): Promise<Gateway> {
  const { settings, clock, report } = options;
  const keys = openKeyRing(settings.keys, {
    monotonicMs: () => clock.monotonicUs() / 1000,
    report,
  });
  const lanes = new Map<string, Lane>();
  try {
    for (const [name, destination] of await openDestinations(options)) {
      const folder = join(settings.state, "upstreams", name);
      lanes.set(name, openLane(name, { folder, destination, ...options }));
    }
  } catch (error) {
    for (const lane of lanes.values()) await lane.close(0);
    throw error;
  }
  tellLeftovers(join(settings.state, "upstreams"), lanes, report);
  return {
    keys,
    take(key, batch) {
      const lane = lanes.get(key.upstream);
      if (lane !== undefined) return lane.take(batch);
      throw unavailable(
        `The key "${key.name}" is of the upstream "${key.upstream}", which is not configured here.`,
        { retryAfterS: unknownRetryAfterS },
      );
    },
    status: () => new Map([...lanes].map(([name, lane]) => [name, lane.status()])),
    reload() {
      for (const lane of lanes.values()) lane.reload();
    },
    async close(deadlineMs) {
      await Promise.all([...lanes.values()].map((lane) => lane.close(deadlineMs)));
    },
  };
}

async function openDestinations({
  settings,
  clock,
  report,
}: GatewayOptions): Promise<Map<string, Destination>> {
  checkUpstreams(settings);
  const now = (): number => clock.wallMs();
  const destinations = new Map<string, Destination>();
  for (const { name, portal, readKey } of listPortals(settings)) {
    // Whoever starts it shall see at once that there is none.
    readKey();
    if (portal.protocol === "http:" && !isLoopback(portal.hostname))
      report(`the key and the samples go to ${portal.origin} unencrypted: use https`);
    destinations.set(name, await createPortal({ portal, readKey, now }));
  }
  if (settings.store !== null) {
    const { openStore } = await import("./store.ts");
    const retentionDays = settings.store_retention;
    destinations.set("store", await openStore(settings.store, { retentionDays, now, report }));
  }
  return destinations;
}

function openLane(
  name: string,
  {
    folder,
    destination,
    settings,
    clock,
    random,
    report,
  }: GatewayOptions & { folder: string; destination: Destination },
): Lane {
  return new Lane({
    name,
    folder,
    destination,
    maxSpoolBytes: settings.spool_max,
    maxDeadLetterBytes: settings.refused_max,
    clock,
    random,
    report,
  });
}

/** What was received for an upstream goes to that one only, even if nobody knows it any more. */
function tellLeftovers(
  folder: string,
  lanes: ReadonlyMap<string, Lane>,
  report: (message: string) => void,
): void {
  for (const name of readdirSync(folder)) {
    if (!lanes.has(name))
      report(`${join(folder, name)} holds batches of an upstream that is not configured`);
  }
}
