// The real pcc as a process of its own, asked over its socket.
import { existsSync, mkdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";
import { startProgram } from "../binaries.ts";
import { createFolder } from "../sampling/fake-procfs.ts";
import { startStubPortal } from "../upload/stub-portal.ts";
import { askStatus, followSamples } from "./client.ts";

async function untilAnswered(path: string): Promise<Record<string, unknown>> {
  for (;;) {
    const status = await askStatus(path);
    if (status !== null) return status;
    await new Promise((resolve) => setTimeout(resolve, 20));
  }
}

test("pcc tells what it does over its socket, and shows samples to who watches", async () => {
  const folder = createFolder();
  const control = join(folder, "pcc.sock");
  const capture = join(folder, "pcc.json");
  const portal = await startStubPortal();
  const program = startProgram(
    "pcc",
    [
      `--control=${control}`,
      "--machine-id=web-01",
      "--mode=trickle",
      `--portal=${portal.url.href}`,
      "1",
      capture,
    ],
    { environment: { PCC_API_KEY: "secret-key" } },
  );
  await untilAnswered(control);
  const stop = new AbortController();
  const samples = await followSamples(control, stop.signal);
  const seen: Record<string, unknown>[] = [];
  for await (const sample of samples ?? []) {
    seen.push(sample);
    if (seen.length === 2) stop.abort();
  }
  const [first, second] = seen;
  expect(second).toMatchObject({
    machine_id: "web-01",
    timestamp: expect.any(Number),
    load1: expect.any(Number),
    mem_total: expect.any(Number),
  });
  expect(Object.keys(second ?? {})).toContain("cpu_user");
  // Rates need the sample before, so that the first one is not shown.
  expect([first?.["cpu_user"], second?.["cpu_user"]]).toEqual([
    expect.any(Number),
    expect.any(Number),
  ]);

  const status = await askStatus(control);
  expect(status).toMatchObject({
    program: "pcc",
    pid: program.pid,
    machine_id: "web-01",
    interval_ms: 1000,
    missed_ticks: expect.any(Number),
    last_sample: expect.stringMatching(/^20/),
    sinks: [
      { kind: "portal", url: portal.url.href, last_error: null, refused_rows: 0 },
      { kind: "capture", path: capture, bytes: expect.any(Number), lost_samples: 0 },
    ],
  });
  expect(JSON.stringify(status)).not.toContain("secret-key");
  program.kill("SIGTERM");
  expect((await program.ended).exitCode).toBe(0);
  expect(existsSync(control)).toBe(false);
});

test("pcc goes on without a socket that it cannot have", async () => {
  const folder = createFolder();
  mkdirSync(join(folder, "pcc.sock"));
  writeFileSync(join(folder, "pcc.sock", "file"), "");
  const program = startProgram("pcc", [
    `--control=${join(folder, "pcc.sock")}`,
    "1",
    "1",
    join(folder, "pcc.json"),
  ]);
  const { exitCode, stderr } = await program.ended;
  expect(exitCode).toBe(0);
  expect(stderr).toContain("is no socket; going on without pcctl");
});
