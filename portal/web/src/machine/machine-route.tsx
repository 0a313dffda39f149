import { useNavigate, useParams, useSearch } from "@tanstack/react-router";
import { useCallback, useMemo } from "react";
import { MachinePage } from "./machine-page.tsx";
import { parseRange, toRangeSearch, type TimeRange } from "./time-range.ts";

const from = "/portal/machines/$machineId";

/** The machine's page, its shown range kept in the address. */
export function MachineRoute() {
  const { machineId } = useParams({ from });
  const search = useSearch({ from });
  const navigate = useNavigate();
  const range = useMemo(() => parseRange(search), [search]);
  const onRange = useCallback(
    (next: TimeRange) =>
      void navigate({
        to: "/machines/$machineId",
        params: { machineId },
        search: toRangeSearch(next),
        resetScroll: false,
      }),
    [navigate, machineId],
  );
  return <MachinePage key={machineId} machineId={machineId} range={range} onRange={onRange} />;
}
