import { cpSync, mkdirSync, readdirSync, readFileSync, statSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { gunzipSync } from "node:zlib";
import { describe, expect, test } from "vitest";
import { systemClock } from "../sampling/clock.ts";
import { createFolder } from "../sampling/fake-procfs.ts";
import { openEpoch } from "./epoch.ts";
import { createHttpClient } from "./http.ts";
import { setAside } from "./refused.ts";
import { openStores } from "./stores.ts";
import { StreamSender } from "./stream.ts";
import { accept, refuse, startStubPortal, type Behaviour } from "./stub-portal.ts";

const columns = ["cpu_user", "cpu_system", "cpu_idle", "mem_total", "mem_free"];

interface Started {
  sender: StreamSender;
  messages: string[];
  add: (...seconds: number[]) => void;
  close: (deadlineMs?: number) => Promise<void>;
}

/** As pcc does at its start. */
async function start(
  portal: URL,
  folder: string,
  { bootId = "boot-1", machineId = "web-01" }: { bootId?: string; machineId?: string } = {},
): Promise<Started> {
  const messages: string[] = [];
  const report = (message: string): void => void messages.push(message);
  const stores = openStores({ folder, maxBytes: 1e9, bootId, report });
  const sender = new StreamSender({
    client: await createHttpClient(portal.protocol, Date.now),
    portal,
    readApiKey: () => "pa_ingest_secret",
    machineId,
    readFacts: () => ({}),
    stores,
    clock: systemClock,
    random: () => 0,
    report,
  });
  return {
    sender,
    messages,
    add: (...seconds) => {
      for (const timestampS of seconds)
        sender.add({ timestampS, columns, values: Float64Array.from(columns, () => timestampS) });
    },
    close: async (deadlineMs = 5000) => {
      await sender.close(deadlineMs);
      for (const { spool } of stores) spool.close();
    },
  };
}

/** What a kill would leave of the folder now. */
function copyOf(folder: string): string {
  const copy = createFolder();
  // The lock would still be alive.
  cpSync(folder, copy, { recursive: true, filter: (path) => !path.endsWith(".lock") });
  return copy;
}

const names = (batches: readonly { epoch: string; sequence: number; csv: string }[]): string[] =>
  batches.map(({ epoch, sequence, csv }) => `${epoch}/${sequence} ${csv}`);

describe("openStores()", () => {
  test("openStores() keeps rows over a restart: the batch under way comes again as the same, the rest behind it", async () => {
    let killedFolder = "";
    const kill: Behaviour = (response, batch) => {
      killedFolder = copyOf(folder);
      accept(response, batch);
    };
    const portal = await startStubPortal([refuse(503), accept, kill]);
    const folder = createFolder();
    const first = await start(portal.url, folder);
    first.add(1, 2, 3);
    await expect.poll(() => first.sender.count().sentRows).toBe(3);
    await first.close();
    const before = portal.received.slice();

    const second = await start(portal.url, killedFolder);
    second.add(4);
    await expect.poll(() => second.sender.count().waitingRows).toBe(0);
    await second.close();
    const after = portal.received.slice(before.length);
    // The last batch was stored, and its answer lost with the process.
    expect(names(after)[0]).toBe(names(before).at(-1));
    expect(after.at(-1)?.csv).toContain("\n4,web-01");
    expect(new Set(after.map(({ epoch }) => epoch)).size).toBe(1);
    const sent = new Set(names(portal.received)).size;
    const lines = [...new Set(names(portal.received))].join("").match(/^\d+,web-01/gm);
    expect(sent).toBeGreaterThan(1);
    expect(lines).toEqual(["1,web-01", "2,web-01", "3,web-01", "4,web-01"]);
  });

  test("openStores() names the same rows anew after a reboot", async () => {
    let cutFolder = "";
    const cutPower: Behaviour = (response, batch) => {
      cutFolder = copyOf(folder);
      accept(response, batch);
    };
    const portal = await startStubPortal([cutPower]);
    const folder = createFolder();
    const first = await start(portal.url, folder);
    first.add(1);
    await expect.poll(() => first.sender.count().sentRows).toBe(1);
    await first.close();
    const second = await start(portal.url, cutFolder, { bootId: "boot-2" });
    second.sender.start();
    await expect.poll(() => second.sender.count().sentRows).toBe(1);
    await second.close();
    const [before, after] = portal.received;
    expect(after?.csv).toBe(before?.csv);
    expect(after?.sequence).toBe(before?.sequence);
    expect(after?.epoch).not.toBe(before?.epoch);
  });

  test("StreamSender sets aside on disk what the portal refuses for good, as it was sent", async () => {
    const portal = await startStubPortal([refuse(422)]);
    const folder = createFolder();
    const { add, close, messages } = await start(portal.url, folder);
    add(1, 2);
    await expect.poll(() => portal.received.length).toBe(2);
    await close();
    const path = join(folder, "refused/000000000000001-http422.csv.gz");
    expect(gunzipSync(readFileSync(path)).toString()).toBe(portal.received[0]?.csv);
    expect(messages[0]).toContain(`they are set aside in ${join(folder, "refused")}, 1 so far`);
  });

  test("StreamSender sends what another machine left in its spool apart, and is not held up where the key is not for it", async () => {
    const folder = createFolder();
    const silent = await startStubPortal([() => {}]);
    const image = await start(silent.url, folder, { machineId: "image" });
    image.add(1, 2, 3);
    const cloned = copyOf(folder);
    await image.close(10);
    const portal = await startStubPortal([refuse(403)]);
    const { sender, add, close } = await start(portal.url, cloned, { machineId: "clone" });
    add(4, 5);
    await expect.poll(() => sender.count().waitingRows).toBe(0);
    await close();
    const machines = portal.received.map(({ csv }) => [...new Set(csv.match(/image|clone/g))]);
    expect(machines[0]).toEqual(["image"]);
    expect(machines.every(({ length }) => length === 1)).toBe(true);
    expect(portal.received.at(-1)?.csv).toContain("\n5,clone,");
    expect(readdirSync(join(cloned, "refused"))).toEqual(["000000000000001-http403.csv.gz"]);
  });

  test("StreamSender goes on behind a batch of which nothing is left", async () => {
    const folder = createFolder();
    const { spool } = openStores({ folder, maxBytes: 1e9, bootId: "b", report: () => {} })[0];
    for (const row of ["1", "2", "3", "4"])
      spool.append(1, Buffer.from(`${row},web-01,\n`), Buffer.from("timestamp,machine_id,load1\n"));
    spool.seal(2);
    const damaged = copyOf(folder);
    spool.close();
    const name = readdirSync(damaged).find((file) => file.endsWith(".spool")) ?? "";
    const bytes = readFileSync(join(damaged, name));
    for (const row of ["1,web", "2,web"]) bytes.write("9,bew", bytes.indexOf(row));
    writeFileSync(join(damaged, name), bytes);
    const portal = await startStubPortal();
    const { sender, close } = await start(portal.url, damaged);
    sender.start();
    await expect.poll(() => portal.received.length).toBe(1);
    await close();
    expect(portal.received[0]).toMatchObject({
      sequence: 3,
      csv: "timestamp,machine_id,load1\n3,web-01,\n4,web-01,\n",
    });
    expect(sender.count()).toMatchObject({ sentRows: 2, damagedRows: 2, waitingRows: 0 });
  });

  test("openStores() throws where the folder cannot be used", () => {
    const path = join(createFolder(), "file");
    writeFileSync(path, "");
    const options = { maxBytes: 1e9, bootId: "b", report: () => {} };
    expect(() => openStores({ ...options, folder: path })).toThrow("EEXIST");
  });
});

describe("openEpoch()", () => {
  test("openEpoch() is one for each boot, until it is renewed", () => {
    const folder = createFolder();
    const first = openEpoch(folder, "boot-1");
    const { id } = first;
    expect(openEpoch(folder, "boot-1").id).toBe(id);
    expect(openEpoch(folder, "boot-2").id).not.toBe(id);
    const again = openEpoch(folder, "boot-1");
    expect(again.id).not.toBe(id);
    const before = again.id;
    again.renew();
    expect(again.id).not.toBe(before);
    expect(openEpoch(folder, "boot-1").id).toBe(again.id);
  });

  test.each(["", "{", "null", '{"boot_id":"boot-1"}'])(
    "openEpoch() begins anew after %j",
    (text) => {
      const folder = createFolder();
      writeFileSync(join(folder, "epoch.json"), text);
      const { id } = openEpoch(folder, "boot-1");
      expect(openEpoch(folder, "boot-1").id).toBe(id);
    },
  );

  test("openEpoch() is another with each start where the boot is not known, and where it cannot be written", () => {
    const folder = createFolder();
    expect(openEpoch(folder, null).id).not.toBe(openEpoch(folder, null).id);
    mkdirSync(join(folder, "epoch.json.new"));
    expect(openEpoch(folder, "boot-1").id).not.toBe(openEpoch(folder, "boot-1").id);
  });
});

test("setAside() keeps the newest that there is room for", () => {
  const folder = join(createFolder(), "refused");
  const csv = Buffer.from("timestamp\n1\n");
  setAside(folder, { sequence: 1, status: 400, csv });
  const size = statSync(join(folder, "000000000000001-http400.csv.gz")).size;
  for (let sequence = 2; sequence <= 20; sequence += 1)
    setAside(folder, { sequence, status: 400, csv }, 3 * size + 1);
  expect(readdirSync(folder).toSorted()).toEqual([
    "000000000000018-http400.csv.gz",
    "000000000000019-http400.csv.gz",
    "000000000000020-http400.csv.gz",
  ]);
});
