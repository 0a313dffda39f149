import { chmodSync, mkdirSync, writeFileSync } from "node:fs";
import { createServer, type RequestListener } from "node:http";
import type { AddressInfo } from "node:net";
import { join } from "node:path";
import { expect, onTestFinished, test } from "vitest";
import { newToken } from "@perfanalysis/contract/token";
import { randomBytes } from "node:crypto";
import { runProgram } from "../binaries.ts";
import { openControlServer } from "../control/server.ts";
import { createFakeProcfs, createFolder } from "../sampling/fake-procfs.ts";

interface Finding {
  check: string;
  result: "ok" | "warning" | "failure";
  message: string;
  advice: string | null;
}

interface Examined {
  exitCode: number | null;
  healthy: boolean;
  /** The last finding of each check. */
  findings: Record<string, Finding>;
}

async function examine(environment: Record<string, string>, ...args: string[]): Promise<Examined> {
  const { exitCode, stdout } = await runProgram("pcctl", ["doctor", "--json", ...args], {
    environment,
  });
  // What the command's help promises.
  const report = JSON.parse(stdout) as { healthy: boolean; findings: Finding[] };
  return {
    exitCode,
    healthy: report.healthy,
    findings: Object.fromEntries(report.findings.map((finding) => [finding.check, finding])),
  };
}

async function startServer(answer: RequestListener): Promise<string> {
  const server = createServer(answer);
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  onTestFinished(() => {
    server.closeAllConnections();
    server.close();
  });
  // A listening TCP server has such an address.
  return `http://127.0.0.1:${(server.address() as AddressInfo).port}/base`;
}

/** A portal whose clock and key's answer are given. */
function portal(validation: object, { status = 200, date = new Date() } = {}): Promise<string> {
  return startServer((request, response) => {
    const isKey = request.url === "/base/api/v1/auth/validate";
    response.writeHead(isKey ? status : 200, {
      "content-type": "application/json",
      date: date.toUTCString(),
    });
    response.end(JSON.stringify(isKey ? validation : { status: "alive" }));
  });
}

function keyFile(mode = 0o600): string {
  const path = join(createFolder(), "key");
  writeFileSync(path, `${newToken(["ingest"], { randomBytes })}\n`);
  chmodSync(path, mode);
  return path;
}

const goodKey = {
  tenant_name: "acme",
  key_name: "host web-01",
  scopes: ["ingest"],
  machine_id: "web-01",
  expires_at: null,
};

test("pcctl doctor finds a machine well that is", async () => {
  const folder = createFolder();
  const url = await portal(goodKey);
  const environment = {
    PCC_PROCFS: createFakeProcfs().path,
    PCC_MACHINE_ID: "web-01",
    PCC_MODE: "trickle",
    PCC_PORTAL: url,
    PCC_API_KEY_FILE: keyFile(),
    PCC_COLLECTION: join(folder, "captures/"),
  };
  const { exitCode, healthy, findings } = await examine(environment);
  const bad = Object.values(findings).filter(({ result }) => result === "failure");
  expect({ bad, exitCode, healthy }).toEqual({ bad: [], exitCode: 0, healthy: true });
  expect(Object.keys(findings)).toEqual(
    expect.arrayContaining(
      "settings,machine,kernel,pressure,clock,pcc,capture,capture room,key file,portal connection,portal HTTP,clock offset,key".split(
        ",",
      ),
    ),
  );
  expect(findings["key"]?.message).toBe('"host web-01" of acme');
  const people = await runProgram("pcctl", ["doctor"], { environment });
  expect(people.stdout).toMatch(/^✓ key {16}"host web-01" of acme$/m);
});

