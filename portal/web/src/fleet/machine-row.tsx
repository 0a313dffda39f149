import { useInViewport } from "@mantine/hooks";
import { Link } from "@tanstack/react-router";
import { memo, type ReactNode } from "react";
import type { LiveSample } from "../live/live-connection.ts";
import { gapText, renderValue } from "../ui/format.ts";
import { Meter } from "../ui/meter.tsx";
import { isLive, renderAge, renderUtc } from "../ui/times.ts";
import { CpuCourse } from "./cpu-course.tsx";
import classes from "./fleet-page.module.css";
import type { FleetMachine } from "./machines.ts";
import { sortLabels } from "./order.ts";

interface MachineRowProps {
  machine: FleetMachine;
  course: readonly LiveSample[] | undefined;
  nowS: number;
}

const noSamples: readonly LiveSample[] = [];

export const MachineRow = memo(function MachineRow({
  machine: { machineId, name, readings, lastSeenS, latestS },
  course = noSamples,
  nowS,
}: MachineRowProps) {
  const { ref, inViewport } = useInViewport<HTMLTableRowElement>();
  return (
    <tr ref={ref} className={classes.row} data-testid={`machine-${machineId}`}>
      <td className={classes.machine}>
        <Link to="/machines/$machineId" params={{ machineId }} className={classes.link}>
          {name}
        </Link>
        {name !== machineId && <div className={classes.id}>{machineId}</div>}
      </td>
      <td className={classes.cpuCell} data-label={sortLabels.cpu}>
        <div className={classes.cpu}>
          <Share percent={readings.cpuBusyPercent} testId="cpu-busy">
            {readings.cpuCount !== null &&
              `${readings.cpuCount} ${readings.cpuCount === 1 ? "CPU" : "CPUs"}`}
          </Share>
          {latestS !== null && (
            <CpuCourse machineId={machineId} latestS={latestS} live={course} visible={inViewport} />
          )}
        </div>
      </td>
      <td data-label={sortLabels.memory}>
        <Share percent={readings.memoryUsedPercent}>
          {readings.memoryUsedBytes !== null && renderValue(readings.memoryUsedBytes, "bytes")}
        </Share>
      </td>
      <td data-label={sortLabels.disk}>
        <Share percent={readings.diskBusyPercent}>{readings.busiestDisk}</Share>
      </td>
      <td data-label={sortLabels.network}>
        <div className={classes.flow}>
          <span>in</span>
          <span>{renderValue(readings.receivedBytesPerS, "bytes/s")}</span>
          <span>out</span>
          <span>{renderValue(readings.sentBytesPerS, "bytes/s")}</span>
        </div>
      </td>
      <td data-label={sortLabels.load}>{renderValue(readings.load1, "count")}</td>
      <td className={classes.seen} data-label={sortLabels.seen}>
        <Age lastSeenS={lastSeenS} nowS={nowS} />
      </td>
    </tr>
  );
});

interface ShareProps {
  percent: number | null;
  testId?: string;
  /** Beside the figure, smaller. */
  children: ReactNode;
}

function Share({ percent, testId, children }: ShareProps) {
  return (
    <div>
      <div className={classes.figure}>
        <span data-testid={testId}>{renderValue(percent, "percent")}</span>
        <span className={classes.note}>{percent !== null && children}</span>
      </div>
      <Meter percent={percent} />
    </div>
  );
}

function Age({ lastSeenS, nowS }: { lastSeenS: number | null; nowS: number }) {
  if (lastSeenS === null) return <span className={classes.age}>{gapText} never</span>;
  const ageS = nowS - lastSeenS;
  return (
    <span className={classes.age} data-live={isLive(ageS)} title={renderUtc(lastSeenS)}>
      <span className={classes.dot} aria-hidden="true" />
      {renderAge(ageS)}
    </span>
  );
}
