import { NativeSelect, Title } from "@mantine/core";
import { useMemo, useState } from "react";
import { ChartPanel, type View } from "./chart-panel.tsx";
import { useStatistics } from "./machine.ts";
import classes from "./machine-page.module.css";
import {
  listDevices,
  listDiskPanels,
  listNetworkPanels,
  listUseColumns,
  orderByUse,
  type DeviceScope,
} from "./panels.ts";

interface DeviceSectionProps {
  scope: DeviceScope;
  view: View;
  columns: readonly string[];
}

const words = {
  disk: { title: "Disks", choose: "Disk" },
  interface: { title: "Network", choose: "Interface" },
};

/** Charts of disks or interfaces; the busiest device is shown first, any other can be chosen. */
export function DeviceSection({ scope, view, columns }: DeviceSectionProps) {
  const useColumns = useMemo(() => listUseColumns(columns, scope), [columns, scope]);
  const { data: statistics, error } = useStatistics(view, useColumns, {
    // A list must not move under the reader's hand, nor another device take the place of the one that is looked at.
    refetchIntervalMs: false,
  });
  const [chosen, setChosen] = useState<string | null>(null);
  const devices = useMemo(() => {
    const means = new Map(statistics?.map(({ column, mean }) => [column, mean]));
    return orderByUse(listDevices(columns, scope), useColumns, means);
  }, [statistics, columns, useColumns, scope]);
  const busiest = devices[0];
  if (busiest === undefined) return null;
  // Charts of a device that is not the busiest would be asked for in vain.
  const isKnown =
    statistics !== undefined ||
    error !== null ||
    devices.length === 1 ||
    // Then nothing tells which one that is.
    useColumns.length === 0;
  const device = chosen !== null && devices.includes(chosen) ? chosen : busiest;
  const panels =
    scope === "disk"
      ? listDiskPanels(columns, { device, devices })
      : listNetworkPanels(columns, device);
  const { title, choose } = words[scope];
  return (
    <section aria-labelledby={`section-${scope}`}>
      <div className={classes.sectionHead}>
        <Title order={2} id={`section-${scope}`}>
          {title}
        </Title>
        {devices.length > 1 && (
          <NativeSelect
            aria-label={choose}
            value={device}
            onChange={(event) => setChosen(event.currentTarget.value)}
            data={devices.map((value, index) => ({
              value,
              label: index === 0 && statistics !== undefined ? `${value}, the busiest` : value,
            }))}
          />
        )}
      </div>
      <div className={classes.charts}>
        {isKnown && panels.map((panel) => <ChartPanel key={panel.id} panel={panel} view={view} />)}
      </div>
    </section>
  );
}
