// pcd put together: keys, an own lane for each upstream, and what is told about them.
import { join } from "node:path";
import { readdirSync } from "node:fs";
import { readApiKey } from "../config.ts";
import { ExitError, exitCodes } from "../exit.ts";
import type { Clock } from "../sampling/clock.ts";
import type { Batch } from "./batch.ts";
import type { Destination } from "./destination.ts";
import { openKeyRing, type GatewayKey, type KeyRing } from "./keys.ts";
import { Lane, type LaneStatus } from "./lane.ts";
import type { TakenBatch } from "./names.ts";
import { createPortal } from "./portal.ts";
import { busy } from "./refusal.ts";
import { pcdProgram, type PcdSettings } from "./settings.ts";

export interface Gateway {
  readonly keys: KeyRing;
  /**
   * Resolves when the batch survives a power cut.
   * @throws Refusal
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
      throw busy(
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

/** Names of the upstreams that are configured. */
export function listUpstreams({ portal, upstreams, store }: PcdSettings): string[] {
  return [
    ...(portal === null ? [] : ["portal"]),
    ...(upstreams ?? []).map(({ name }) => name),
    ...(store === null ? [] : ["store"]),
  ];
}

async function openDestinations({
  settings,
  clock,
  report,
}: GatewayOptions): Promise<Map<string, Destination>> {
  const names = listUpstreams(settings);
  if (names.length === 0) {
    throw new ExitError(
      exitCodes.config,
      "Cannot take samples: there is nowhere to bring them; give --portal, --upstreams or --store",
    );
  }
  const twice = names.find((name, at) => names.indexOf(name) !== at);
  if (twice !== undefined) {
    throw new ExitError(
      exitCodes.config,
      `Cannot use upstreams: there are two of the name "${twice}"`,
    );
  }
  const now = (): number => clock.wallMs();
  const portals = (settings.upstreams ?? []).map(({ name, portal, apiKeyFile }) => ({
    name,
    portal,
    apiKeyFile: apiKeyFile as string | null,
  }));
  if (settings.portal !== null) {
    portals.unshift({
      name: "portal",
      portal: settings.portal,
      apiKeyFile: settings.api_key_file,
    });
  }
  const destinations = new Map<string, Destination>();
  for (const { name, portal, apiKeyFile } of portals) {
    const readKey = (): string => readApiKey(pcdProgram, apiKeyFile);
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

function isLoopback(hostname: string): boolean {
  return hostname === "localhost" || hostname === "[::1]" || /^127\.\d+\.\d+\.\d+$/.test(hostname);
}
