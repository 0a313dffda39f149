import { expect, test } from "vitest";
import { LiveConnection, type LiveSample, type Socket } from "./live-connection.ts";

test("subscribe() opens the connection, asks for the machines and hands out their samples", () => {
  const { connection, sockets } = setUp();
  const seen: [string, LiveSample][] = [];
  connection.subscribe(["web-01"], (machineId, sample) => seen.push([machineId, sample]));
  expect(connection.state).toEqual({ status: "connecting" });
  const socket = the(sockets, 0);
  socket.open();
  expect(connection.state).toEqual({ status: "live" });
  expect(socket.sent).toEqual([{ subscribe: ["web-01"] }]);
  socket.receive({ type: "sample", machine_id: "web-01", time: 7, values: { load1: null } });
  socket.receive({ type: "sample", machine_id: "other", time: 7, values: {} });
  socket.receive({ type: "of a later version" });
  expect(seen).toEqual([["web-01", expect.objectContaining({ time: 7, values: { load1: null } })]]);
});

test("subscribe() sends the union of all subscriptions, and less when one ends", () => {
  const { connection, sockets } = setUp();
  connection.subscribe(["a", "b"], () => {});
  the(sockets, 0).open();
  const end = connection.subscribe(["b", "c"], () => {});
  end();
  expect(the(sockets, 0).sent).toEqual([
    { subscribe: ["a", "b"] },
    { subscribe: ["a", "b", "c"] },
    { subscribe: ["a", "b"] },
  ]);
  expect(sockets).toHaveLength(1);
});

test("subscribe() asks for at most 500 machines, all that one subscription may name", () => {
  const { connection, sockets } = setUp();
  connection.subscribe(
    Array.from({ length: 501 }, (_, index) => `m${index}`),
    () => {},
  );
  the(sockets, 0).open();
  expect(the(sockets, 0).sent).toEqual([{ subscribe: expect.objectContaining({ length: 500 }) }]);
});

test("LiveConnection waits longer after each failure, up to 30 s, and starts over once it was live", () => {
  const { connection, sockets, clock } = setUp();
  connection.subscribe(["a"], () => {});
  const delays = Array.from({ length: 7 }, (_, attempt) => {
    the(sockets, attempt).lose();
    return clock.runNext();
  });
  expect(delays).toEqual([500, 1_000, 2_000, 4_000, 8_000, 15_000, 15_000]);
  the(sockets, 7).open();
  the(sockets, 7).lose();
  expect(connection.state).toEqual({ status: "waiting", retryAtMs: clock.nowMs() + 500 });
  expect(clock.runNext()).toBe(500);
  the(sockets, 8).open();
  expect(the(sockets, 8).sent).toEqual([{ subscribe: ["a"] }]);
});

test("LiveConnection never retries faster than four times a second, whatever the jitter draws", () => {
  const { connection, sockets, clock } = setUp(() => 0);
  connection.subscribe(["a"], () => {});
  the(sockets, 0).lose();
  expect(clock.runNext()).toBe(250);
});

test("retryNow() connects at once while waiting, and the planned attempt does not follow", () => {
  const { connection, sockets, clock } = setUp();
  connection.subscribe(["a"], () => {});
  the(sockets, 0).lose();
  connection.retryNow();
  expect(sockets).toHaveLength(2);
  expect(clock.planned).toBe(0);
  connection.retryNow();
  expect(sockets).toHaveLength(2);
});

test("interrupt() gives the connection up at once and tries again later", () => {
  const { connection, sockets, clock } = setUp();
  connection.interrupt();
  expect(connection.state).toEqual({ status: "idle" });
  connection.subscribe(["a"], () => {});
  the(sockets, 0).open();
  connection.interrupt();
  expect(the(sockets, 0).closed).toBe(true);
  expect(connection.state).toEqual({ status: "waiting", retryAtMs: 500 });
  connection.interrupt();
  expect(clock.planned).toBe(1);
});

test("close() ends the connection and its retries, and a later subscription opens it again", () => {
  const { connection, sockets, clock } = setUp();
  connection.subscribe(["a"], () => {});
  the(sockets, 0).lose();
  connection.close();
  expect(clock.planned).toBe(0);
  expect(connection.state).toEqual({ status: "idle" });
  connection.subscribe(["b"], () => {});
  connection.close();
  expect(the(sockets, 1).closed).toBe(true);
  expect(connection.state).toEqual({ status: "idle" });
});

function setUp(random = () => 0.5) {
  const sockets: FakeSocket[] = [];
  const clock = new FakeClock();
  const open = (): Socket => {
    const socket = new FakeSocket();
    sockets.push(socket);
    return socket;
  };
  return { connection: new LiveConnection({ open, clock, random }), sockets, clock };
}

function the(sockets: FakeSocket[], index: number): FakeSocket {
  const socket = sockets[index];
  if (socket === undefined) throw new RangeError(`No connection ${index} of ${sockets.length}`);
  return socket;
}

class FakeSocket extends EventTarget implements Socket {
  sent: unknown[] = [];
  closed = false;

  send(text: string): void {
    this.sent.push(JSON.parse(text));
  }

  close(): void {
    this.closed = true;
  }

  receive(message: unknown): void {
    this.dispatchEvent(new MessageEvent("message", { data: JSON.stringify(message) }));
  }

  open(): void {
    this.dispatchEvent(new Event("open"));
  }

  lose(): void {
    this.dispatchEvent(new Event("close"));
  }
}

class FakeClock {
  #now = 0;
  #plans: { delayMs: number; work: () => void }[] = [];

  get planned(): number {
    return this.#plans.length;
  }

  nowMs(): number {
    return this.#now;
  }

  after(delayMs: number, work: () => void): () => void {
    const plan = { delayMs, work };
    this.#plans.push(plan);
    return () => {
      this.#plans = this.#plans.filter((each) => each !== plan);
    };
  }

  /** Runs what was planned first and returns how long it had to wait. */
  runNext(): number {
    const plan = this.#plans.shift();
    if (plan === undefined) throw new RangeError("Nothing is planned");
    this.#now += plan.delayMs;
    plan.work();
    return plan.delayMs;
  }
}
