import { AuditList, PageQuery } from "@perfanalysis/contract/api";
import { asTenant } from "../db/tenant-db.ts";
import { requireScope, type App, type Services } from "../http/app.ts";
import { toPage, unknownCursor } from "../http/paging.ts";
import { listAudit } from "./audit.ts";

export function registerAuditRoutes(app: App, { database }: Services): void {
  app.get(
    "/api/v1/audit",
    {
      preHandler: requireScope("admin"),
      schema: {
        tags: ["audit"],
        summary:
          "Who made and revoked keys and enrolment tokens, enrolled and deleted machines, made and deleted reports; newest first",
        querystring: PageQuery,
        response: { 200: AuditList },
      },
    },
    async ({ principal: { tenantId }, query: { cursor, limit } }) => {
      const before = cursor === undefined ? undefined : parseCursor(cursor);
      const found = await asTenant(database, tenantId, (db) =>
        listAudit(db, { limit: limit + 1, before }),
      );
      const { page, nextCursor } = toPage(found, { limit, toCursor: ({ id }) => String(id) });
      return {
        entries: page.map(({ id: _id, time, ...entry }) => ({
          time: time.toISOString(),
          ...entry,
        })),
        next_cursor: nextCursor,
      };
    },
  );
}

function parseCursor(text: string): number {
  if (/^\d{1,15}$/.test(text)) return Number(text);
  throw unknownCursor(text);
}
