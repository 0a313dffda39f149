// The real program as a process of its own, between real clients and a portal that may misbehave.
import { execFileSync, spawn, spawnSync } from "node:child_process";
import { chownSync, existsSync, readdirSync, readFileSync, statSync, writeFileSync } from "node:fs";
import { request } from "node:https";
import { join } from "node:path";
import { setTimeout } from "node:timers/promises";
import type { TLSSocket } from "node:tls";
import { describe, expect, onTestFinished, test } from "vitest";
import { runProgram, startProgram, type RunningProgram } from "./binaries.ts";
import { askStatus } from "./control/client.ts";
import { createKey } from "./gateway/keys.ts";
import { postBatch, renderRows } from "./gateway/test-gateway.ts";
import { createFolder } from "./sampling/fake-procfs.ts";
import { accept, listStored, refuse, startStubPortal } from "./upload/stub-portal.ts";

const startS = 1_767_800_521;

interface Place {
  folder: string;
  /** Of the gateway. */
  key: string;
  args: string[];
}

function createPlace(portal: URL | null = null): Place {
  const folder = createFolder();
  const keys = join(folder, "keys.json");
  const upstream = portal === null ? "store" : "portal";
  const { token } = createKey(keys, { name: "any", upstream, machineId: null, now: new Date() });
  const where = portal === null ? ["--store", join(folder, "store")] : ["--portal", portal.href];
  const state = ["--state", join(folder, "state"), "--keys", keys];
  return { folder, key: token, args: [...where, ...state, "--listen", "127.0.0.1:0"] };
}

const environment = { PCD_API_KEY: "pa_ingest_upstream" };

async function startPcd({ args }: Place): Promise<RunningProgram & { url: URL }> {
  const program = startProgram("pcd", args, { environment });
  return { ...program, url: await findUrl(program) };
}

async function findUrl(program: Pick<RunningProgram, "stderr">): Promise<URL> {
  const pattern = /listening on (https?:[^;]+);/;
  await expect.poll(() => program.stderr(), { timeout: 20_000 }).toMatch(pattern);
  return new URL(pattern.exec(program.stderr())?.[1] ?? "");
}

interface Acknowledged {
  name: string;
  csv: string;
}

/** Sends one small batch after the other, again until it is answered, as pcc does. */
function startAgent(agent: string, { key, urls }: { key: string; urls: { current: URL | null } }) {
  const acknowledged: Acknowledged[] = [];
  const stop = new AbortController();
  const run = async (): Promise<void> => {
    for (let sequence = 0; !stop.signal.aborted;) {
      const csv = renderRows(agent, startS + sequence * 5, 5);
      const status = await trySend({ agent, sequence, csv });
      if (status === 200) {
        acknowledged.push({ name: `${agent} e1 ${sequence}`, csv });
        sequence += 1;
      } else {
        // 0: nobody was there.
        expect([0, 503]).toContain(status);
      }
      await setTimeout(5);
    }
  };
  const trySend = async (batch: { agent: string; sequence: number; csv: string }) => {
    const url = urls.current;
    if (url === null) return 0;
    try {
      return (await postBatch(url, { ...batch, body: batch.csv, key })).status;
    } catch {
      return 0;
    }
  };
  const running = run();
  return {
    acknowledged,
    async stop() {
      stop.abort();
      await running;
    },
  };
}

interface Campaign {
  exitCodes: (number | null)[];
  slowestEndMs: number;
  acknowledged: number;
  /** Batches that were answered and never arrived. */
  lost: string[];
}

/** Starts pcd, lets agents send, ends it at a random moment, and so on; then waits for all that was answered to arrive. */
async function endTimeAndAgain(
  rounds: number,
  { signal, isBroken }: { signal: "SIGTERM" | "SIGKILL"; isBroken: (round: number) => boolean },
): Promise<Campaign> {
  const portal = await startStubPortal();
  const place = createPlace(portal.url);
  const urls: { current: URL | null } = { current: null };
  const agents = ["web-0", "web-1", "web-2"].map((agent) =>
    startAgent(agent, { key: place.key, urls }),
  );
  onTestFinished(async () => {
    await Promise.all(agents.map((agent) => agent.stop()));
  });
  const codes: (number | null)[] = [];
  let slowestEndMs = 0;
  for (let round = 0; round < rounds; round += 1) {
    portal.behave = isBroken(round) ? refuse(503) : accept;
    const program = await startPcd(place);
    urls.current = program.url;
    await setTimeout(Math.random() * 150);
    const startMs = performance.now();
    program.kill(signal);
    codes.push((await program.ended).exitCode);
    slowestEndMs = Math.max(slowestEndMs, performance.now() - startMs);
  }
  await Promise.all(agents.map((agent) => agent.stop()));
  portal.behave = accept;
  const last = await startPcd(place);
  const acknowledged = agents.flatMap((agent) => agent.acknowledged);
  const listLost = (): string[] => {
    const stored = listStored(portal);
    return acknowledged.flatMap(({ name, csv }) => (stored.get(name) === csv ? [] : [name]));
  };
  for (let tries = 0; tries < 100 && listLost().length > 0; tries += 1) await setTimeout(100);
  last.kill("SIGTERM");
  await last.ended;
  return { exitCodes: codes, slowestEndMs, acknowledged: acknowledged.length, lost: listLost() };
}

