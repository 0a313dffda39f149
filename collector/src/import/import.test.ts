import { copyFileSync, existsSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { gzipSync } from "node:zlib";
import { metrics } from "@perfanalysis/contract/metrics";
import * as fc from "fast-check";
import { describe, expect, test } from "vitest";
import type { ConvertOptions } from "../capture/convert-options.ts";
import { damaged } from "../procfs/fuzz.ts";
import { createFolder } from "../sampling/fake-procfs.ts";
import { convertRows, type ConvertedRows } from "../testing/convert-rows.ts";
import { parseTimeZone } from "./time-zone.ts";

// The fixtures were written by sysstat 12.6.1, PCP 6.0.3, collectl 4.3.1 and nmon 16n on one machine in the same seconds, with some
// load on its CPUs, its disk and its loopback interface; sadf-file-systems.json later (sadc -S XDISK). Its host name was web-01.
const fixtures = join(import.meta.dirname, "fixtures");

type Row = ConvertedRows["rows"][number];

async function convert(
  names: string | string[],
  options: Partial<ConvertOptions> = {},
): Promise<ConvertedRows> {
  const paths = [names].flat().map((name) => join(fixtures, name));
  return convertPaths(paths, options);
}

function convertPaths(
  paths: string[],
  options: Partial<ConvertOptions> = {},
): Promise<ConvertedRows> {
  return convertRows(
    paths.map((path) => ({ name: path, path })),
    options,
  );
}

async function convertText(
  text: string,
  options: Partial<ConvertOptions> = {},
): Promise<ConvertedRows> {
  const path = join(createFolder(), "input");
  writeFileSync(path, text);
  return convertPaths([path], { machineId: "web-01", ...options });
}

function read(name: string): string {
  return readFileSync(join(fixtures, name), "utf8");
}

/** Cells that are not what is expected, as near as the tools round. */
function differences(row: Row | undefined, cells: Record<string, number | "">): string[] {
  return Object.entries(cells).flatMap(([column, value]) => {
    const cell = row?.[column];
    const same =
      value === "" || cell === "" ? cell === value : Math.abs(Number(cell) - value) < 1e-3;
    return same ? [] : [`${column} is ${cell ?? "not there"}, not ${value}`];
  });
}

const second = 1_795_654_426; // 2026-11-26T00:53:46Z

describe("sadf -j", () => {
  const first = {
    cpu_user: 78.71,
    cpu_nice: 2.48,
    cpu_system: 17.33,
    cpu_softirq: 0.99,
    cpu1_iowait: 0.98,
    load1: 6.73,
    load15: 2.87,
    // runq-sz 12, and sadc itself.
    procs_running: 13,
    procs_blocked: 0,
    context_switches: 12_695.05,
    forks: 145.54,
    // memfree + memused + buffers + cached + slab = 24684084 KiB, of which 2039156 are 8.26 %.
    mem_total: 24_684_084 * 1024,
    mem_free: 17_231_612 * 1024,
    mem_used: (24_684_084 - 22_190_000) * 1024,
    mem_anonymous: 1_539_132 * 1024,
    swap_total: 0,
    vm_pgin_bytes: 27_085.15 * 1024,
    vm_faults: 61_691.09,
    vm_major_faults: 11.88,
    psi_cpu_some: 91.05,
    psi_io_full: 0.07,
    disk_vda_read_bytes: 54_170.3 * 512,
    disk_vda_await_ms: 0.13,
    disk_vda_queue: 0.52,
    disk_vda_busy: 31.29,
    net_lo_rx_bytes: 894.57 * 1024,
    net_eth0_tx_packets: 1.98,
    net_eth0_rx_drops: 0,
  };

  test("sadf's documents become the catalogue's columns", async () => {
    const { summary, rows } = await convert("sadf.json");
    expect(summary).toMatchObject({ machineId: "web-01", rows: 5 });
    expect(summary.inputs[0]).toMatchObject({ format: "sadf", samples: 5, restarts: 0, notes: [] });
    expect(rows.map(({ timestamp }) => Number(timestamp) - second)).toEqual([0, 1, 2, 3, 5]);
    expect(differences(rows[0], first)).toEqual([]);
    // sar does not count reads and writes apart.
    expect(Object.keys(rows[0] ?? {})).not.toContain("disk_vda_reads");
  });

  test("sadf's documents tell of connections where sadc recorded them", async () => {
    const { rows } = await convert("sadf-connections.json");
    const [row] = rows;
    expect(
      differences(row, {
        sockets_used: 116,
        tcp_sockets: 10,
        tcp_time_wait: 606,
        udp_sockets: 0,
        tcp_active_opens: 5,
        tcp_passive_opens: 3,
        tcp_in_segments: 65,
        tcp_failed_attempts: 2,
        tcp_out_resets: 2,
        udp_out_datagrams: 2,
        udp_no_ports: 2,
      }),
    ).toEqual([]);
    const without = await convert("sadf.json");
    expect(Object.keys(without.rows[0] ?? {}).join()).not.toMatch(/tcp_active|udp_in/);
  });

  test("sadf's documents tell of file systems by their mount points, as sadf -F MOUNT has them", async () => {
    const { summary, rows } = await convert("sadf-file-systems.json");
    const mib = 1024 * 1024;
    const size = (35 + 20) * mib;
    const available = size * (1 - 0.4476);
    expect(
      differences(rows[0], {
        "fs_/_free_bytes": 219_535 * mib,
        "fs_/_inodes_free": 16_038_008,
        // The name is as the kernel writes it: the folder is called "my data".
        "fs_/srv/my\\040data_size_bytes": size,
        "fs_/srv/my\\040data_free_bytes": 35 * mib,
        "fs_/srv/my\\040data_available_bytes": available,
        "fs_/srv/my\\040data_used": (100 * 20 * mib) / (20 * mib + available),
        "fs_/srv/my\\040data_inodes": 16_372 + 12,
        "fs_/srv/my\\040data_inodes_free": 16_372,
      }),
    ).toEqual([]);
    expect(summary.inputs[0]?.notes).toEqual([]);
  });

  test("sadf's file systems without inodes, of snaps and without mount points are gaps and left out", async () => {
    const { rows } = await convertText(
      renderSadf({
        filesystems: [
          {
            mountpoint: "/boot/efi",
            MBfsfree: 500,
            MBfsused: 11,
            "%ufsused": 2,
            Ifree: 0,
            Iused: 0,
          },
          {
            mountpoint: "/snap/core/1",
            MBfsfree: 0,
            MBfsused: 74,
            "%ufsused": 100,
            Ifree: 0,
            Iused: 12,
          },
          { mountpoint: "/tiny", MBfsfree: 0, MBfsused: 0, "%ufsused": 0, Ifree: 9, Iused: 1 },
        ],
      }),
    );
    expect(rows[0]).toMatchObject({
      "fs_/boot/efi_inodes": "",
      "fs_/boot/efi_inodes_free": "",
      "fs_/tiny_used": "",
      "fs_/tiny_inodes_free": "9",
    });
    expect(Object.keys(rows[0] ?? {}).join()).not.toContain("snap");
    const devices = await convertText(
      renderSadf({
        queue: { "ldavg-1": 1 },
        filesystems: [{ filesystem: "/dev/vda", MBfsfree: 1, MBfsused: 1 }],
      }),
    );
    expect(Object.keys(devices.rows[0] ?? {}).join()).not.toContain("fs_");
    expect(devices.summary.inputs[0]?.notes).toEqual([
      "its file systems have no mount points and are left out: give sadf -F MOUNT",
    ]);
  });

  test("sadf's documents are read in one line, in any form and zipped, too", async () => {
    const folder = createFolder();
    const json: unknown = JSON.parse(read("sadf.json"));
    for (const [name, text] of [
      ["one-line", JSON.stringify(json)],
      ["wide", JSON.stringify(json, null, 8)],
    ] as const) {
      const path = join(folder, name);
      writeFileSync(path, gzipSync(text));
      expect(differences((await convertPaths([path])).rows[0], first)).toEqual([]);
    }
  });

  test.skipIf(!existsSync("/usr/bin/sadf"))(
    "sar's own file that was cut off gives what was whole, and a note (where sadf is installed)",
    async () => {
      const path = join(createFolder(), "sa26");
      writeFileSync(path, readFileSync(join(fixtures, "sa26")).subarray(0, -100));
      const { summary, rows } = await convertPaths([path]);
      expect(rows).toEqual((await convert("sadf.json")).rows.slice(0, -1));
      expect(summary.inputs[0]?.notes).toEqual([
        "sadf says: End of system activity file unexpected",
      ]);
    },
  );

  test.skipIf(!existsSync("/usr/bin/sadf"))(
    "sar's own files are read through sadf (where it is installed)",
    async () => {
      const { summary, rows } = await convert("sa26");
      expect(summary.inputs[0]?.format).toBe("sar");
      expect(rows).toEqual((await convert("sadf.json")).rows);
    },
  );

  test("the total of memory is what memused-percent agrees with, or a gap", async () => {
    const memory = (values: object): string =>
      renderSadf({ memory: { buffers: 100, cached: 300, slab: 50, ...values } });
    const total = async (values: object): Promise<string> =>
      (await convertText(memory(values))).rows[0]?.["mem_total"] ?? "";
    // sysstat 11: memused is all but free memory, 800 of 1000 KiB.
    expect(await total({ memfree: 200, memused: 800, "memused-percent": 80 })).toBe("1024000");
    // sysstat 12: without cache and slab, 350 of 1000.
    expect(await total({ memfree: 200, memused: 350, "memused-percent": 35 })).toBe("1024000");
    // Without -r ALL, sysstat 12 has no slab.
    const short = { memfree: 200, memused: 350, "memused-percent": 35, slab: undefined };
    expect(await total(short)).toBe("");
    expect(await total({ memfree: 200, memused: 0, "memused-percent": 0 })).toBe("");
  });

  test("sar -u without ALL gives no cpu_system, and guests are part of user", async () => {
    const brief = await convertText(
      renderSadf({ "cpu-load": [{ cpu: "all", user: 10, nice: 1, system: 5, idle: 84 }] }),
    );
    expect(brief.rows[0]).toMatchObject({ cpu_user: "10", cpu_system: "", cpu_idle: "84" });
    expect(brief.summary.inputs[0]?.notes).toEqual([
      "its CPU times have interrupts in system: give sadf -u ALL for cpu_system and more",
    ]);
    const cpu = { cpu: "all", usr: 10, nice: 1, sys: 5, idle: 60, guest: 20, gnice: 4 };
    const full = await convertText(renderSadf({ "cpu-load": [cpu] }));
    expect(full.rows[0]).toMatchObject({ cpu_user: "30", cpu_nice: "5", cpu_guest: "24" });
  });

  test("a disk without requests has no await, and only sysstat's older sum of interrupts is the kernel's", async () => {
    const disk = { "disk-device": "sda", tps: 0, rkB: 0, wkB: 0, await: 0, "aqu-sz": 0 };
    const sums = (key: string) => [{ intr: "sum", [key]: 100 }];
    const newer = await convertText(renderSadf({ disk: [disk], interrupts: sums("all") }));
    expect(newer.rows[0]).toMatchObject({ disk_sda_await_ms: "", disk_sda_read_bytes: "0" });
    expect(newer.rows[0]?.["interrupts"]).toBe("");
    const older = await convertText(renderSadf({ interrupts: sums("value") }));
    expect(older.rows[0]?.["interrupts"]).toBe("100");
  });

  test("times of the machine's own zone are taken by --time-zone, and UTC is said to be assumed", async () => {
    const text = read("sadf.json").replaceAll('"utc": 1', '"utc": 0');
    const assumed = await convertText(text);
    expect(Number(assumed.rows[0]?.["timestamp"])).toBe(second);
    expect(assumed.summary.inputs[0]?.notes[0]).toContain("taken as UTC");
    const zone = parseTimeZone("America/New_York") ?? undefined;
    const local = await convertText(text, { ...(zone && { timeZone: zone }) });
    expect(Number(local.rows[0]?.["timestamp"])).toBe(second + 5 * 3600);
  });

  test.each([
    ["a word for a number", /"usr": 78\.71/, '"usr": "much"', 'usr is "much", not a number'],
    ["a torn record", /"ldavg-1": 6\.73,/, '"ldavg-1" 6.73,', "this is not JSON"],
    ["a wrong date", /"2026-11-26", "time"/, '"2026-13-26", "time"', "not a date and a time"],
    ["a bracket too many", /\}\}\s*$/, "}}}", "something stands behind the document"],
  ])("sadf's document with %s names the line", async (_, pattern, replacement, message) => {
    const text = read("sadf.json").replace(pattern, replacement);
    await expect(convertText(text)).rejects.toThrow(
      new RegExp(`Cannot read .*: line \\d+: .*${message.replaceAll(/[()"]/g, ".")}`),
    );
  });

  test("sadf's document that is cut off anywhere is an error; --skip-damaged keeps what was whole", async () => {
    const text = read("sadf.json");
    for (const part of [0.3, 0.5, 0.9]) {
      const cut = text.slice(0, Math.floor(part * text.length));
      await expect(convertText(cut)).rejects.toThrow(/line \d+: the document ends in the middle/);
      const kept = await convertText(cut, { skipDamaged: true });
      expect(kept.rows).toHaveLength(Math.floor(5 * part));
      expect(kept.summary.inputs[0]?.damagedLines).toBe(1);
    }
  });
});

