import {
  appendFileSync,
  chmodSync,
  chownSync,
  existsSync,
  readFileSync,
  statSync,
  writeFileSync,
} from "node:fs";
import { hostname } from "node:os";
import { join } from "node:path";
import { gunzipSync, gzipSync } from "node:zlib";
import { expect, test } from "vitest";
import { runProgram, startProgram } from "../binaries.ts";
import { createFakeProcfs, createFolder } from "../sampling/fake-procfs.ts";

const header = JSON.stringify({
  format: "perfanalysis-capture",
  version: 1,
  pcc: "0.1.0",
  host: "db-1.customer.example",
  machine_id: "customer-db-1",
  boot_id: "77263b45-0000-4000-8000-000000000001",
  interval_ms: 10_000,
  clock_ticks: 100,
  devices: {
    cpu: [],
    disk: ["sda", "emcpowerCustomer"],
    interface: ["lo", "br-customer"],
    mount: [],
    container: [],
  },
  sources: [{ name: "loadavg", fields: ["load1"] }],
});
const sample = (seconds: number): string =>
  `{"t":${1_795_397_960_000 + seconds * 1000},"m":${1_000_000 * seconds},"s":[[${seconds}.5]]}`;
const status = JSON.stringify({
  status: { t: 1, source: "mounts:/srv/customer", error: "EACCES: no, statfs '/srv/customer'" },
});
const columns = JSON.stringify({ columns: ["load1", "disk_emcpowerCustomer_reads"] });

function writeCapture(lines: readonly string[], end = "\n"): string {
  const path = join(createFolder(), "capture.json");
  writeFileSync(path, `${lines.join("\n")}${end}`);
  return path;
}

test("pcctl capture verify tells what a capture holds and what is missing", async () => {
  const path = writeCapture(
    [header, sample(0), sample(10), '{"gap":{"t":1,"missed":3}}', sample(50), status, sample(60)],
    `\n${sample(70).slice(0, 20)}`,
  );
  const shown = await runProgram("pcctl", ["capture", "verify", path]);
  expect(shown).toMatchObject({ exitCode: 0, stderr: "" });
  expect(shown.stdout).toContain("perfanalysis-capture of customer-db-1");
  expect(shown.stdout).toMatch(/samples +4, every 10 s, 2026-11-23T01:39:20Z to .* \(1 min\)/);
  expect(shown.stdout).toMatch(/1 gap +40 s from 2026-11-23T01:39:30Z/);
  expect(shown.stdout).toMatch(/missed +3 ticks/);
  expect(shown.stdout).toMatch(/tail +the last line is cut off/);
  const { stdout } = await runProgram("pcctl", ["capture", "verify", "--json", path]);
  expect(JSON.parse(stdout)).toMatchObject({
    captures: [
      {
        file: path,
        samples: 4,
        damaged_lines: 0,
        torn_tail: true,
        gap_count: 1,
        longest_gaps: [{ seconds: 40 }],
      },
    ],
  });
});

test("pcctl capture verify ends with 65 and the lines' numbers where lines are damaged", async () => {
  const path = writeCapture([header, sample(0), "{garbage", sample(10), '{"t":1,"m":x}']);
  const { exitCode, stdout } = await runProgram("pcctl", ["capture", "verify", path]);
  expect(exitCode).toBe(65);
  expect(stdout).toMatch(/damaged +line 3: /);
  expect(stdout).toMatch(/damaged +line 5: /);
  const none = await runProgram("pcctl", ["capture", "verify", `${path}.none`]);
  expect(none.exitCode).toBe(66);
});

