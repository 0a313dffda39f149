import { connect } from "node:net";
import { join } from "node:path";
import { gzipSync } from "node:zlib";
import { hostFactsHeader } from "@perfanalysis/contract/host-facts";
import { describe, expect, test } from "vitest";
import { refuse, startStubPortal, type Behaviour } from "../upload/stub-portal.ts";
import { revokeKey, readKeys } from "./keys.ts";
import { renderRows, startGateway } from "./test-gateway.ts";

const startS = 1_767_800_521;

async function startWithPortal(
  options: Parameters<typeof startGateway>[0] = {},
  behaviours: Behaviour[] = [],
) {
  const portal = await startStubPortal(behaviours);
  const gateway = await startGateway({
    ...options,
    settings: { portal: portal.url, ...options.settings },
  });
  return { portal, gateway };
}

describe("POST /api/v1/performance/stream", () => {
  test("pcd answers as the portal does, and forwards under the same name with its own key", async () => {
    const { portal, gateway } = await startWithPortal();
    const body = renderRows("web-01", startS, 3);
    const answer = await gateway.post({ epoch: "e7", sequence: 4, body });
    expect(answer.status).toBe(200);
    expect(answer.json).toEqual({
      status: "success",
      rows_imported: 3,
      rows_duplicate: 0,
      machine_id: "web-01",
    });
    await expect
      .poll(() => portal.received)
      .toEqual([
        {
          path: "/base/api/v1/performance/stream",
          authorization: "Bearer pa_ingest_upstream",
          contentEncoding: "",
          agent: "web-01",
          epoch: "e7",
          sequence: 4,
          facts: null,
          csv: body,
        },
      ]);
    await expect.poll(() => gateway.gateway.status().get("portal")?.spool.records).toBe(0);
  });

  test("pcd takes gzip, and hands it on as it came", async () => {
    const { portal, gateway } = await startWithPortal();
    const body = renderRows("web-01", startS, 500);
    const headers = { "content-encoding": "gzip" };
    expect((await gateway.post({ body: gzipSync(body), headers })).status).toBe(200);
    await expect.poll(() => portal.received.length).toBe(1);
    expect(portal.received[0]).toMatchObject({ contentEncoding: "gzip", csv: body });
  });

  test("pcd hands on what the machine tells of itself, also after a restart, and again without where it is refused with it", async () => {
    const facts = JSON.stringify({ kernel: "6.1.0", cpu_count: 4 });
    const { portal, gateway } = await startWithPortal();
    portal.behave = refuse(503);
    await gateway.post({
      body: renderRows("web-01", startS),
      headers: { [hostFactsHeader]: facts },
    });
    await expect.poll(() => portal.received.length).toBeGreaterThan(0);
    await gateway.close();
    const { portal: next } = await startWithPortal({ folder: gateway.folder }, [refuse(400)]);
    await expect.poll(() => next.received.length).toBe(2);
    expect(next.received.map((batch) => batch.facts)).toEqual([facts, null]);
  });

  test.each(["[]", "{", `{"kernel":"${"x".repeat(4000)}"}`])(
    "pcd takes the rows beside facts that are none, and says so: %.10s",
    async (facts) => {
      const { portal, gateway } = await startWithPortal();
      const answer = await gateway.post({
        body: renderRows("web-01", startS),
        headers: { [hostFactsHeader]: facts },
      });
      expect(answer.json).toMatchObject({
        status: "success",
        warnings: [
          expect.stringContaining('What "web-01" tells of itself was not taken: they are'),
        ],
      });
      await expect.poll(() => portal.received.map((batch) => batch.facts)).toEqual([null]);
    },
  );

  test("pcd says what the portal does not take of a machine's facts", async () => {
    const { portal, gateway } = await startWithPortal();
    portal.behave = (response) =>
      response.end(JSON.stringify({ status: "success", warnings: ["Not this\u001b kernel."] }));
    const headers = { [hostFactsHeader]: "{}" };
    await gateway.post({ body: renderRows("web-01", startS), headers });
    await gateway.post({ body: renderRows("web-01", startS + 1), sequence: 1, headers });
    await expect.poll(() => portal.received.length).toBe(2);
    await expect
      .poll(() => gateway.messages.filter((message) => message.includes("says")))
      .toEqual([`portal: ${portal.url.href} says: Not this  kernel.`]);
  });

  test("pcd gives a repeated batch the same answer and keeps it once, also after a restart", async () => {
    const { portal, gateway } = await startWithPortal();
    const batch = { body: renderRows("web-01", startS, 2) };
    const first = await gateway.post(batch);
    expect((await gateway.post(batch)).json).toEqual(first.json);
    // Zipped or not, the rows are the same.
    const zipped = { body: gzipSync(batch.body), headers: { "content-encoding": "gzip" } };
    expect((await gateway.post(zipped)).json).toEqual(first.json);
    await gateway.close();
    const { gateway: next } = await startWithPortal({ folder: gateway.folder });
    expect((await next.post(batch)).json).toEqual(first.json);
    expect(next.gateway.status().get("portal")).toMatchObject({
      takenBatches: 0,
      repeatedBatches: 1,
    });
    expect(portal.received).toHaveLength(1);
  });

  test("pcd refuses another batch of the same name with 409, also after a restart", async () => {
    const { gateway } = await startWithPortal();
    await gateway.post({ body: renderRows("web-01", startS) });
    const other = { body: renderRows("web-01", startS + 1) };
    const refused = await gateway.post(other);
    expect(refused.status).toBe(409);
    expect(refused.json).toMatchObject({
      title: "Another batch has this name",
      detail:
        'Nothing was kept: batch 0 of agent "web-01", epoch "e1" was sent before with other content. Begin a new epoch.',
      request_id: refused.headers["x-request-id"],
    });
    await gateway.close();
    const { gateway: next } = await startWithPortal({ folder: gateway.folder });
    expect((await next.post(other)).status).toBe(409);
    expect((await next.post({ ...other, sequence: 1 })).status).toBe(200);
  });

  test("pcd keeps one of fifty that send the same batch at once", async () => {
    const { portal, gateway } = await startWithPortal();
    const body = renderRows("web-01", startS);
    const answers = await Promise.all(Array.from({ length: 50 }, () => gateway.post({ body })));
    expect(new Set(answers.map(({ status, text }) => `${status} ${text}`)).size).toBe(1);
    expect(answers[0]?.status).toBe(200);
    await expect.poll(() => portal.received.length).toBe(1);
    expect(gateway.gateway.status().get("portal")?.takenBatches).toBe(1);
  });

  test.each([
    [
      "a cell that is no number",
      renderRows("web-01", startS, 2).replace(",1,2,3,4000", ",lots,2,3,4000"),
      'on line 3, column cpu_user, "lots"',
    ],
    ["a missing column", renderRows("web-01", startS).replace(",mem_free", ""), "mem_free"],
    ["no rows", "timestamp,machine_id,cpu_user,cpu_system,cpu_idle,mem_total,mem_free\n", "no row"],
    ["nothing", "", "is empty"],
    ["a NUL", renderRows("web-01", startS).replace("4000", "4\u0000"), "on line 2"],
    [
      "two machines",
      `${renderRows("web-01", startS)}${startS + 1},web-02,1,2,3,4000,1000\n`,
      'on line 3, column machine_id, "web-02"',
    ],
    [
      "a clock that is a year ahead",
      renderRows("web-01", Math.floor(Date.now() / 1000) + 31_536_000),
      "column timestamp",
    ],
  ])("pcd refuses %s with 400 that says where, and keeps nothing", async (_, body, where) => {
    const { gateway } = await startWithPortal();
    const { status, json } = await gateway.post({ body });
    expect(status).toBe(400);
    expect(json["title"]).toBe("Invalid CSV");
    expect(json["detail"]).toContain(where);
    expect(gateway.gateway.status().get("portal")).toMatchObject({ takenBatches: 0 });
  });

  test.each([
    ["sent", Buffer.alloc(8 * 2 ** 20 + 1, "1")],
    ["unzipped", gzipSync(Buffer.alloc(64 * 2 ** 20, "1"))],
  ])("pcd refuses what is larger than 8 MiB as it is %s with 413", async (_, body) => {
    const { gateway } = await startWithPortal();
    const headers = { "content-encoding": body[0] === 0x1f ? "gzip" : "identity" };
    expect((await gateway.post({ body, headers })).status).toBe(413);
    // The connection and the gateway go on.
    expect((await gateway.post({ body: renderRows("web-01", startS) })).status).toBe(200);
  });

  test.each([
    ["content-type", "application/json", 415],
    ["content-encoding", "br", 415],
    ["content-type", "text/csv; charset=utf-8", 200],
    ["content-type", " TEXT/CSV", 200],
  ])("pcd answers %s: %s with %d", async (name, value, status) => {
    const { gateway } = await startWithPortal();
    const answer = await gateway.post({
      body: renderRows("web-01", startS),
      headers: { [name]: value },
    });
    expect(answer.status).toBe(status);
  });

  test("pcd refuses what is zipped twice, or cut off", async () => {
    const { gateway } = await startWithPortal();
    const zipped = gzipSync(renderRows("web-01", startS, 100));
    const headers = { "content-encoding": "gzip" };
    expect((await gateway.post({ body: gzipSync(zipped), headers })).status).toBe(415);
    expect((await gateway.post({ body: zipped.subarray(0, -20), headers })).status).toBe(400);
  });

  test.each([
    [{ agent: "we%20b" }, '"agent"'],
    [{ epoch: "" }, '"epoch"'],
    [{ sequence: "1.5" }, '"sequence"'],
    [{ sequence: "9007199254740993" }, '"sequence"'],
  ])("pcd refuses the name %j with 400", async (name, what) => {
    const { gateway } = await startWithPortal();
    const { status, json } = await gateway.post({ body: renderRows("web-01", startS), ...name });
    expect(status).toBe(400);
    expect(json["detail"]).toContain(what);
  });
});

