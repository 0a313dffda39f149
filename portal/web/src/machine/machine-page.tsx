import { Button, EmptyState, Skeleton, Stack, Title } from "@mantine/core";
import type { MachineDetail } from "@perfanalysis/contract/api";
import { Link } from "@tanstack/react-router";
import { useCallback, useMemo, useState } from "react";
import { ApiProblem } from "../api/api-problem.ts";
import type { LiveSample } from "../live/live-connection.ts";
import { MakeReport } from "../reports/make-report.tsx";
import { ReportList } from "../reports/report-list.tsx";
import { usePageTitle } from "../ui/document-title.ts";
import { BackIcon, DownloadIcon, MachineIcon } from "../ui/icons.tsx";
import { useNow } from "../ui/now.ts";
import { ProblemAlert } from "../ui/problem-alert.tsx";
import { TimeText, useTimes } from "../ui/time-text.tsx";
import { isLive, parseTime, renderAge, renderUtc } from "../ui/times.ts";
import { ChartPanel, type View } from "./chart-panel.tsx";
import { CurrentValues } from "./current-values.tsx";
import { Cursor, CursorContext } from "./cursor.ts";
import { DeviceSection } from "./device-section.tsx";
import { exportPath, samplesSpan, useMachine, useMachineSamples } from "./machine.ts";
import { toHostLines } from "./host-lines.ts";
import classes from "./machine-page.module.css";
import { listMachinePanels } from "./panels.ts";
import { Pictures } from "./picture-panels.tsx";
import { isOfDays } from "./pictures.ts";
import { RangePicker } from "./range-picker.tsx";
import { toReadings } from "./readings.ts";
import { StatisticsTable } from "./statistics-table.tsx";
import { renderRange, toSpan, type Span, type TimeRange } from "./time-range.ts";

interface MachinePageProps {
  machineId: string;
  /** As the address says; null: nothing. */
  range: TimeRange | null;
  onRange: (range: TimeRange) => void;
}

export function MachinePage({ machineId, range, onRange }: MachinePageProps) {
  const { data: machine, error, refetch } = useMachine(machineId);
  const live = useMachineSamples(machineId);
  usePageTitle(machine?.name ?? machineId);
  return (
    <div className={classes.page}>
      <div>
        <Link to="/" className={classes.back}>
          <BackIcon /> All machines
        </Link>
      </div>
      {machine === undefined && error === null && <Loading />}
      {machine === undefined && error !== null && isMissing(error) && (
        <EmptyState
          icon={<MachineIcon />}
          title="No such machine"
          description={`There is no machine “${machineId}” here. It may have been deleted, or belong to another organisation.`}
        />
      )}
      {machine === undefined && error !== null && !isMissing(error) && (
        <ProblemAlert
          title="Cannot show this machine"
          error={error}
          onRetry={() => void refetch()}
        />
      )}
      {machine !== undefined && (
        <MachineContent machine={machine} live={live} range={range} onRange={onRange} />
      )}
    </div>
  );
}

function isMissing(error: Error): boolean {
  return error instanceof ApiProblem && error.status === 404;
}

interface MachineContentProps {
  machine: MachineDetail;
  live: readonly LiveSample[];
  range: TimeRange | null;
  onRange: (range: TimeRange) => void;
}

function MachineContent({ machine, live, range, onRange }: MachineContentProps) {
  const samples = samplesSpan(machine, live);
  if (samples === null) {
    return (
      <>
        <div>
          <Title order={1}>{machine.name}</Title>
          <dl className={classes.facts}>
            <WhatItIs host={machine.host} />
          </dl>
        </div>
        <EmptyState
          icon={<MachineIcon />}
          title="No samples yet"
          description="This machine is known, but nothing it measured has arrived. Charts appear here with the first sample."
        />
      </>
    );
  }
  return (
    <Measured machine={machine} live={live} samples={samples} range={range} onRange={onRange} />
  );
}

