import type {
  Enrolment,
  EnrolmentInput,
  EnrolmentList,
  NewEnrolment,
} from "@perfanalysis/contract/api";
import { useMutation, useQuery, useQueryClient } from "@tanstack/react-query";
import { command, request } from "../api/request.ts";
import { parseTime } from "../ui/times.ts";

/** Hosts that come, and colleagues, change what is open. */
const refreshMs = 5_000;
const queryKey = ["enrolments"];

/** Whether the token still lets a host in. */
export function isOpen(
  { revoked_at, expires_at, uses, max_uses }: Enrolment,
  nowS: number,
): boolean {
  return revoked_at === null && uses < max_uses && parseTime(expires_at) > nowS;
}

/** The organisation's tokens of the last hour or so, newest first. */
export function useEnrolments() {
  return useQuery({
    queryKey,
    queryFn: ({ signal }) => listRecent(signal),
    refetchInterval: refreshMs,
  });
}

/** The answer holds the token, which is shown this once. */
export function useMakeEnrolment() {
  const queryClient = useQueryClient();
  return useMutation({
    mutationFn: (body: EnrolmentInput) =>
      request<NewEnrolment>("/api/v1/enrolments", { method: "POST", body }),
    onSuccess: () => queryClient.invalidateQueries({ queryKey }),
  });
}

export function useRevokeEnrolment() {
  const queryClient = useQueryClient();
  return useMutation({
    mutationFn: (enrolmentId: string) =>
      command(`/api/v1/enrolments/${enrolmentId}`, { method: "DELETE" }),
    onSuccess: () => queryClient.invalidateQueries({ queryKey }),
  });
}

/** All tokens live equally long: behind one that has expired there is none that lets anybody in. */
async function listRecent(signal: AbortSignal): Promise<Enrolment[]> {
  const found: Enrolment[] = [];
  for (let cursor: string | null = ""; cursor !== null;) {
    const after: string = cursor === "" ? "" : `&cursor=${encodeURIComponent(cursor)}`;
    const path = `/api/v1/enrolments?limit=100${after}`;
    const page: EnrolmentList = await request<EnrolmentList>(path, { signal });
    found.push(...page.enrolments);
    const last = found.at(-1);
    const isPast = last === undefined || parseTime(last.expires_at) < Date.now() / 1000;
    cursor = isPast ? null : page.next_cursor;
  }
  return found;
}