describe("pcd", () => {
  test("pcd forwards what pcc sends to it, and pcc needs to know no more than its address and key", async () => {
    const portal = await startStubPortal();
    const place = createPlace(portal.url);
    const program = await startPcd(place);
    const args = ["--mode", "trickle", "--portal", program.url.href, "--machine-id", "web-01"];
    const state = ["--spool", join(place.folder, "pcc-spool")];
    const pcc = await runProgram("pcc", [...args, ...state, "1", "3"], {
      environment: { PCC_API_KEY: place.key },
    });
    expect(pcc).toMatchObject({ exitCode: 0 });
    await expect
      .poll(() => portal.received.flatMap(({ csv }) => csv.trimEnd().split("\n").slice(1)).length)
      .toBe(3);
    expect(portal.received.every(({ agent }) => agent === "web-01")).toBe(true);
    expect(
      portal.received.every(({ authorization }) => authorization === "Bearer pa_ingest_upstream"),
    ).toBe(true);
    program.kill("SIGTERM");
    const { exitCode, stderr } = await program.ended;
    expect(exitCode).toBe(0);
    expect(stderr).not.toContain("pa_ingest");
  }, 60_000);

  test("pcd ends with exit code 0 at 20 random moments of SIGTERM, and all that was answered arrives", async () => {
    const { exitCodes, slowestEndMs, acknowledged, lost } = await endTimeAndAgain(20, {
      signal: "SIGTERM",
      isBroken: (round) => round % 4 === 3,
    });
    expect(exitCodes).toEqual(Array.from({ length: 20 }, () => 0));
    expect(slowestEndMs).toBeLessThan(10_000);
    // How many there were is the machine's matter.
    expect(acknowledged).toBeGreaterThan(0);
    expect(lost).toEqual([]);
  }, 120_000);

  test("all that was answered arrives although pcd is killed at 20 random moments", async () => {
    const { acknowledged, lost } = await endTimeAndAgain(20, {
      signal: "SIGKILL",
      isBroken: (round) => round % 4 > 1,
    });
    expect(acknowledged).toBeGreaterThan(0);
    expect(lost).toEqual([]);
  }, 120_000);

  test("pcd ends within 10 s of SIGTERM while the portal does not answer, and says what waits", async () => {
    const portal = await startStubPortal();
    portal.behave = () => {};
    const place = createPlace(portal.url);
    const program = await startPcd(place);
    const body = renderRows("web-01", startS);
    expect((await postBatch(program.url, { body, key: place.key })).status).toBe(200);
    await expect.poll(() => portal.received.length).toBe(1);
    const startMs = performance.now();
    program.kill("SIGTERM");
    const { exitCode, stderr } = await program.ended;
    expect(exitCode).toBe(0);
    expect(performance.now() - startMs).toBeLessThan(10_000);
    expect(stderr).toContain("pcd: portal: 1 batch waits for the next start");
    const next = await startPcd(place);
    await expect.poll(() => portal.received.length).toBe(2);
    expect(portal.received[1]).toEqual(portal.received[0]);
    next.kill("SIGKILL");
  }, 60_000);

  test.skipIf(!hasStrace())(
    "pcd answers 503 where the disk fails to sync, and keeps the batch when it is sent again (needs strace)",
    async () => {
      const portal = await startStubPortal();
      const { args, key } = createPlace(portal.url);
      const inject = [
        "-f",
        "-qq",
        "-e",
        "trace=fdatasync",
        "-e",
        "inject=fdatasync:error=EIO:when=1",
      ];
      const pcd = join(import.meta.dirname, "pcd.ts");
      const child = spawn("strace", [...inject, process.execPath, pcd, ...args], {
        env: { ...environment, PATH: process.env["PATH"] },
        stdio: ["ignore", "ignore", "pipe"],
      });
      onTestFinished(() => {
        child.kill("SIGTERM");
      });
      let stderr = "";
      child.stderr.setEncoding("utf8").on("data", (text: string) => (stderr += text));
      const url = await findUrl({ stderr: () => stderr });
      const body = renderRows("web-01", startS);
      const refused = await postBatch(url, { body, key });
      expect(refused.status).toBe(503);
      expect(refused.headers["retry-after"]).toBe("5");
      // It fails once in each of the threads that sync.
      await expect.poll(async () => (await postBatch(url, { body, key })).status).toBe(200);
      await expect.poll(() => portal.received.at(-1)?.csv).toBe(body);
      expect(stderr).toContain("the spool cannot be written: EIO");
      expect(stderr).toContain("batches are taken again");
    },
    60_000,
  );

  test.skipIf(!hasOpenssl())(
    "pcd listens with https, and takes a new certificate at SIGHUP (needs openssl)",
    async () => {
      const place = createPlace();
      const [cert, key] = [join(place.folder, "cert.pem"), join(place.folder, "key.pem")];
      const make = (name: string): void => {
        const subject = ["-subj", `/CN=${name}`, "-days", "2", "-nodes", "-newkey", "rsa:2048"];
        execFileSync("openssl", ["req", "-x509", ...subject, "-keyout", key, "-out", cert], {
          stdio: "ignore",
        });
      };
      make("first");
      const args = [...place.args, "--tls-cert", cert, "--tls-key", key];
      const program = await startPcd({ ...place, args });
      expect(program.url.protocol).toBe("https:");
      expect(await readCertificateName(program.url)).toBe("first");
      make("second");
      program.kill("SIGHUP");
      await expect.poll(() => readCertificateName(program.url)).toBe("second");
      const used = readFileSync(key);
      make("third");
      writeFileSync(key, used);
      program.kill("SIGHUP");
      await expect.poll(() => program.stderr()).toContain("the key is another one's; going on");
      expect(await readCertificateName(program.url)).toBe("second");
      program.kill("SIGTERM");
      expect((await program.ended).exitCode).toBe(0);
    },
    60_000,
  );

  test("pcd stays small while many clients send more than the portal takes", async () => {
    const portal = await startStubPortal();
    portal.behave = refuse(503);
    const place = createPlace(portal.url);
    const program = await startPcd({ ...place, args: [...place.args, "--spool-max", "16M"] });
    const body = renderRows("web-01", startS, 20_000);
    const before = readResidentBytes(program.pid);
    const statuses = new Map<number, number>();
    for (let round = 0; round < 3; round += 1) {
      const answers = await Promise.all(
        Array.from({ length: 60 }, (_, at) =>
          postBatch(program.url, { agent: `web-${at}`, sequence: round, body, key: place.key }),
        ),
      );
      for (const { status } of answers) statuses.set(status, (statuses.get(status) ?? 0) + 1);
    }
    expect(new Set(statuses.keys())).toEqual(new Set([200, 503]));
    expect(statuses.get(200)).toBeLessThan(30);
    // 180 batches of 0.6 MB were sent at once.
    expect(readResidentBytes(program.pid) - before).toBeLessThan(120 * 2 ** 20);
    program.kill("SIGTERM");
    expect((await program.ended).exitCode).toBe(0);
  }, 60_000);

  test.each([
    [["--frequency", "1"], {}, 64, "Unknown option '--frequency'"],
    [["serve"], {}, 64, '"serve" is no command'],
    [["key"], {}, 64, '"key" is no command'],
    [["key", "make", "x"], {}, 64, '"key make x" is no command'],
    [["--listen", "8473"], {}, 64, '"8473" is not an address and a port'],
    [["--listen", "127.0.0.1:70000"], {}, 64, "is not an address and a port"],
    [["--spool-max", "1M"], {}, 64, "is not a size of at least 16777216 bytes"],
    [[], {}, 78, "there is nowhere to bring them; give --portal, --upstreams or --store"],
    [[], { PCD_PORTAL: "http://127.0.0.1:1" }, 78, "there is no key; set PCD_API_KEY"],
    [[], { PCD_UPSTREAMS: "{" }, 78, 'Cannot use PCD_UPSTREAMS: "{" is not JSON'],
    [[], { PCD_UPSTREAMS: '{"A":{}}' }, 78, '"A" is not 1–32 of a-z, 0-9, _ and -'],
    [
      [],
      { PCD_UPSTREAMS: '{"a":{"portal":"http://x"}}' },
      78,
      "has to have portal and api_key_file",
    ],
    [["--store", "/dev/null/store"], {}, 66, "ENOTDIR"],
    [["--config", "/nonexistent"], {}, 78, "Cannot read settings of /nonexistent"],
  ])("pcd %j with %j ends with exit code %d and says why", async (args, given, code, message) => {
    const folder = createFolder();
    const place = args[0] === "key" ? [] : ["--state", join(folder, "state")];
    const { exitCode, stderr } = await runProgram("pcd", [...args, ...place], {
      environment: given,
    });
    expect(stderr).toContain(message);
    expect(exitCode).toBe(code);
  });

  test.skipIf(process.geteuid?.() !== 0).each(["--state", "--store"])(
    "pcd of root refuses %s that is another user's, who could not go on with it (as root)",
    async (flag) => {
      const [mine, others] = [createFolder(), createFolder()];
      chownSync(others, 12_345, 12_345);
      const folders = { "--state": mine, "--store": join(mine, "store"), [flag]: others };
      const { exitCode, stderr } = await runProgram("pcd", Object.entries(folders).flat());
      expect(exitCode).toBe(77);
      expect(stderr).toContain(`Cannot use ${others} as root`);
      expect(readdirSync(others)).toEqual([]);
    },
  );

  test("pcd takes several upstreams from its configuration file", async () => {
    const portal = await startStubPortal();
    const { folder, args } = createPlace();
    const keyFile = join(folder, "upstream.key");
    writeFileSync(keyFile, "pa_ingest_acme\n");
    const config = join(folder, "pcd.yaml");
    writeFileSync(
      config,
      `upstreams:\n  acme:\n    portal: ${portal.url.href}\n    api_key_file: ${keyFile}\n`,
    );
    const program = await startPcd({ folder, key: "", args: [...args, "--config", config] });
    expect(program.stderr()).toContain("upstreams: acme, store\n");
    const created = await runProgram("pcd", [
      "key",
      "create",
      "web",
      "--upstream",
      "acme",
      "--config",
      config,
      "--keys",
      join(folder, "keys.json"),
    ]);
    expect(created).toMatchObject({ exitCode: 0, stderr: "" });
    const key = created.stdout.trim();
    const body = renderRows("web-01", startS);
    await expect.poll(async () => (await postBatch(program.url, { body, key })).status).toBe(200);
    await expect.poll(() => portal.received[0]?.authorization).toBe("Bearer pa_ingest_acme");
  });

  test("pcd that cannot read its keys when it starts lets batches come again until it can", async () => {
    const place = createPlace();
    const path = join(place.folder, "keys.json");
    const whole = readFileSync(path, "utf8");
    writeFileSync(path, whole.slice(0, -20));
    const program = await startPcd(place);
    const batch = { body: renderRows("web-01", startS), key: place.key };
    const refused = await postBatch(program.url, batch);
    expect(refused).toMatchObject({ status: 503, headers: { "retry-after": "5" } });
    writeFileSync(path, whole);
    await expect.poll(async () => (await postBatch(program.url, batch)).status).toBe(200);
  });

  test.each([
    ["0.0.0.0:0", true],
    ["localhost:0", false],
  ])(
    "pcd that listens on %s without TLS warns that keys come unencrypted: %s",
    async (listen, warns) => {
      const place = createPlace();
      const program = await startPcd({ ...place, args: [...place.args.slice(0, -1), listen] });
      // Whatever pcd says when it starts, it has said by its end.
      program.kill("SIGTERM");
      const { exitCode, stderr } = await program.ended;
      expect(exitCode).toBe(0);
      expect(stderr.includes("keys and samples come unencrypted: set tls_cert")).toBe(warns);
    },
  );

  test("pcd tells pcctl what it does", async () => {
    const place = createPlace();
    const socket = join(place.folder, "pcd.sock");
    const program = await startPcd({ ...place, args: [...place.args, "--control", socket] });
    const body = renderRows("web-01", startS, 7);
    expect((await postBatch(program.url, { body, key: place.key })).status).toBe(200);
    await expect
      .poll(() => askStatus(socket))
      .toMatchObject({
        program: "pcd",
        pid: program.pid,
        listen: program.url.origin,
        keys: 1,
        sinks: [{ kind: "store", received_rows: 7, sent_rows: 7, last_error: null }],
      });
    program.kill("SIGTERM");
    expect((await program.ended).exitCode).toBe(0);
    expect(existsSync(socket)).toBe(false);
  });

  test("pcd refuses a port that is taken, and leaves its state as it was", async () => {
    const first = createPlace();
    const running = await startPcd(first);
    const second = createPlace();
    const args = [...second.args.slice(0, -2), "--listen", running.url.host];
    const { exitCode, stderr } = await runProgram("pcd", args);
    expect(exitCode).toBe(69);
    expect(stderr).toContain(`Cannot listen on ${running.url.host}: `);
    expect(existsSync(join(second.folder, "state/upstreams/store/spool/spool.lock"))).toBe(false);
  });
});

