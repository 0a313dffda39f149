import { join } from "node:path";
import { expect, onTestFinished, test } from "vitest";
import { runProgram, startProgram } from "../binaries.ts";
import { askStatus } from "../control/client.ts";
import { openControlServer } from "../control/server.ts";
import { createFakeProcfs, createFolder } from "../sampling/fake-procfs.ts";
import { openSpool } from "../spool/disk-spool.ts";

test("pcctl status shows what a running pcc does, to people and as JSON", async () => {
  const folder = createFolder();
  const control = join(folder, "pcc.sock");
  const capture = join(folder, "pcc.json");
  const procfs = createFakeProcfs();
  procfs.remove("pressure/io");
  const program = startProgram("pcc", ["1", capture], {
    environment: { PCC_CONTROL: control, PCC_PROCFS: procfs.path, PCC_MACHINE_ID: "web-01" },
  });
  while (((await askStatus(control))?.["last_sample"] ?? null) === null) {
    await new Promise((resolve) => setTimeout(resolve, 20));
  }
  // The same variable tells pcctl where pcc listens.
  const shown = await runProgram("pcctl", ["status"], { environment: { PCC_CONTROL: control } });
  expect(shown).toMatchObject({ exitCode: 0, stderr: "" });
  expect(shown.stdout).toMatch(new RegExp(`^pcc {2}running, pid ${program.pid}, version `));
  expect(shown.stdout).toMatch(/^ {2}machine {2}web-01, .*every 1 s$/m);
  expect(shown.stdout).toMatch(/^ {2}samples {2}\d+, \d+ missed, the last \d+ s ago$/m);
  expect(shown.stdout).toMatch(/^ {2}sources {2}pressure\/io: ENOENT/m);
  expect(shown.stdout).toMatch(new RegExp(`^  capture  ${capture}, [\\d.]+ kB$`, "m"));
  // No terminal, no colours.
  expect(shown.stdout).not.toContain("\u001b");

  const json = await runProgram("pcctl", ["status", "--socket", control, "--json"]);
  expect(JSON.parse(json.stdout)).toMatchObject({
    daemons: [{ program: "pcc", socket: control, running: true, status: { machine_id: "web-01" } }],
  });
});

test("pcctl status ends with 69 where nothing runs", async () => {
  const control = join(createFolder(), "pcc.sock");
  const environment = { PCC_CONTROL: control };
  const shown = await runProgram("pcctl", ["status"], { environment });
  expect(shown.exitCode).toBe(69);
  expect(shown.stdout).toBe(`pcc  not running\n  socket  ${control}: nobody answers\n`);
  const json = await runProgram("pcctl", ["status", "--json"], { environment });
  expect(json.exitCode).toBe(69);
  expect(JSON.parse(json.stdout)).toEqual({
    daemons: [{ program: "pcc", socket: control, running: false, status: null, spools: {} }],
  });
});

test("pcctl status shows what waits in the spool of a pcc that does not run", async () => {
  const folder = createFolder();
  const environment = { PCC_CONTROL: join(folder, "pcc.sock"), PCC_SPOOL: join(folder, "spool") };
  const spool = openSpool(environment.PCC_SPOOL, { maxBytes: 1024 * 1024, report: () => {} });
  for (const text of ["a", "b"]) spool.append(1, Buffer.from(text));
  spool.close();
  const shown = await runProgram("pcctl", ["status"], { environment });
  expect(shown.exitCode).toBe(69);
  expect(shown.stdout).toMatch(/^ {2}spool {3}2 records waiting, \d+ bytes$/m);
  const json = await runProgram("pcctl", ["status", "--json"], { environment });
  expect(JSON.parse(json.stdout)).toMatchObject({
    daemons: [{ running: false, spools: { spool: { waiting_records: 2, dropped_records: 0 } } }],
  });
});

test("pcctl status and config know pcd", async () => {
  const folder = createFolder();
  const environment = {
    PCC_CONTROL: join(folder, "pcc.sock"),
    PCD_CONTROL: join(folder, "pcd.sock"),
    PCD_STORE: join(folder, "store"),
    PCD_STATE: join(folder, "state"),
    PCD_KEYS: join(folder, "keys.json"),
    PCD_LISTEN: "127.0.0.1:0",
  };
  const pcd = startProgram("pcd", [], { environment });
  while ((await askStatus(environment.PCD_CONTROL)) === null) {
    await new Promise((resolve) => setTimeout(resolve, 20));
  }
  const shown = await runProgram("pcctl", ["status"], { environment });
  expect(shown.exitCode).toBe(0);
  expect(shown.stdout).toMatch(new RegExp(`^pcd {2}running, pid ${pcd.pid}, `, "m"));
  expect(shown.stdout).toMatch(/^ {2}store +.*0 rows received, .*0 batches waiting/m);
  const config = await runProgram("pcctl", ["config", "show", "--program", "pcd"], { environment });
  expect(config.stdout).toMatch(/^listen +127\.0\.0\.1:0 +PCD_LISTEN$/m);
  pcd.kill("SIGTERM");
  expect((await pcd.ended).exitCode).toBe(0);
});

test("pcctl status speaks of one row, and of several rows", async () => {
  const control = join(createFolder(), "pcc.sock");
  const sink = { kind: "portal", sent_rows: 1, waiting_batches: 1, taken_batches: 2 };
  const server = await openControlServer(control, {
    status: () => ({ program: "pcc", sinks: [sink] }),
    tail: () => () => {},
  });
  onTestFinished(() => server.close());
  const { stdout } = await runProgram("pcctl", ["status", "--socket", control]);
  expect(stdout).toContain("portal  1 row sent, 1 batch waiting, 2 batches taken\n");
});
