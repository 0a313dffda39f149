import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { setTimeout } from "node:timers/promises";
import { gzipSync } from "node:zlib";
import { describe, expect, test } from "vitest";
import { createFolder } from "../sampling/fake-procfs.ts";
import { createLayout, noDevices, type Devices } from "../sampling/layout.ts";
import { toMachine } from "../sampling/machine.ts";
import { shrinkLines } from "./differences.ts";
import { createSampleEncoder } from "./encode.ts";
import { createRunHeader, renderRecord, type RunHeader } from "./format.ts";
import { renderRawRecord } from "./raw-format.ts";
import { readCapture, type CaptureSummary } from "./read.ts";

const devices: Devices = { ...noDevices, cpu: ["cpu", "cpu0"], disk: ["sda"], interface: ["eth0"] };
const run: RunHeader = createRunHeader({
  pccVersion: "0.1.0",
  host: "web-01.example",
  machineId: "web-01",
  bootId: "a",
  intervalMs: 1000,
  devices,
});
const header = renderRecord({ kind: "header", header: run });

function renderSample(second: number, of: Devices = devices): string {
  const layout = createLayout(of);
  const values = new Float64Array(layout.size).fill(second);
  return createSampleEncoder(layout)({
    timeMs: (1_700_000_000 + second) * 1000,
    monotonicUs: second * 1e6,
    values,
  }).toString();
}

interface Seen {
  summary: CaptureSummary;
  /** Seconds of the samples. */
  samples: number[];
  runs: (string | null)[];
  disks: string[];
  mounts: (readonly string[])[];
  containers: (readonly string[])[];
  identities: string[];
}

async function read(
  content: string | Buffer,
  { skipDamaged = false, name = "capture.json", isSlow = false } = {},
): Promise<Seen> {
  const path = join(createFolder(), "capture");
  writeFileSync(path, content);
  const seen: Omit<Seen, "summary"> = {
    samples: [],
    runs: [],
    disks: [],
    mounts: [],
    containers: [],
    identities: [],
  };
  const summary = await readCapture(path, {
    name,
    skipDamaged,
    visitor: {
      run: ({ bootId }) => seen.runs.push(bootId),
      layout: (layout) => {
        seen.disks.push(layout.devices.disk.join("+"));
        seen.mounts.push(layout.devices.mount);
        seen.containers.push(layout.devices.container);
      },
      container: (device, { runtime }) => seen.identities.push(`${device} ${runtime}`),
      sample: ({ timeMs }) => seen.samples.push(timeMs / 1000 - 1_700_000_000),
      afterChunk: () => (isSlow ? setTimeout(20) : Promise.resolve()),
    },
  });
  return { summary, ...seen };
}

