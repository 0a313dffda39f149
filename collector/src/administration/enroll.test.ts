import { randomBytes } from "node:crypto";
import {
  chmodSync,
  chownSync,
  existsSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  statSync,
  writeFileSync,
} from "node:fs";
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { join, relative } from "node:path";
import { newEnrolmentToken } from "@perfanalysis/contract/token";
import { expect, onTestFinished, test } from "vitest";
import { runProgram } from "../binaries.ts";
import { createFolder } from "../sampling/fake-procfs.ts";

interface StubPortal {
  url: string;
  /** What hosts sent. */
  requests: { authorization: string; body: Record<string, unknown> }[];
}

async function startPortal(status: number, answer: object): Promise<StubPortal> {
  const requests: StubPortal["requests"] = [];
  const server = createServer((request, response) => {
    let text = "";
    request.setEncoding("utf8").on("data", (chunk: string) => (text += chunk));
    request.on("end", () => {
      requests.push({
        authorization: request.headers.authorization ?? "",
        // What pcctl sends is an object.
        body: JSON.parse(text) as Record<string, unknown>,
      });
      response.writeHead(status, { "content-type": "application/json" });
      response.end(JSON.stringify(answer));
    });
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  onTestFinished(() => {
    server.closeAllConnections();
    server.close();
  });
  // A listening TCP server has such an address.
  return { url: `http://127.0.0.1:${(server.address() as AddressInfo).port}/`, requests };
}

const token = newEnrolmentToken({ randomBytes });
const receipt = { key: "pa_ingest_x", key_id: "k-1", tenant_name: "acme", is_new: true };

interface Host {
  folder: string;
  config: string;
  keyFile: string;
  enroll(url: string, ...more: string[]): ReturnType<typeof runProgram>;
}

function createHost(settings: string | null): Host {
  const folder = createFolder();
  const [config, keyFile] = [join(folder, "config.yaml"), join(folder, "key")];
  if (settings !== null) writeFileSync(config, settings);
  const flags = ["--config", config, "--key-file", keyFile];
  return {
    folder,
    config,
    keyFile,
    enroll: (url, ...more) =>
      runProgram("pcctl", ["enroll", "--portal", url, ...flags, ...more], {
        environment: { PCC_ENROLMENT_TOKEN: token },
      }),
  };
}

test("pcctl enroll writes the key and the settings, and leaves what stands there", async () => {
  const portal = await startPortal(201, receipt);
  const host = createHost("# ours\nmachine_id: db-1 # the first\nmode: local\n");
  const { exitCode, stdout, stderr } = await host.enroll(portal.url);
  expect({ exitCode, stderr }).toEqual({ exitCode: 0, stderr: "" });
  expect(stdout).toMatch(/^enrolled {2}machine db-1 of acme\n/);
  expect(stdout).not.toContain(receipt.key);
  expect(readFileSync(host.keyFile, "utf8")).toBe(`${receipt.key}\n`);
  expect(statSync(host.keyFile).mode & 0o777).toBe(0o600);
  expect(readFileSync(host.config, "utf8")).toBe(
    `# ours\nmachine_id: db-1 # the first\nmode: trickle\nportal: ${portal.url}\napi_key_file: ${host.keyFile}\n`,
  );
  expect(readdirSync(host.folder).toSorted()).toEqual(["config.yaml", "key"]);
  expect(portal.requests).toMatchObject([
    {
      authorization: `Bearer ${token}`,
      body: { machine_id: "db-1", host: { cpu_count: expect.any(Number) } },
    },
  ]);
});

test("pcctl enroll takes the token from a file or standard input, and makes settings where there are none", async () => {
  const portal = await startPortal(201, receipt);
  const host = createHost(null);
  const flags = ["--config", `${host.config}.json`, "--key-file", host.keyFile, "--mode", "local"];
  const { exitCode } = await runProgram(
    "pcctl",
    ["enroll", "--portal", portal.url, ...flags, "--token-file", "-", "--machine-id", "web-01"],
    { input: `${token}\n` },
  );
  expect(exitCode).toBe(0);
  expect(JSON.parse(readFileSync(`${host.config}.json`, "utf8"))).toEqual({
    portal: portal.url,
    api_key_file: host.keyFile,
    mode: "local",
    machine_id: "web-01",
  });
});

test("pcctl enroll writes where the key is from everywhere", async () => {
  const portal = await startPortal(201, receipt);
  const host = createHost(null);
  const beside = relative(process.cwd(), join(host.folder, "beside.key"));
  expect((await host.enroll(portal.url, "--key-file", beside)).exitCode).toBe(0);
  const settings = readFileSync(host.config, "utf8");
  expect(settings).toContain(`api_key_file: ${join(host.folder, "beside.key")}\n`);
});

test.each([
  [401, { detail: "used up" }, 77, "HTTP 401: used up"],
  [503, { detail: "in a moment" }, 69, "HTTP 503: in a moment"],
  [200, {}, 69, "HTTP 200"],
])(
  "pcctl enroll changes nothing where the portal answers %d",
  async (status, answer, code, message) => {
    const portal = await startPortal(status, answer);
    const host = createHost("frequency: 5s\n");
    const { exitCode, stderr } = await host.enroll(portal.url);
    expect(exitCode).toBe(code);
    expect(stderr).toContain(message);
    expect(stderr).not.toContain(token);
    expect(readdirSync(host.folder)).toEqual(["config.yaml"]);
    expect(readFileSync(host.config, "utf8")).toBe("frequency: 5s\n");
  },
);

test("pcctl enroll finds out what is wrong here before it uses the token", async () => {
  const portal = await startPortal(201, receipt);
  const broken = createHost("- a list\n");
  expect((await broken.enroll(portal.url)).exitCode).toBe(78);
  const there = createHost("");
  writeFileSync(there.keyFile, "another\n");
  expect((await there.enroll(portal.url)).stderr).toContain("--force replaces it");
  expect(readFileSync(there.keyFile, "utf8")).toBe("another\n");
  const misnamed = await createHost("").enroll(portal.url, "--machine-id", "web.01");
  expect(misnamed).toMatchObject({ exitCode: 64 });
  expect(misnamed.stderr).toContain('"web.01": it is not 1–64 letters, digits, _ or -');
  const blocked = createHost("");
  writeFileSync(join(blocked.folder, "file"), "");
  const below = await blocked.enroll(portal.url, "--key-file", join(blocked.folder, "file", "key"));
  expect([74, 77]).toContain(below.exitCode);
  mkdirSync(join(there.folder, "more"));
  const mistyped = await runProgram("pcctl", [
    "enroll",
    `--portal=${portal.url}`,
    `--config=${join(there.folder, "more", "c.yaml")}`,
    `--key-file=${join(there.folder, "more", "key")}`,
  ]);
  expect(mistyped).toMatchObject({ exitCode: 66 });
  expect(mistyped.stderr).toContain("there is no token");
  expect(existsSync(join(there.folder, "more", "key"))).toBe(false);
  expect(portal.requests).toEqual([]);
});

test.skipIf(process.geteuid?.() !== 0)(
  "pcctl enroll gives the key to the user that it is told (as root)",
  async () => {
    const portal = await startPortal(201, receipt);
    const host = createHost(null);
    expect((await host.enroll(portal.url, "--user", "no-such-user")).exitCode).toBe(64);
    expect(portal.requests).toEqual([]);
    expect((await host.enroll(portal.url, "--user", "nobody")).exitCode).toBe(0);
    const { uid, mode } = statSync(host.keyFile);
    expect(uid).toBeGreaterThan(0);
    expect(mode & 0o777).toBe(0o600);
  },
);

test.skipIf(process.geteuid?.() !== 0)(
  "pcctl enroll leaves settings that the service can read, whatever root's umask is (as root)",
  async () => {
    const portal = await startPortal(201, receipt);
    const before = process.umask(0o077);
    onTestFinished(() => void process.umask(before));
    const fresh = createHost(null);
    expect((await fresh.enroll(portal.url)).exitCode).toBe(0);
    expect(statSync(fresh.config).mode & 0o777).toBe(0o644);
    const restricted = createHost("frequency: 5s\n");
    chmodSync(restricted.config, 0o640);
    chownSync(restricted.config, 0, 12_345);
    expect((await restricted.enroll(portal.url)).exitCode).toBe(0);
    const { mode, gid } = statSync(restricted.config);
    expect({ mode: mode & 0o777, gid }).toEqual({ mode: 0o640, gid: 12_345 });
  },
);
