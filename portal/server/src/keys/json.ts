import type { Key as KeyJson } from "@perfanalysis/contract/api";
import type { Key } from "./keys.ts";

/** As the API and `perf-portal key list --json` show it. */
export function toKeyJson(key: Key): KeyJson {
  return {
    key_id: key.keyId,
    name: key.name,
    hint: key.hint,
    scopes: key.scopes,
    machine_id: key.machineId,
    created_at: key.createdAt.toISOString(),
    expires_at: key.expiresAt?.toISOString() ?? null,
    revoked_at: key.revokedAt?.toISOString() ?? null,
    last_used_at: key.lastUsedAt?.toISOString() ?? null,
  };
}