test("pcctl doctor names missing kernel sources and a missing /proc", async () => {
  const procfs = createFakeProcfs();
  procfs.remove("pressure/cpu");
  procfs.remove("diskstats");
  const found = await examine({ PCC_PROCFS: procfs.path });
  expect(found).toMatchObject({ exitCode: 0, healthy: true });
  expect(found.findings["pressure"]).toMatchObject({
    result: "warning",
    advice: expect.stringContaining("psi=1"),
  });
  expect(found.findings["source"]).toMatchObject({
    result: "warning",
    message: expect.stringContaining("diskstats: ENOENT"),
  });
  const empty = createFolder();
  const nothing = await examine({ PCC_PROCFS: empty });
  expect(nothing).toMatchObject({ exitCode: 66, healthy: false });
  expect(nothing.findings["kernel"]?.message).toContain(empty);
});

/** A folder with a systemctl that prints this. */
function fakeSystemctl(text: string): string {
  const folder = createFolder();
  const path = join(folder, "systemctl");
  writeFileSync(path, `#!/bin/sh\ncat <<'END'\n${text}END\n`);
  chmodSync(path, 0o755);
  return folder;
}

test.each([
  ["failed", "failed", "enabled", "exit-code", "failure", "has failed: exit code 77", 69],
  ["activating", "auto-restart", "enabled", "signal", "failure", "has failed: signal", 69],
  ["failed", "failed", "static", "timeout", "failure", "has failed: timeout", 69],
  ["inactive", "dead", "enabled", "success", "warning", "is switched on, and inactive", 0],
  ["active", "running", "enabled", "success", "ok", "runs", 0],
  ["inactive", "dead", "disabled", "success", null, "", 0],
  ["inactive", "dead", "", "success", null, "", 0],
])(
  "pcctl doctor finds a service that is %s (%s), %s, of result %s",
  async (active, sub, file, why, result, message, exitCode) => {
    const unit = `Result=${why}\nExecMainStatus=77\nId=perfcollector.service\nActiveState=${active}\nSubState=${sub}\nUnitFileState=${file}\n`;
    const absent = "Id=pcd.service\nActiveState=inactive\nSubState=dead\nUnitFileState=\n";
    const PATH = `${fakeSystemctl(`${unit}\n${absent}`)}:/usr/bin:/bin`;
    const found = await examine({ PATH, PCC_PROCFS: createFakeProcfs().path });
    expect(found.exitCode).toBe(exitCode);
    const { service } = found.findings;
    const told = service === undefined ? null : [service.result, service.message];
    expect(told).toEqual(result === null ? null : [result, `perfcollector.service ${message}`]);
  },
);

test("pcctl doctor names what the pcc that runs cannot read, and no cgroups v2 as no more than a note", async () => {
  const procfs = createFakeProcfs();
  procfs.remove("diskstats");
  const control = join(createFolder(), "pcc.sock");
  const environment = { PCC_PROCFS: procfs.path, PCC_CONTROL: control, PCC_CGROUPS: "/nosuch" };
  const alone = await examine({ ...environment, PCC_EXCLUDE_SOURCE: "^diskstats$" });
  expect(alone.findings["source"]).toBeUndefined();
  expect(alone.findings["containers"]).toMatchObject({ result: "ok" });
  const failed = {
    "mounts:/srv": "EACCES: permission denied",
    containers: "no tree of cgroups v2",
  };
  const server = await openControlServer(control, {
    status: () => ({ program: "pcc", failed_sources: failed }),
    tail: () => () => {},
  });
  onTestFinished(() => server.close());
  const running = await examine(environment);
  expect(running.findings["source"]).toMatchObject({
    result: "warning",
    message: "mounts:/srv: EACCES: permission denied",
    advice: expect.stringContaining("exclude_mount"),
  });
  expect(running.findings["containers"]).toMatchObject({ result: "ok" });
});

test("pcctl doctor warns of samples for the portal that wait in memory only", async () => {
  const trickle = { PCC_MODE: "trickle", PCC_PORTAL: "http://127.0.0.1:1" };
  const { findings } = await examine({ ...trickle, PCC_API_KEY_FILE: keyFile() }, "--offline");
  expect(findings["spool"]).toMatchObject({ result: "warning" });
  const spool = { PCC_SPOOL: join(createFolder(), "made/spool") };
  const kept = await examine({ ...trickle, ...spool, PCC_API_KEY_FILE: keyFile() }, "--offline");
  expect(kept.findings["spool"]).toMatchObject({ result: "ok" });
});

