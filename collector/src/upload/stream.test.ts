import { createServer } from "node:net";
import { describe, expect, onTestFinished, test } from "vitest";
import { systemClock, type Clock } from "../sampling/clock.ts";
import { createHttpClient } from "./http.ts";
import { createFolder } from "../sampling/fake-procfs.ts";
import { openSpool } from "../spool/disk-spool.ts";
import { createMemorySpool } from "../spool/memory-spool.ts";
import type { Spool } from "../spool/spool.ts";
import { createEpoch } from "./epoch.ts";
import type { RowStore } from "./stores.ts";
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

async function start(
  portal: URL,
  options: Partial<StreamOptions> & { maxBytes?: number } = {},
): Promise<Started> {
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
  const { maxBytes = 1e9, ...rest } = options;
  const epochs = ["e1", "e2", "e3"];
  const memory: RowStore = {
    spool: createMemorySpool({ maxBytes }),
    epoch: {
      get id() {
        return epochs[0] ?? "";
      },
      renew: () => epochs.shift(),
    },
    folder: null,
  };
  const sender = new StreamSender({
    client: await createHttpClient(portal.protocol, Date.now),
    portal,
    readApiKey: () => "pa_ingest_secret",
    machineId: "web-01",
    readFacts: () => ({}),
    stores: [memory],
    clock,
    random: () => 0.5,
    report: (message) => messages.push(message),
    ...rest,
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

/** A spool on a disk that is full for now, and one in memory. */
function createStores(): {
  stores: [RowStore, RowStore];
  disk: Spool;
  memory: Spool;
  setFull: (isFull: boolean) => void;
} {
  const folder = createFolder();
  const disk = openSpool(folder, { maxBytes: 1e9, report: () => {} });
  onTestFinished(() => disk.close());
  const append = disk.append.bind(disk);
  const setFull = (isFull: boolean): void => {
    disk.append = isFull
      ? () => {
          throw new Error("ENOSPC");
        }
      : append;
  };
  setFull(true);
  const memory = createMemorySpool({ maxBytes: 1e9 });
  const stores: [RowStore, RowStore] = [
    { spool: disk, epoch: createEpoch(), folder },
    { spool: memory, epoch: createEpoch(), folder: null },
  ];
  return { stores, disk, memory, setFull };
}

function timesOf(spool: Spool): number[] {
  return spool
    .read(0, { maxRecords: 1e9, maxBytes: 1e9 })
    .map(({ payload }) => Number(payload.toString().split(",", 1)[0]));
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
        sequence: 1,
        facts: null,
        csv: "timestamp,machine_id,cpu_user,cpu_system,cpu_idle,mem_total,mem_free\n1000,web-01,500,500,500,500,500\n",
      },
    ]);
    expect(sender.count()).toEqual({
      sentRows: 1,
      refusedRows: 0,
      droppedRows: 0,
      damagedRows: 0,
      waitingRows: 0,
    });
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
    expect(portal.received.map(({ sequence }) => sequence)).toEqual([1, 2]);
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
    expect(portal.received.at(-1)?.sequence).toBe(3);
  });

  test("StreamSender sends the same batch again after 503, no sooner than Retry-After says", async () => {
    const portal = await startStubPortal([refuse(503, { "retry-after": "7" }), refuse(429)]);
    const { sender, add, slept, messages } = await start(portal.url);
    add(1);
    await expect.poll(() => sender.count().sentRows).toBe(1);
    await sender.close(5000);
    expect(portal.received.map(({ sequence }) => sequence)).toEqual([1, 1, 1]);
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

  test("StreamSender sends no more in a batch than is good for both sides", async () => {
    const portal = await startStubPortal([refuse(503)]);
    const { sender, add } = await start(portal.url);
    const many = [...columns, ...Array.from({ length: 3000 }, (_, cpu) => `cpu${cpu}_user`)];
    for (let second = 1; second <= 201; second += 1) add(second * 1e6, many);
    await expect.poll(() => sender.count().sentRows).toBe(201);
    await sender.close(5000);
    const rows = portal.received.map(({ csv }) => csv.split("\n").length - 2);
    expect(rows.slice(0, 2)).toEqual([1, 1]);
    expect(rows.slice(1).reduce((sum, count) => sum + count)).toBe(201);
    for (const { csv } of portal.received) expect(csv.length).toBeLessThan(1.2 * 1024 * 1024);
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
      "e1/1",
      "e1/1",
      "e1/1",
    ]);
    expect(messages[0]).toContain("Cannot reach the portal at http://127.0.0.1:");
  });

  test.each([400, 413, 415, 422])(
    "StreamSender drops a batch for good that the portal answers with %d, says why, and sends the next",
    async (status) => {
      const portal = await startStubPortal([refuse(status)]);
      const { sender, add, slept, messages } = await start(portal.url);
      add(1);
      await expect.poll(() => sender.count().refusedRows).toBe(1);
      add(2);
      await sender.close(5000);
      expect(portal.received.map(({ sequence }) => sequence)).toEqual([1, 2]);
      expect(slept).toEqual([]);
      expect(sender.count()).toMatchObject({ sentRows: 1, refusedRows: 1 });
      expect(messages[0]).toBe(
        `the portal refuses samples for good (HTTP ${status}: the stub says ${status}); they are dropped, 1 so far`,
      );
      expect(messages.join()).not.toContain("secret");
    },
  );

  test.each([401, 403, 404, 301])(
    "StreamSender keeps samples that the portal answers with %d, hardly asks again, and takes a new key at once",
    async (status) => {
      const portal = await startStubPortal([refuse(status), refuse(status)]);
      let key = "pa_old";
      const { sender, add, slept, messages } = await start(portal.url, {
        readApiKey: () => {
          // Whoever mends it does so while the sender waits for the second time.
          if (portal.received.length === 2) key = "pa_new";
          return key;
        },
      });
      add(1);
      await expect.poll(() => sender.count().sentRows).toBe(1);
      await sender.close(5000);
      expect(portal.received.map(({ authorization }) => authorization)).toEqual([
        "Bearer pa_old",
        "Bearer pa_old",
        "Bearer pa_new",
      ]);
      // Five minutes, and half of five more.
      expect(slept.reduce((sum, ms) => sum + ms, 0)).toBe(450_000);
      expect(messages).toEqual([
        `the portal takes no samples with this key or at this address (HTTP ${status}: the stub says ${status}): mend it; samples wait until then`,
        "the portal takes samples again",
      ]);
    },
  );

  test("StreamSender.reconnect() takes a new key, and what comes of it is said", async () => {
    const portal = await startStubPortal([refuse(401), refuse(401)]);
    let key = "pa_old";
    const { sender, add, messages } = await start(portal.url, {
      readApiKey: () => key,
      clock: systemClock,
    });
    add(1);
    await expect.poll(() => messages.length).toBe(1);
    expect(sender.reconnect(null)).toBe(false);
    await expect.poll(() => messages.length).toBe(2);
    key = "pa_new";
    expect(sender.reconnect(null)).toBe(true);
    await expect.poll(() => sender.count().sentRows).toBe(1);
    await sender.close(5000);
    expect(messages).toEqual([
      expect.stringContaining("HTTP 401"),
      expect.stringContaining("HTTP 401"),
      "the portal takes samples again",
    ]);
  });

  test("StreamSender gives a batch another name where there is another of its name, once", async () => {
    const portal = await startStubPortal([refuse(409), accept, refuse(409), refuse(409)]);
    const { sender, add } = await start(portal.url);
    add(1);
    await expect.poll(() => sender.count().sentRows).toBe(1);
    add(2);
    await expect.poll(() => sender.count().refusedRows).toBe(1);
    await sender.close(5000);
    expect(portal.received.map(({ epoch, sequence }) => `${epoch}/${sequence}`)).toEqual([
      "e1/1",
      "e2/1",
      "e2/2",
      "e3/2",
    ]);
  });

  test("StreamSender tells what the machine is with the first batch that is taken, again after an hour, and to another portal", async () => {
    const portal = await startStubPortal([refuse(503), cut]);
    let nowUs = 0;
    let cpuCount = 2;
    const { sender, add } = await start(portal.url, {
      readFacts: () => ({ cpu_count: cpuCount }),
      clock: { ...systemClock, monotonicUs: () => nowUs, sleep: async () => {} },
    });
    const send = async (second: number): Promise<string | null | undefined> => {
      add(second);
      await expect.poll(() => sender.count().waitingRows).toBe(0);
      return portal.received.at(-1)?.facts;
    };
    expect(await send(1)).toBe('{"cpu_count":2}');
    expect(portal.received.map(({ facts }) => facts)).toEqual(Array(3).fill('{"cpu_count":2}'));
    expect(await send(2)).toBeNull();
    cpuCount = 4;
    nowUs = 3_599_000_000;
    expect(await send(3)).toBeNull();
    nowUs = 3_600_000_000;
    expect(await send(4)).toBe('{"cpu_count":4}');
    expect(await send(5)).toBeNull();
    sender.reconnect({ client: await createHttpClient("http:", Date.now), portal: portal.url });
    expect(await send(6)).toBe('{"cpu_count":4}');
    await sender.close(5000);
  });

  test("StreamSender gives up no rows for facts that the portal, or what stands before it, does not take", async () => {
    const says = 'What "web-01" tells of itself was not taken: /kernel. Its rows were.';
    const warn: Behaviour = (response) =>
      response.end(JSON.stringify({ status: "success", warnings: [says] }));
    const portal = await startStubPortal([refuse(400), accept, warn, warn]);
    let nowUs = 0;
    const { sender, add, messages } = await start(portal.url, {
      readFacts: () => ({ kernel: "6.1.0" }),
      clock: { ...systemClock, monotonicUs: () => nowUs },
    });
    for (const second of [1, 2, 3]) {
      add(second);
      await expect.poll(() => sender.count()).toMatchObject({ sentRows: second, waitingRows: 0 });
      nowUs += 3_600_000_000;
    }
    await sender.close(5000);
    const sent = portal.received.map(({ sequence, facts }) => [sequence, facts !== null]);
    expect(sent).toEqual([
      [1, true],
      [1, false],
      [2, true],
      [3, true],
    ]);
    expect(sender.count()).toMatchObject({ refusedRows: 0 });
    expect(messages).toEqual([`the portal takes samples, but says: ${says}`]);
  });

  test("StreamSender tells nothing of itself beside rows that another machine left in the spool", async () => {
    const portal = await startStubPortal();
    const { stores, disk, setFull } = createStores();
    setFull(false);
    const head = Buffer.from("timestamp,machine_id,load1\n");
    disk.append(1, Buffer.from("1,image,1\n"), head);
    const { sender, add } = await start(portal.url, {
      stores,
      readFacts: () => ({ kernel: "6.1.0" }),
    });
    add(2);
    await expect.poll(() => sender.count().waitingRows).toBe(0);
    await sender.close(5000);
    const sent = portal.received.map(({ csv, facts }) => [csv.includes("image"), facts !== null]);
    expect(sent).toEqual([
      [true, false],
      [false, true],
    ]);
  });

  test("StreamSender waits longer and longer, at most 60 s, while nobody listens, and drops the oldest", async () => {
    const server = createServer().listen(0, "127.0.0.1");
    await new Promise((resolve) => server.once("listening", resolve));
    const address = server.address();
    const port = typeof address === "object" && address !== null ? address.port : 0;
    await new Promise((resolve) => server.close(resolve));
    const { sender, add, slept, messages } = await start(new URL(`http://127.0.0.1:${port}`), {
      // Ten of these rows.
      maxBytes: 10 * "1000000000,web-01,500000000,500000000,500000000,500000000,500000000\n".length,
    });
    add(0);
    await expect.poll(() => slept.length).toBeGreaterThan(8);
    for (let row = 1; row <= 15; row += 1) add(1e9);
    await sender.close(50);
    expect(slept.slice(0, 8)).toEqual([500, 1000, 2000, 4000, 8000, 16_000, 30_000, 30_000]);
    expect(sender.count()).toEqual({
      sentRows: 0,
      refusedRows: 0,
      droppedRows: 6,
      damagedRows: 0,
      waitingRows: 10,
    });
    expect(messages[0]).toContain("Cannot reach the portal");
    expect(messages[1]).toContain("dropping the oldest from now on");
    expect(messages).toHaveLength(2);
  });

  test("StreamSender.close() ends by its deadline when the portal never answers", async () => {
    const portal = await startStubPortal([() => {}]);
    const { sender, add } = await start(portal.url);
    add(1);
    await sender.close(100);
    expect(sender.count()).toMatchObject({ sentRows: 0, waitingRows: 1 });
  });

  test("StreamSender moves what waits in memory to the disk once that has room again", async () => {
    const { stores, disk, memory, setFull } = createStores();
    const { sender, add, messages } = await start(new URL("http://127.0.0.1:1"), { stores });
    add(1);
    add(2);
    expect(memory.counts().records).toBe(2);
    setFull(false);
    add(3);
    await expect.poll(() => memory.counts().records).toBe(0);
    expect(timesOf(disk)).toEqual([3, 1, 2]);
    add(4);
    await sender.close(50);
    expect(sender.count()).toMatchObject({ waitingRows: 4, droppedRows: 0 });
    expect(messages.filter((message) => message.includes("spool"))).toHaveLength(2);
  });

  test("StreamSender.close() moves what waits in memory to the disk where that has room, and keeps it where not", async () => {
    const { stores, disk, memory, setFull } = createStores();
    const { sender, add } = await start(new URL("http://127.0.0.1:1"), { stores });
    add(1);
    add(2);
    setFull(false);
    const append = disk.append.bind(disk);
    disk.append = (...args) => {
      setFull(true);
      return append(...args);
    };
    await sender.close(50);
    expect(timesOf(disk)).toEqual([1]);
    expect(timesOf(memory)).toEqual([2]);
  });

  test.each([
    ["came", accept, [1, 2]],
    ["was lost", cut, [1, 2, 1]],
  ])(
    "StreamSender leaves a batch in memory until its answer %s, and gives no name to two batches",
    async (_, behave, sent) => {
      let release = (): void => {};
      const hold: Behaviour = (response, batch) => {
        release = () => behave(response, batch);
      };
      const portal = await startStubPortal([hold]);
      const { stores, memory, setFull } = createStores();
      const { sender, add } = await start(portal.url, { stores });
      add(1);
      await expect.poll(() => portal.received.length).toBe(1);
      setFull(false);
      add(2);
      expect(timesOf(memory)).toEqual([1]);
      release();
      await expect.poll(() => sender.count()).toMatchObject({ sentRows: 2, waitingRows: 0 });
      await sender.close(5000);
      const csv = portal.received.map((batch) => batch.csv).join("");
      const times = csv.match(/^\d+(?=,)/gm)?.map(Number);
      expect(times).toEqual(sent);
      expect(new Set(portal.received.map(({ epoch }) => epoch)).size).toBe(2);
    },
  );
});