describe("readCapture() of our own format", () => {
  test("readCapture() gives runs, layouts and samples in order, and counts what happened", async () => {
    const more = { ...devices, disk: ["sda", "sdb"] };
    const content = [
      header,
      renderSample(1),
      renderRecord({ kind: "gap", timeMs: 5, missedTicks: 3 }),
      renderRecord({ kind: "devices", devices: more }),
      renderSample(5, more),
      renderRecord({ kind: "restart", header: { ...run, bootId: "b" } }),
      renderRecord({
        kind: "status",
        timeMs: 6,
        status: { source: "pressure/io", error: "ENOENT" },
      }),
      renderRecord({ kind: "clock", timeMs: 6, stepMs: -3_600_000 }),
      '{"invented_later":1}\n',
      renderSample(6),
    ].join("");
    const seen = await read(content);
    expect(seen.samples).toEqual([1, 5, 6]);
    expect(seen.runs).toEqual(["a", "b"]);
    expect(seen.disks).toEqual(["sda", "sda+sdb", "sda"]);
    expect(seen.summary).toMatchObject({
      format: "perfanalysis-capture",
      lines: 10,
      samples: 3,
      restarts: 1,
      missedTicks: 3,
      clockSteps: 1,
      failedSources: { "pressure/io": "ENOENT" },
      skipped: { record: 1 },
      damagedLines: 0,
      tornTail: false,
    });
  });

  test("readCapture() reads captures from before there were mounts and containers as having none", async () => {
    const older = header
      .replace(/,"mount":\[\],"container":\[\]/, "")
      .replace(/,\{"name":"mounts".*\}\]/, "]");
    expect(older).not.toMatch(/mount|container/);
    const sample = renderSample(1).replace(/,\[\],\[\].*\]\}/, "]}");
    expect((await read(older + sample)).samples).toEqual([1]);
  });

  test("readCapture() tells what the machine is, also where it has changed with a restart", async () => {
    const at = (kernel: string): RunHeader => ({ ...run, machine: toMachine({ kernel }) });
    const first = renderRecord({ kind: "header", header: at("5.15") }) + renderSample(1);
    expect((await read(first)).summary.machine).toMatchObject({ kernel: "5.15", cloud: null });
    const restart = renderRecord({ kind: "restart", header: at("6.8") });
    expect((await read(first + restart)).summary.machine).toMatchObject({ kernel: "6.8" });
    expect((await read(header + renderSample(1))).summary.machine).toBeNull();
  });

  test("readCapture() keeps the speed of a line that was told before a restart and not behind it", async () => {
    const at = (speeds: Record<string, number>): RunHeader => ({
      ...run,
      machine: toMachine({ interface_speeds_mbps: speeds }),
    });
    const first = { kind: "header", header: at({ eth0: 1000, eth1: 1000 }) } as const;
    const text = renderRecord(first) + renderSample(1);
    const speedsOf = async (after: Record<string, number>): Promise<unknown> =>
      (await read(text + renderRecord({ kind: "restart", header: at(after) }))).summary.machine
        ?.interface_speeds_mbps;
    expect(await speedsOf({ eth1: 10_000 })).toEqual({ eth0: 1000, eth1: 10_000 });
    // As at a boot, before the links are up.
    expect(await speedsOf({})).toEqual({ eth0: 1000, eth1: 1000 });
  });

  test("readCapture() reads mounts, by the path as the kernel escapes it", async () => {
    const mount = ["/", "/srv/my\\040data", `/var/lib/docker/overlay2/${"0f".repeat(32)}/merged`];
    const of = { ...devices, mount };
    const seen = await read(
      renderRecord({ kind: "header", header: { ...run, devices: of } }) + renderSample(1, of),
    );
    expect(seen).toMatchObject({ samples: [1], mounts: [mount] });
  });

  test.each(["a b", "a,b", "", "\u0007", "x".repeat(256)])(
    "readCapture() refuses the device name %j, which no column can have",
    async (name) => {
      const of = { ...devices, interface: [name] };
      const line = renderRecord({ kind: "header", header: { ...run, devices: of } });
      await expect(read(line)).rejects.toThrow("line 1: devices.interface has ");
    },
  );

  test("readCapture() reads gzip, also of several members", async () => {
    const content = Buffer.concat([gzipSync(header + renderSample(1)), gzipSync(renderSample(2))]);
    expect((await read(content)).samples).toEqual([1, 2]);
  });

  test("readCapture() leaves out a torn last line, cut anywhere, and says so", async () => {
    const last = renderSample(2);
    for (const length of [1, 2, 5, 20, last.length - 2]) {
      const seen = await read(header + renderSample(1) + last.slice(0, length));
      expect(seen.samples).toEqual([1]);
      expect(seen.summary.tornTail).toBe(true);
    }
  });

  test("readCapture() reads a last line that lacks nothing but its line end", async () => {
    const seen = await read(header + renderSample(1).trimEnd());
    expect(seen.samples).toEqual([1]);
    expect(seen.summary.tornTail).toBe(false);
  });

  const damaged: [string, string, string][] = [
    ["a torn line", `${renderSample(2).slice(0, 70)}\n`, "line 3: column 71: expected"],
    ["a foreign line", "Jan 01 kernel: hello\n", 'line 3: "Jan 01 kernel: hello" is not JSON'],
    ["bytes of zero", "\0\0\0\0\n", "line 3: "],
    [
      "a sample with too many values",
      renderSample(2, { ...devices, disk: ["a", "b"] }),
      "line 3: column",
    ],
    [
      "a number that is none",
      renderSample(2).replace('"m":', '"m":x'),
      "line 3: column 24: expected a number",
    ],
  ];
  const damagedRestarts: [string, string, string][] = [
    [
      "another machine's restart",
      renderRecord({ kind: "restart", header: { ...run, machineId: "db" } }),
      'line 3: machine_id is "db", but was "web-01"',
    ],
    ["a broken restart", '{"restart":{"pcc":1}}\n', "line 3: machine_id is missing, not a text"],
  ];

  test.each([...damaged, ...damagedRestarts])(
    "readCapture() names the line of %s",
    async (_, line, message) => {
      const content = header + renderSample(1) + line + renderSample(3);
      const error: unknown = await read(content).catch((cause: unknown) => cause);
      expect(error).toBeInstanceOf(SyntaxError);
      expect(String(error)).toContain(`Cannot read capture.json: ${message}`);
    },
  );

  test.each(damaged)(
    "readCapture() goes on behind %s when told to, and reports it",
    async (_, line, message) => {
      const seen = await read(header + renderSample(1) + line + renderSample(3), {
        skipDamaged: true,
      });
      expect(seen.samples).toEqual([1, 3]);
      expect(seen.summary.damagedLines).toBe(1);
      expect(seen.summary.damage[0]).toContain(message);
    },
  );

  test.each(damagedRestarts)(
    "readCapture() leaves out what stands behind %s, when told to go on",
    async (_, line, message) => {
      const content = header + renderSample(1) + line + renderSample(2);
      const restarted = content + renderRecord({ kind: "restart", header: run }) + renderSample(3);
      const seen = await read(restarted, { skipDamaged: true });
      expect(seen.samples).toEqual([1, 3]);
      expect(seen.summary.damage[0]).toContain(message);
    },
  );

  test("readCapture() does not guess what samples behind a damaged list of devices hold", async () => {
    const other = { ...devices, disk: ["sdb"] };
    const content = [
      header,
      renderSample(1),
      `${renderRecord({ kind: "devices", devices: other }).slice(0, 40)}\n`,
      renderSample(2, other),
      renderRecord({ kind: "restart", header: run }),
      renderSample(3),
    ].join("");
    const seen = await read(content, { skipDamaged: true });
    expect(seen.samples).toEqual([1, 3]);
    expect(seen.summary.damagedLines).toBe(2);
    expect(seen.summary.damage[1]).toContain("line 4: a sample stands before the header");
  });

  test.each([
    ["", "it holds no lines"],
    ["hello\n", "line 1 is no line of a capture"],
    ['{"format":"something-else","version":1}\n', 'line 1: format is "something-else"'],
    [
      header.replace('"version":1', '"version":9'),
      "line 1: version is 9; this program reads version 1",
    ],
    [header.replace('"web-01"', '"we b"'), 'line 1: machine_id is "we b"'],
    [
      header.replace('["eth0"]', '["eth0","eth0"]'),
      'line 1: devices.interface is ["eth0","eth0"], not a list of different names',
    ],
  ])("readCapture() says why %j is no capture", async (content, message) => {
    await expect(read(content)).rejects.toThrow(`Cannot read capture.json: ${message}`);
  });

  test("readCapture() says that gzip data is cut off or damaged", async () => {
    const zipped = gzipSync(header + renderSample(1));
    await expect(read(zipped.subarray(0, zipped.length - 9))).rejects.toThrow(
      "Cannot read capture.json: its gzip data is cut off",
    );
    zipped.fill(0xff, 20, 60);
    await expect(read(zipped)).rejects.toThrow(
      "Cannot read capture.json: its gzip data is damaged",
    );
  });
});

