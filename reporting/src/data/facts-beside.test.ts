import { mkdir, mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { expect, onTestFinished, test } from "vitest";
import { toCsv, testSamples } from "../testing/machine.ts";
import { openInput } from "./open-input.ts";
import { unknownMachine } from "./machine-facts.ts";

const samples = testSamples({ rows: 10 });
const { machineId } = samples;
const kernel = "6.1.0-18-amd64";

const noSource = {
  portal: undefined,
  keyFile: undefined,
  key: undefined,
  dataDirectory: undefined,
};

/** As pcd's store has it. */
async function createStore(facts: string): Promise<string> {
  const root = await mkdtemp(join(tmpdir(), "facts-beside-"));
  onTestFinished(() => rm(root, { recursive: true }));
  const folder = join(root, "store");
  await mkdir(folder);
  await writeFile(join(folder, "2026-01-07.csv"), toCsv(samples));
  await writeFile(join(folder, "machine-facts.json"), facts);
  return folder;
}

async function factsOf(...dataFile: string[]) {
  return (await openInput({ ...noSource, machineId: undefined, dataFile })).input.facts;
}

test("openInput() takes what pcd's store keeps of the machine, of a day and of its folder", async () => {
  const folder = await createStore(JSON.stringify({ machine_id: machineId, kernel, cpu_count: 8 }));
  const known = { ...unknownMachine, kernel, cpuCount: 8 };
  expect(await factsOf(join(folder, "2026-01-07.csv"))).toEqual(known);
  expect(await factsOf(folder)).toEqual(known);
});

test.each([
  ["of another machine", JSON.stringify({ machine_id: "other", kernel })],
  ["that say not of whom", JSON.stringify({ kernel })],
  ["that are no JSON", "{"],
  ["of another type", JSON.stringify({ machine_id: machineId, kernel: 6 })],
])("openInput() leaves facts alone %s", async (_, facts) => {
  const folder = await createStore(facts);
  expect(await factsOf(join(folder, "2026-01-07.csv"))).toEqual(unknownMachine);
});

test("openInput() believes a capture that tells what the machine is before what lies beside it", async () => {
  const folder = await createStore(JSON.stringify({ machine_id: "web-01", kernel }));
  const text = await readFile(join(import.meta.dirname, "fixtures/own-format.json"), "utf8");
  const [header = "", ...lines] = text.split("\n");
  const capture = join(folder, "own-format.json");
  await writeFile(capture, text);
  expect(await factsOf(capture)).toMatchObject({ kernel });
  const told = { ...JSON.parse(header), machine: { kernel: "5.10.0" } };
  await writeFile(capture, [JSON.stringify(told), ...lines].join("\n"));
  expect(await factsOf(capture)).toMatchObject({ kernel: "5.10.0" });
});
