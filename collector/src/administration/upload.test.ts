import { readdirSync, writeFileSync } from "node:fs";
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { join } from "node:path";
import { expect, onTestFinished, test } from "vitest";
import { runProgram, startProgram } from "../binaries.ts";
import { createFolder } from "../sampling/fake-procfs.ts";

interface StubPortal {
  url: string;
  /** Names of the files that came, also of those that were refused. */
  files: string[];
  /** What the next files are answered with; 0: the connection is cut. */
  statuses: number[];
}

async function startPortal(): Promise<StubPortal> {
  const [files, statuses]: [string[], number[]] = [[], []];
  const server = createServer((request, response) => {
    const chunks: Buffer[] = [];
    request.on("data", (chunk: Buffer) => chunks.push(chunk));
    request.on("end", () => {
      const text = Buffer.concat(chunks).toString("latin1");
      files.push(/filename="(.*?)\.csv\.gz"/.exec(text)?.[1] ?? "?");
      const status = statuses.shift() ?? 200;
      if (status === 0) return response.socket?.destroy();
      response.writeHead(status, { "content-type": "application/json" });
      response.end(JSON.stringify({ status: "success", rows_imported: 1, rows_duplicate: 0 }));
    });
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  onTestFinished(() => {
    server.closeAllConnections();
    server.close();
  });
  // A listening TCP server has such an address.
  return { url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`, files, statuses };
}

const header = "timestamp,machine_id,cpu_user,cpu_system,cpu_idle,mem_total,mem_free";

function createFiles(...names: string[]): { folder: string; paths: string[] } {
  const folder = createFolder();
  const paths = names.map((name, index) => {
    const path = join(folder, name);
    writeFileSync(path, `${header}\n${1_767_800_521 + index},web-01,1,2,97,8,4\n`);
    return path;
  });
  return { folder, paths };
}

test("pcctl upload goes on after an end with what was not taken, and only that", async () => {
  const portal = await startPortal();
  const { folder, paths } = createFiles("a.csv", "b.csv", "c.csv");
  const environment = { PCC_API_KEY: "the-secret-key", PCC_PORTAL: portal.url };
  const flags = ["--receipts", join(folder, "receipts"), "--retries", "0"];
  const upload = (): ReturnType<typeof runProgram> =>
    runProgram("pcctl", ["upload", ...paths, ...flags], { environment });
  portal.statuses.push(200, 0);
  const first = await upload();
  expect(first.exitCode).toBe(75);
  expect(first.stdout).toMatch(/^a\.csv: 1 row of web-01\n/);
  expect(first.stderr).toMatch(/Cannot upload b\.csv: .*run it again later/);
  expect(first.stderr).not.toContain("the-secret-key");
  const second = await upload();
  expect(second.exitCode).toBe(0);
  expect(second.stdout).toMatch(/^a\.csv: uploaded before\nb\.csv: 1 row/);
  expect(portal.files).toEqual(["a.csv", "b.csv", "b.csv", "c.csv"]);
  expect(readdirSync(folder).toSorted()).toEqual(["a.csv", "b.csv", "c.csv", "receipts"]);
});

test("pcctl upload goes on behind data that the portal refuses, and ends with its code", async () => {
  const portal = await startPortal();
  const { folder, paths } = createFiles("a.csv", "b.csv");
  portal.statuses.push(400, 200);
  const { exitCode, stdout, stderr } = await runProgram(
    "pcctl",
    ["upload", ...paths, "--portal", portal.url, "--receipts", join(folder, "receipts")],
    { environment: { PCC_API_KEY: "k" } },
  );
  expect(exitCode).toBe(65);
  expect(stdout).toMatch(/^b\.csv: 1 row/);
  expect(stderr).toContain("Cannot upload a.csv");
  expect(portal.files).toEqual(["a.csv", "b.csv"]);
});

test("pcctl upload ends at once where the key is refused, and by a signal while it waits", async () => {
  const portal = await startPortal();
  const { folder, paths } = createFiles("a.csv", "b.csv");
  const environment = { PCC_API_KEY: "k", PCC_PORTAL: portal.url };
  const args = ["upload", ...paths, "--receipts", join(folder, "receipts"), "--retries", "9"];
  portal.statuses.push(401);
  expect((await runProgram("pcctl", args, { environment })).exitCode).toBe(77);
  expect(portal.files).toEqual(["a.csv"]);
  portal.statuses.push(503, 503, 503, 503, 503, 503, 503, 503, 503, 503);
  const waiting = startProgram("pcctl", args, { environment });
  while (!waiting.stderr().includes("trying again")) {
    await new Promise((resolve) => setTimeout(resolve, 20));
  }
  waiting.kill("SIGTERM");
  const { exitCode, stderr } = await waiting.ended;
  expect(exitCode).toBe(128 + 15);
  expect(stderr).toContain("ended by SIGTERM");
});

test.each([
  [["upload"], 64, "Give a file or a folder"],
  [["upload", "--new", "x"], 64, "with --new"],
  [["upload", "x", "--retries", "many"], 64, '"many"'],
  [["upload", "x"], 78, "its address is not set"],
  [["upload", "/nowhere/x", "--portal", "http://127.0.0.1:1"], 66, "/nowhere/x"],
  [["upload", "--new", "--portal", "http://127.0.0.1:1"], 78, "collection names none"],
])("pcctl %j ends with %d", async (args, code, message) => {
  const { exitCode, stderr } = await runProgram("pcctl", args, {
    environment: { PCC_API_KEY: "k", HOME: createFolder() },
  });
  expect(exitCode).toBe(code);
  expect(stderr).toContain(message);
});
