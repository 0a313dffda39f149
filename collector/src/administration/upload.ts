// pcctl upload: captures and CSV files to the portal, each row once.
import { mkdirSync, rmSync } from "node:fs";
import { join } from "node:path";
import { setImmediate } from "node:timers/promises";
import type { HostFacts } from "@perfanalysis/contract/api";
import { acquireLock } from "../capture/lock.ts";
import { convertToCsv } from "../capture/to-csv.ts";
import { readStateFolder } from "../config.ts";
import { countOf, formatCount } from "../count-of.ts";
import { ExitError, exitCodes } from "../exit.ts";
import { createProgress } from "../progress.ts";
import { systemClock } from "../sampling/clock.ts";
import { toHostFacts } from "../sampling/host-facts.ts";
import { splitCsv, type CsvPart } from "../upload/parts.ts";
import { openReceipts, type Receipts } from "../upload/receipts.ts";
import { giveToOwner } from "../whose.ts";
import { sendFile } from "../upload/send-file.ts";
import { listNewSources, listSources, type UploadSource } from "../upload/sources.ts";
import { parseArguments, usage } from "./arguments.ts";
import { findPlaces } from "./places.ts";
import { readPortalAccess, warnUnencrypted, type PortalAccess } from "./portal-key.ts";
import type { Terminal } from "./terminal.ts";
import { formatBytes, toPlainText } from "./text.ts";

export const help = `pcctl upload – sends captures and CSV files to the portal, each row once

Usage: pcctl upload FILE|FOLDER… [options]
       pcctl upload --new [options]

Examples:
  pcctl upload capture.json.gz
  pcctl upload --portal https://portal.example --api-key-file fleet.key --machine-id web-01 collection.json
  pcctl upload /var/lib/perfcollector/capture
  pcctl upload --new --json                 what the hourly timer does

Takes what pcprocess takes, converted on the fly, and CSV files of the CSV standard, all plain or gzipped; of a folder all that it holds,
captures of one machine as one. Long ones go in parts below the portal's limit of 100 MB. The portal's receipt of each part is kept: what
has one is not sent again, so that an upload that was ended goes on where it was. What is sent again all the same adds nothing.

  --new                 of the captures that pcc writes (its setting collection, else the package's folder), what is newer than the last
                        upload
  --portal URL          the portal (default: pcc's setting)
  --api-key-file PATH   file with its key (default: pcc's setting; or PCC_API_KEY holds the key itself)
  --machine-id ID       whose samples these are, where the files do not say
  --receipts DIR        where receipts are kept (default: /var/lib/perfcollector/receipts where it may be written, else in
                        ~/.local/state/perfcollector)
  --again               sends also what has a receipt
  --retries N           how often a portal that does not answer, or not now, is tried again (default: 8), after up to a second, then
                        up to two, four … and 60 s, at random, and never before its Retry-After
  --config PATH         pcc's configuration file
  --json                prints the receipts as JSON

A refusal with 400, 401, 403 or 413 is never tried again. Behind data that is refused, the next file has its turn.

Exit codes: 64 usage, 65 data that the portal refuses, 66 no such file, 69 no portal at this address, 75 try again later, 77 the key is refused,
78 configuration.
`;

interface UploadJob extends PortalAccess {
  /** As given; null: as the files say. */
  givenMachine: string | null;
  configPath: string | null;
  receipts: Receipts;
  isNew: boolean;
  isAgain: boolean;
  retries: number;
  terminal: Terminal;
}

/** What became of one source. */
interface Uploaded {
  source: UploadSource;
  machineId: string | null;
  /** What the machine was at the end; null where the source does not tell. */
  facts: HostFacts | null;
  /** The portal's, in their order. */
  receipts: Record<string, unknown>[];
  /** Parts that had a receipt. */
  knownParts: number;
}

export async function run(argv: readonly string[], terminal: Terminal): Promise<number> {
  const { values, positionals } = parseArguments("upload", argv, {
    new: { type: "boolean" },
    portal: { type: "string" },
    "api-key-file": { type: "string" },
    "machine-id": { type: "string" },
    receipts: { type: "string" },
    again: { type: "boolean" },
    retries: { type: "string" },
    config: { type: "string" },
    json: { type: "boolean" },
  });
  const isNew = values.new === true;
  if (!isNew && positionals.length === 0)
    throw usage("upload", "Give a file or a folder, or --new");
  if (isNew && positionals.length > 0) {
    throw usage(
      "upload",
      `Cannot use "${positionals[0] ?? ""}": with --new, the settings say which captures`,
    );
  }
  const retries = values.retries ?? "8";
  if (!/^\d{1,4}$/.test(retries))
    throw usage("upload", `Cannot use --retries "${retries}": it is not a whole number`);
  const access = await readPortalAccess(values);
  warnUnencrypted(access.portal, terminal);
  const root = values.receipts ?? join(readStateFolder(), "receipts");
  const receipts = openReceipts(root, access.portal);
  const lock = acquireLock(join(receipts.folder, "upload"), receipts.folder);
  try {
    return await uploadAll(
      {
        ...access,
        givenMachine: values["machine-id"] ?? null,
        configPath: values.config ?? null,
        receipts,
        isNew,
        isAgain: values.again === true,
        retries: Number(retries),
        terminal,
      },
      { paths: positionals, json: values.json === true },
    );
  } finally {
    lock.release();
  }
}

