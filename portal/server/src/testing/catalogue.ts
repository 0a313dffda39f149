// What a tenant's schema consists of, with the tenant's own names taken out, so that two can be compared.
import type { ControlQuery } from "../db/database.ts";
import { tenantRole, tenantSchema, type TenantId } from "../db/tenant-id.ts";

/** One line an object: kind, name, definition, owner, rights. In a fixed order. */
export async function describeSchema(query: ControlQuery, tenantId: TenantId): Promise<string[]> {
  const schema = tenantSchema(tenantId);
  const rows = await query<{ line: string }>(
    `SELECT line FROM (
       SELECT concat_ws(' ', 'relation', c.relname, c.relkind, c.relowner::regrole, c.relacl, c.reloptions) AS line
         FROM pg_class c WHERE c.relnamespace = $1::regnamespace
       UNION ALL
       SELECT concat_ws(' ', 'column', c.relname, a.attnum, a.attname, format_type(a.atttypid, a.atttypmod),
                        a.attnotnull, a.attidentity, a.attstorage, a.attacl, pg_get_expr(d.adbin, d.adrelid))
         FROM pg_class c JOIN pg_attribute a ON a.attrelid = c.oid AND a.attnum > 0 AND NOT a.attisdropped
         LEFT JOIN pg_attrdef d ON d.adrelid = c.oid AND d.adnum = a.attnum
        WHERE c.relnamespace = $1::regnamespace
       UNION ALL
       SELECT concat_ws(' ', 'constraint', conrelid::regclass, conname, pg_get_constraintdef(oid))
         FROM pg_constraint WHERE connamespace = $1::regnamespace
       UNION ALL
       SELECT concat_ws(' ', 'index', pg_get_indexdef(i.indexrelid))
         FROM pg_index i JOIN pg_class c ON c.oid = i.indrelid WHERE c.relnamespace = $1::regnamespace
       UNION ALL
       SELECT concat_ws(' ', 'view', c.relname, pg_get_viewdef(c.oid))
         FROM pg_class c WHERE c.relnamespace = $1::regnamespace AND c.relkind IN ('v', 'm')
       UNION ALL
       SELECT concat_ws(' ', 'trigger', pg_get_triggerdef(t.oid))
         FROM pg_trigger t JOIN pg_class c ON c.oid = t.tgrelid
        WHERE c.relnamespace = $1::regnamespace AND NOT t.tgisinternal
       UNION ALL
       SELECT concat_ws(' ', 'function', p.oid::regprocedure, p.prosecdef, p.proowner::regrole, p.proacl, p.prosrc)
         FROM pg_proc p WHERE p.pronamespace = $1::regnamespace
       UNION ALL
       SELECT concat_ws(' ', 'type', t.typname, t.typtype, t.typacl)
         FROM pg_type t WHERE t.typnamespace = $1::regnamespace
       UNION ALL
       SELECT concat_ws(' ', 'schema', n.nspowner::regrole, n.nspacl) FROM pg_namespace n WHERE n.oid = $1::regnamespace
       UNION ALL
       SELECT concat_ws(' ', 'defaults', defaclrole::regrole, defaclobjtype, defaclacl)
         FROM pg_default_acl WHERE defaclnamespace = $1::regnamespace
       UNION ALL
       SELECT concat_ws(' ', 'role', rolsuper, rolinherit, rolcreaterole, rolcreatedb, rolcanlogin, rolreplication,
                        rolbypassrls, rolconnlimit, rolconfig) FROM pg_roles WHERE rolname = $2
     ) AS lines ORDER BY line COLLATE "C"`,
    [schema, tenantRole(tenantId)],
  );
  const hex = schema.slice(2);
  return rows.map(({ line }) => line.replaceAll(hex, "<tenant>"));
}
