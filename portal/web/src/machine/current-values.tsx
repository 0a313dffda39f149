import { renderValue } from "../ui/format.ts";
import { Meter } from "../ui/meter.tsx";
import classes from "./current-values.module.css";
import type { Readings } from "./readings.ts";

/** The newest sample at a glance. */
export function CurrentValues({ readings }: { readings: Readings }) {
  const { memoryUsedBytes, memoryTotalBytes, busiestDisk, cpuCount } = readings;
  return (
    <dl className={classes.tiles} aria-label="Newest sample">
      <Tile
        name="CPU busy"
        value={renderValue(readings.cpuBusyPercent, "percent")}
        testId="live-cpu"
        percent={readings.cpuBusyPercent}
        note={cpuCount === null ? "" : `of ${cpuCount} ${cpuCount === 1 ? "CPU" : "CPUs"}`}
      />
      <Tile
        name="Memory used"
        value={renderValue(readings.memoryUsedPercent, "percent")}
        testId="live-memory"
        percent={readings.memoryUsedPercent}
        note={`${renderValue(memoryUsedBytes, "bytes")} of ${renderValue(memoryTotalBytes, "bytes")}`}
      />
      <Tile
        name="Disk busy"
        value={renderValue(readings.diskBusyPercent, "percent")}
        testId="live-disk"
        percent={readings.diskBusyPercent}
        note={busiestDisk ?? ""}
      />
      <Tile
        name="Received"
        value={renderValue(readings.receivedBytesPerS, "bytes/s")}
        testId="live-received"
        note="all outward interfaces"
      />
      <Tile
        name="Sent"
        value={renderValue(readings.sentBytesPerS, "bytes/s")}
        testId="live-sent"
        note="all outward interfaces"
      />
      <Tile
        name="Load"
        value={renderValue(readings.load1, "count")}
        testId="live-load"
        note="over 1 min"
      />
    </dl>
  );
}

interface TileProps {
  name: string;
  value: string;
  testId: string;
  note: string;
  /** Of quantities that have an upper end. */
  percent?: number | null;
}

function Tile({ name, value, testId, note, percent }: TileProps) {
  return (
    <div className={classes.tile}>
      <dt className={classes.name}>{name}</dt>
      <dd className={classes.body}>
        <span className={classes.value} data-testid={testId}>
          {value}
        </span>
        <span className={classes.note}>{note}</span>
        {percent !== undefined && <Meter percent={percent} />}
      </dd>
    </div>
  );
}