describe("keys", () => {
  test("pcd refuses who has no key, a mistyped one, an unknown one or a revoked one with 401", async () => {
    const { gateway } = await startWithPortal();
    const body = renderRows("web-01", startS);
    const refused = [null, "secret", `${gateway.key}x`, `pa_ingest_${"0".repeat(33)}`];
    for (const key of refused) expect((await gateway.post({ body, key })).status).toBe(401);
    const keys = join(gateway.folder, "keys.json");
    const name = readKeys(keys)[0]?.name ?? "";
    revokeKey(keys, { name, now: new Date() });
    await expect.poll(async () => (await gateway.post({ body })).status).toBe(401);
    const answer = await gateway.post({ body });
    expect(answer.headers["www-authenticate"]).toContain("Bearer");
    expect(gateway.gateway.status().get("portal")?.spool.records).toBe(0);
  });

  test("a key of one machine sends that machine's samples only", async () => {
    const { gateway } = await startWithPortal();
    const key = gateway.createKey("web-01", { upstream: "portal", machineId: "web-01" });
    const own = { body: renderRows("web-01", startS), key };
    await expect.poll(async () => (await gateway.post(own)).status).toBe(200);
    const foreign = { body: renderRows("web-02", startS), key };
    const refused = await gateway.post({ ...foreign, sequence: 1 });
    expect(refused.status).toBe(403);
    expect(refused.json["detail"]).toContain('samples of "web-01" only; machine_id is "web-02"');
    expect((await gateway.post({ ...own, agent: "web-02" })).status).toBe(403);
  });

  test("GET /v1/ping and /api/v1/auth/validate say whose key it is", async () => {
    const { gateway } = await startWithPortal();
    const key = gateway.createKey("web-01", { upstream: "portal", machineId: "web-01" });
    const headers = { authorization: `Bearer ${key}` };
    await expect
      .poll(async () => (await gateway.get("/v1/ping", headers)).json)
      .toEqual({
        status: "ok",
        program: "pcd",
        version: "1.2.3",
        key: { name: "web-01", upstream: "portal", machine_id: "web-01" },
      });
    expect((await gateway.get("/v1/ping")).json).toMatchObject({ status: "ok", key: null });
    expect((await gateway.get("/v1/ping", { authorization: "Bearer x" })).status).toBe(401);
    expect((await gateway.get("/api/v1/auth/validate", headers)).json).toMatchObject({
      tenant_name: "portal",
      key_name: "web-01",
      scopes: ["ingest"],
      machine_id: "web-01",
      tenant_id: expect.stringMatching(
        /^[\da-f]{8}-[\da-f]{4}-8[\da-f]{3}-[89ab][\da-f]{3}-/,
      ) as string,
    });
  });
});

