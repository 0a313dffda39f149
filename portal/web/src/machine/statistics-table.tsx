import { NativeSelect, Skeleton, Table, Text, Title } from "@mantine/core";
import type { ColumnStatistics } from "@perfanalysis/contract/api";
import { parseColumn } from "@perfanalysis/contract/columns";
import type { Resource, Unit } from "@perfanalysis/contract/metrics";
import { useMemo, useState } from "react";
import { renderValue } from "../ui/format.ts";
import { ProblemAlert } from "../ui/problem-alert.tsx";
import type { View } from "./chart-panel.tsx";
import { useStatistics } from "./machine.ts";
import classes from "./statistics-table.module.css";

const resources: readonly { value: Resource; label: string }[] = [
  { value: "cpu", label: "CPU" },
  { value: "load", label: "Load and tasks" },
  { value: "memory", label: "Memory" },
  { value: "paging", label: "Paging" },
  { value: "pressure", label: "Pressure" },
  { value: "disk", label: "Disks" },
  { value: "network", label: "Network" },
  { value: "filesystem", label: "File systems" },
  { value: "container", label: "Containers" },
  { value: "collector", label: "Collector" },
];

const figures = [
  ["Mean", "mean"],
  ["p50", "p50"],
  ["p75", "p75"],
  ["p90", "p90"],
  ["p95", "p95"],
  ["p97.5", "p97_5"],
  ["p99", "p99"],
  ["Max", "max"],
] as const satisfies readonly (readonly [string, keyof ColumnStatistics])[];

/** Exact percentiles of one resource's columns over the shown range. */
export function StatisticsTable({ view, columns }: { view: View; columns: readonly string[] }) {
  const [chosen, setChosen] = useState<Resource>("cpu");
  const available = resources.filter(({ value }) => columns.some((name) => isOf(name, value)));
  const resource = available.some(({ value }) => value === chosen)
    ? chosen
    : (available[0]?.value ?? chosen);
  const shown = useMemo(() => columns.filter((name) => isOf(name, resource)), [columns, resource]);
  const { data, error, refetch, isPlaceholderData } = useStatistics(view, shown);
  return (
    <section className={classes.panel} aria-labelledby="statistics">
      <div className={classes.head}>
        <div>
          <Title order={2} id="statistics">
            Statistics
          </Title>
          <Text size="xs" c="dimmed">
            Exact: from every sample in the range, not from the chart’s buckets; on a live range,
            asked for again every 30 s.
          </Text>
        </div>
        <NativeSelect
          aria-label="Statistics of"
          value={resource}
          data={available}
          onChange={({ currentTarget: { value } }) => {
            const next = available.find((each) => each.value === value);
            if (next !== undefined) setChosen(next.value);
          }}
        />
      </div>
      {data === undefined && error === null && (
        <Skeleton height={180} role="status" aria-label="Loading statistics" />
      )}
      {data === undefined && error !== null && (
        <ProblemAlert
          title="Cannot show the statistics"
          error={error}
          onRetry={() => void refetch()}
        />
      )}
      {data !== undefined && <Figures statistics={data} isStale={isPlaceholderData} />}
    </section>
  );
}

function Figures({ statistics, isStale }: { statistics: ColumnStatistics[]; isStale: boolean }) {
  return (
    // It scrolls sideways on narrow screens, so the keyboard must reach it.
    // oxlint-disable-next-line jsx-a11y/no-noninteractive-tabindex
    <div className={classes.scroll} tabIndex={0} role="region" aria-label="Table of statistics">
      <Table fz="xs" verticalSpacing={6} className={classes.table} data-stale={isStale}>
        <Table.Thead>
          <Table.Tr>
            <Table.Th>Metric</Table.Th>
            {figures.map(([label]) => (
              <Table.Th key={label} ta="right">
                {label}
              </Table.Th>
            ))}
            <Table.Th ta="right">Samples</Table.Th>
          </Table.Tr>
        </Table.Thead>
        <Table.Tbody>
          {statistics.map((row) => {
            const { label, unit, help } = describe(row.column);
            return (
              <Table.Tr key={row.column}>
                <Table.Th scope="row" fw={500} title={help}>
                  {label}
                </Table.Th>
                {figures.map(([name, key]) => (
                  <Table.Td key={name} ta="right">
                    {renderValue(row[key], unit)}
                  </Table.Td>
                ))}
                <Table.Td ta="right">{row.count.toLocaleString("en-GB")}</Table.Td>
              </Table.Tr>
            );
          })}
        </Table.Tbody>
      </Table>
    </div>
  );
}

/** One CPU's columns are left out: there can be hundreds. */
function isOf(column: string, resource: Resource): boolean {
  const metric = parseColumn(column)?.metric;
  return metric?.resource === resource && metric.scope !== "cpu";
}

function describe(column: string): { label: string; unit: Unit; help: string } {
  const parsed = parseColumn(column);
  if (parsed === null) return { label: column, unit: "count", help: "" };
  const { metric, device } = parsed;
  return {
    label: device === null ? metric.label : `${device}: ${metric.label}`,
    unit: metric.unit,
    help: metric.help,
  };
}
