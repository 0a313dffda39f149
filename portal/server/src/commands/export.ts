import { createWriteStream } from "node:fs";
import { rename, rm } from "node:fs/promises";
import type { Command } from "commander";
import type { Flags } from "../config.ts";
import { asTenant } from "../db/tenant-db.ts";
import { exportCsv } from "../exports/export.ts";
import { getMachine } from "../machines/machines.ts";
import { beginSnapshot } from "../samples/read.ts";
import { command, withDatabase, type Terminal } from "./command.ts";
import { CommandError, exitCodes, parseMoment } from "./options.ts";

export function addExportCommand(program: Command, terminal: Terminal): void {
  command(
    program,
    "export",
    "perf-portal export --tenant acme --machine-id web-01 --output web-01.csv",
  )
    .description("Write a machine's samples as CSV, which an upload takes back.")
    .requiredOption("--tenant <tenant>", "name or id of the tenant")
    .requiredOption("--machine-id <id>", "the machine")
    .option("--start-date <time>", "first moment: RFC 3339, a date or Unix seconds", parseMoment)
    .option("--end-date <time>", "moment behind the last", parseMoment)
    .option("--output <file>", "file to write, - is standard output", "-")
    .action((flags: ExportFlags) => exportMachine(terminal, flags));
}

interface ExportFlags extends Flags {
  tenant: string;
  machineId: string;
  startDate?: number;
  endDate?: number;
  output: string;
}

async function exportMachine(terminal: Terminal, flags: ExportFlags): Promise<void> {
  if (
    flags.startDate !== undefined &&
    flags.endDate !== undefined &&
    flags.startDate >= flags.endDate
  )
    throw new CommandError(
      exitCodes.usage,
      "Cannot export: --start-date must be before --end-date",
    );
  const { machineId, startDate: fromS, endDate: toS, output } = flags;
  const range = {
    ...(fromS === undefined ? {} : { fromS }),
    ...(toS === undefined ? {} : { toS }),
  };
  await withDatabase(terminal, flags, async ({ database, tenant }) => {
    const { tenantId, name } = await tenant(flags.tenant);
    await asTenant(database, tenantId, async (db) => {
      await beginSnapshot(db);
      const machine = await getMachine(db, { machineId });
      if (machine === null)
        throw new CommandError(
          exitCodes.noInput,
          `Cannot find machine "${machineId}" of tenant "${name}"`,
        );
      if (output === "-") return exportCsv(db, machine, range, terminal.output, { end: false });
      // Whole or not at all: whoever waits for the file never sees half of it.
      const unfinished = `${output}.part`;
      try {
        await exportCsv(db, machine, range, createWriteStream(unfinished));
        await rename(unfinished, output);
      } finally {
        await rm(unfinished, { force: true });
      }
    });
  });
}