describe("readCapture() of gzip data that is cut off", () => {
  const members = [header + renderSample(1), renderSample(2) + renderSample(3), renderSample(4)];
  const zippedMembers = members.map((text) => gzipSync(text));
  const all = Buffer.concat(zippedMembers);
  const whole = Buffer.concat(zippedMembers.slice(0, 2)).length;

  test.each([
    ["in a later member's header", whole + 5, [1, 2, 3]],
    ["in the last member's trailer", all.length - 3, [1, 2, 3, 4]],
    ["in the second member's trailer", whole - 1, [1, 2, 3]],
  ])(
    "readCapture() keeps every whole line before a cut %s when told to go on",
    async (_, length, samples) => {
      const cut = all.subarray(0, length);
      await expect(read(cut)).rejects.toThrow("Cannot read capture.json: its gzip data is cut off");
      const seen = await read(cut, { skipDamaged: true });
      expect(seen.samples).toEqual(samples);
      expect(seen.summary).toMatchObject({
        damagedLines: 1,
        damage: [`line ${samples.length + 2}: the gzip data is cut off`],
      });
    },
  );

  test("readCapture() keeps whole lines before the cut that are not read yet when it comes", async () => {
    // What goes beyond the first piece of a megabyte waits while that is used.
    const lines = [header];
    for (let length = header.length; length < 1024 * 1024 + 8192;) {
      const sample = renderSample(lines.length);
      lines.push(sample);
      length += sample.length;
    }
    const zipped = gzipSync(lines.join(""));
    const cut = zipped.subarray(0, zipped.length - 8);
    const { samples, summary } = await read(cut, { skipDamaged: true, isSlow: true });
    expect(samples).toEqual(lines.slice(1).map((_, index) => index + 1));
    expect(summary.damage).toEqual([`line ${lines.length + 1}: the gzip data is cut off`]);
  });

  test("readCapture() says that data cut off before its first line is no capture", async () => {
    const cut = all.subarray(0, 30);
    await expect(read(cut, { skipDamaged: true })).rejects.toThrow(
      "Cannot read capture.json: its gzip data is cut off",
    );
  });
});