describe("pcd key", () => {
  test("pcd key create, list and revoke do what they say", async () => {
    const folder = createFolder();
    const keys = ["--keys", join(folder, "keys.json")];
    const file = join(folder, "web-01.key");
    const options = { environment: { PCD_STORE: join(folder, "store") } };
    const args = ["key", "create", "web-01", "--machine-id", "web-01", "--output", file, ...keys];
    expect(await runProgram("pcd", args, options)).toEqual({ exitCode: 0, stdout: "", stderr: "" });
    expect(readFileSync(file, "utf8")).toMatch(/^pa_ingest_\w{33}\n$/);
    expect(statSync(file).mode & 0o777).toBe(0o600);
    const second = await runProgram("pcd", ["key", "create", "any", ...keys], options);
    expect(second.stdout).toMatch(/^pa_ingest_\w{33}\n$/);
    const list = await runProgram("pcd", ["key", "list", ...keys]);
    expect(list.stdout).toMatch(
      /^NAME {4}KEY {4}UPSTREAM {2}MACHINE {2}CREATED +REVOKED\nweb-01 {2}…\w{4} {2}store {5}web-01 /,
    );
    await runProgram("pcd", ["key", "revoke", "any", ...keys]);
    const json = await runProgram("pcd", ["key", "list", "--json", ...keys]);
    expect(JSON.parse(json.stdout)).toEqual([
      expect.objectContaining({ name: "web-01", machine_id: "web-01", revoked: null }),
      expect.objectContaining({ name: "any", revoked: expect.stringMatching(/^\d{4}-/) as string }),
    ]);
    expect(json.stdout).not.toContain("sha256");
    const again = await runProgram("pcd", ["key", "revoke", "any", ...keys]);
    expect(again.exitCode).toBe(66);
    expect(readdirSync(folder).toSorted()).toEqual(["keys.json", "web-01.key"]);
  });

  test.each([
    ["pcd", ["key", "create"]],
    ["pcctl", ["keys", "create"]],
  ] as const)(
    "%s %j makes no key where its file is there already or cannot be made",
    async (program, command) => {
      const folder = createFolder();
      const there = join(folder, "there.key");
      writeFileSync(there, "another\n");
      const keys = ["web-01", "--upstream", "store", "--keys", join(folder, "keys.json")];
      const create = (file: string) => runProgram(program, [...command, ...keys, "--output", file]);
      const refused = await create(there);
      expect(refused).toMatchObject({ exitCode: 64, stdout: "" });
      expect(refused.stderr).toContain(`Cannot write ${there}: it is there already`);
      expect(readFileSync(there, "utf8")).toBe("another\n");
      expect((await create(join(folder, "none/web-01.key"))).exitCode).toBe(66);
      expect(readdirSync(folder)).toEqual(["there.key"]);
      const made = join(folder, "web-01.key");
      expect((await create(made)).exitCode).toBe(0);
      expect(readFileSync(made, "utf8")).toMatch(/^pa_ingest_\w+\n$/);
      // Where there is a key of this name, its file is not made.
      const again = join(folder, "again.key");
      expect((await create(again)).exitCode).toBe(64);
      expect(readdirSync(folder).toSorted()).toEqual(["keys.json", "there.key", "web-01.key"]);
    },
  );

  test("pcd key create warns only where pcd has to be told of the upstream yet", async () => {
    const keys = ["--keys", join(createFolder(), "keys.json")];
    const create = async (upstream: string, variables: Record<string, string>) => {
      const args = ["key", "create", `${upstream} ${Object.keys(variables).length}`];
      const given = [...args, "--upstream", upstream, ...keys];
      const { exitCode, stderr } = await runProgram("pcd", given, { environment: variables });
      expect(exitCode).toBe(0);
      return stderr;
    };
    // pcd may be started with --portal or --store.
    expect(await create("portal", {})).toBe("");
    expect(await create("store", { PCD_STORE: "/s" })).toBe("");
    expect(await create("acme", {})).toMatch(
      /^pcd: the upstream "acme" is not configured here \(none is\): .* until pcd's setting upstreams has it\n$/,
    );
    expect(await create("portal", { PCD_STORE: "/s" })).toContain("not configured here (store is)");
  });

  test("pcd key list and pcctl keys list say where there are no keys", async () => {
    const path = join(createFolder(), "keys.json");
    const told = `there are no keys in ${path}; "pcd key create NAME" makes one\n`;
    const list = await runProgram("pcd", ["key", "list", "--keys", path]);
    expect(list).toMatchObject({ exitCode: 0, stderr: `pcd: ${told}` });
    const pcctl = await runProgram("pcctl", ["keys", "list", "--keys", path, "--json"]);
    expect(pcctl).toMatchObject({ exitCode: 0, stderr: `pcctl: ${told}` });
    expect(JSON.parse(pcctl.stdout)).toEqual({ keys: [] });
  });

  test("pcd says what to do where its certificate or the portal's key cannot be used", async () => {
    const folder = createFolder();
    const text = join(folder, "text");
    writeFileSync(text, "no certificate\n");
    const store = ["--store", join(folder, "store"), "--state", join(folder, "state")];
    const missing = join(folder, "missing.pem");
    for (const [tls, message] of [
      [
        ["--tls-cert", missing, "--tls-key", text],
        /ENOENT.*missing\.pem.*; the setting tls_cert has to name/,
      ],
      [
        ["--tls-cert", text, "--tls-key", missing],
        /ENOENT.*missing\.pem.*; the setting tls_key has to name/,
      ],
      [["--tls-cert", text], /needs both tls_cert and tls_key/],
      [["--tls-key", text], /needs both tls_cert and tls_key/],
      [["--tls-cert", text, "--tls-key", text], /are no certificate and its key in PEM: /],
    ] as const) {
      const args = [...store, ...tls, "--listen", "127.0.0.1:0"];
      const { exitCode, stderr } = await runProgram("pcd", args);
      expect({ exitCode, stderr }).toEqual({
        exitCode: 78,
        stderr: expect.stringMatching(/^pcd: Cannot listen with https: /),
      });
      expect(stderr).toMatch(message);
    }
  });

  test("pcd key create asks for the upstream where it is not clear", async () => {
    const folder = createFolder();
    const args = ["key", "create", "web", "--keys", join(folder, "keys.json")];
    const none = await runProgram("pcd", args);
    expect(none.exitCode).toBe(64);
    expect(none.stderr).toContain("say with --upstream where its samples go (none is configured)");
    const two = await runProgram("pcd", args, {
      environment: { PCD_STORE: "/s", PCD_PORTAL: "https://portal.example" },
    });
    expect(two.stderr).toContain("(portal, store)");
  });

  test("pcd --help and --version say what they should", async () => {
    expect((await runProgram("pcd", ["--help"])).stdout).toContain("pcd key create web-01");
    expect((await runProgram("pcd", ["key", "--help"])).stdout).toContain("PCD_SPOOL_MAX");
    expect((await runProgram("pcd", ["--version"])).stdout).toMatch(/^pcd \d+\.\d+\.\d+\n$/);
  });
});

function hasStrace(): boolean {
  // Tracing may be forbidden although the program is there.
  return spawnSync("strace", ["-qq", "-e", "trace=none", "true"]).status === 0;
}

function hasOpenssl(): boolean {
  return spawnSync("openssl", ["version"]).status === 0;
}

function readResidentBytes(pid: number): number {
  const status = readFileSync(`/proc/${pid}/status`, "utf8");
  return 1024 * Number(/^VmRSS:\s+(\d+) kB$/m.exec(status)?.[1]);
}

function readCertificateName(url: URL): Promise<string> {
  return new Promise((resolve, reject) => {
    const options = { rejectUnauthorized: false, agent: false };
    const sent = request(new URL("/livez", url), options, (response) => {
      response.resume();
    });
    sent.on("error", reject);
    sent.on("socket", (socket) => {
      socket.on("secureConnect", () => {
        // It is one of https.
        resolve(String((socket as TLSSocket).getPeerCertificate().subject.CN));
      });
    });
    sent.end();
  });
}
