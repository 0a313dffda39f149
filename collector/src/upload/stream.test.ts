import { createServer } from "node:net";
import { describe, expect, test } from "vitest";
import type { Clock } from "../sampling/clock.ts";
import { createHttpClient } from "./http.ts";
import { StreamSender, type StreamOptions } from "./stream.ts";
import { accept, cut, refuse, startStubPortal, type Behaviour } from "./stub-portal.ts";

const columns = ["cpu_user", "cpu_system", "cpu_idle", "mem_total", "mem_free"];

interface Started {
  sender: StreamSender;
  /** Waits between tries, in milliseconds. */
  slept: number[];
  messages: string[];
  add: (second: number, of?: readonly string[]) => void;
}

async function start(portal: URL, options: Partial<StreamOptions> = {}): Promise<Started> {
  const slept: number[] = [];
  const messages: string[] = [];
  const clock: Clock = {
    wallMs: Date.now,
    monotonicUs: () => 0,
    sleep: (durationMs, signal) => {
      slept.push(durationMs);
      // Time passes at once, but the rest of the program gets a turn.
      return new Promise((resolve) => {
        if (signal.aborted) resolve();
        else setImmediate(resolve);
      });
    },
  };
  const sender = new StreamSender({
    client: await createHttpClient(portal.protocol, Date.now),
    portal,
    apiKey: "pa_ingest_secret",
    machineId: "web-01",
    epoch: "e1",
    clock,
    random: () => 0.5,
    report: (message) => messages.push(message),
    ...options,
  });
  return {
    sender,
    slept,
    messages,
    add: (second, of = columns) =>
      sender.add({
        timestampS: second,
        columns: of,
        values: Float64Array.from(of, () => second / 2),
      }),
  };
}