async function uploadAll(
  job: UploadJob,
  { paths, json }: { paths: readonly string[]; json: boolean },
): Promise<number> {
  const { terminal, receipts, settings, machineId } = job;
  const sources = job.isNew
    ? listNewSources(findPlaces(settings, job).collection, {
        machineId,
        uploadedTo: receipts.uploadedTo(machineId),
      })
    : await listSources(paths);
  const done: Uploaded[] = [];
  let exitCode: number = exitCodes.ok;
  for (const source of sources) {
    try {
      const uploaded = await upload(source, job);
      done.push(uploaded);
      if (!json) terminal.print(describe(uploaded));
    } catch (error) {
      // The next file may be better; a key or a portal would not.
      if (!isOfTheData(error)) throw error;
      terminal.report(error.message);
      exitCode = exitCode === exitCodes.ok ? error.exitCode : exitCode;
    }
  }
  if (json) terminal.printJson({ uploads: done.map(toJson) });
  else if (sources.length === 0) terminal.print("nothing to upload");
  return exitCode;
}

function isOfTheData(error: unknown): error is ExitError {
  return error instanceof ExitError && error.exitCode === exitCodes.badData;
}

async function upload(source: UploadSource, job: UploadJob): Promise<Uploaded> {
  const { receipts, givenMachine, isAgain, isNew } = job;
  const uploaded: Uploaded = {
    source,
    machineId: givenMachine,
    facts: null,
    receipts: [],
    knownParts: 0,
  };
  // A file that grows is another one each time.
  const mark = isNew ? null : source.sha256(givenMachine ?? "");
  const before = mark === null || isAgain ? null : receipts.find(mark);
  if (before !== null) {
    uploaded.knownParts = Number(before["parts"] ?? 1);
    return uploaded;
  }
  // Nobody else works here while the lock is held: what lies there is of a run that was killed.
  const folder = join(receipts.folder, "work");
  rmSync(folder, { recursive: true, force: true });
  mkdirSync(folder, { mode: 0o700 });
  giveToOwner(folder);
  try {
    let csv: string;
    if (source.kind === "csv") csv = source.path;
    else ({ path: csv, facts: uploaded.facts } = await convert(source, folder, job));
    await splitCsv(csv, {
      folder,
      afterS: isNew ? (receipts.uploadedTo(job.machineId) ?? Number.NEGATIVE_INFINITY) : undefined,
      onProgress: async () => {
        job.terminal.signal.throwIfAborted();
        // Signals come between two turns of the event loop.
        await setImmediate();
      },
      use: (part) => uploadPart(part, uploaded, job),
    });
  } finally {
    rmSync(folder, { recursive: true });
  }
  const parts = uploaded.receipts.length + uploaded.knownParts;
  if (mark !== null) receipts.keep(mark, { file: source.name, parts });
  return uploaded;
}

/** Where the CSV is, and what its machine was. */
async function convert(
  source: UploadSource & { kind: "captures" },
  folder: string,
  { givenMachine, terminal, isNew, machineId, settings }: UploadJob,
): Promise<{ path: string; facts: HostFacts | null }> {
  const progress = createProgress({
    totalBytes: 2 * source.bytes,
    write: terminal.progress,
    now: Date.now,
  });
  const report = (message: string): void => terminal.report(`${source.name}: ${message}`);
  const path = join(folder, "all.csv");
  try {
    const { inputs, endS } = await convertToCsv(path, {
      inputs: source.paths.map((each) => ({ name: each, path: each })),
      machineId: givenMachine ?? (isNew ? machineId : null),
      // A torn page in the middle must not keep the rest from the portal; how much it was is said.
      skipDamaged: true,
      filters: {
        disk: {
          include: settings.include_disk ?? undefined,
          exclude: settings.exclude_disk ?? undefined,
        },
        interface: {
          include: settings.include_interface ?? undefined,
          exclude: settings.exclude_interface ?? undefined,
        },
      },
      onProgress: async (bytesRead) => {
        terminal.signal.throwIfAborted();
        await progress.advance(bytesRead);
        await setImmediate();
      },
      report,
    });
    for (const { input, damagedLines } of inputs) {
      if (damagedLines > 0) {
        report(
          `${countOf(damagedLines, "damaged line")} of ${input} left out; see pcctl capture verify`,
        );
      }
    }
    const last = inputs.findLast(({ machine }) => machine !== null);
    const machine = last?.machine ?? null;
    if (last === undefined || machine === null || endS === null) return { path, facts: null };
    const readAt = new Date(endS * 1000);
    return { path, facts: toHostFacts(machine, { hostName: last.host, bootId: null, readAt }) };
  } finally {
    progress.end();
  }
}

