import { Readable } from "node:stream";
import { finished } from "node:stream/promises";
import { Type } from "@fastify/type-provider-typebox";
import { ExportQuery, Export as ExportSchema } from "@perfanalysis/contract/api";
import type { Fault } from "@perfanalysis/contract/problem";
import type { FastifyReply } from "fastify";
import { HttpProblem } from "@perfanalysis/contract/http-problem";
import { asTenant } from "../db/tenant-db.ts";
import { requireScope, type App, type Services } from "../http/app.ts";
import { notFound } from "../http/problem.ts";
import { getMachine } from "../machines/machines.ts";
import { beginSnapshot } from "../samples/read.ts";
import { parseTime, toTime } from "../samples/times.ts";
import { renderCsvExport, renderJsonExport, type ExportRange } from "./export.ts";

const formats = {
  csv: { type: "text/csv; charset=utf-8; header=present", render: renderCsvExport },
  json: { type: "application/json; charset=utf-8", render: renderJsonExport },
};

/** A machine's samples as a file. */
export function registerExportRoutes(app: App, { database }: Services): void {
  app.get(
    "/api/v1/performance/export",
    {
      preHandler: requireScope("read"),
      schema: {
        tags: ["machines"],
        summary: "A machine's samples as CSV, which can be uploaded again, or as JSON",
        querystring: ExportQuery,
        response: {
          200: {
            description: "All rows of the range, ascending in time",
            content: {
              "text/csv": { schema: Type.String() },
              "application/json": { schema: ExportSchema },
            },
          },
        },
      },
    },
    async ({ principal, query }, reply) => {
      const range = parseRange(query);
      await asTenant(database, principal.tenantId, async (db) => {
        await beginSnapshot(db);
        const machine = await getMachine(db, { machineId: query.machine_id });
        if (machine === null) throw notFound(`There is no machine "${query.machine_id}".`);
        const { type, render } = formats[query.format];
        reply
          .type(type)
          .header(
            "content-disposition",
            `attachment; filename="${machine.machineId}.${query.format}"`,
          );
        await sendAll(reply, Readable.from(render(db, machine, range), { objectMode: false }));
      });
      return reply;
    },
  );
}

/** Until everything was sent, or the client hung up: the transaction that gives the rows must not end before. */
async function sendAll(reply: FastifyReply, body: Readable): Promise<void> {
  void reply.send(body);
  try {
    await finished(body);
  } catch (error) {
    // Nobody is there to be told.
    if (!reply.raw.destroyed) throw error;
  }
}

function parseRange({ start, end }: ExportQuery): ExportRange {
  const faults: Fault[] = [];
  const time = (column: string, text: string | undefined): number | undefined => {
    const timeS = text === undefined ? undefined : parseTime(text);
    if (timeS !== null) return timeS;
    const value = (text ?? "").slice(0, 80);
    faults.push({
      column,
      value,
      message: `"${value}" is neither RFC 3339 (2026-01-31T12:00:00Z), nor a date, nor Unix seconds`,
    });
    return undefined;
  };
  const fromS = time("/start", start);
  const toS = time("/end", end);
  if (fromS !== undefined && toS !== undefined && fromS >= toS) {
    faults.push({
      column: "/start",
      message: `${toTime(fromS)} is not before the end, ${toTime(toS)}`,
    });
  }
  if (faults.length === 0) return { fromS, toS };
  const what = faults.map(({ column, message }) => `${column ?? ""} ${message}`).join("; ");
  throw new HttpProblem(400, "Invalid request", `Cannot accept the query: ${what}.`, {
    errors: faults,
  });
}
