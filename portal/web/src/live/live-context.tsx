import { createContext, use, useEffect, useEffectEvent, useSyncExternalStore } from "react";
import type { LiveConnection, LiveListener, LiveState } from "./live-connection.ts";

export const LiveContext = createContext<LiveConnection | null>(null);

export function useLiveConnection(): LiveConnection {
  const connection = use(LiveContext);
  if (connection === null) throw new Error("Cannot go live: there is no LiveContext around");
  return connection;
}

export function useLiveState(): LiveState {
  const connection = useLiveConnection();
  return useSyncExternalStore(
    (listener) => connection.onState(listener),
    () => connection.state,
  );
}

/** Calls `listener` with every sample of these machines that arrives while the component is shown. */
export function useLiveSamples(machineIds: readonly string[], listener: LiveListener): void {
  const connection = useLiveConnection();
  const onSample = useEffectEvent(listener);
  const key = machineIds.join(",");
  useEffect(
    () => (key === "" ? undefined : connection.subscribe(key.split(","), onSample)),
    [connection, key],
  );
}

/** Calls `listener` when samples have begun to flow, at first and after every interruption. */
export function useLiveStart(listener: () => void): void {
  const { status } = useLiveState();
  const onStart = useEffectEvent(listener);
  useEffect(() => {
    if (status === "live") onStart();
  }, [status]);
}
