// Lists that are paged by cursor: PageQuery of contract/api.ts.
import { HttpProblem } from "@perfanalysis/contract/http-problem";

/**
 * The page, and the cursor behind which the next one begins; null: this is the last. Of `limit` entries, one more is to be looked for,
 * which tells.
 */
export function toPage<Entry>(
  found: readonly Entry[],
  { limit, toCursor }: { limit: number; toCursor: (entry: Entry) => string },
): { page: Entry[]; nextCursor: string | null } {
  const page = found.slice(0, limit);
  const last = found.length > limit ? page.at(-1) : undefined;
  return { page, nextCursor: last === undefined ? null : toCursor(last) };
}

/** Throws a 400 where a cursor is given that cannot be one. */
export function requireCursor(
  cursor: string | undefined,
  isCursor: (text: string) => boolean,
): void {
  if (cursor !== undefined && !isCursor(cursor)) throw unknownCursor(cursor);
}

export function unknownCursor(cursor: string): HttpProblem {
  const value = cursor.slice(0, 80);
  const message = "is not a cursor of this list";
  return new HttpProblem(400, "Invalid request", `"${value}" ${message}.`, {
    errors: [{ column: "/cursor", value, message }],
  });
}
