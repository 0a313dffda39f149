// Reports of test machines, by the way that a file's takes: as CSV.
import { createHash } from "node:crypto";
import { Readable } from "node:stream";
import type { Input } from "../data/input.ts";
import { readCsv } from "../data/read-csv.ts";
import type { ReportDocument } from "../document/model.ts";
import { renderHtml } from "../html/render.ts";
import { makeReport, type Report, type ReportOptions } from "../report.ts";
import { testSamples, toCsv, type TestMachine } from "./machine.ts";

export const testOptions: ReportOptions = {
  storageDevice: "auto",
  networkInterface: "auto",
  title: "Performance report",
  sourceName: "web-01.csv",
  generator: "perf-report 0",
  nowS: 1_772_500_000,
  timeZone: "UTC",
};

export function testInput(machine: TestMachine): Promise<Input> {
  return inputOf(toCsv(testSamples(machine)));
}

export function inputOf(csv: string | Buffer): Promise<Input> {
  return readCsv(Readable.from([Buffer.from(csv)]));
}

export async function testReport(
  machine: TestMachine,
  changes: Partial<ReportOptions> = {},
): Promise<Report> {
  return makeReport(await testInput(machine), { ...testOptions, ...changes });
}

export function toPage(document: ReportDocument): string {
  return renderHtml(document, digestOf);
}

export function digestOf(text: string): string {
  return createHash("sha256").update(text).digest("base64");
}