describe("readCapture() of gzip data that is damaged", () => {
  const seconds = [1, 2, 3, 4, 5, 6];
  const body = seconds.map((second) => renderSample(second)).join("");
  const borderOf = (quarter: number): number => Math.floor((quarter * body.length) / 4);
  /** As of pcc's closed captures: the later ones begin anywhere in a line. */
  const pieces = [
    gzipSync(header),
    ...[0, 1, 2, 3].map((at) => gzipSync(body.slice(borderOf(at), borderOf(at + 1)))),
  ];

  test("readCapture() loses what is in the damaged member, and the lines at its ends", async () => {
    for (const damaged of [1, 2, 3, 4]) {
      for (const at of [0, 12, 40, -6]) {
        const members = pieces.map((piece) => Buffer.from(piece));
        const member = members[damaged] ?? Buffer.alloc(0);
        const place = at < 0 ? member.length + at : at;
        member[place] = (member[place] ?? 0) ^ 0x55;
        await expect(read(Buffer.concat(members))).rejects.toThrow(
          "its gzip data is damaged; pcprocess --skip-damaged reads what is whole",
        );
        const { samples, summary } = await read(Buffer.concat(members), { skipDamaged: true });
        const [from, to] = [borderOf(damaged - 1), borderOf(damaged)];
        const whole = seconds.filter((second) => {
          const start = body.indexOf(renderSample(second));
          return start + renderSample(second).length <= from || start > to;
        });
        expect(samples).toEqual(whole);
        expect(summary.damagedLines).toBe(1);
        expect(summary.damage[0]).toContain("a piece of the gzip data is damaged");
      }
    }
  });

  test("readCapture() never gives a wrong sample, whichever bit of the data is flipped", async () => {
    const all = Buffer.concat(pieces);
    const right = new Set((await read(all)).samples);
    for (let at = (pieces[0] ?? all).length; at < all.length; at += 7) {
      const flipped = Buffer.from(all);
      flipped[at] = (flipped[at] ?? 0) ^ (1 << (at % 8));
      const { samples, summary } = await read(flipped, { skipDamaged: true });
      expect(samples.filter((sample) => !right.has(sample))).toEqual([]);
      expect(summary.damagedLines > 0 || samples.length === right.size).toBe(true);
    }
  });

  test("readCapture() says so where the beginning is damaged, which tells what it is", async () => {
    const members = pieces.map((piece) => Buffer.from(piece));
    members[0]?.fill(0xff, 20, 40);
    await expect(read(Buffer.concat(members), { skipDamaged: true })).rejects.toThrow(
      "Cannot read capture.json: its gzip data is damaged at its beginning",
    );
  });

  test("readCapture() says so where all of it is one piece, and takes padding for none", async () => {
    const one = gzipSync(header + body);
    const padded = await read(Buffer.concat([one, Buffer.alloc(512)]));
    expect(padded.samples).toEqual(seconds);
    const damageAt = async (at: number): Promise<unknown> => {
      const damaged = Buffer.from(one);
      damaged[at] = (damaged[at] ?? 0) ^ 0x55;
      return read(damaged, { skipDamaged: true }).catch((error: unknown) => error);
    };
    const message = "Cannot read capture.json: its gzip data is damaged";
    expect(String(await damageAt(60))).toMatch(
      new RegExp(
        `${message} at byte \\d+ of ${one.length} or before, and zipped in one piece, of which nothing is certain`,
      ),
    );
    // The checksum.
    expect(String(await damageAt(one.length - 6))).toContain(`${message} somewhere, and zipped`);
  });
});

