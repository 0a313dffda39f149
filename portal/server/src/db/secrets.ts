import { createHmac } from "node:crypto";
import type { TenantId } from "./tenant-id.ts";

/** Password of a tenant's login role: nothing of it is stored in clear. */
export function tenantPassword(secret: string, tenantId: TenantId): string {
  return deriveSecret(secret, `tenant-password:${tenantId}`);
}

/** A secret of its own for each `purpose`: 256 bits as base64url, from which the others cannot be told. */
export function deriveSecret(secret: string, purpose: string): string {
  return createHmac("sha256", secret).update(purpose).digest("base64url");
}