async function uploadPart(part: CsvPart, uploaded: Uploaded, job: UploadJob): Promise<void> {
  const { receipts, terminal, isAgain, isNew } = job;
  const machineId = job.givenMachine ?? part.machineId ?? job.machineId;
  uploaded.machineId = machineId;
  const known = isAgain ? null : receipts.find(part.sha256);
  if (known === null) {
    const name =
      part.number === 1 ? uploaded.source.name : `${uploaded.source.name} part ${part.number}`;
    const show = createSendProgress(name, part.bytes, terminal);
    try {
      const receipt = await sendFile(
        { name, path: part.path, bytes: part.bytes, machineId, facts: uploaded.facts },
        {
          ...job,
          clock: systemClock,
          random: Math.random,
          signal: terminal.signal,
          report: (message) => {
            show.end();
            terminal.report(`${name}: ${message}`);
          },
          onSent: (bytes) => show.advance(bytes),
        },
      );
      const sentAt = new Date().toISOString();
      receipts.keep(part.sha256, { file: name, portal: job.portal.href, sent_at: sentAt, receipt });
      uploaded.receipts.push(receipt);
    } finally {
      show.end();
    }
  } else {
    uploaded.knownParts += 1;
  }
  if (isNew && part.endS !== null) receipts.setUploadedTo(machineId, part.endS);
}

const everyMs = 200;

function createSendProgress(
  name: string,
  totalBytes: number,
  { progress: write }: Terminal,
): { advance(bytes: number): void; end(): void } {
  let nextMs = 0;
  let shown = false;
  return {
    advance(bytes) {
      const nowMs = Date.now();
      if (write === null || nowMs < nextMs) return;
      nextMs = nowMs + everyMs;
      shown = true;
      const percent = Math.min(100, Math.floor((100 * bytes) / Math.max(1, totalBytes)));
      write(
        `\r\u001b[Kuploading ${toPlainText(name)} … ${percent} % of ${formatBytes(totalBytes)}`,
      );
    },
    end() {
      if (shown) write?.("\r\u001b[K");
      shown = false;
    },
  };
}

function sumOf(receipts: readonly Record<string, unknown>[], name: string): number {
  return receipts.reduce((sum, receipt) => sum + Number(receipt[name] ?? 0), 0);
}

function describe({ source, machineId, receipts, knownParts }: Uploaded): string {
  const name = toPlainText(source.name);
  if (receipts.length === 0) {
    return knownParts === 0 ? `${name}: nothing new` : `${name}: uploaded before`;
  }
  const imported = sumOf(receipts, "rows_imported");
  const duplicate = sumOf(receipts, "rows_duplicate");
  const lines = [
    [
      `${name}: ${countOf(imported, "row")} of ${machineId ?? ""}`,
      ...(duplicate === 0 ? [] : [`${formatCount(duplicate)} were there already`]),
      ...(knownParts === 0 ? [] : [`${countOf(knownParts, "part")} uploaded before`]),
    ].join(", "),
    ...receipts.map(
      (receipt) => `  receipt ${toPlainText(receipt["upload_id"])}${describeRange(receipt)}`,
    ),
    ...receipts.flatMap(({ warnings }) =>
      Array.isArray(warnings) ? warnings.map((each) => `  warning: ${toPlainText(each)}`) : [],
    ),
  ];
  return lines.join("\n");
}

function describeRange({ timestamp_range: range }: Record<string, unknown>): string {
  if (typeof range !== "object" || range === null) return "";
  const { start, end } = range as Record<string, unknown>;
  return `, ${toPlainText(start)} to ${toPlainText(end)}`;
}

function toJson({ source, machineId, receipts, knownParts }: Uploaded): object {
  return {
    source: source.name,
    machine_id: machineId,
    rows_imported: sumOf(receipts, "rows_imported"),
    rows_duplicate: sumOf(receipts, "rows_duplicate"),
    parts_uploaded_before: knownParts,
    receipts,
  };
}
