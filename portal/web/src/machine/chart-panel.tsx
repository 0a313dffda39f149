import {
  ActionIcon,
  Skeleton,
  Table,
  Title,
  UnstyledButton,
  useComputedColorScheme,
} from "@mantine/core";
import { useMemo, useState } from "react";
import type { LiveSample } from "../live/live-connection.ts";
import { renderValue } from "../ui/format.ts";
import { ChartIcon, TableIcon } from "../ui/icons.tsx";
import { ProblemAlert } from "../ui/problem-alert.tsx";
import { useTimes } from "../ui/time-text.tsx";
import { renderUtc } from "../ui/times.ts";
import { lastMeasuredIndex, nearestIndex, toChartData, type ChartData } from "./chart-data.ts";
import classes from "./chart-panel.module.css";
import { Chart } from "./chart.tsx";
import { useCursorTime } from "./cursor.ts";
import { stackTotal, toDrawing } from "./drawing.ts";
import { useSeries } from "./machine.ts";
import { lineColour, palettes } from "./palette.ts";
import { panelColumns, type Panel, type PanelLine } from "./panels.ts";
import { toSpan, type Span, type TimeRange } from "./time-range.ts";

export interface View {
  machineId: string;
  range: TimeRange;
  /** All of the machine's samples. */
  samples: Span;
  live: readonly LiveSample[];
  onZoom: (span: Span) => void;
  onUndoZoom: () => void;
}

/** A chart with its title, legend, and the same figures as a table. */
export function ChartPanel({ panel, view }: { panel: Panel; view: View }) {
  const { series, error, refetch, isStale } = useSeries(view, panelColumns(panel), view.live);
  const data = useMemo(() => (series === undefined ? null : toChartData(series)), [series]);
  const titleId = `chart-${panel.id}`;
  return (
    <section className={classes.panel} aria-labelledby={titleId} data-testid={titleId}>
      {data !== null && <PanelContent panel={panel} view={view} data={data} isStale={isStale} />}
      {data === null && (
        <>
          <Title order={3} id={titleId} mb="xs">
            {panel.title}
          </Title>
          {error === null ? (
            <Skeleton height={214} role="status" aria-label={`Loading ${panel.title}`} />
          ) : (
            <ProblemAlert
              title="Cannot draw this chart"
              error={error}
              onRetry={() => void refetch()}
            />
          )}
        </>
      )}
    </section>
  );
}

interface PanelContentProps {
  panel: Panel;
  view: View;
  data: ChartData;
  isStale: boolean;
}

function PanelContent({ panel, view, data, isStale }: PanelContentProps) {
  const times = useTimes();
  const cursorTimeS = useCursorTime();
  const [hidden, setHidden] = useState<ReadonlySet<string>>(new Set());
  const [isTable, setIsTable] = useState(false);
  const drawing = useMemo(() => toDrawing(panel, data, hidden), [panel, data, hidden]);
  const lastIndex = lastMeasuredIndex(data);
  const index = cursorTimeS === null ? lastIndex : nearestIndex(data.timesS, cursorTimeS);
  const timeS = index === null ? undefined : data.timesS[index];
  const rows = listRows(panel, data);
  const reading =
    timeS === undefined || index === null
      ? "No samples"
      : `${times.full(timeS)}: ${rows.map(({ label, mean }) => `${label} ${renderValue(mean[index], panel.unit)}`).join(", ")}`;
  const toggle = (column: string) =>
    setHidden((before) => {
      const after = new Set(before);
      if (!after.delete(column)) after.add(column);
      return after;
    });
  return (
    <>
      <div className={classes.head}>
        <Title order={3} id={`chart-${panel.id}`}>
          {panel.title}
        </Title>
        <div style={{ display: "flex", gap: 8, alignItems: "flex-start" }}>
          {timeS !== undefined && cursorTimeS !== null && (
            <span className={classes.time} title={renderUtc(timeS)}>
              {times.full(timeS)}
            </span>
          )}
          <ActionIcon
            variant="subtle"
            color="gray"
            size="sm"
            aria-pressed={isTable}
            aria-label={`${panel.title} as a table`}
            title={isTable ? "Show the chart" : "Show as a table"}
            onClick={() => setIsTable(!isTable)}
          >
            {isTable ? <ChartIcon /> : <TableIcon />}
          </ActionIcon>
        </div>
      </div>
      <Legend rows={rows} panel={panel} index={index} hidden={hidden} onToggle={toggle} />
      <div className={classes.body} data-stale={isStale}>
        {lastIndex === null && <div className={classes.empty}>No samples in this range</div>}
        {lastIndex !== null && isTable && <FigureTable panel={panel} data={data} rows={rows} />}
        {lastIndex !== null && !isTable && (
          <Chart
            label={`${panel.title} over time`}
            drawing={drawing}
            span={toSpan(view.range, view.samples)}
            reading={reading}
            onZoom={view.onZoom}
            onUndoZoom={view.onUndoZoom}
          />
        )}
      </div>
    </>
  );
}

