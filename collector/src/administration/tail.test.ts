import { join } from "node:path";
import { expect, test } from "vitest";
import { runProgram, startProgram } from "../binaries.ts";
import { createFolder } from "../sampling/fake-procfs.ts";
import { createTable } from "./tail.ts";
import { createStyle } from "./terminal.ts";

test("pcctl tail gives samples of a running pcc as JSON Lines where there is no terminal", async () => {
  const folder = createFolder();
  const control = join(folder, "pcc.sock");
  const environment = { PCC_CONTROL: control, PCC_MACHINE_ID: "web-01" };
  const none = await runProgram("pcctl", ["tail"], { environment });
  expect(none).toMatchObject({ exitCode: 69, stdout: "" });
  const pcc = startProgram("pcc", ["1", join(folder, "pcc.json")], { environment });
  while (!pcc.stderr().includes("sampling")) {
    await new Promise((resolve) => setTimeout(resolve, 20));
  }
  const args = ["tail", "--count", "2", "--columns", "^(load1|cpu_user)$"];
  const { exitCode, stdout, stderr } = await runProgram("pcctl", args, { environment });
  expect({ exitCode, stderr }).toEqual({ exitCode: 0, stderr: "" });
  const samples = stdout
    .trimEnd()
    .split("\n")
    .map((line): unknown => JSON.parse(line));
  expect(samples).toEqual([
    {
      timestamp: expect.any(Number),
      machine_id: "web-01",
      load1: expect.any(Number),
      cpu_user: expect.any(Number),
    },
    {
      timestamp: expect.any(Number),
      machine_id: "web-01",
      load1: expect.any(Number),
      cpu_user: expect.any(Number),
    },
  ]);
  const nothing = await runProgram("pcctl", ["tail", "--columns", "^nothing$"], { environment });
  expect(nothing).toMatchObject({ exitCode: 64, stdout: "" });
  expect(nothing.stderr).toContain('Cannot use --columns "^nothing$": no column matches it');
  const watching = startProgram("pcctl", ["tail"], { environment });
  pcc.kill("SIGTERM");
  expect((await pcc.ended).exitCode).toBe(0);
  const ended = await watching.ended;
  expect(ended.exitCode).toBe(69);
});

test.each([
  [["--count", "0"], '"0"'],
  [["--columns", "("], "regular expression"],
])("pcctl tail %j is wrong usage", async (args, message) => {
  const { exitCode, stderr } = await runProgram("pcctl", ["tail", ...args]);
  expect(exitCode).toBe(64);
  expect(stderr).toContain(message);
});

test("createTable() aligns values under their names, tells gaps from zeros, and repeats the heading", () => {
  const lines: string[] = [];
  const show = createTable((name) => name !== "cpu_idle", {
    print: (text) => lines.push(...text.split("\n")),
    width: () => 60,
    style: createStyle(false),
  });
  const sample = {
    timestamp: 1_767_225_600,
    machine_id: "web-01",
    cpu_user: null,
    cpu_idle: 1,
    load1: 0,
    mem_available: 12_345_678,
    disk_sda_reads: 1234.567,
    net_eth0_rx_packets: 1,
  };
  for (let index = 0; index < 21; index += 1) show(sample);
  expect(lines[0]).toBe("1 more column does not fit; choose with --columns");
  expect(lines[1]).toBe("time      cpu_user    load1  mem_available  disk_sda_reads");
  expect(lines[2]?.slice(8)).toBe("         .        0          12.3M            1235");
  expect(lines[2]?.slice(0, 9)).toBe("00:00:00 ");
  expect(lines.filter((line) => line.startsWith("time"))).toHaveLength(2);
});