test("pcctl capture verify goes on behind what it cannot read, and ends with the worst", async () => {
  const folder = createFolder();
  const lines = [header, sample(0), sample(10)].map((line) => `${line}\n`);
  const write = (name: string, content: string | Buffer): string => {
    const path = join(folder, name);
    writeFileSync(path, content);
    return path;
  };
  const good = write("b.json", lines.join(""));
  const damaged = write("c.json", lines.toSpliced(1, 0, "{garbage\n").join(""));
  const cut = write("d.json.gz", gzipSync(lines.join("")).subarray(0, 15));
  const other = write("notes.txt", "not a capture\n");
  const none = join(folder, "none.json");
  const args = ["capture", "verify", none, other, good];
  const some = await runProgram("pcctl", args);
  expect(some.exitCode).toBe(66);
  expect(some.stderr).toContain(`Cannot read ${none}: ENOENT`);
  expect(some.stderr).toContain(`Cannot read ${other}: line 1 is no line of a capture`);
  expect(some.stdout).toContain(`✓ ${good}`);

  const all = await runProgram("pcctl", ["capture", "verify", folder, "--json"]);
  expect(all.exitCode).toBe(65);
  expect(all.stderr).toContain("left out, as no captures: notes.txt");
  expect(JSON.parse(all.stdout)).toMatchObject({
    captures: [
      { file: good, samples: 2, damaged_lines: 0 },
      { file: damaged, samples: 2, damaged_lines: 1 },
      { file: cut, error: `Cannot read ${cut}: its gzip data is cut off` },
    ],
  });
  const empty = await runProgram("pcctl", ["capture", "verify", createFolder(), good]);
  expect(empty.exitCode).toBe(66);
  expect(empty.stdout).toContain(`✓ ${good}`);
});

test("pcctl capture verify shows what must be known of another tool's values", async () => {
  const path = join(import.meta.dirname, "../import/fixtures/pmrep.csv");
  const shown = await runProgram("pcctl", ["capture", "verify", path]);
  expect(shown.stdout).toMatch(/note +its times do not say their zone/);
  const { stdout } = await runProgram("pcctl", ["capture", "verify", path, "--json"]);
  expect(JSON.parse(stdout)).toMatchObject({
    captures: [{ notes: [expect.stringContaining("zone")] }],
  });
});

test("pcctl capture repair keeps every good line as it is, and the damaged capture too", async () => {
  const good = [header, sample(0), columns, sample(10), sample(20)];
  const bad = good.toSpliced(2, 0, "{garbage", "more").join("\n");
  const path = writeCapture([bad], `\n${sample(30).slice(0, 9)}`);
  const before = readFileSync(path, "utf8");
  const output = join(createFolder(), "mended.json.gz");
  const copied = await runProgram("pcctl", ["capture", "repair", path, "--output", output]);
  expect(copied.exitCode).toBe(0);
  expect(copied.stderr).toContain("left out: line 3: ");
  expect(gunzipSync(readFileSync(output)).toString()).toBe(`${good.join("\n")}\n`);
  expect(readFileSync(path, "utf8")).toBe(before);

  const placed = await runProgram("pcctl", ["capture", "repair", path, "--in-place", "--json"]);
  expect(JSON.parse(placed.stdout)).toMatchObject({ kept: `${path}.bak`, damaged_lines: 2 });
  expect(readFileSync(path, "utf8")).toBe(`${good.join("\n")}\n`);
  expect(readFileSync(`${path}.bak`, "utf8")).toBe(before);
  // What was kept is not lost to a second time.
  const again = await runProgram("pcctl", ["capture", "repair", path, "--in-place"]);
  expect(again.exitCode).toBe(74);
  expect((await runProgram("pcctl", ["capture", "verify", path, output])).exitCode).toBe(0);
  const onto = await runProgram("pcctl", ["capture", "repair", path, "--output", path]);
  expect(onto.exitCode).toBe(64);
});

test.skipIf(process.geteuid?.() !== 0)(
  "pcctl capture repair --in-place leaves the capture its user and its mode (as root)",
  async () => {
    const path = writeCapture([header, sample(0), "garbage"], "");
    chmodSync(path, 0o640);
    chownSync(path, 12_345, 12_346);
    await runProgram("pcctl", ["capture", "repair", path, "--in-place"]);
    const { uid, gid, mode } = statSync(path);
    expect({ uid, gid, mode: mode & 0o777 }).toEqual({ uid: 12_345, gid: 12_346, mode: 0o640 });
  },
);

