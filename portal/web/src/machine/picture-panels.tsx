import { Skeleton, Title, useComputedColorScheme } from "@mantine/core";
import type { Chart } from "@perfanalysis/reporting/charts/frame";
import { palette } from "@perfanalysis/reporting/charts/palette";
import { useMemo } from "react";
import { ProblemAlert } from "../ui/problem-alert.tsx";
import { useTimes } from "../ui/time-text.tsx";
import type { View } from "./chart-panel.tsx";
import classes from "./chart-panel.module.css";
import { usePictureSeries } from "./machine.ts";
import { listPictures, type Picture } from "./pictures.ts";

interface PicturesProps {
  columns: readonly string[];
  /** Whether the shown span is one whose hours can be compared by days. */
  ofDays: boolean;
  view: View;
}

/** Below the charts over time: what lines cannot show. */
export function Pictures({ columns, ofDays, view }: PicturesProps) {
  const pictures = useMemo(() => listPictures(columns, { ofDays }), [columns, ofDays]);
  return (
    <div className={classes.pictures}>
      {pictures.map((picture) => (
        <PicturePanel key={picture.id} picture={picture} view={view} />
      ))}
    </div>
  );
}

/** A picture as the report has it. It is not drawn anew with each sample: its cells are longer than a second. */
function PicturePanel({ picture, view }: { picture: Picture; view: View }) {
  const { clocks } = useTimes();
  const { data, error, refetch, isPlaceholderData } = usePictureSeries(view, picture);
  const { id, title } = picture;
  const chart = useMemo(() => {
    if (data === undefined) return null;
    const text = {
      id: `picture-${id}`,
      title,
      description: `${title}. The darker on a light page, the brighter on a dark one, the busier.`,
      layout: "fluid" as const,
    };
    return picture.draw(data, { text, zone: clocks });
  }, [data, picture, id, title, clocks]);
  const titleId = `chart-${id}`;
  return (
    <section className={classes.panel} aria-labelledby={titleId} data-testid={titleId}>
      <Title order={3} id={titleId} mb="xs">
        {title}
      </Title>
      {data === undefined && error === null && (
        <Skeleton height={214} role="status" aria-label={`Loading ${title}`} />
      )}
      {data === undefined && error !== null && (
        <ProblemAlert title="Cannot draw this chart" error={error} onRetry={() => void refetch()} />
      )}
      {data !== undefined && chart === null && (
        <div className={classes.empty}>No samples in this range</div>
      )}
      {chart !== null && <Drawn chart={chart} isStale={isPlaceholderData} />}
    </section>
  );
}

function Drawn({ chart, isStale }: { chart: Chart; isStale: boolean }) {
  const scheme = useComputedColorScheme("light");
  // The same object as long as the picture is the same: React would parse it anew with each sample.
  const markup = useMemo(() => ({ __html: chart.svg.toString() }), [chart]);
  return (
    <div
      className={classes.picture}
      data-stale={isStale}
      style={colours[scheme]}
      // Made by the report's templates, which escape.
      dangerouslySetInnerHTML={markup}
    />
  );
}

/** The variables by which the report's SVG has its colours. */
const colours = { light: variablesOf("light"), dark: variablesOf("dark") };

function variablesOf(scheme: "light" | "dark"): Record<string, string> {
  return Object.fromEntries(
    Object.entries(palette).map(([name, colour]) => [`--${name}`, colour[scheme]]),
  );
}
