// Proof: every cell of perfcollector2's own containers.csv.
import { existsSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, test } from "vitest";
import { createFolder } from "../sampling/fake-procfs.ts";
import { createLayout, noDevices, offsetOf, type Devices } from "../sampling/layout.ts";
import { testRun } from "../testing/run.ts";
import { containerFields, type ContainerField } from "../cgroup/container-fields.ts";
import { createSampleEncoder } from "./encode.ts";
import { createRunHeader, renderRecord } from "./format.ts";
import { renderRawContainer } from "./raw-container.ts";
import { renderRawRecord } from "./raw-format.ts";
import { convertToContainers, type ContainersOptions } from "./to-containers.ts";

const shared = join(import.meta.dirname, "../../../../shared/data/pcc/oci-containers");
const fixtures = join(import.meta.dirname, "fixtures/oci-containers");

const captures = [
  { name: "an excerpt of oci-containers", folder: fixtures },
  { name: "oci-containers", folder: shared },
];

async function convert(paths: string[], options: Partial<ContainersOptions> = {}): Promise<string> {
  const output = join(createFolder(), "containers.csv");
  await convertToContainers(output, {
    inputs: paths.map((path) => ({ name: path, path })),
    skipDamaged: false,
    filters: {},
    names: new Map(),
    onProgress: () => Promise.resolve(),
    ...options,
  });
  return readFileSync(output, "utf8");
}

describe.each(captures)("convertToContainers() of $name", ({ folder }) => {
  const path = join(folder, "container_collection.json");
  const readExpected = (): string => readFileSync(join(folder, "containers.csv"), "utf8");
  const readNames = (): Map<string, string> =>
    new Map(Object.entries(JSON.parse(readFileSync(join(folder, "container_names.json"), "utf8"))));

  test.skipIf(!existsSync(folder))(
    "equals perfcollector2's file in every byte (skipped where ../shared is not there)",
    async () => {
      const lines = (await convert([path], { names: readNames() })).split("\r\n");
      expect(lines).toEqual(readExpected().split("\r\n"));
      expect(lines.length).toBeGreaterThan(6);
    },
  );

  test.skipIf(!existsSync(folder))(
    "gives the same when few lines fit into memory (skipped where ../shared is not there)",
    async () => {
      for (const maxWaitingLines of [1, 200]) {
        const text = await convert([path], { names: readNames(), maxWaitingLines });
        expect(text).toBe(readExpected());
      }
    },
  );
});

const id = "942b476921d8001bc53b35e48954a3a280e4a4cdceee8f13dc9396caf72de7f7";

function renderTick(timestampS: number, fields: Partial<Record<ContainerField, number>>): string {
  return renderRawRecord({
    timestampS,
    ...renderRawContainer(
      id.slice(0, 12),
      { id, name: "", runtime: "docker" },
      (field) => fields[field] ?? Number.NaN,
    ),
  });
}

async function convertText(
  text: string,
  options: Partial<ContainersOptions> = {},
): Promise<string[]> {
  const path = join(createFolder(), "capture.json");
  writeFileSync(path, text);
  const lines = (await convert([path], options)).split("\r\n");
  return lines.slice(1, -1).map((line) => line.replace(`${id},`, ""));
}

test("convertToContainers() leaves cells empty for limits that are none, after a reset, and of what was not measured", async () => {
  const text = [
    renderTick(1_700_000_000, { usage_usec: 5_000_000, memory_current: 4096 }),
    renderTick(1_700_000_005, { usage_usec: 6_000_000, memory_current: 8192, memory_max: 65_536 }),
    renderTick(1_700_000_010, { usage_usec: 10, memory_current: 4096 }),
  ].join("");
  expect(await convertText(text)).toEqual([
    "1700000000,,docker,,,,4096,,,,,,,",
    "1700000005,,docker,20.00,,,8192,65536,12.50,,,,,",
    "1700000010,,docker,,,,4096,,,,,,,",
  ]);
});

test("convertToContainers() rounds what lies halfway to the even hundredth", async () => {
  const share = async (memory: number): Promise<string | undefined> => {
    const [line] = await convertText(
      renderTick(1_700_000_000, { memory_current: memory, memory_max: 800 }),
    );
    return line?.split(",")[8];
  };
  expect([await share(1), await share(3), await share(5), await share(8)]).toEqual([
    "0.12",
    "0.38",
    "0.62",
    "1.00",
  ]);
});

test("convertToContainers() quotes names, and keeps spreadsheets from running them", async () => {
  const text = renderTick(1_700_000_000, { memory_current: 1 });
  const [line] = await convertText(text, { names: new Map([[id, '=cmd|"x",1']]) });
  expect(line).toBe(`1700000000,"'=cmd|""x"",1",docker,,,,1,,,,,,,`);
});

test("convertToContainers() reads our own captures, which know a container by its short id", async () => {
  const devices: Devices = { ...noDevices, container: ["942b476921d8", "web"] };
  const layout = createLayout(devices);
  const encode = createSampleEncoder(layout);
  const sample = (second: number): string => {
    const values = new Float64Array(layout.size).fill(Number.NaN);
    const start = offsetOf(layout, "containers");
    values.fill(second * 100_000, start, start + 2 * containerFields.length);
    return encode({
      timeMs: (1_700_000_000 + second) * 1000,
      monotonicUs: second * 1e6,
      values,
    }).toString();
  };
  const run = { ...testRun, devices };
  const text = renderRecord({ kind: "header", header: createRunHeader(run) });
  expect(await convertText(text + sample(1) + sample(3))).toEqual([
    "1700000001,942b476921d8,,,,,,100000,100000,100.00,100000,100000,100000,100000,100000",
    "1700000003,942b476921d8,,,10.00,10.00,10.00,300000,300000,100.00,300000,300000,300000,300000,300000",
    "1700000001,web,,,,,,100000,100000,100.00,100000,100000,100000,100000,100000",
    "1700000003,web,,,10.00,10.00,10.00,300000,300000,100.00,300000,300000,300000,300000,300000",
  ]);
});
