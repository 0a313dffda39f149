/** A tenant's UUID. Its role is `t_<uuid without dashes>`, its schema `s_<the same>`. */
export type TenantId = string & { readonly brand: unique symbol };

const pattern = /^[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}$/;

export function isTenantId(text: string): text is TenantId {
  return pattern.test(text);
}

/** Throws RangeError unless `text` is a UUID in lower case. */
export function parseTenantId(text: string): TenantId {
  if (isTenantId(text)) return text;
  throw new RangeError(`Cannot take "${text}" as a tenant's id: it is not a UUID in lower case`);
}

/** The tenant's login role: letters, digits and _ only, so it stands unquoted in SQL. */
export function tenantRole(tenantId: TenantId): string {
  return `t_${parseTenantId(tenantId).replaceAll("-", "")}`;
}

/** The tenant's schema: letters, digits and _ only, so it stands unquoted in SQL. */
export function tenantSchema(tenantId: TenantId): string {
  return `s_${parseTenantId(tenantId).replaceAll("-", "")}`;
}
