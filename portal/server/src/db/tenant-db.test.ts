import { expect, test } from "vitest";
import { newTenant, testDatabase } from "../testing/postgres.ts";
import { asTenant } from "./tenant-db.ts";

test("asTenant() runs on a connection that is logged in as the tenant's own role", async () => {
  const tenant = await newTenant();
  const rows = await asTenant(testDatabase(), tenant, (db) =>
    db.query("SELECT session_user AS session, current_user AS current, current_schema() AS schema"),
  );
  const hex = tenant.replaceAll("-", "");
  expect(rows).toEqual([{ session: `t_${hex}`, current: `t_${hex}`, schema: `s_${hex}` }]);
});
