// The page's one WebSocket to the portal: contract/src/api.ts, LiveSubscription and LiveMessage.
import type { LiveMessage, LiveSubscription } from "@perfanalysis/contract/api";

/** `waiting`: the connection was lost, or could not be made, and is tried again at `retryAtMs`. */
export type LiveState =
  | { status: "idle" }
  | { status: "connecting" }
  | { status: "live" }
  | { status: "waiting"; retryAtMs: number };

export type LiveSample = Pick<LiveMessage, "time" | "values">;
export type LiveListener = (machineId: string, sample: LiveSample) => void;

/** What of a WebSocket is used. */
export type Socket = Pick<WebSocket, "addEventListener" | "send" | "close">;

export interface Clock {
  nowMs(): number;
  /** Runs `work` later; the returned function cancels it. */
  after(delayMs: number, work: () => void): () => void;
}

export interface LiveConnectionOptions {
  open: () => Socket;
  clock: Clock;
  /** Uniform in [0, 1). */
  random: () => number;
}

/** The portal takes no more machines in one subscription. */
const maximumMachines = 500;
const firstDelayMs = 1_000;
const longestDelayMs = 30_000;
/** Full jitter may draw 0; a portal that closes at once must not be hammered. */
const shortestDelayMs = 250;

/**
 * Opens with the first subscription and stays open until `close()`. Lost connections are made anew with exponential
 * backoff and full jitter, and every subscription is then asked for again.
 */
export class LiveConnection {
  #options: LiveConnectionOptions;
  #state: LiveState = { status: "idle" };
  #socket: Socket | null = null;
  /** Ends listening to the socket. */
  #listening = new AbortController();
  #cancelRetry: (() => void) | null = null;
  #failures = 0;
  #subscriptions = new Set<{ machineIds: readonly string[]; listener: LiveListener }>();
  #stateListeners = new Set<() => void>();
  #subscribed = "";

  constructor(options: LiveConnectionOptions) {
    this.#options = options;
  }

  get state(): LiveState {
    return this.#state;
  }

  /** Calls `listener` whenever `state` has changed. Returns what ends that. */
  onState(listener: () => void): () => void {
    this.#stateListeners.add(listener);
    return () => this.#stateListeners.delete(listener);
  }

  /** Calls `listener` with every sample of these machines. Returns what ends that. */
  subscribe(machineIds: readonly string[], listener: LiveListener): () => void {
    const subscription = { machineIds, listener };
    this.#subscriptions.add(subscription);
    if (this.#state.status === "idle") this.#connect();
    else this.#sendSubscription();
    return () => {
      this.#subscriptions.delete(subscription);
      this.#sendSubscription();
    };
  }

  /** Tries at once instead of waiting on: the network is back, or a person asked. */
  retryNow(): void {
    if (this.#state.status !== "waiting") return;
    this.#connect();
  }

  /** Gives up a connection that cannot carry anything any more: the computer has lost its network. */
  interrupt(): void {
    if (this.#socket === null) return;
    this.#dropSocket();
    this.#retryLater();
  }

  /** Ends the connection, for example on sign-out; a later subscription opens it again. */
  close(): void {
    this.#cancelRetry?.();
    this.#cancelRetry = null;
    this.#dropSocket();
    this.#failures = 0;
    this.#setState({ status: "idle" });
  }

  #connect(): void {
    this.#cancelRetry?.();
    this.#cancelRetry = null;
    this.#setState({ status: "connecting" });
    const socket = this.#options.open();
    this.#socket = socket;
    this.#listening = new AbortController();
    this.#subscribed = "";
    const { signal } = this.#listening;
    const opened = () => {
      this.#failures = 0;
      this.#sendSubscription(socket);
      this.#setState({ status: "live" });
    };
    const closed = () => {
      this.#dropSocket();
      this.#retryLater();
    };
    socket.addEventListener("open", opened, { signal });
    socket.addEventListener("message", ({ data }) => this.#receive(data), { signal });
    socket.addEventListener("close", closed, { signal });
  }

  #dropSocket(): void {
    this.#listening.abort();
    this.#socket?.close();
    this.#socket = null;
  }

  #retryLater(): void {
    const { clock, random } = this.#options;
    const ceilingMs = Math.min(longestDelayMs, firstDelayMs * 2 ** this.#failures);
    this.#failures += 1;
    const delayMs = Math.max(shortestDelayMs, random() * ceilingMs);
    this.#cancelRetry = clock.after(delayMs, () => this.#connect());
    this.#setState({ status: "waiting", retryAtMs: clock.nowMs() + delayMs });
  }

  #sendSubscription(socket = this.#state.status === "live" ? this.#socket : null): void {
    if (socket === null) return;
    const machineIds = new Set([...this.#subscriptions].flatMap((each) => each.machineIds));
    const subscription: LiveSubscription = {
      subscribe: [...machineIds].slice(0, maximumMachines),
    };
    const text = JSON.stringify(subscription);
    if (text === this.#subscribed) return;
    this.#subscribed = text;
    socket.send(text);
  }

  #receive(data: unknown): void {
    const message = parseLiveMessage(data);
    if (message === null) return;
    for (const { machineIds, listener } of this.#subscriptions) {
      if (machineIds.includes(message.machine_id)) listener(message.machine_id, message);
    }
  }

  #setState(state: LiveState): void {
    this.#state = state;
    for (const listener of this.#stateListeners) listener();
  }
}

/** null for what this page does not know: a later portal may send other messages as well. */
function parseLiveMessage(data: unknown): LiveMessage | null {
  if (typeof data !== "string") return null;
  const message: unknown = JSON.parse(data);
  return isSample(message) ? message : null;
}

/** The portal serialises by the contract's schema, of which the type "sample" is the tag. */
function isSample(message: unknown): message is LiveMessage {
  return (
    typeof message === "object" &&
    message !== null &&
    "type" in message &&
    message.type === "sample"
  );
}
