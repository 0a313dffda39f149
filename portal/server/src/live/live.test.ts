import { once } from "node:events";
import type { LiveMessage } from "@perfanalysis/contract/api";
import { WebSocket, type ClientOptions } from "ws";
import { afterAll, beforeAll, describe, expect, onTestFinished, test } from "vitest";
import { createKey, revokeKey } from "../keys/keys.ts";
import { newPortal, type TestPortal } from "../testing/portal.ts";

let portal: TestPortal;
beforeAll(async () => {
  portal = await newPortal();
});
afterAll(() => portal.close());

const nowS = () => Math.floor(Date.now() / 1000);

interface Client {
  socket: WebSocket;
  /** What has come so far. */
  messages: LiveMessage[];
  /** Resolves with the code once the connection has been closed. */
  closed: Promise<number>;
}

async function open(options: ClientOptions, to: TestPortal = portal): Promise<Client> {
  const socket = new WebSocket(`${to.url.replace("http", "ws")}/api/v1/live`, options);
  onTestFinished(() => socket.terminate());
  const messages: LiveMessage[] = [];
  socket.on("message", (data: Buffer) => messages.push(JSON.parse(data.toString("utf8"))));
  const closed = once(socket, "close").then(([code]) => Number(code));
  await once(socket, "open");
  return { socket, messages, closed };
}

/** The status with which the portal refuses to open a WebSocket. */
async function refusal(options: ClientOptions): Promise<number> {
  const socket = new WebSocket(`${portal.url.replace("http", "ws")}/api/v1/live`, options);
  const [error]: Error[] = await once(socket, "error");
  return Number(/\d{3}/.exec(error?.message ?? "")?.[0]);
}

const withKey = (key: string): ClientOptions => ({ headers: { authorization: `Bearer ${key}` } });

/** Subscribes and waits until the portal has taken it: it answers a ping only after what came before. */
async function subscribe({ socket }: Client, ...machineIds: string[]): Promise<void> {
  socket.send(JSON.stringify({ subscribe: machineIds }));
  socket.ping();
  await once(socket, "pong");
}

async function settle({ socket }: Client): Promise<void> {
  socket.ping();
  await once(socket, "pong");
}

test("samples of subscribed machines arrive, others' do not", async () => {
  const client = await open(withKey(portal.keys.read));
  await subscribe(client, "web-01");
  const time = nowS();
  const values = { cpu_user: 12.5, psi_cpu_some: null };
  portal.services.live.publish(portal.tenantId, { machineId: "web-02", time, values });
  portal.services.live.publish(portal.tenantId, { machineId: "web-01", time, values });
  await settle(client);
  expect(client.messages).toEqual([{ type: "sample", machine_id: "web-01", time, values }]);
});

test("a new subscription replaces the one before it", async () => {
  const client = await open(withKey(portal.keys.read));
  await subscribe(client, "old");
  await subscribe(client, "new");
  const time = nowS();
  portal.services.live.publish(portal.tenantId, { machineId: "old", time, values: {} });
  portal.services.live.publish(portal.tenantId, { machineId: "new", time, values: {} });
  await settle(client);
  expect(client.messages.map(({ machine_id }) => machine_id)).toEqual(["new"]);
});

test("whoever subscribes gets the newest sample at once, but none from long ago", async () => {
  const { live } = portal.services;
  live.publish(portal.tenantId, { machineId: "fresh", time: nowS(), values: { load1: 2 } });
  // What an agent sends from its spool comes late and is no news.
  live.publish(portal.tenantId, { machineId: "fresh", time: nowS() - 9, values: { load1: 1 } });
  live.publish(portal.tenantId, { machineId: "stale", time: nowS() - 3600, values: {} });
  const client = await open(withKey(portal.keys.read));
  await subscribe(client, "fresh", "stale", "unknown");
  await settle(client);
  expect(client.messages).toMatchObject([{ machine_id: "fresh", values: { load1: 2 } }]);
});

