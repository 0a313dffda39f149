import { existsSync } from "node:fs";
import { stat } from "node:fs/promises";
import { dirname } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { expect, test } from "vitest";
import { renderReport, ReportFailure, type RenderOptions } from "./render.ts";

/** A peer in perf-report's place that misbehaves on purpose. */
function program(code: string): Pick<RenderOptions, "program"> {
  return { program: ["--input-type=module", "--eval", code, "--"] };
}

async function* rows(count: number): AsyncIterable<Uint8Array> {
  for (let row = 0; row < count; row++) yield new TextEncoder().encode(`row ${row}\n`);
}

const { signal } = new AbortController();
const machine = { machineName: "--Web & 01", host: null };
/** Knows the files to write, and then does what the code does. */
const writer = (code: string) =>
  program(
    `import { writeFileSync, readFileSync, truncateSync } from "node:fs";
     const [html, pdf] = [".html", ".pdf"].map((end) =>
       process.argv.find((one) => one.endsWith(end)).slice("--output=".length));
     const input = () => readFileSync(0, "utf8");
     ${code}`,
  );
const echo = writer("writeFileSync(html, input()); writeFileSync(pdf, '%PDF-')");

test("renderReport() gives the program the CSV and takes its HTML and PDF", async () => {
  const made = await renderReport(rows(3), { ...echo, signal, ...machine });
  expect(made.html.toString("utf8")).toBe("row 0\nrow 1\nrow 2\n");
  expect(made.pdf?.toString("utf8")).toBe("%PDF-");
  expect(made.pdfError).toBeNull();
});

test("renderReport() tells the program the machine's name, whatever it begins with, and its facts", async () => {
  const peer = writer(`input();
    const facts = process.argv.find((one) => one.startsWith("--machine-facts=")).slice(16);
    writeFileSync(html, process.argv.slice(1).join("|") + readFileSync(facts, "utf8"))`);
  const options = { ...peer, signal, ...machine, host: { kernel: "6.1.0" } };
  const { html } = await renderReport(rows(1), options);
  expect(html.toString("utf8")).toMatch(
    /^--data-file=-\|--output=\S+\/report\.html\|--output=\S+\/report\.pdf\|--machine-name=--Web & 01\|--machine-facts=\S+\|--input-name=the portal's samples, as CSV\|--progress-fd=3\|--no-cache\{"kernel":"6\.1\.0"\}$/,
  );
});

test("renderReport() gives the program nothing of our environment, and leaves no folder", async () => {
  const peer = writer("input(); writeFileSync(html, Object.keys(process.env).join() + ' ' + pdf)");
  const { html } = await renderReport(rows(1), { ...peer, signal, ...machine });
  const [names, pdf = ""] = html.toString("utf8").trim().split(" ");
  expect(names).toBe("TZ,NO_COLOR,MALLOC_ARENA_MAX");
  await expect(stat(dirname(pdf))).rejects.toThrow("ENOENT");
});

test("renderReport() passes on each stage as the program begins it, and nothing else of what it says", async () => {
  const told: string[] = [];
  const peer = writer(`
    for (const line of ['{"stage":"reading"}', "nonsense", '{"stage":"resting"}', '{"stage":"writing"}'])
      writeFileSync(3, line + "\\n");
    writeFileSync(html, input());`);
  const onStage = (stage: string) => void told.push(stage);
  await renderReport(rows(1), { ...peer, signal, ...machine, onStage });
  expect(told).toEqual(["reading", "writing"]);
});

test.each([
  ["refuses the file", "console.error('line 2: bad'); process.exit(65)", /code 65: line 2: bad$/],
  ["crashes", "throw new TypeError('no such column')", /code 1: TypeError: no such column$/],
  ["is killed", "process.kill(process.pid, 'SIGKILL')", /ended by SIGKILL/],
  ["ends well without a report", "process.exit(0)", /made no HTML/],
  ["eats memory", "const a = []; for (;;) a.push({ a: [a.length] })", /too much memory.*shorter/],
])("renderReport() says so where the program %s", async (_case, code, message) => {
  const made = renderReport(rows(100_000), {
    ...program(code),
    maxHeapMiB: 20,
    signal,
    ...machine,
  });
  await expect(made).rejects.toThrow(ReportFailure);
  await expect(made).rejects.toThrow(message);
});

