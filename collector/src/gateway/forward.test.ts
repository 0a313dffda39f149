import {
  existsSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from "node:fs";
import { join } from "node:path";
import { describe, expect, test } from "vitest";
import { systemClock, type Clock } from "../sampling/clock.ts";
import { createFolder } from "../sampling/fake-procfs.ts";
import { openSpool } from "../spool/disk-spool.ts";
import { accept, cut, listStored, refuse, startStubPortal } from "../upload/stub-portal.ts";
import { batchKind, encodeBatch } from "./batch.ts";
import { openDeadLetters } from "./dead-letters.ts";
import { startFaultyProxy } from "./faulty-proxy.ts";
import { Forwarder } from "./forward.ts";
import { createKey, readKeys, revokeKey } from "./keys.ts";
import { createPortal } from "./portal.ts";
import { renderRows, startGateway, type TestGateway } from "./test-gateway.ts";

const startS = 1_767_800_521;
/** Waits are short, and say how long they would have been. */
function createHastyClock(): Clock & { slept: number[] } {
  const slept: number[] = [];
  return {
    ...systemClock,
    slept,
    sleep: (durationMs, signal) => {
      slept.push(durationMs);
      return systemClock.sleep(Math.min(5, durationMs), signal);
    },
  };
}

/** Deterministic, uniform in 0–1. */
function createRandom(seed: number): () => number {
  let state = seed;
  return () => {
    state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0;
    return state / 2 ** 32;
  };
}

interface Sent {
  agent: string;
  sequence: number;
  body: string;
}

/** `agents` × `batches` small batches, all agents at once, each one after the other. */
async function sendMany(
  gateway: TestGateway,
  { agents, batches }: { agents: number; batches: number },
): Promise<Sent[]> {
  const sent: Sent[] = [];
  const machines = Array.from({ length: agents }, (_, at) => `web-${at}`);
  await Promise.all(
    machines.map(async (agent) => {
      for (let sequence = 0; sequence < batches; sequence += 1) {
        const body = renderRows(agent, startS + sequence * 10, 10);
        expect((await gateway.post({ agent, sequence, body })).status).toBe(200);
        sent.push({ agent, sequence, body });
      }
    }),
  );
  return sent;
}

function toStored(sent: readonly Sent[]): Map<string, string> {
  return new Map(sent.map(({ agent, sequence, body }) => [`${agent} e1 ${sequence}`, body]));
}

function waitingIn(gateway: TestGateway, upstream = "portal"): number {
  return gateway.gateway.status().get(upstream)?.spool.records ?? Number.NaN;
}

describe("Forwarder", () => {
  test("everything arrives, once, over a line that cuts a third of all connections", async () => {
    const portal = await startStubPortal();
    const random = createRandom(13);
    const line = await startFaultyProxy(portal.url, { faults: { cutRatio: 0.15 }, random });
    const clock = createHastyClock();
    const gateway = await startGateway({ settings: { portal: line.url }, clock, random });
    const sent = await sendMany(gateway, { agents: 10, batches: 20 });
    await expect.poll(() => waitingIn(gateway), { timeout: 20_000 }).toBe(0);
    expect(listStored(portal)).toEqual(toStored(sent));
    expect(line.cuts()).toBeGreaterThan(30);
    expect(gateway.gateway.status().get("portal")?.forwarded).toMatchObject({
      batches: 200,
      rows: 2000,
    });
  });

  test("what was received while nothing got through arrives when the line is back", async () => {
    const portal = await startStubPortal();
    const line = await startFaultyProxy(portal.url, {
      faults: { cutRatio: 1 },
      random: createRandom(1),
    });
    const clock = createHastyClock();
    const gateway = await startGateway({ settings: { portal: line.url }, clock });
    const sent = await sendMany(gateway, { agents: 5, batches: 4 });
    await expect.poll(() => gateway.gateway.status().get("portal")?.upstream.state).toBe("down");
    expect(portal.received).toHaveLength(0);
    line.faults = {};
    await expect.poll(() => waitingIn(gateway)).toBe(0);
    expect(listStored(portal)).toEqual(toStored(sent));
    expect(gateway.messages.map((message) => message.replace(/\(.*\)/, "(…)"))).toEqual([
      `portal: ${line.url.href} takes no batches now (…); they wait in the spool`,
      `portal: ${line.url.href} takes batches again`,
    ]);
  });

  test("a batch whose answer is lost is sent again under its name", async () => {
    const portal = await startStubPortal([cut, cut]);
    const gateway = await startGateway({ settings: { portal: portal.url } });
    const sent = await sendMany(gateway, { agents: 1, batches: 3 });
    await expect.poll(() => waitingIn(gateway)).toBe(0);
    expect(portal.received.length).toBeGreaterThan(3);
    expect(listStored(portal)).toEqual(toStored(sent));
  });

  test("429 and 503 are waited out as Retry-After says, with full jitter on top", async () => {
    const portal = await startStubPortal([
      refuse(503, { "retry-after": "7" }),
      refuse(429, { "retry-after": "3" }),
      refuse(503),
      refuse(502),
    ]);
    const clock = createHastyClock();
    const settings = { portal: portal.url };
    const gateway = await startGateway({ settings, clock, random: () => 0.5 });
    await sendMany(gateway, { agents: 1, batches: 1 });
    await expect.poll(() => waitingIn(gateway)).toBe(0);
    // Half of the ceilings of 1, 2, 4 and 8 s.
    expect(clock.slept).toEqual([7500, 4000, 2000, 4000]);
    expect(portal.received).toHaveLength(5);
  });

  test.each([400, 403, 409, 413, 415, 422])(
    "a batch that is refused with %d is set aside with the reason, and the next one flows",
    async (status) => {
      const portal = await startStubPortal([accept, refuse(status)]);
      const gateway = await startGateway({ settings: { portal: portal.url } });
      const sent = await sendMany(gateway, { agents: 1, batches: 4 });
      await expect.poll(() => waitingIn(gateway)).toBe(0);
      expect(portal.received).toHaveLength(4);
      const folder = join(gateway.folder, "state/upstreams/portal/refused");
      const [csv = "", reason = ""] = readdirSync(folder).toSorted();
      expect(readFileSync(join(folder, csv), "utf8")).toBe(sent[1]?.body);
      expect(JSON.parse(readFileSync(join(folder, reason), "utf8"))).toMatchObject({
        why: `HTTP ${status}: the stub says ${status}`,
        agent: "web-0",
        epoch: "e1",
        sequence: 1,
        machine_id: "web-0",
        rows: 10,
      });
      expect(reason).toBe(`${csv}.json`);
      const { text } = await gateway.get("/metrics");
      expect(text).toContain('pcd_dead_letters_total{upstream="portal"} 1\n');
      expect(text).toContain('pcd_dead_letters{upstream="portal"} 1\n');
    },
  );

  test("a batch over which the portal fails time and again is set aside once others were taken", async () => {
    const portal = await startStubPortal();
    const isPoison = (csv: string): boolean => csv.includes(",web-0,");
    portal.behave = (response, batch) => {
      (isPoison(batch.csv) ? refuse(500) : accept)(response, batch);
    };
    const clock = createHastyClock();
    const gateway = await startGateway({ settings: { portal: portal.url }, clock });
    const [poison] = await sendMany(gateway, { agents: 1, batches: 1 });
    let sequence = 0;
    await expect
      .poll(
        async () => {
          // Others go on.
          const body = renderRows("web-1", startS + sequence);
          expect((await gateway.post({ agent: "web-1", sequence, body })).status).toBe(200);
          sequence += 1;
          return gateway.gateway.status().get("portal")?.deadLetters.batches;
        },
        { timeout: 20_000 },
      )
      .toBe(1);
    await expect.poll(() => waitingIn(gateway)).toBe(0);
    const tries = portal.received.filter(({ csv }) => csv === poison?.body);
    expect(tries).toHaveLength(10);
    expect(gateway.gateway.status().get("portal")?.forwarded).toMatchObject({
      batches: sequence,
      refusedBatches: 1,
    });
  });

  test.each([
    { status: 401, scopes: [] },
    { status: 404, scopes: [] },
    { status: 403, scopes: ["read"] },
  ])(
    "HTTP $status with a key of $scopes keeps everything, and a new key in the file is used when pcd is told",
    async ({ status, scopes }) => {
      const portal = await startStubPortal();
      portal.scopesOf = () => scopes;
      portal.behave = (response, batch) => {
        const isNew = batch.authorization === "Bearer pa_ingest_new";
        (isNew ? accept : refuse(status))(response, batch);
      };
      const gateway = await startGateway({
        settings: { portal: portal.url },
        random: () => 1,
      });
      const sent = await sendMany(gateway, { agents: 2, batches: 2 });
      await expect
        .poll(() => gateway.gateway.status().get("portal")?.upstream.state)
        .toBe("misdirected");
      expect(waitingIn(gateway)).toBe(4);
      expect((await gateway.get("/readyz")).status).toBe(200);
      writeFileSync(join(gateway.folder, "upstream.key"), "pa_ingest_new\n");
      gateway.gateway.reload();
      await expect.poll(() => waitingIn(gateway)).toBe(0);
      const { received } = portal;
      const taken = received.filter(({ authorization }) => authorization.endsWith("new"));
      expect(listStored({ received: taken })).toEqual(toStored(sent));
    },
  );

  test("a new key in the file is used when pcd is told, also where the old one still works, which holds on where the file cannot be read", async () => {
    const portal = await startStubPortal();
    const gateway = await startGateway({ settings: { portal: portal.url } });
    const keyFile = join(gateway.folder, "upstream.key");
    await sendMany(gateway, { agents: 1, batches: 1 });
    await expect.poll(() => waitingIn(gateway)).toBe(0);
    writeFileSync(keyFile, "pa_ingest_new\n");
    gateway.gateway.reload();
    await sendMany(gateway, { agents: 1, batches: 2 });
    await expect.poll(() => waitingIn(gateway)).toBe(0);
    rmSync(keyFile);
    gateway.gateway.reload();
    await sendMany(gateway, { agents: 1, batches: 3 });
    await expect.poll(() => waitingIn(gateway)).toBe(0);
    const keys = portal.received.map(({ authorization }) => authorization.split("_").at(-1));
    expect(keys).toEqual(["upstream", "new", "new"]);
    expect(gateway.messages.join("\n")).toMatch(
      /portal: Cannot read the portal's key: .*; going on with the key that it has/,
    );
  });

  test("what says 200 without a portal's receipt has stored nothing, and all is kept", async () => {
    const portal = await startStubPortal();
    portal.behave = (response) => response.end("<!doctype html><title>Sign in</title>");
    const gateway = await startGateway({ settings: { portal: portal.url }, random: () => 1 });
    await sendMany(gateway, { agents: 1, batches: 2 });
    await expect
      .poll(() => gateway.gateway.status().get("portal")?.upstream.state)
      .toBe("misdirected");
    expect(waitingIn(gateway)).toBe(2);
  });

  test("a portal that reads no more is given up after the time of silence, and tried again", async () => {
    const portal = await startStubPortal();
    const line = await startFaultyProxy(portal.url, {
      faults: { isStalled: true },
      random: createRandom(1),
    });
    const folder = createFolder();
    const spool = openSpool(join(folder, "spool"), { maxBytes: 2 ** 30, report: () => {} });
    // More than the kernels on the way keep.
    const body = Buffer.from(renderRows("web-01", startS, 200_000));
    const name = { agent: "web-01", epoch: "e1", sequence: 0 };
    const description = { machineId: "web-01", rowCount: 200_000, digest: "", facts: null };
    spool.append(batchKind, encodeBatch({ ...name, ...description, body }));
    const forwarder = new Forwarder({
      spool,
      destination: await createPortal({
        portal: line.url,
        readKey: () => "pa_ingest_upstream",
        now: Date.now,
        silenceMs: 300,
      }),
      deadLetters: openDeadLetters(join(folder, "refused"), { maxBytes: 2 ** 20, now: Date.now }),
      clock: createHastyClock(),
      random: () => 0.5,
      report: () => {},
    });
    await expect.poll(() => forwarder.upstream.why).toContain("no answer within 0.3 s");
    line.faults = {};
    await expect.poll(() => spool.counts().records, { timeout: 20_000 }).toBe(0);
    expect(portal.received.at(-1)?.csv).toBe(body.toString());
    await forwarder.close(1000);
    spool.close();
  }, 60_000);

  test("an upstream that stalls does not hold up another", async () => {
    const stalled = await startStubPortal();
    stalled.behave = () => {};
    const healthy = await startStubPortal();
    const folder = createFolder();
    const keyFile = join(folder, "other.key");
    writeFileSync(keyFile, "pa_ingest_other\n");
    const gateway = await startGateway({
      folder,
      upstream: "healthy",
      settings: {
        upstreams: [
          { name: "stalled", portal: stalled.url, apiKeyFile: keyFile },
          { name: "healthy", portal: healthy.url, apiKeyFile: keyFile },
        ],
      },
    });
    const other = gateway.createKey("other", { upstream: "stalled" });
    const body = renderRows("web-02", startS);
    await expect
      .poll(async () => (await gateway.post({ agent: "web-02", body, key: other })).status)
      .toBe(200);
    await sendMany(gateway, { agents: 3, batches: 3 });
    await expect.poll(() => waitingIn(gateway, "healthy")).toBe(0);
    expect(healthy.received).toHaveLength(9);
    expect(waitingIn(gateway, "stalled")).toBe(1);
  });

  test("what was received with a key goes to the upstream that the key had then", async () => {
    const first = await startStubPortal();
    first.behave = refuse(503);
    const second = await startStubPortal();
    const folder = createFolder();
    const keyFile = join(folder, "any.key");
    writeFileSync(keyFile, "pa_ingest_any\n");
    const settings = {
      upstreams: [
        { name: "first", portal: first.url, apiKeyFile: keyFile },
        { name: "second", portal: second.url, apiKeyFile: keyFile },
      ],
    };
    const clock = createHastyClock();
    const gateway = await startGateway({ folder, upstream: "first", settings, clock });
    const before = renderRows("web-01", startS);
    expect((await gateway.post({ body: before })).status).toBe(200);
    const keys = join(folder, "keys.json");
    const name = readKeys(keys)[0]?.name ?? "";
    revokeKey(keys, { name, now: new Date() });
    const { token } = createKey(keys, {
      name,
      upstream: "second",
      machineId: null,
      now: new Date(),
    });
    const after = renderRows("web-01", startS + 1);
    await expect
      .poll(async () => (await gateway.post({ body: after, sequence: 1, key: token })).status)
      .toBe(200);
    await expect.poll(() => second.received.map(({ csv }) => csv)).toEqual([after]);
    first.received.length = 0;
    first.behave = accept;
    await expect.poll(() => waitingIn(gateway, "first")).toBe(0);
    expect(first.received.at(-1)?.csv).toBe(before);
    expect(second.received).toHaveLength(1);
  });

  test("pcd tells clients to come back when the spool is full, drops nothing, and goes on when it empties", async () => {
    const portal = await startStubPortal();
    portal.behave = refuse(503);
    const clock = createHastyClock();
    const settings = { portal: portal.url, spool_max: 16 * 2 ** 20 };
    const gateway = await startGateway({ settings, clock });
    const sent: Sent[] = [];
    let answer = { status: 200, headers: {} as Record<string, unknown> };
    for (let sequence = 0; answer.status === 200 && sequence < 40; sequence += 1) {
      const body = renderRows("web-0", startS + sequence * 50_000, 50_000);
      answer = await gateway.post({ agent: "web-0", sequence, body });
      if (answer.status === 200) sent.push({ agent: "web-0", sequence, body });
    }
    expect(answer.status).toBe(503);
    expect(answer.headers["retry-after"]).toBe("15");
    expect(sent.length).toBeGreaterThan(5);
    const ready = await gateway.get("/readyz");
    expect(ready.status).toBe(503);
    portal.behave = accept;
    await expect.poll(() => waitingIn(gateway), { timeout: 20_000 }).toBe(0);
    const sequence = sent.length;
    const body = renderRows("web-0", startS + sequence * 50_000, 50_000);
    expect((await gateway.post({ agent: "web-0", sequence, body })).status).toBe(200);
    sent.push({ agent: "web-0", sequence, body });
    await expect.poll(() => waitingIn(gateway), { timeout: 20_000 }).toBe(0);
    expect(listStored({ received: portal.received.filter(({ csv }) => csv !== "") })).toEqual(
      toStored(sent),
    );
    expect(gateway.gateway.status().get("portal")?.spool.droppedRecords).toBe(0);
  }, 60_000);

  test("a symbolic link in the spool is refused, and nothing is written through it", async () => {
    const folder = createFolder();
    const elsewhere = createFolder();
    const spool = join(folder, "state/upstreams/portal/spool");
    mkdirSync(join(spool, ".."), { recursive: true });
    symlinkSync(elsewhere, spool);
    const portal = await startStubPortal();
    await expect(startGateway({ folder, settings: { portal: portal.url } })).rejects.toThrow(
      "is a symbolic link",
    );
    expect(readdirSync(elsewhere)).toEqual([]);
    expect(existsSync(join(folder, "state/upstreams/portal/taken"))).toBe(false);
  });

  test("a second pcd on the same state is refused", async () => {
    const portal = await startStubPortal();
    const settings = { portal: portal.url };
    const gateway = await startGateway({ settings });
    await expect(startGateway({ folder: gateway.folder, settings })).rejects.toThrow(
      /process \d+ is writing it/,
    );
  });
});

describe("openDeadLetters()", () => {
  test("openDeadLetters() keeps the newest within its size, counts what it drops, and finds them again", () => {
    const folder = createFolder();
    let now = 1_800_000_000_000;
    const options = { maxBytes: 5000, now: () => (now += 1000) };
    const letters = openDeadLetters(folder, options);
    const body = Buffer.alloc(1000, "x");
    const description = { machineId: "m", rowCount: 1, digest: "", facts: null };
    const batch = { agent: "a", epoch: "e", ...description, body };
    for (let sequence = 0; sequence < 10; sequence += 1)
      letters.add(sequence + 1, { ...batch, sequence }, "HTTP 400");
    const { batches, bytes, added, dropped } = letters.counts();
    expect(bytes).toBeLessThanOrEqual(5000);
    expect({ added, sum: batches + dropped }).toEqual({ added: 10, sum: 10 });
    expect(readdirSync(folder)).toHaveLength(2 * batches);
    expect(readdirSync(folder).toSorted().at(-1)).toMatch(/-000000000010-m\.csv\.json$/);
    expect(openDeadLetters(folder, options).counts()).toMatchObject({ batches, bytes });
  });
});