test("pcctl capture repair keeps what is whole of a zipped capture that was cut off", async () => {
  const path = join(createFolder(), "capture.json.gz");
  const good = [header, sample(0), sample(10)];
  const zipped = [`${good.join("\n")}\n`, `${sample(20)}\n`].map((text) => gzipSync(text));
  writeFileSync(path, Buffer.concat(zipped).subarray(0, -12));
  expect((await runProgram("pcctl", ["capture", "verify", path])).exitCode).toBe(65);
  const args = ["capture", "repair", path, "--in-place"];
  const { exitCode, stdout, stderr } = await runProgram("pcctl", args);
  expect(exitCode).toBe(0);
  expect(stderr).toContain("left out: line 4: the gzip data is cut off");
  expect(stdout).toContain("3 lines; 1 damaged line left out");
  expect(gunzipSync(readFileSync(path)).toString()).toBe(`${good.join("\n")}\n`);
});

test("pcctl capture repair --in-place leaves a capture alone that pcc is writing", async () => {
  const path = join(createFolder(), "pcc.json");
  const pcc = startProgram("pcc", ["1", path]);
  while (!existsSync(`${path}.lock`)) await new Promise((resolve) => setTimeout(resolve, 20));
  const { exitCode, stderr } = await runProgram("pcctl", ["capture", "repair", "--in-place", path]);
  expect(exitCode).toBe(75);
  expect(stderr).toContain(String(pcc.pid));
  expect(existsSync(`${path}.bak`)).toBe(false);
  pcc.kill("SIGTERM");
  await pcc.ended;
});

test("pcctl capture anonymise keeps the numbers and no name that tells something", async () => {
  const folder = createFolder();
  const path = join(folder, "pcc.json");
  const procfs = createFakeProcfs();
  await runProgram("pcc", ["1", "2", path], {
    environment: { PCC_PROCFS: procfs.path, PCC_MACHINE_ID: "customer-db-1" },
  });
  appendFileSync(path, `${status}\n`);
  const output = join(folder, "anonymous.json");
  const secret = join(folder, "secret");
  const args = ["capture", "anonymise", path, "--output", output, "--secret-file", secret];
  expect(await runProgram("pcctl", args)).toMatchObject({ exitCode: 0, stderr: "" });
  const text = readFileSync(output, "utf8");
  expect(text).not.toContain("customer");
  expect(text).not.toContain(`"${hostname()}"`);
  const samplesOf = (capture: string): string[] =>
    capture.split("\n").filter((line) => line.startsWith('{"t"'));
  expect(samplesOf(text)).toEqual(samplesOf(readFileSync(path, "utf8")));
  expect((await runProgram("pcctl", ["capture", "verify", output])).exitCode).toBe(0);
  // The same secret, the same names; another, others.
  await runProgram("pcctl", [...args.slice(0, 4), `${output}.2`, "--secret-file", secret]);
  expect(readFileSync(`${output}.2`, "utf8")).toBe(text);
  await runProgram("pcctl", [...args.slice(0, 4), `${output}.3`]);
  const machineOf = (capture: string): string => /machine-[0-9a-f]{8}/.exec(capture)?.[0] ?? "";
  expect(machineOf(readFileSync(`${output}.3`, "utf8"))).not.toBe(machineOf(text));
});

test("pcctl capture anonymise renames devices wherever they are named", async () => {
  const speeds = '"machine":{"interface_speeds_mbps":{"eth0":10000,"enx001122334455":1000}}';
  const path = writeCapture([
    header.replace('"devices"', `${speeds},"devices"`),
    columns,
    '{"devices":{"cpu":[],"disk":["emcpowerCustomer"],"interface":["vethCustomer","enx001122334455"],"mount":["/","/srv/customer"],"container":["customer-web"]}}',
    sample(0),
    '{"newer":"customer"}',
  ]);
  const output = `${path}.out`;
  const { stderr } = await runProgram("pcctl", ["capture", "anonymise", path, "-o", output]);
  expect(stderr).toContain("1 line of records of another version");
  const text = readFileSync(output, "utf8");
  expect(text).not.toMatch(/customer|001122334455/i);
  const [first = "", second = "", third = ""] = text.split("\n");
  const disk = /disk-[0-9a-f]{8}/.exec(first)?.[0] ?? "none";
  expect(first).toContain(`"disk":["sda","${disk}"],"interface":["lo","if-`);
  expect(first).toMatch(/"interface_speeds_mbps":\{"eth0":10000,"if-\w{8}":1000\}/);
  expect(second).toBe(`{"columns":["load1","disk_${disk}_reads"]}`);
  expect(third).toMatch(
    /"interface":\["veth-\w{8}","if-\w{8}"\],"mount":\["\/","\/mount-\w{8}"\],"container":\["container-\w{8}"\]/,
  );
});