test.each([
  ["ends well", "", "perf-report made no PDF."],
  [
    "says why",
    "console.error('perf-report: Made without its PDF: no room\\n    at f'); process.exit(80)",
    "no room",
  ],
  [
    "crashes",
    "throw new TypeError('out of ink')",
    "perf-report ended with code 1: TypeError: out of ink",
  ],
  ["is killed", "process.kill(process.pid, 'SIGKILL')", "perf-report was ended by SIGKILL"],
  [
    "eats memory",
    "const a = []; for (;;) a.push({ a: [a.length] })",
    "Making it took too much memory. Choose a shorter time range.",
  ],
  [
    "makes a huge one",
    "writeFileSync(pdf, ''); truncateSync(pdf, (64 << 20) + 1)",
    "The report's PDF is larger than 64 MiB. Choose a shorter time range.",
  ],
])(
  "renderReport() keeps the HTML where the program makes no PDF, and %s",
  async (_case, code, pdfError) => {
    const peer = writer(`writeFileSync(html, input()); ${code}`);
    const made = await renderReport(rows(1), { ...peer, maxHeapMiB: 20, signal, ...machine });
    expect(made.html.toString("utf8")).toBe("row 0\n");
    expect(made).toMatchObject({
      pdf: null,
      pdfError: expect.stringContaining(pdfError) as string,
    });
  },
);

test.skipIf(!existsSync("/proc/self/status"))(
  "renderReport() ends a program that eats memory outside of JavaScript's objects (needs /proc)",
  async () => {
    const peer = program(
      "const kept = []; setInterval(() => kept.length < 64 && kept.push(Buffer.alloc(16 << 20, 1)), 10)",
    );
    const made = renderReport(rows(1), {
      ...peer,
      maxMemoryMiB: 256,
      timeoutMs: 30_000,
      signal,
      ...machine,
    });
    await expect(made).rejects.toThrow(ReportFailure);
    await expect(made).rejects.toThrow(/too much memory.*shorter/);
  },
);

test("renderReport() lets a program hold what it may", async () => {
  const peer = writer(
    "const kept = Buffer.alloc(100 << 20, 1); setTimeout(() => writeFileSync(html, input()), 3 * (kept.length >> 20))",
  );
  const { html } = await renderReport(rows(1), { ...peer, maxMemoryMiB: 512, signal, ...machine });
  expect(html.toString("utf8")).toBe("row 0\n");
});

test("renderReport() ends a program that takes too long", async () => {
  const peer = program("setInterval(() => {}, 1000)");
  const made = renderReport(rows(1), { ...peer, timeoutMs: 300, signal, ...machine });
  await expect(made).rejects.toThrow("not ready after 0.3 s");
});

test("renderReport() refuses more samples than a report can take", async () => {
  const made = renderReport(rows(200_000), {
    ...echo,
    maxCsvBytes: 1024 * 1024,
    signal,
    ...machine,
  });
  await expect(made).rejects.toThrow("more samples than one report can take (1 MiB as CSV)");
});

test("renderReport() refuses more HTML than can be stored, without reading it", async () => {
  const peer = writer("input(); writeFileSync(html, ''); truncateSync(html, (64 << 20) + 1)");
  const made = renderReport(rows(1), { ...peer, signal, ...machine });
  await expect(made).rejects.toThrow("HTML is larger than 64 MiB");
});

test("renderReport() passes on what went wrong with the samples themselves", async () => {
  async function* broken(): AsyncIterable<Uint8Array> {
    yield new Uint8Array(1);
    throw new TypeError("The connection to the database was lost");
  }
  await expect(renderReport(broken(), { ...echo, signal, ...machine })).rejects.toThrow(TypeError);
});

test("renderReport() ends with the signal's own reason when the portal stops", async () => {
  const stopping = new AbortController();
  const peer = program("setInterval(() => {}, 1000)");
  const made = renderReport(rows(1), { ...peer, signal: stopping.signal, ...machine });
  await sleep(100);
  stopping.abort(new Error("The portal is stopping"));
  await expect(made).rejects.toThrow("The portal is stopping");
});