test("two tenants with a machine of the same id never see each other's samples", async () => {
  const rival = await portal.newTenant();
  const clients = {
    own: await open(withKey(portal.keys.read)),
    other: await open(withKey(rival.keys.read)),
  };
  const { live } = portal.services;
  live.publish(rival.tenantId, { machineId: "twin", time: nowS(), values: { load1: 2 } });
  await subscribe(clients.own, "twin");
  await subscribe(clients.other, "twin");
  live.publish(portal.tenantId, { machineId: "twin", time: nowS(), values: { load1: 1 } });
  await Promise.all([settle(clients.own), settle(clients.other)]);
  expect(clients.own.messages.map(({ values }) => values)).toEqual([{ load1: 1 }]);
  expect(clients.other.messages.map(({ values }) => values)).toEqual([{ load1: 2 }]);
});

describe("opening is refused", () => {
  test("without a credential", async () => {
    expect(await refusal({})).toBe(401);
  });

  test("with a key that may only upload", async () => {
    expect(await refusal(withKey(portal.keys.ingest))).toBe(403);
  });

  test.each(["https://evil.example.com", "null", "http://127.0.0.1:1"])(
    "to a page of %s",
    async (origin) => {
      const { cookie } = await (await portal.createPerson()).signIn();
      expect(await refusal({ headers: { cookie }, origin })).toBe(403);
      expect(await refusal({ ...withKey(portal.keys.read), origin })).toBe(403);
    },
  );

  test("to a session without any origin", async () => {
    const { cookie } = await (await portal.createPerson()).signIn();
    expect(await refusal({ headers: { cookie } })).toBe(403);
  });
});

describe("the connection is closed", () => {
  test.each([
    ["what is not JSON", "{"],
    ["another message", '{"hello": 1}'],
    ["a machine id that cannot be one", '{"subscribe": ["../etc"]}'],
    [
      "too many machines",
      JSON.stringify({ subscribe: Array.from({ length: 501 }, (_, i) => `m${i}`) }),
    ],
  ])("after %s", async (_case, message) => {
    const { socket, closed } = await open(withKey(portal.keys.read));
    socket.send(message);
    expect(await closed).toBe(1007);
  });

  test("after a frame of more than 64 KiB", async () => {
    const { socket, closed } = await open(withKey(portal.keys.read));
    socket.send("x".repeat(64 * 1024 + 1));
    expect(await closed).toBe(1009);
  });

  test("after a flood of messages", async () => {
    const { socket, closed } = await open(withKey(portal.keys.read));
    for (let index = 0; index < 200; index++) socket.send('{"subscribe": []}');
    expect(await closed).toBe(1008);
  });

  test("when the person signs out", async () => {
    const session = await (await portal.createPerson()).signIn();
    const { closed } = await open({ headers: { cookie: session.cookie }, origin: portal.url });
    await portal.fetch("/api/auth/sign-out", { method: "POST", headers: session });
    expect(await closed).toBe(1008);
  });

  test("when the key is revoked, and only its own", async () => {
    const { tenantId, services } = portal;
    const key = await createKey(services.database, { tenantId, name: "live", scopes: ["read"] });
    const [revoked, other] = [
      await open(withKey(key.token)),
      await open(withKey(portal.keys.read)),
    ];
    await revokeKey(services.database, { tenantId, keyId: key.keyId });
    expect(await revoked.closed).toBe(1008);
    expect(other.socket.readyState).toBe(WebSocket.OPEN);
  });

  test("when its reader is too slow, without holding up the others", async () => {
    const [slow, quick] = [
      await open(withKey(portal.keys.read)),
      await open(withKey(portal.keys.read)),
    ];
    await subscribe(slow, "busy");
    await subscribe(quick, "busy");
    slow.socket.pause();
    const values = Object.fromEntries(Array.from({ length: 4_000 }, (_, i) => [`column_${i}`, i]));
    const sizeBytes = JSON.stringify(values).length;
    // More than the operating system's buffers take, many times over.
    for (let sent = 0; sent < 64 * 1024 * 1024; sent += sizeBytes) {
      portal.services.live.publish(portal.tenantId, { machineId: "busy", time: nowS(), values });
      await settle(quick);
    }
    slow.socket.resume();
    expect(await slow.closed).toBe(1006);
    expect(quick.socket.readyState).toBe(WebSocket.OPEN);
  });

  test("when the portal stops", async () => {
    const own = await newPortal();
    const { closed } = await open(withKey(own.keys.read), own);
    await own.close();
    expect(await closed).toBe(1001);
  });
});