describe("operation", () => {
  test("pcd tells its state and figures, and nothing to whom it does not know from elsewhere", async () => {
    const { gateway } = await startWithPortal();
    await gateway.post({ body: renderRows("web-01", startS, 5) });
    await gateway.post({ body: "nonsense", sequence: 1 });
    await expect
      .poll(async () => (await gateway.get("/readyz")).json)
      .toEqual({
        status: "ready",
        keys: "ok",
        upstreams: {
          portal: {
            spool: "ok",
            waiting_batches: 0,
            spool_bytes: expect.any(Number) as number,
            upstream: "up",
            refused_batches: 0,
          },
        },
      });
    const { text } = await gateway.get("/metrics");
    expect(text).toContain('pcd_rows_received_total{upstream="portal"} 5\n');
    expect(text).toContain('pcd_rows_forwarded_total{upstream="portal"} 5\n');
    expect(text).toContain('pcd_requests_refused_total{status="400"} 1\n');
    expect(text).toMatch(/^process_resident_memory_bytes \d{7,}$/m);
    for (const line of text.trimEnd().split("\n"))
      expect(line).toMatch(/^(?:# (?:HELP|TYPE) \w+ .+|\w+(?:\{\w+="[^"]*"\})? [\d.e+]+)$/);
    const proxied = { "x-forwarded-for": "192.0.2.1" };
    expect((await gateway.get("/readyz", proxied)).json).toEqual({ status: "ready" });
    expect((await gateway.get("/metrics", proxied)).status).toBe(401);
    const known = { ...proxied, authorization: `Bearer ${gateway.key}` };
    expect((await gateway.get("/metrics", known)).status).toBe(200);
    expect((await gateway.get("/livez")).json).toEqual({ status: "alive" });
  });

  test("pcd answers unknown paths with 404 and wrong methods with 405", async () => {
    const { gateway } = await startWithPortal();
    expect((await gateway.get("/")).json).toMatchObject({ status: 404, type: "about:blank" });
    const answer = await gateway.get("/api/v1/performance/stream");
    expect(answer.status).toBe(405);
    expect(answer.headers["allow"]).toBe("POST");
  });

  test.each([
    ["nothing", "", "", /^$/],
    ["half a header and then no more", "GET / HTTP/1.1\r\nhost: x\r\n", "", /^$|^HTTP\/1.1 408 /],
    [
      "a header drop by drop",
      "GET / HTTP/1.1\r\nhost: x\r\nlong: ",
      "x",
      /^HTTP\/1.1 408 [^]*"title":"Too slow"/,
    ],
  ])("pcd closes the connection of who sends %s", async (_, start, drops, expected) => {
    const { gateway } = await startWithPortal({ slowMs: 500 });
    expect(await readUntilClosed(gateway.url, start, drops)).toMatch(expected);
  });

  test("pcd closes the connection of who sends a body drop by drop", async () => {
    const { gateway } = await startWithPortal({ slowMs: 500 });
    const start = `POST /api/v1/performance/stream?agent=a&epoch=e&sequence=0 HTTP/1.1\r\nhost: x\r\ncontent-type: text/csv\r\nauthorization: Bearer ${gateway.key}\r\ncontent-length: 1000\r\n\r\n`;
    expect(await readUntilClosed(gateway.url, start, "x")).toMatch(/^HTTP\/1.1 408 /);
    expect((await gateway.get("/metrics")).text).toMatch(/^pcd_received_bytes 0$/m);
    expect(gateway.gateway.status().get("portal")?.takenBatches).toBe(0);
  });

  test("pcd closes the connection of who asks and does not read", async () => {
    const { gateway } = await startWithPortal({ slowMs: 500 });
    const socket = connect(Number(gateway.url.port), "127.0.0.1");
    const closed = new Promise<void>((resolve) => socket.once("close", () => resolve()));
    socket.on("error", () => {});
    socket.pause();
    socket.write("GET /metrics HTTP/1.1\r\nhost: x\r\n\r\n".repeat(5000));
    // The gateway's side ends; ours sees it once it reads.
    await expect
      .poll(async () => (await gateway.get("/metrics")).text, { timeout: 15_000 })
      .toMatch(/^pcd_connections 1$/m);
    socket.resume();
    await closed;
  });

  test("pcd takes as many connections as it may, and goes on with them", async () => {
    const { gateway } = await startWithPortal({ settings: { max_connections: 3 } });
    const sockets = Array.from({ length: 6 }, () => connect(Number(gateway.url.port), "127.0.0.1"));
    const closed = sockets.map(
      (socket) =>
        new Promise<boolean>((resolve) => {
          socket.on("error", () => {});
          socket.once("close", () => resolve(true));
        }),
    );
    await Promise.race(closed);
    for (const socket of sockets) socket.destroy();
    await expect
      .poll(async () => {
        try {
          return (await gateway.get("/livez")).status;
        } catch {
          return 0;
        }
      })
      .toBe(200);
  });

  test("pcd answers what is no HTTP with a problem", async () => {
    const { gateway } = await startWithPortal();
    expect(await readUntilClosed(gateway.url, "hello\r\n\r\n")).toMatch(
      /^HTTP\/1.1 400 [^]*application\/problem\+json/,
    );
  });
});

/** What comes before the connection is closed; `drops` is sent every 100 ms. */
function readUntilClosed({ port }: URL, start: string, drops = ""): Promise<string> {
  return new Promise((resolve) => {
    const socket = connect(Number(port), "127.0.0.1");
    // Before any drop, however long connecting takes.
    socket.write(start);
    const timer = setInterval(() => drops !== "" && socket.write(drops), 100);
    let text = "";
    socket.setEncoding("utf8").on("data", (piece: string) => (text += piece));
    socket.on("error", () => {});
    socket.on("close", () => {
      clearInterval(timer);
      resolve(text);
    });
  });
}