function Measured({
  machine,
  live,
  samples,
  range: chosenRange,
  onRange,
}: MachineContentProps & { samples: Span }) {
  const { machine_id: machineId, columns } = machine;
  const times = useTimes();
  const [cursor] = useState(() => new Cursor());
  // Once: the picture must not change by itself when the machine comes or goes.
  const [usualRange] = useState(() => defaultRange(samples));
  const range = chosenRange ?? usualRange;
  const { zoom, undoZoom, choose, canUndo } = useZoom(range, onRange);
  const view: View = { machineId, range, samples, live, onZoom: zoom, onUndoZoom: undoZoom };
  const span = toSpan(range, samples);
  const newest = live.at(-1)?.values ?? machine.latest?.values ?? {};
  const panels = useMemo(() => listMachinePanels(columns), [columns]);
  return (
    <CursorContext value={cursor}>
      <div className={classes.head}>
        <div className={classes.title}>
          <Title order={1}>{machine.name}</Title>
          <Facts machine={machine} samples={samples} />
        </div>
        <MakeReport machineId={machineId} span={span}>
          <Button
            component="a"
            variant="default"
            href={exportPath(machineId, span)}
            download
            leftSection={<DownloadIcon />}
          >
            CSV
          </Button>
        </MakeReport>
      </div>
      <CurrentValues readings={toReadings(newest)} />
      <div className={classes.toolbar} role="toolbar" aria-label="Shown time">
        <RangePicker
          range={range}
          span={span}
          onChange={choose}
          onUndoZoom={canUndo ? undoZoom : undefined}
        />
        <span className={classes.shown}>
          {renderRange(range, span)} to{" "}
          <time title={renderUtc(span.toS)}>{times.full(span.toS)}</time>,{" "}
          {times.zoneLabel(span.toS)}
        </span>
      </div>
      <section aria-labelledby="section-machine">
        <div className={classes.sectionHead}>
          <Title order={2} id="section-machine">
            CPU and memory
          </Title>
        </div>
        <div className={classes.charts}>
          {panels.map((panel) => (
            <ChartPanel key={panel.id} panel={panel} view={view} />
          ))}
        </div>
        <Pictures columns={columns} ofDays={isOfDays(span)} view={view} />
      </section>
      <DeviceSection scope="disk" view={view} columns={columns} />
      <DeviceSection scope="interface" view={view} columns={columns} />
      <StatisticsTable view={view} columns={columns} />
      <ReportList machineId={machineId} />
    </CursorContext>
  );
}

/** A live machine is looked at as it runs, a recorded one as a whole. */
function defaultRange(samples: Span): TimeRange {
  const isRecent = Date.now() / 1000 - samples.toS < 300;
  return isRecent ? { kind: "last", lengthS: 900 } : { kind: "all" };
}

function useZoom(range: TimeRange, onRange: (range: TimeRange) => void) {
  const [before, setBefore] = useState<readonly TimeRange[]>([]);
  const zoom = useCallback(
    (span: Span) => {
      if (span.toS <= span.fromS) return;
      setBefore((ranges) => [...ranges, range]);
      onRange({ kind: "between", ...span });
    },
    [range, onRange],
  );
  const undoZoom = useCallback(() => {
    const last = before.at(-1);
    if (last === undefined) return;
    setBefore(before.slice(0, -1));
    onRange(last);
  }, [before, onRange]);
  const choose = (chosen: TimeRange) => {
    setBefore([]);
    onRange(chosen);
  };
  return { zoom, undoZoom, choose, canUndo: before.length > 0 };
}

function Facts({ machine, samples }: { machine: MachineDetail; samples: Span }) {
  const nowS = useNow(1_000);
  const newestS = samples.toS - 1;
  const ageS = nowS - newestS;
  return (
    <dl className={classes.facts}>
      <div>
        <dt>Id</dt>
        <dd>{machine.machine_id}</dd>
      </div>
      <div>
        <dt>Newest sample</dt>
        <dd data-testid="newest-sample">
          <TimeText timeS={newestS} />{" "}
          <span style={{ color: isLive(ageS) ? "var(--pa-good)" : "var(--pa-muted)" }}>
            ({renderAge(ageS)})
          </span>
        </dd>
      </div>
      <div>
        <dt>First sample</dt>
        <dd>
          <TimeText timeS={samples.fromS} />
        </dd>
      </div>
      <WhatItIs host={machine.host} />
    </dl>
  );
}

function WhatItIs({ host }: Pick<MachineDetail, "host">) {
  if (host === null) return null;
  return (
    <>
      {toHostLines(host).map(({ label, text }) => (
        <div key={label}>
          <dt>{label}</dt>
          <dd>{text}</dd>
        </div>
      ))}
      {host.boot_time !== undefined && (
        <div>
          <dt>Booted</dt>
          <dd>
            <TimeText timeS={parseTime(host.boot_time)} />
          </dd>
        </div>
      )}
    </>
  );
}

function Loading() {
  return (
    <Stack gap="md" aria-busy="true" role="status" aria-label="Loading machine">
      <Skeleton height={34} width={220} />
      <Skeleton height={92} radius="md" />
      <Skeleton height={260} radius="md" />
      <Skeleton height={260} radius="md" />
    </Stack>
  );
}
