// What each kernel file of this machine takes to read and to parse, as pcc does it: the kernel's part, the parser of the hot path,
// and the plain one for comparison. As in pcc, nothing is optimised: at one sample a second nothing pays that back.
// It measures functions, not a program, so it must import them.
// oxlint-disable eslint/no-restricted-imports
import { join } from "node:path";
import { setFlagsFromString } from "node:v8";
import { listDevices, selectDevices } from "../collector/src/sampling/devices.ts";
import { createFileParsers } from "../collector/src/sampling/file-parsers.ts";
import { KernelFileHandle } from "../collector/src/sampling/kernel-file.ts";
import { createLayout, noDevices } from "../collector/src/sampling/layout.ts";
import { kernelFiles, listKernelFiles, type Reading } from "../collector/src/sampling/readings.ts";
import { ByteText } from "../collector/src/procfs/in-place/byte-text.ts";

const roundMs = 40;
const rounds = 5;
/** Of all parsers of the hot path together; what a sample takes altogether is to stay below 1 ms. */
const limitUs = 500;

interface Measured {
  file: string;
  bytes: number;
  readUs: number;
  inPlaceUs: number;
  plainUs: number;
}

export async function run(): Promise<void> {
  setFlagsFromString("--no-opt");
  setFlagsFromString("--no-maglev");
  const measured = measureAll();
  console.log(
    `${"".padEnd(16)} ${["bytes", "read µs", "in place µs", "plain µs"].map((title) => title.padStart(12)).join("")}`,
  );
  const sum = (key: "bytes" | "readUs" | "inPlaceUs" | "plainUs"): number =>
    measured.reduce((total, one) => total + one[key], 0);
  const all = {
    file: "all",
    bytes: sum("bytes"),
    readUs: sum("readUs"),
    inPlaceUs: sum("inPlaceUs"),
    plainUs: sum("plainUs"),
  };
  for (const { file, bytes, readUs, inPlaceUs, plainUs } of [...measured, all]) {
    const cells = [String(bytes), ...[readUs, inPlaceUs, plainUs].map((time) => time.toFixed(1))];
    console.log(`${file.padEnd(16)} ${cells.map((cell) => cell.padStart(12)).join("")}`);
  }
  const met = all.inPlaceUs <= limitUs;
  console.log(`parsed in place: limit ${limitUs} µs: ${met ? "met" : "missed"}`);
  if (!met) process.exitCode = 1;
}

function measureAll(): Measured[] {
  const buffer = new ByteText(64 * 1024);
  const texts = new Map(
    listKernelFiles().flatMap((file) => {
      const handle = new KernelFileHandle(join("/proc", file), Number.POSITIVE_INFINITY);
      try {
        handle.read(buffer);
        return [[file, { text: buffer.toString(), handle }] as const];
      } catch (error) {
        console.log(`${file}: not on this machine (${String(error)})`);
        return [];
      }
    }),
  );
  const readings = [...texts].flatMap(([file, { text }]): Reading[] => kernelFiles[file](text));
  const layout = createLayout(selectDevices(listDevices(readings, noDevices), {}));
  const values = new Float64Array(layout.size);
  const parsers = createFileParsers(
    layout,
    new Map([...texts].map(([file, { text }]) => [file, text])),
  );
  return Array.from(texts, ([file, { text, handle }]) => {
    const parse = parsers.get(file);
    const bytes = Buffer.from(text, "latin1");
    const place = new ByteText(bytes.length + 1);
    bytes.copy(place.bytes, 1);
    const readUs = measure(() => handle.read(buffer));
    const inPlaceUs = measure(() => {
      place.reset(1 + bytes.length);
      if (parse?.(place, values) !== true) throw new Error(`${file} is not understood in place`);
    });
    const plainUs = measure(() => {
      kernelFiles[file](text);
    });
    handle.close();
    return { file, bytes: bytes.length, readUs, inPlaceUs, plainUs };
  });
}

/** Microseconds of one call: the best of some rounds, since whatever else runs only adds to it. */
function measure(work: () => void): number {
  let bestUs = Number.POSITIVE_INFINITY;
  for (let round = 0; round < rounds; round += 1) {
    const startMs = performance.now();
    let calls = 0;
    let tookMs = 0;
    while (tookMs < roundMs) {
      work();
      calls += 1;
      tookMs = performance.now() - startMs;
    }
    bestUs = Math.min(bestUs, (1000 * tookMs) / calls);
  }
  return bestUs;
}
