import type { Enrolment as EnrolmentJson } from "@perfanalysis/contract/api";
import type { Enrolment } from "./enrolments.ts";

/** As the API and `perf-portal enrol-token list --json` show it. */
export function toEnrolmentJson(enrolment: Enrolment): EnrolmentJson {
  return {
    enrolment_id: enrolment.enrolmentId,
    name: enrolment.name,
    hint: enrolment.hint,
    max_uses: enrolment.maxUses,
    uses: enrolment.uses,
    created_by: enrolment.createdBy,
    created_at: enrolment.createdAt.toISOString(),
    expires_at: enrolment.expiresAt.toISOString(),
    revoked_at: enrolment.revokedAt?.toISOString() ?? null,
  };
}