test("pcctl doctor says all that is wrong with the settings, and looks at the rest", async () => {
  const { exitCode, findings } = await examine({ PCC_FREQUENCY: "90s", PCC_MODE: "trickle" });
  expect(exitCode).toBe(78);
  expect(findings["settings"]?.message).toContain('"90s"');
  expect(findings["portal"]).toMatchObject({ result: "failure" });
  expect(findings["key file"]).toMatchObject({ result: "failure" });
  expect(findings["kernel"]).toMatchObject({ result: "ok" });
});

test.each([
  ["a file where the folder should be", () => writeInto("file/captures/"), "capture", 77],
  [
    "a capture's folder that is missing",
    () => ({ PCC_COLLECTION: "/nosuch/x.json" }),
    "capture",
    66,
  ],
  ["settings that contradict", () => ({ PCC_FAST: "3s" }), "settings", 78],
  ["a missing name", () => ({ PCC_PORTAL: "http://nowhere.invalid" }), "portal name", 69],
  ["nobody who listens", () => ({ PCC_PORTAL: "http://127.0.0.1:1" }), "portal connection", 69],
])("pcctl doctor names %s", async (_what, environment, check, exitCode) => {
  const found = await examine({ PCC_API_KEY_FILE: keyFile(), ...environment() });
  expect(found.findings[check]).toMatchObject({
    result: "failure",
    advice: expect.stringMatching(/./),
  });
  expect(found.exitCode).toBe(exitCode);
});

function writeInto(path: string): Record<string, string> {
  const folder = createFolder();
  writeFileSync(join(folder, "file"), "");
  return { PCC_COLLECTION: join(folder, path) };
}

test("pcctl doctor tells TLS, HTTP and other servers apart", async () => {
  const plain = await startServer((_request, response) => response.end("<h1>hello</h1>"));
  const environment = { PCC_API_KEY_FILE: keyFile() };
  const tls = await examine({ ...environment, PCC_PORTAL: plain.replace("http:", "https:") });
  expect(tls.findings["portal connection"]).toMatchObject({ result: "ok" });
  expect(tls.findings["portal TLS"]).toMatchObject({ result: "failure" });
  const other = await startServer((_request, response) => {
    response.writeHead(404);
    response.end("<h1>no such page</h1>");
  });
  const http = await examine({ ...environment, PCC_PORTAL: other });
  expect(http.findings["portal HTTP"]).toMatchObject({
    result: "failure",
    message: expect.stringContaining("404"),
  });
});

test.each([
  [{ ...goodKey, machine_id: "web-02" }, {}, "failure", 'machine "web-02", this is "web-01"', 77],
  [{ ...goodKey, scopes: ["read"] }, {}, "failure", "may not send samples", 77],
  [{ detail: "revoked" }, { status: 401 }, "failure", "HTTP 401: revoked", 77],
  [
    { ...goodKey, expires_at: new Date(Date.now() + 86_400_000).toISOString() },
    {},
    "warning",
    "valid for",
    0,
  ],
] as const)(
  "pcctl doctor judges the key %j",
  async (validation, options, result, message, exitCode) => {
    const found = await examine({
      PCC_PORTAL: await portal(validation, options),
      PCC_MACHINE_ID: "web-01",
      PCC_API_KEY_FILE: keyFile(),
    });
    expect(found.findings["key"]).toMatchObject({
      result,
      message: expect.stringContaining(message),
    });
    expect(found.exitCode).toBe(exitCode);
  },
);