function renderSadf(record: object): string {
  const timestamp = { date: "2026-11-26", time: "00:53:46", utc: 1, interval: 60 };
  const host = { nodename: "web-01", statistics: [{ timestamp, ...record }], restarts: [] };
  return JSON.stringify({ sysstat: { hosts: [host] } });
}

describe("pmrep -o csv", () => {
  test("pmrep's rows become the catalogue's columns", async () => {
    const { summary, rows } = await convert("pmrep.csv", { machineId: "web-01" });
    expect(rows.map(({ timestamp }) => Number(timestamp) - second)).toEqual([0, 1, 2, 3, 4, 5]);
    expect(summary.inputs[0]?.notes).toEqual([
      "its times do not say their zone and are taken as UTC; --time-zone says another",
    ]);
    // The first row has no interval before it.
    expect(
      differences(rows[0], {
        cpu_user: "",
        load1: 6.73,
        mem_total: 24_684_084 * 1024,
        vm_faults: "",
      }),
    ).toEqual([]);
    const cpuTotal = 1389.313 + 89.956 + 479.763 + 39.98;
    expect(
      differences(rows[1], {
        cpu_user: (100 * 1389.313) / cpuTotal,
        cpu_softirq: (100 * 39.98) / cpuTotal,
        cpu1_nice: (100 * 99.951) / (679.664 + 99.951 + 199.901 + 29.985),
        context_switches: 16_693.747,
        interrupts: 6816.63,
        forks: 204.899,
        procs_running: 8,
        mem_available: 22_130_072 * 1024,
        mem_used: (24_684_084 - 22_130_072) * 1024,
        vm_pgout_bytes: 54_988.813 * 1024,
        psi_cpu_some: 93.951,
        psi_io_full: 0.0518,
        disk_vda_reads: 778.615,
        disk_vda_discards: 205.898,
        disk_vda_write_bytes: 54_920.847 * 1024,
        disk_vda_await_ms: (65.967 + 385.809 + 48.976) / (778.615 + 3039.497 + 205.898),
        disk_vda_busy: 43.1787,
        disk_vda_queue: 0.7436,
        net_lo_tx_bytes: 945_292.645,
        net_eth0_rx_packets: 1.999,
      }),
    ).toEqual([]);
  });

  test("pmrep's extended rows say their zone, and localhost is no name of a machine", async () => {
    const { summary, rows } = await convert("pmrep-extended.csv", { machineId: "web-01" });
    expect(Number(rows[0]?.["timestamp"])).toBe(second);
    expect(summary.inputs[0]?.notes).toEqual([]);
    expect(differences(rows[1], { load5: 3.9, cpu_user: "" })).toEqual([]);
    const text = read("pmrep-extended.csv").replaceAll("localhost", "db-1.example");
    const { summary: named } = await convertText(text, { machineId: null });
    expect(named.machineId).toBe("db-1-example");
  });

  test.each([
    [
      "too few cells",
      (text: string) => text.replace(/,[^,]*\n$/, "\n"),
      "the line has 103 columns",
    ],
    ["a word", (text: string) => text.replace("1389.313", "busy"), 'column 2: the value is "busy"'],
    [
      "no time",
      (text: string) => text.replace("2026-11-26 00:53:47", "x"),
      'column 1: Time is "x"',
    ],
    [
      "a foreign header",
      (text: string) => text.replaceAll(/"[a-z]+\./g, '"my.'),
      "no metric of the header is known",
    ],
  ])("pmrep's file with %s names line and column", async (_, damage, message) => {
    const error: unknown = await convertText(damage(read("pmrep.csv"))).catch((e: unknown) => e);
    expect(String(error)).toMatch(/Cannot read .*: line \d+: /);
    expect(String(error)).toContain(message);
  });
});

describe("collectl -P", () => {
  test("collectl's lines become the catalogue's columns", async () => {
    const { rows } = await convert("collectl.txt", { machineId: "web-01" });
    expect(rows.map(({ timestamp }) => Number(timestamp) - second)).toEqual([3, 4, 5, 6, 7]);
    expect(
      differences(rows[0], {
        cpu_user: 66.83,
        cpu_nice: 9.55,
        cpu_softirq: 3.02,
        cpu_guest: 0,
        cpu1_nice: 19,
        interrupts: 7757.58,
        context_switches: 16_561.62,
        load5: 3.9,
        mem_total: 24_684_084 * 1024,
        mem_free: 17_031_144 * 1024,
        mem_slab: 621_856 * 1024,
        mem_dirty: 2348 * 1024,
        vm_pgin_bytes: 57_923.23 * 1024,
        vm_faults: 67_102.02,
        disk_vda_reads: 905.05,
        disk_vda_writes: 3591.92,
        disk_vda_read_bytes: 57_923.23 * 1024,
        disk_vda_busy: 44.03,
        net_lo_rx_bytes: 953.82 * 1024,
        net_lo_rx_packets: 954.55,
      }),
    ).toEqual([]);
    // Not what the catalogue means by them.
    const columns = Object.keys(rows[0] ?? {});
    for (const left of ["procs_running", "mem_used", "vm_swapin_pages", "disk_vda_await_ms"]) {
      expect(columns).not.toContain(left);
    }
  });

  test("collectl's summary and details are one CSV, and its header tells host and zone", async () => {
    const parts = ["tab", "cpu", "dsk", "net"].map((part) => `web-01-20261126.${part}`);
    const { summary, rows } = await convert(parts);
    expect(summary).toMatchObject({ machineId: "web-01", rows: 5 });
    expect(summary.inputs.flatMap(({ notes }) => notes)).toEqual([]);
    expect(
      differences(rows[4], {
        timestamp: second + 7,
        cpu_user: 76,
        cpu0_user: 81,
        cpu1_system: 17,
        disk_vda_writes: 1619,
        disk_vda_busy: 27,
        net_lo_rx_bytes: 876 * 1024,
      }),
    ).toEqual([]);
    const merged = convertText(read(parts[0] ?? "") + read(parts[1] ?? ""));
    await expect(merged).rejects.toThrow(
      /line 36: behind the header of line 35 the time goes back: .* give each of them by itself, with --input/,
    );
    const local = read("collectl.txt").replace(
      "waiting for 1 second sample...",
      "# Date:       20261126-003750  Secs: 1795653470 TZ: -0500",
    );
    const shifted = await convertText(local);
    expect(Number(shifted.rows[0]?.["timestamp"])).toBe(second + 3 + 5 * 3600);
  });

  test.each([
    [
      "a cell too many",
      (text: string) => text.replace(/\n$/, " 1\n"),
      "line 7: the line has 185 columns",
    ],
    ["a word", (text: string) => text.replace("66.83", "much"), 'column 3: user is "much"'],
    ["no header", (text: string) => text.replace(/#Date.*\n/, ""), "stands before the header"],
    [
      "no such hour",
      (text: string) => text.replace("00:53:49", "25:53:49"),
      "not YYYYMMDD HH:MM:SS",
    ],
  ])("collectl's file with %s names the line", async (_, damage, message) => {
    const error: unknown = await convertText(damage(read("collectl.txt"))).catch((e: unknown) => e);
    expect(String(error)).toMatch(/Cannot read .*: line \d+: /);
    expect(String(error)).toContain(message);
  });
});

describe("nmon", () => {
  test("nmon's snapshots become the catalogue's columns", async () => {
    const { summary, rows } = await convert("web-01.nmon");
    expect(summary).toMatchObject({ machineId: "web-01", rows: 5 });
    expect(rows.map(({ timestamp }) => Number(timestamp) - second)).toEqual([1, 2, 3, 4, 5]);
    // Its first growths are of an unknown time, and its first rates are zeros.
    expect(
      differences(rows[0], { vm_faults: "", context_switches: "", forks: "", disk_vda_busy: 32.2 }),
    ).toEqual([]);
    const total = 136.32 + 16.92 + 41.79 + 3.98;
    expect(
      differences(rows[1], {
        cpu_user: (100 * 136.32) / total,
        cpu_nice: (100 * 16.92) / total,
        cpu_system: (100 * 41.79) / total,
        cpu_idle: 0,
        cpu1_softirq: (100 * 3.98) / (59.7 + 17.91 + 18.91 + 3.98),
        context_switches: 15_341.3,
        forks: 22.9,
        procs_running: 9,
        mem_total: Math.round(24_105.6 * 1024 * 1024),
        mem_cached: Math.round(4575.4 * 1024 * 1024),
        vm_pgin_bytes: 40_964 * 1024,
        vm_faults: 68_774,
        disk_vda_read_bytes: 40_760.2 * 1024,
        disk_vda_write_bytes: 52_322.4 * 1024,
        disk_vda_busy: 41.8,
        net_lo_rx_bytes: 959.6 * 1024,
        net_lo_tx_packets: 960.2,
      }),
    ).toEqual([]);
  });

  test("nmon without -U has nice in user and interrupts in system: both are left out, and that is said", async () => {
    const text = read("web-01.nmon").replaceAll(/^CPUUTIL.*\n/gm, "");
    const { summary, rows } = await convertText(text);
    expect(rows[1]).toMatchObject({ cpu_user: "", cpu_system: "", cpu_idle: "0", cpu0_idle: "0" });
    expect(summary.inputs[0]?.notes).toEqual([
      "its times do not say their zone and are taken as UTC; --time-zone says another",
      "its CPU times have nice in user and interrupts in system: give nmon -U for cpu_user and more",
    ]);
  });

  test("nmon's growths are divided by the seconds between snapshots", async () => {
    const text = read("web-01.nmon")
      .replace("AAA,interval,1", "AAA,interval,4")
      .replace("T0003,00:53:49", "T0003,00:53:59");
    const { rows } = await convertText(text.replace(/^ZZZZ,T0004[\s\S]*/m, ""));
    // A second after the one before, which is not what was asked for; and eleven seconds after that one.
    expect(differences(rows[1], { vm_faults: 68_774 })).toEqual([]);
    expect(differences(rows[2], { vm_faults: 49_285 / 11 })).toEqual([]);
  });

  test.each([
    [
      "its lines sorted",
      (text: string) => `${text.split("\n").filter(Boolean).toSorted().join("\n")}\n`,
      "give the file as nmon wrote it, not sorted",
    ],
    ["a word", (text: string) => text.replace("40760.2", "much"), 'column 3: vda is "much"'],
    [
      "no such month",
      (text: string) => text.replaceAll("26-NOV", "26-NOW"),
      "not HH:MM:SS,DD-MON-YYYY",
    ],
  ])("nmon's file with %s names the line", async (_, damage, message) => {
    const error: unknown = await convertText(damage(read("web-01.nmon"))).catch((e: unknown) => e);
    expect(String(error)).toMatch(/Cannot read .*: line \d+: /);
    expect(String(error)).toContain(message);
  });
});

test("nmon's file that was cut off before its first snapshot is no capture", async () => {
  const text = read("web-01.nmon");
  const firstSnapshot = text.indexOf("ZZZZ,");
  for (const length of [text.indexOf("\n") + 1, firstSnapshot, firstSnapshot + 9]) {
    for (const skipDamaged of [false, true]) {
      await expect(convertText(text.slice(0, length), { skipDamaged })).rejects.toThrow(
        /line \d+: the file ends here, before its first snapshot .*: it is cut off, .*; copy it anew/,
      );
    }
  }
});

/** What is wrong with a conversion: it must give numbers and gaps, or an error that names a line. */
async function findFault(path: string, skipDamaged: boolean): Promise<string | null> {
  let rows: Row[];
  try {
    ({ rows } = await convertPaths([path], { machineId: "m", skipDamaged }));
  } catch (error) {
    const message = error instanceof SyntaxError ? error.message : "";
    return /^Cannot read .*: (?:line \d+|it holds no lines)/.test(message) ? null : String(error);
  }
  const cells = rows.flatMap((row) => Object.values(row).slice(2));
  return cells.find((cell) => cell !== "" && !(Number(cell) >= 0)) ?? null;
}

describe("files of other tools", () => {
  test.each(["sadf.json", "pmrep.csv", "collectl.txt", "web-01-20261126.net", "web-01.nmon"])(
    "%s, damaged anyhow, gives numbers or an error that names a line",
    async (name) => {
      const path = join(createFolder(), "input");
      await fc.assert(
        fc.asyncProperty(damaged(read(name)), fc.boolean(), async (text, skipDamaged) => {
          writeFileSync(path, text);
          expect(await findFault(path, skipDamaged)).toBeNull();
        }),
        { numRuns: 60 },
      );
    },
  );

  test("JSON of something else is no capture, also where it is written as sadf's may be", async () => {
    const json = `${JSON.stringify({ name: "x", version: "1.0.0", scripts: {} }, null, 2)}\n`;
    for (const text of [json, `\n${json}`, "{\n}\n", "{\n"]) {
      await expect(convertText(text)).rejects.toThrow(/line [12] is no line of a capture/);
      await expect(convertText(text, { skipDamaged: true })).rejects.toThrow(SyntaxError);
    }
    await expect(convertText(json, { inputFormat: "sadf" })).rejects.toThrow(
      "it is no document of sadf",
    );
    const rewritten = JSON.stringify(JSON.parse(read("sadf.json")), null, 2);
    expect((await convertText(rewritten)).rows).toHaveLength(5);
  });

  test("devices are left out as pcc leaves them out, unless included", async () => {
    const text = read("web-01.nmon").replaceAll("ifb1", "veth1");
    const left = await convertText(text);
    expect(Object.keys(left.rows[0] ?? {}).join()).not.toContain("veth1");
    const filters = { interface: { include: /^veth/ } };
    const columns = Object.keys((await convertText(text, { filters })).rows[0] ?? {});
    expect(columns.filter((name) => name.startsWith("net_")).join()).toMatch(
      /^(?:net_veth1_\w+,?)+$/,
    );
  });

  test("what a file is can be said, too", async () => {
    const path = join(createFolder(), "x");
    copyFileSync(join(fixtures, "web-01.nmon"), path);
    await expect(convertPaths([path], { inputFormat: "pmrep" })).rejects.toThrow(
      "line 1: the header has no column Time",
    );
  });

  test("docs/import.md says which columns come from which tool", async () => {
    const sources: [title: string, files: string[]][] = [
      ["sadf, sar", ["sadf.json", "sadf-connections.json", "sadf-file-systems.json"]],
      ["pmrep", ["pmrep.csv"]],
      ["collectl", ["collectl.txt"]],
      ["nmon", ["web-01.nmon"]],
    ];
    const known = await Promise.all(
      sources.map(async ([, files]) => {
        const { rows } = await convert(files, { machineId: "web-01" });
        return new Set(
          Object.keys(rows[0] ?? {}).filter((name) => rows.some((row) => row[name] !== "")),
        );
      }),
    );
    const kept = ["machine", "disk", "interface", "mount"];
    const lines = metrics
      .filter(({ scope, resource }) => kept.includes(scope) && resource !== "collector")
      .map(({ name }) => {
        const column = name
          .replace("<device>", "vda")
          .replace("<interface>", "lo")
          .replace("<mount>", "/");
        return `| \`${name}\` | ${known.map((columns) => (columns.has(column) ? "✓" : "–")).join(" | ")} |`;
      })
      .filter((line) => line.includes("✓"));
    const page = readFileSync(join(import.meta.dirname, "../../../docs/import.md"), "utf8");
    expect(page.split("\n").filter((line) => line.startsWith("| `"))).toEqual(lines);
  });
});
