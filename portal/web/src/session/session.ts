import type { Me } from "@perfanalysis/contract/api";
import {
  queryOptions,
  useMutation,
  useQuery,
  useQueryClient,
  type QueryClient,
} from "@tanstack/react-query";
import { ApiProblem } from "../api/api-problem.ts";
import { command, request } from "../api/request.ts";

export interface Credentials {
  email: string;
  password: string;
}

/** Who is signed in; null: nobody. */
const meQuery = queryOptions({
  queryKey: ["me"],
  queryFn: ({ signal }) => getMe(signal),
  staleTime: 5 * 60_000,
});

export function useMe() {
  return useQuery(meQuery);
}

/** Whether the portal lets this person make keys and tokens; members only look. */
export function mayAdminister(me: Me | null | undefined): boolean {
  return me?.role === "owner" || me?.role === "admin";
}

/** To be called when any answer was 401: the session has ended, and the pages lead to the sign-in. */
export function forgetMe(queryClient: QueryClient): void {
  queryClient.setQueryData(meQuery.queryKey, null);
}

export function useSignIn() {
  const queryClient = useQueryClient();
  return useMutation({
    mutationKey: ["sign-in"],
    mutationFn: (credentials: Credentials) =>
      command("/api/auth/sign-in/email", { method: "POST", body: credentials }),
    onSuccess: () => queryClient.fetchQuery({ ...meQuery, staleTime: 0 }),
  });
}

/** Loads the pages anew: nothing of the session stays, nor does the sign-in lead the next person to where this one was. */
export function useSignOut() {
  return useMutation({
    mutationFn: () => command("/api/auth/sign-out", { method: "POST", body: {} }),
    onSuccess: () => window.location.assign("/sign-in"),
  });
}

async function getMe(signal: AbortSignal): Promise<Me | null> {
  try {
    return await request<Me>("/api/v1/me", { signal });
  } catch (error) {
    if (error instanceof ApiProblem && error.status === 401) return null;
    throw error;
  }
}
