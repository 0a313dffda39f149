import { linePath, pathHeight } from "@perfanalysis/reporting/charts/path";

interface SparklineProps {
  /** null breaks the line. */
  values: readonly (number | null)[];
  max: number;
}

const width = 96;
const height = 26;

/** The recent course, for the eye; figures stand beside it in words. */
export function Sparkline({ values, max }: SparklineProps) {
  const path = linePath(
    Float64Array.from(values, (value) => value ?? NaN),
    { low: 0, high: max },
  );
  return (
    <svg width={width} height={height} aria-hidden="true">
      <line x1="0" x2={width} y1={height - 0.5} y2={height - 0.5} stroke="var(--pa-border)" />
      <svg
        y="1"
        width={width}
        height={height - 2}
        viewBox={`-0.5 0 ${Math.max(1, values.length)} ${pathHeight}`}
        preserveAspectRatio="none"
        overflow="visible"
      >
        <path
          d={path}
          fill="none"
          stroke="var(--pa-meter)"
          strokeWidth="1.5"
          strokeLinejoin="round"
          strokeLinecap="round"
          vectorEffect="non-scaling-stroke"
        />
      </svg>
    </svg>
  );
}