const containerNumbers = {
  cpu_period: 100_000,
  cpu_periods: 83,
  cpu_quota: 50_000,
  cpu_system_usec: 446_493,
  cpu_throttled: 52,
  cpu_throttled_usec: 2_326_325,
  cpu_usage_usec: 2_923_730,
  cpu_user_usec: 2_477_237,
  io_read_bytes: 50_896_896,
  io_read_ops: 95,
  io_write_bytes: 11_239_424,
  io_write_ops: 15,
  memory_anon: 110_592,
  memory_current: 58_802_176,
  memory_file: 57_663_488,
  memory_kernel: 1_028_096,
  memory_max: 536_870_912,
  memory_slab: 939_776,
  pids_current: 1,
  pids_max: 4580,
};

test("pcctl capture anonymise knows perfcollector2's format", async () => {
  const record = (subsystem: string, measurement: string): string =>
    JSON.stringify({ timestamp: 1_767_813_011, subsystem, measurement });
  const path = join(createFolder(), "collection.json.gz");
  const lines = [
    record("/proc/loadavg", "0.50 0.40 0.30 1/100 4711\n"),
    record(
      "/proc/diskstats",
      "   8       0 sda 1 2 3 4 5 6 7 8 9 10 11\n   9       7 emcpowerCustomer 1 2 3 4 5 6 7 8 9 10 11\n",
    ),
    record(
      "/proc/net/dev",
      "Inter-|   Receive |  Transmit\n face |bytes packets|bytes packets\n    lo: 1 2 0 0 0 0 0 0 3 4 0 0 0 0 0 0\nbr-customer: 1 2 0 0 0 0 0 0 3 4 0 0 0 0 0 0\n",
    ),
    record(
      "statfs[*]",
      '{"mount_point":"/","block_size":4096,"blocks_total":9,"blocks_free":8,"blocks_available":7}\n{"mount_point":"/srv/customer","block_size":512,"label":"customer","blocks_total":9,"blocks_free":8,"blocks_available":7}',
    ),
    record("/proc/customer", "who knows"),
    record(
      "container/docker/0123456789ab",
      JSON.stringify({
        container_id: "0123456789abcdef",
        container_name: "customer-web",
        runtime: "docker",
        ...containerNumbers,
      }),
    ),
  ];
  writeFileSync(path, gzipSync(`${lines.join("\n")}\n`));
  const output = join(createFolder(), "anonymous.json.gz");
  const { exitCode, stderr } = await runProgram("pcctl", [
    "capture",
    "anonymise",
    path,
    "-o",
    output,
  ]);
  const text = gunzipSync(readFileSync(output)).toString();
  expect({ exitCode, text }).toMatchObject({
    exitCode: 0,
    text: expect.not.stringMatching(/customer|0123456789ab/i),
  });
  expect(stderr).not.toContain("damaged");
  expect(text.split("\n")[0]).toBe(lines[0]);
  expect(text).toMatch(/ 0 sda 1 2 [\d ]+\\n {3}9 {7}7 disk-\w{8} 1 2 /);
  expect(text).toMatch(/ {4}lo: 1 2 [\d ]+\\nif-\w{8}: 1 2 /);
  expect(text).toMatch(/\/mount-\w{8}\\",\\"block_size\\":512,/);
  expect(text).toMatch(/container\/docker\/container-\w{8}".*cpu_usage_usec\\":2923730/);
});

test.each([
  [["capture"], "Give verify, repair or anonymise"],
  [["capture", "verify"], "Give the captures"],
  [["capture", "mend", "x"], '"mend"'],
  [["capture", "repair", "x"], "--output or --in-place"],
  [["capture", "repair", "x", "y", "-o", "z"], "one capture"],
  [["capture", "anonymise", "x"], "Give --output"],
])("pcctl %j is wrong usage", async (args, message) => {
  const { exitCode, stderr } = await runProgram("pcctl", args);
  expect(exitCode).toBe(64);
  expect(stderr).toContain(message);
});
