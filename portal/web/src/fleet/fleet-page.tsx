import {
  NativeSelect,
  Skeleton,
  Stack,
  Text,
  TextInput,
  Title,
  UnstyledButton,
} from "@mantine/core";
import { useThrottledValue } from "@mantine/hooks";
import type { Machine } from "@perfanalysis/contract/api";
import { useQueryClient } from "@tanstack/react-query";
import { useState } from "react";
import { useLiveStart } from "../live/live-context.tsx";
import { usePageTitle } from "../ui/document-title.ts";
import { SearchIcon, SortIcon } from "../ui/icons.tsx";
import { useNow } from "../ui/now.ts";
import { ProblemAlert } from "../ui/problem-alert.tsx";
import { isLive } from "../ui/times.ts";
import { ConnectHelp } from "./connect-help.tsx";
import classes from "./fleet-page.module.css";
import { MachineRow } from "./machine-row.tsx";
import { machinesQuery, toFleetMachine, useLiveCourses, useMachines } from "./machines.ts";
import {
  filterMachines,
  nextSort,
  sortLabels,
  sortMachines,
  type Sort,
  type SortKey,
} from "./order.ts";

/** Rows that moved with every sample could not be read, nor clicked. */
const reorderMs = 5_000;

const sortKeys: readonly SortKey[] = ["name", "cpu", "memory", "disk", "network", "load", "seen"];

export function FleetPage() {
  usePageTitle("Machines");
  const { data: machines, error, refetch } = useMachines();
  if (machines === undefined) {
    return error === null ? (
      <Loading />
    ) : (
      <ProblemAlert title="Cannot show the machines" error={error} onRetry={() => void refetch()} />
    );
  }
  if (machines.length === 0) return <ConnectHelp />;
  return (
    <Stack gap="md">
      {error !== null && (
        <ProblemAlert
          title="Cannot bring the list of machines up to date"
          error={error}
          onRetry={() => void refetch()}
        />
      )}
      <Fleet machines={machines} />
    </Stack>
  );
}

function Fleet({ machines }: { machines: readonly Machine[] }) {
  const queryClient = useQueryClient();
  const nowS = useNow(1_000);
  const [filter, setFilter] = useState("");
  const [sort, setSort] = useState<Sort>({ key: "name", descending: false });
  const courses = useLiveCourses(machines.map((machine) => machine.machine_id));
  useLiveStart(() => void queryClient.invalidateQueries({ queryKey: machinesQuery.queryKey }));

  const current = machines.map((machine) =>
    toFleetMachine(machine, courses.get(machine.machine_id)),
  );
  const settled = useThrottledValue(current, reorderMs);
  const byId = new Map(current.map((machine) => [machine.machineId, machine]));
  const shown = sortMachines(filterMachines(settled, filter), sort).flatMap(
    ({ machineId }) => byId.get(machineId) ?? [],
  );
  const liveCount = current.filter(
    ({ lastSeenS }) => lastSeenS !== null && isLive(nowS - lastSeenS),
  ).length;

  return (
    <>
      <div className={classes.head}>
        <div>
          <Title order={1}>Machines</Title>
          <Text size="sm" c="dimmed">
            {machines.length} {machines.length === 1 ? "machine" : "machines"}, {liveCount} live
          </Text>
        </div>
        <NativeSelect
          className={classes.sort}
          aria-label="Sort by"
          value={sort.key}
          onChange={({ currentTarget: { value } }) => {
            const key = sortKeys.find((each) => each === value);
            if (key !== undefined) setSort({ key, descending: key !== "name" });
          }}
          data={sortKeys.map((value) => ({
            value,
            label: `By ${sortLabels[value].toLowerCase()}`,
          }))}
        />
        <TextInput
          className={classes.filter}
          type="search"
          aria-label="Filter machines"
          placeholder="Filter by name or id"
          leftSection={<SearchIcon />}
          value={filter}
          onChange={(event) => setFilter(event.currentTarget.value)}
        />
      </div>
      <div className={classes.frame}>
        <table className={classes.table} aria-label="Machines">
          <thead>
            <tr>
              {sortKeys.map((key) => (
                <SortHeader key={key} sortKey={key} sort={sort} onSort={setSort} />
              ))}
            </tr>
          </thead>
          <tbody>
            {shown.map((machine) => (
              <MachineRow
                key={machine.machineId}
                machine={machine}
                course={courses.get(machine.machineId)?.cpu}
                nowS={nowS}
              />
            ))}
          </tbody>
        </table>
        {shown.length === 0 && (
          <Text c="dimmed" ta="center" py="xl" role="status">
            No machine’s name or id contains “{filter}”.
          </Text>
        )}
      </div>
    </>
  );
}

interface SortHeaderProps {
  sortKey: SortKey;
  sort: Sort;
  onSort: (sort: Sort) => void;
}

function SortHeader({ sortKey, sort, onSort }: SortHeaderProps) {
  const isSorted = sort.key === sortKey;
  const direction = sort.descending ? "descending" : "ascending";
  return (
    <th scope="col" aria-sort={isSorted ? direction : undefined}>
      <UnstyledButton
        className={classes.sortButton}
        onClick={() => onSort(nextSort(sort, sortKey))}
      >
        {sortLabels[sortKey]}
        {isSorted && <SortIcon direction={direction} />}
      </UnstyledButton>
    </th>
  );
}

function Loading() {
  return (
    <Stack gap="md" aria-busy="true" role="status" aria-label="Loading machines">
      <Skeleton height={32} width={180} />
      {[1, 2, 3, 4].map((row) => (
        <Skeleton key={row} height={56} radius="md" />
      ))}
    </Stack>
  );
}