type Row = PanelLine & ReturnType<typeof stackTotal>;

const totalColumn = "total";

/** What legend and table list: the lines, and first their sum where they are stacked. */
function listRows({ lines, stackRest }: Panel, data: ChartData): Row[] {
  const rows = lines.flatMap((line) => {
    const values = data.columns.get(line.column);
    return values === undefined ? [] : [{ ...line, ...values }];
  });
  const rest = stackRest === null ? undefined : data.columns.get(stackRest);
  if (rest === undefined) return rows;
  return [{ column: totalColumn, label: "Not idle", colour: -1, ...stackTotal(rest) }, ...rows];
}

interface LegendProps {
  rows: readonly Row[];
  panel: Panel;
  index: number | null;
  hidden: ReadonlySet<string>;
  onToggle: (column: string) => void;
}

function Legend({ rows, panel, index, hidden, onToggle }: LegendProps) {
  const palette = palettes[useComputedColorScheme("light")];
  return (
    <div className={classes.legend} role="group" aria-label={`Lines of ${panel.title}`}>
      {rows.map(({ column, label, colour, min, mean, max }) => {
        const at = (values: Row["mean"]) =>
          renderValue(index === null ? null : values[index], panel.unit);
        const text = (
          <>
            <span className={classes.swatch} style={{ background: lineColour(palette, colour) }} />
            {label} <span className={classes.value}>{at(mean)}</span>
            {at(min) !== at(max) && (
              <span className={classes.range}>
                {at(min)} to {at(max)}
              </span>
            )}
          </>
        );
        return column === totalColumn ? (
          <span key={column} className={classes.entry}>
            {text}
          </span>
        ) : (
          <UnstyledButton
            key={column}
            className={classes.entry}
            aria-pressed={!hidden.has(column)}
            title={hidden.has(column) ? `Show ${label}` : `Hide ${label}`}
            onClick={() => onToggle(column)}
          >
            {text}
          </UnstyledButton>
        );
      })}
    </div>
  );
}

/** More rows than these nobody reads; the export has them all. */
const mostRows = 200;

function FigureTable({
  panel,
  data,
  rows,
}: {
  panel: Panel;
  data: ChartData;
  rows: readonly Row[];
}) {
  const times = useTimes();
  const measured = data.timesS
    .flatMap((timeS, index) =>
      rows.some(({ mean }) => typeof mean[index] === "number") ? [{ timeS, index }] : [],
    )
    .slice(-mostRows)
    .toReversed();
  return (
    // It scrolls, so the keyboard must reach it.
    // oxlint-disable-next-line jsx-a11y/no-noninteractive-tabindex
    <div
      className={classes.table}
      tabIndex={0}
      role="region"
      aria-label={`Figures of ${panel.title}`}
    >
      <Table stickyHeader fz="xs" verticalSpacing={3}>
        <Table.Thead>
          <Table.Tr>
            <Table.Th>{data.bucketS === 1 ? "Time" : `From, for ${data.bucketS} s`}</Table.Th>
            {rows.map(({ column, label }) => (
              <Table.Th key={column}>{label}</Table.Th>
            ))}
          </Table.Tr>
        </Table.Thead>
        <Table.Tbody>
          {measured.map(({ timeS, index }) => (
            <Table.Tr key={timeS}>
              <Table.Td title={renderUtc(timeS)}>{times.full(timeS)}</Table.Td>
              {rows.map(({ column, mean }) => (
                <Table.Td key={column}>{renderValue(mean[index], panel.unit)}</Table.Td>
              ))}
            </Table.Tr>
          ))}
        </Table.Tbody>
      </Table>
    </div>
  );
}