describe("StreamSender", () => {
  test("StreamSender.add() sends rows in the CSV standard, with key, agent, epoch and sequence", async () => {
    const portal = await startStubPortal();
    const { sender, add, messages } = await start(portal.url);
    add(1000);
    await sender.close(5000);
    expect(portal.received).toEqual([
      {
        path: "/base/api/v1/performance/stream",
        authorization: "Bearer pa_ingest_secret",
        contentEncoding: "",
        agent: "web-01",
        epoch: "e1",
        sequence: 0,
        csv: "timestamp,machine_id,cpu_user,cpu_system,cpu_idle,mem_total,mem_free\n1000,web-01,500,500,500,500,500\n",
      },
    ]);
    expect(sender.count()).toEqual({ sentRows: 1, refusedRows: 0, droppedRows: 0, waitingRows: 0 });
    expect(messages).toEqual([]);
  });

  test("StreamSender sends what came meanwhile in one gzipped batch, over one connection", async () => {
    let release = (): void => {};
    const hold: Behaviour = (response, batch) => {
      release = () => accept(response, batch);
    };
    const portal = await startStubPortal([hold]);
    const { sender, add } = await start(portal.url);
    add(1);
    await expect.poll(() => portal.received.length).toBe(1);
    for (let second = 2; second <= 300; second += 1) add(second);
    release();
    await sender.close(5000);
    expect(portal.received.map(({ sequence }) => sequence)).toEqual([0, 1]);
    const [, batch] = portal.received;
    expect(batch?.contentEncoding).toBe("gzip");
    expect(batch?.csv.trimEnd().split("\n")).toHaveLength(300);
    expect(portal.connections()).toBe(1);
  });

  test("StreamSender begins a new batch where the columns change", async () => {
    const portal = await startStubPortal([refuse(503)]);
    const { sender, add } = await start(portal.url);
    add(1);
    add(2);
    add(3, [...columns, "load1"]);
    await sender.close(5000);
    const rows = portal.received.slice(1).map(({ csv }) => csv.trimEnd().split("\n").length - 1);
    expect(rows.reduce((sum, count) => sum + count, 0)).toBe(3);
    expect(portal.received.at(-1)?.csv).toContain("load1");
    expect(portal.received.at(-1)?.sequence).toBeGreaterThan(0);
  });

  test("StreamSender sends the same batch again after 503, no sooner than Retry-After says", async () => {
    const portal = await startStubPortal([refuse(503, { "retry-after": "7" }), refuse(429)]);
    const { sender, add, slept, messages } = await start(portal.url);
    add(1);
    await expect.poll(() => sender.count().sentRows).toBe(1);
    await sender.close(5000);
    expect(portal.received.map(({ sequence }) => sequence)).toEqual([0, 0, 0]);
    expect(new Set(portal.received.map(({ csv }) => csv)).size).toBe(1);
    // Half of the ceilings of 1 s and 2 s, the first behind the 7 s.
    expect(slept).toEqual([7500, 1000]);
    expect(messages).toEqual([
      "the portal takes no samples now (HTTP 503: the stub says 503); trying again",
      "the portal takes no samples now (HTTP 429: the stub says 429); trying again",
      "the portal takes samples again",
    ]);
  });

  test("StreamSender waits for an hour at most, whatever Retry-After says", async () => {
    const portal = await startStubPortal([refuse(429, { "retry-after": "999999999" })]);
    const { sender, add, slept } = await start(portal.url);
    add(1);
    await expect.poll(() => sender.count().sentRows).toBe(1);
    await sender.close(5000);
    expect(slept).toEqual([3_600_500]);
  });

  test("StreamSender sends no more cells in a batch than the portal takes", async () => {
    const portal = await startStubPortal([refuse(503)]);
    const { sender, add } = await start(portal.url);
    const many = [...columns, ...Array.from({ length: 3000 }, (_, cpu) => `cpu${cpu}_user`)];
    for (let second = 1; second <= 201; second += 1) add(second, many);
    await expect.poll(() => sender.count().sentRows).toBe(201);
    await sender.close(5000);
    const rows = portal.received.map(({ csv }) => csv.split("\n").length - 2);
    expect(rows).toEqual([1, 1, 99, 99, 2]);
  });

  test("StreamSender obeys a Retry-After that is a date", async () => {
    const date = new Date(Date.now() + 90_000).toUTCString();
    const portal = await startStubPortal([refuse(503, { "retry-after": date })]);
    const { sender, add, slept } = await start(portal.url);
    add(1);
    await expect.poll(() => sender.count().sentRows).toBe(1);
    await sender.close(5000);
    expect(slept[0]).toBeGreaterThan(80_000);
    expect(slept[0]).toBeLessThan(92_000);
  });

  test("StreamSender sends the same batch again when the answer was lost after the commit", async () => {
    const portal = await startStubPortal([cut, cut]);
    const { sender, add, messages } = await start(portal.url);
    add(1);
    await expect.poll(() => sender.count().sentRows).toBe(1);
    await sender.close(5000);
    expect(portal.received.map(({ sequence, epoch }) => `${epoch}/${sequence}`)).toEqual([
      "e1/0",
      "e1/0",
      "e1/0",
    ]);
    expect(messages[0]).toContain("Cannot reach the portal at http://127.0.0.1:");
  });

  test.each([400, 401, 403, 409, 413, 301])(
    "StreamSender drops a batch for good that the portal answers with %d, says why, and sends the next",
    async (status) => {
      const portal = await startStubPortal([refuse(status)]);
      const { sender, add, slept, messages } = await start(portal.url);
      add(1);
      await expect.poll(() => sender.count().refusedRows).toBe(1);
      add(2);
      await sender.close(5000);
      expect(portal.received.map(({ sequence }) => sequence)).toEqual([0, 1]);
      expect(slept).toEqual([]);
      expect(sender.count()).toMatchObject({ sentRows: 1, refusedRows: 1 });
      expect(messages[0]).toBe(
        `the portal refuses samples for good (HTTP ${status}: the stub says ${status}); they are dropped, 1 so far`,
      );
      expect(messages.join()).not.toContain("secret");
    },
  );

  test("StreamSender waits longer and longer, at most 60 s, while nobody listens, and drops the oldest", async () => {
    const server = createServer().listen(0, "127.0.0.1");
    await new Promise((resolve) => server.once("listening", resolve));
    const address = server.address();
    const port = typeof address === "object" && address !== null ? address.port : 0;
    await new Promise((resolve) => server.close(resolve));
    const { sender, add, slept, messages } = await start(new URL(`http://127.0.0.1:${port}`), {
      maxRows: 10,
    });
    add(0);
    await expect.poll(() => slept.length).toBeGreaterThan(8);
    for (let second = 1; second <= 15; second += 1) add(second);
    await sender.close(50);
    expect(slept.slice(0, 8)).toEqual([500, 1000, 2000, 4000, 8000, 16_000, 30_000, 30_000]);
    // The first is in the batch that is being sent; of the fifteen behind it ten have room.
    expect(sender.count()).toEqual({
      sentRows: 0,
      refusedRows: 0,
      droppedRows: 5,
      waitingRows: 11,
    });
    expect(messages[0]).toContain("Cannot reach the portal");
    expect(messages).toContain("10 samples wait for the portal: dropping the oldest from now on");
    expect(messages).toHaveLength(2);
  });

  test("StreamSender.close() ends by its deadline when the portal never answers", async () => {
    const portal = await startStubPortal([() => {}]);
    const { sender, add } = await start(portal.url);
    add(1);
    await sender.close(100);
    expect(sender.count()).toMatchObject({ sentRows: 0, waitingRows: 1 });
  });
});
