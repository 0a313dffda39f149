import { appendFile, mkdtemp, readdir, rm, writeFile } from "node:fs/promises";
import { appendFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { expect, onTestFinished, test } from "vitest";
import type { Progress } from "../cli/progress.ts";
import { testSamples, toCsv } from "../testing/machine.ts";
import { runJob, type ReportJob } from "./job.ts";

const csv = toCsv(testSamples({ rows: 60 }));

async function newJob(): Promise<ReportJob & { file: string; cacheFolder: string }> {
  const folder = await mkdtemp(join(tmpdir(), "report-job-"));
  onTestFinished(() => rm(folder, { recursive: true }));
  const file = join(folder, "web-01.csv");
  await writeFile(file, csv);
  return {
    file,
    source: {
      machineId: undefined,
      dataFile: [file],
      portal: undefined,
      keyFile: undefined,
      key: undefined,
      dataDirectory: undefined,
    },
    facts: null,
    inputName: null,
    options: {
      storageDevice: "auto",
      networkInterface: "auto",
      title: "Performance report",
      generator: "perf-report 0",
      nowS: 1_772_500_000,
    },
    outputs: [join(folder, "web-01.html")],
    json: false,
    cacheFolder: join(folder, "cache"),
  };
}

test("runJob() keeps a report, and makes it no second time", async () => {
  const job = await newJob();
  expect(await runJob(job)).toMatchObject({ fromCache: false });
  expect(await runJob(job)).toMatchObject({ fromCache: true });
  await appendFile(job.file, csv.slice(-20));
  expect(await runJob(job)).toMatchObject({ fromCache: false });
});

test("runJob() keeps no report of a file that was written to between its look-up and its reading", async () => {
  const job = await newJob();
  const writer: Progress = {
    // Looked up already, and not yet read.
    begin: (stage) => {
      if (stage === "reading") appendFileSync(job.file, "\n");
    },
    show: () => {},
    end: () => {},
  };
  expect(await runJob(job, writer)).toMatchObject({ fromCache: false });
  expect(await readdir(job.cacheFolder)).toEqual([]);
});
