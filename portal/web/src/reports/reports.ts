import type { Report, ReportInput, ReportList, ReportProgress } from "@perfanalysis/contract/api";
import { useMutation, useQuery, useQueryClient } from "@tanstack/react-query";
import { command, request } from "../api/request.ts";
import type { Span } from "../machine/time-range.ts";

const workingRefreshMs = 1_000;

export function isWorking({ status }: Report): boolean {
  return status === "queued" || status === "running";
}

/** What is being done for a report that is not ready yet; null for others. */
export function describeWork({ status, progress }: Report): string | null {
  if (status === "queued") return "Waiting for its turn";
  if (status !== "running") return null;
  return progress === null ? "Starting" : `${stageTexts[progress.stage]}, ${progress.percent} %`;
}

const stageTexts: Record<ReportProgress["stage"], string> = {
  reading: "Reading the samples",
  judging: "Judging them",
  writing: "Writing HTML and PDF",
};

/** The machine's reports, newest first; asked for anew while one is being made. */
export function useReports(machineId: string) {
  return useQuery({
    queryKey: ["reports", machineId],
    queryFn: async ({ signal }) => {
      const path = `/api/v1/reports?machine_id=${encodeURIComponent(machineId)}`;
      const { reports } = await request<ReportList>(path, { signal });
      return reports.toSorted((a, b) => b.created_at.localeCompare(a.created_at));
    },
    refetchInterval: ({ state }) =>
      state.data?.some(isWorking) === true ? workingRefreshMs : false,
  });
}

export function useMakeReport(machineId: string) {
  const queryClient = useQueryClient();
  return useMutation({
    mutationFn: ({ fromS, toS }: Span) => {
      const body: ReportInput = {
        machine_id: machineId,
        from: String(Math.floor(fromS)),
        to: String(Math.ceil(toS)),
      };
      return request<Report>("/api/v1/reports", { method: "POST", body });
    },
    onSuccess: () => queryClient.invalidateQueries({ queryKey: ["reports", machineId] }),
  });
}

export function useDeleteReport(machineId: string) {
  const queryClient = useQueryClient();
  return useMutation({
    mutationFn: (reportId: string) => command(`/api/v1/reports/${reportId}`, { method: "DELETE" }),
    onSuccess: () => queryClient.invalidateQueries({ queryKey: ["reports", machineId] }),
  });
}