describe("readCapture() of perfcollector2's format", () => {
  const stat = (ctxt: number, btime = 1_600_000_000): string =>
    `cpu  1 2 3 4 5 6 7 8 9 10\ncpu0 1 2 3 4 5 6 7 8 9 10\nctxt ${ctxt}\nbtime ${btime}\n`;
  const record = (second: number, subsystem: string, measurement: string): string =>
    renderRawRecord({ timestampS: 1_700_000_000 + second, subsystem, measurement });

  test("readCapture() makes a sample of the lines of one timestamp, also of the last", async () => {
    const content = [
      record(0, "/proc/stat", stat(1)),
      record(0, "/proc/loadavg", "0.25 0.11 0.08 2/94 6580\n"),
      record(5, "/proc/stat", stat(2)),
      record(5, "something/else", "{}"),
      record(10, "/proc/stat", stat(3)),
    ].join("");
    const seen = await read(content);
    expect(seen.samples).toEqual([0, 5, 10]);
    expect(seen.summary).toMatchObject({
      format: "perfcollector2",
      samples: 3,
      skipped: { "something/else": 1 },
    });
  });

  test("readCapture() reads containers and mounts as devices, in an order that does not change", async () => {
    const container = (name: string): string =>
      `{"container_id":"${name}${"0".repeat(52)}","cpu_usage_usec":5,"memory_max":0,"runtime":"docker"}`;
    const mount = (path: string): string =>
      `${JSON.stringify({ mount_point: path, block_size: 4096, blocks_total: 9, blocks_free: 8, blocks_available: 7 })}\n`;
    const [one, other] = ["942b476921d8", "b98291792f12"];
    const content = [
      record(0, `container/docker/${one}`, container(one)),
      record(0, `container/docker/${other}`, container(other)),
      record(5, `container/docker/${other}`, container(other)),
      record(5, `container/docker/${one}`, container(one)),
      record(5, "statfs[*]", mount("/") + mount("/srv/my data, too")),
    ].join("");
    const seen = await read(content);
    expect(seen.containers).toEqual([
      [one, other],
      [one, other],
    ]);
    expect(seen.mounts).toEqual([[], ["/", "/srv/my\\040data\\054\\040too"]]);
    expect(seen.identities).toEqual([`${one} docker`, `${other} docker`]);
    expect(seen.summary).toMatchObject({ samples: 2, skipped: {} });
  });

  test.each([
    ['{"cpu_usage_usec":-1}', "cpu_usage_usec is -1, less than 0"],
    ['{"memory_current":"1 GB"}', 'memory_current is "1 GB", not a number'],
    ['{"runtime":7}', "runtime is 7, not a text"],
    ["[]", "the container's measurement is [], not an object"],
  ])(
    "readCapture() names the key of a container's measurement %s",
    async (measurement, message) => {
      await expect(read(record(0, "container/docker/942b476921d8", measurement))).rejects.toThrow(
        `Cannot read capture.json: line 1: ${message}`,
      );
    },
  );

  test("readCapture() sees a boot between two samples", async () => {
    const seen = await read(
      record(0, "/proc/stat", stat(1)) + record(60, "/proc/stat", stat(900, 1_700_000_030)),
    );
    expect(seen.runs).toEqual([null, null]);
    expect(seen.summary.restarts).toBe(1);
  });

  test.each([
    ['{"timestamp":1700000005,"subsystem":"/proc/st\n', "line 2: "],
    [
      '{"timestamp":"soon","subsystem":"/proc/stat","measurement":""}\n',
      'line 2: timestamp is "soon"',
    ],
    ['{"timestamp":1700000005,"subsystem":"/proc/stat"}\n', "line 2: measurement is missing"],
    [
      record(5, "/proc/stat", "cpu  1 2 x 4 5 6 7 8\n"),
      'line 2: Cannot parse /proc/stat: line 1: system of cpu is "x"',
    ],
    [
      record(5, "statfs[*]", '{"mount_point":"/"}\n'),
      "line 2: statfs line 1: block_size is missing",
    ],
  ])("readCapture() names line and value of %j", async (line, message) => {
    const content = record(0, "/proc/stat", stat(1)) + line + record(10, "/proc/stat", stat(2));
    await expect(read(content)).rejects.toThrow(`Cannot read capture.json: ${message}`);
    const seen = await read(content, { skipDamaged: true });
    expect(seen.samples.at(-1)).toBe(10);
    expect(seen.summary.damagedLines).toBe(1);
  });
});

describe("readCapture() of differences", () => {
  const closed = shrinkLines(
    Buffer.from(header + [1, 2, 3, 4].map((second) => renderSample(second)).join("")),
  ).toString();

  test("readCapture() reads what a closed capture holds as differences", async () => {
    expect(closed.split("\n").map((line) => line[0])).toEqual(["{", "{", "=", "=", "=", undefined]);
    const { samples, summary } = await read(gzipSync(closed));
    expect(samples).toEqual([1, 2, 3, 4]);
    expect(summary).toMatchObject({ samples: 4, damagedLines: 0, tornTail: false });
  });

  test("readCapture() does not take differences from a line that is damaged", async () => {
    const lines = closed.split("\n");
    const damaged = [lines[0], lines[1]?.replace('"s":[[1', '"s":[[x'), ...lines.slice(2)];
    await expect(read(damaged.join("\n"))).rejects.toThrow("line 2: column");
    const { samples, summary } = await read(damaged.join("\n"), { skipDamaged: true });
    expect(samples).toEqual([]);
    expect(summary.damagedLines).toBe(4);
  });
});