test("pcctl doctor finds a mistyped key without asking, and one that everybody can read", async () => {
  const path = keyFile(0o644);
  const mistyped = { PCC_API_KEY: "pa_ingest_000000000000000000000000000000000" };
  const found = await examine({ PCC_PORTAL: await portal(goodKey), ...mistyped });
  expect(found.findings["key"]).toMatchObject({
    result: "failure",
    message: expect.stringContaining("check digits"),
  });
  const open = await examine({ PCC_PORTAL: await portal(goodKey), PCC_API_KEY_FILE: path });
  expect(open.findings["key file"]).toMatchObject({ result: "warning" });
});

test.each([
  [30_000, "warning"],
  [3_600_000, "failure"],
])("pcctl doctor measures a clock that is %d ms off", async (offsetMs, result) => {
  const date = new Date(Date.now() - offsetMs);
  const found = await examine({
    PCC_PORTAL: await portal(goodKey, { date }),
    PCC_MACHINE_ID: "web-01",
    PCC_API_KEY_FILE: keyFile(),
  });
  expect(found.findings["clock offset"]).toMatchObject({
    result,
    message: expect.stringContaining("ahead of the portal's"),
  });
});

test("pcctl doctor takes a pcd's word for its own keys", async () => {
  const url = await startServer((request, response) => {
    const isKnown = /livez|v1\/ping$/.test(request.url ?? "");
    response.writeHead(isKnown ? 200 : 404, { "content-type": "application/json" });
    response.end("{}");
  });
  const found = await examine({ PCC_PORTAL: url, PCC_API_KEY_FILE: keyFile() });
  expect(found.findings["key"]).toMatchObject({ result: "ok" });
});

test.each([
  [{ PCD_LISTEN: "0.0.0.0:8473" }, "warning", "come to pcd at http://0.0.0.0:8473 unencrypted"],
  [{ PCD_LISTEN: "[::]:8473", PCD_TLS_CERT: "cert.pem" }, "ok", "at https://[::]:8473"],
  [{ PCD_STORE: "samples" }, "ok", "at http://127.0.0.1:8473, of this machine alone"],
  [{ PCD_LISTEN: "8473" }, "warning", '"8473" is not an address and a port'],
  [{ PCD_CONFIG: "/nosuch.yaml" }, "warning", "Cannot read settings of /nosuch.yaml"],
])("pcctl doctor says of a pcd with %j: %s", async (environment, result, message) => {
  const { exitCode, findings } = await examine({
    PCC_PROCFS: createFakeProcfs().path,
    ...environment,
  });
  expect(findings["gateway"]).toMatchObject({ result, message: expect.stringContaining(message) });
  expect(exitCode).toBe(0);
});

test("pcctl doctor goes by where the pcd that runs listens, and says nothing of pcd where there is none", async () => {
  const control = join(createFolder(), "pcd.sock");
  const environment = { PCC_PROCFS: createFakeProcfs().path, PCD_CONTROL: control };
  const server = await openControlServer(control, {
    status: () => ({ program: "pcd", listen: "http://192.0.2.7:8473" }),
  });
  onTestFinished(() => server.close());
  const { findings } = await examine({ ...environment, PCD_LISTEN: "127.0.0.1:8473" });
  expect(findings["gateway"]).toMatchObject({
    result: "warning",
    advice: expect.stringContaining("tls_cert"),
  });
  const none = await examine({ PCC_PROCFS: createFakeProcfs().path });
  expect(none.findings["gateway"]).toBeUndefined();
});

test("pcctl doctor warns of several pcc on one machine", async () => {
  const procfs = createFakeProcfs();
  for (const [pid, argv] of [
    ["101", "/usr/bin/pcc\u00001\u0000"],
    ["102", "node\u0000/opt/collector/src/pcc.ts\u0000"],
    ["103", "vim\u0000pcc.ts\u0000"],
  ] as const) {
    mkdirSync(join(procfs.path, pid));
    writeFileSync(join(procfs.path, pid, "cmdline"), argv);
  }
  const { findings } = await examine({ PCC_PROCFS: procfs.path });
  expect(findings["pcc"]).toMatchObject({
    result: "warning",
    message: "2 are running: processes 101, 102",
  });
});
