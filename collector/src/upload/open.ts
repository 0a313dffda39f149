// Composes what samples take on their way to the portal.
import type { InterfaceSpeeds } from "@perfanalysis/contract/host-facts";
import type { SampleSink } from "../capture/write.ts";
import { readApiKey } from "../config.ts";
import { ExitError, exitCodes } from "../exit.ts";
import { isLoopback } from "../loopback.ts";
import type { SettingsChange } from "../reload.ts";
import type { Clock } from "../sampling/clock.ts";
import type { Host } from "../sampling/host.ts";
import { readHostFacts } from "../sampling/host-facts.ts";
import type { Layout } from "../sampling/layout.ts";
import { pccProgram, type Settings } from "../settings.ts";
import { createHttpClient } from "./http.ts";
import { openStores } from "./stores.ts";
import { StreamSender, type Connection } from "./stream.ts";
import { createTrickle } from "./trickle.ts";

export interface Trickle {
  sink: SampleSink;
  /**
   * Answers what makes it go by the new settings, and answers whether the key is another one now.
   * @throws ExitError where it could not.
   */
  prepare(change: SettingsChange): Promise<() => boolean>;
}

interface TrickleOptions {
  /** Replaced when they are read anew. */
  settings: Settings;
  clock: Clock;
  /** As they are known now. */
  interfaceSpeeds: () => InterfaceSpeeds;
  /** Who ends pcc by it has read what is lost; otherwise the exit code tells. */
  signal: AbortSignal;
  /** For people. */
  report: (message: string) => void;
}

/** @throws ExitError where there is no portal, or no key for it; LockedError and the system's errors of the spool. */
export async function openTrickle(
  layout: Layout,
  host: Host,
  options: TrickleOptions,
): Promise<Trickle> {
  const { settings, clock, interfaceSpeeds, signal, report } = options;
  // Before anything is opened.
  const portal = findPortal(settings, report);
  const stores = openStores({
    folder: settings.spool,
    maxBytes: settings.spool_size,
    bootId: host.bootId,
    report,
  });
  const connect = async (to: URL): Promise<Connection> => ({
    client: await createHttpClient(to.protocol, () => clock.wallMs()),
    portal: to,
  });
  const sender = new StreamSender({
    ...(await connect(portal)),
    readApiKey: () => readApiKey(pccProgram, options.settings.api_key_file),
    machineId: host.machineId,
    readFacts: () =>
      readHostFacts({
        ...settings,
        interfaceSpeeds: interfaceSpeeds(),
        now: new Date(clock.wallMs()),
      }),
    stores,
    clock,
    random: Math.random,
    report,
  });
  const sink = createTrickle(sender, {
    run: { bootId: host.bootId, intervalMs: settings.frequency },
    layout,
    stores,
    signal,
    report,
  });
  return {
    sink,
    async prepare({ settings: next, changed }) {
      const to = findPortal(next, report);
      const connection = changed.includes("portal") ? await connect(to) : null;
      return () => sender.reconnect(connection);
    },
  };
}

/** @throws ExitError where there is none. */
function findPortal({ portal }: Settings, report: (message: string) => void): URL {
  if (portal === null) throw new ExitError(exitCodes.config, "There is no portal to send to");
  if (portal.protocol === "http:" && !isLoopback(portal.hostname)) {
    report(`the key and the samples go to ${portal.origin} unencrypted: use https`);
  }
  return portal;
}
