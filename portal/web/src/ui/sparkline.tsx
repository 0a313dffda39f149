interface SparklineProps {
  /** null breaks the line. */
  values: readonly (number | null)[];
  max: number;
}

const size = { width: 96, height: 26 };

/** The recent course, for the eye; figures stand beside it in words. */
export function Sparkline({ values, max }: SparklineProps) {
  const { width, height } = size;
  const path = renderSparkline(values, { ...size, max });
  return (
    <svg width={width} height={height} viewBox={`0 0 ${width} ${height}`} aria-hidden="true">
      <line x1="0" x2={width} y1={height - 0.5} y2={height - 0.5} stroke="var(--pa-border)" />
      <path
        d={path}
        fill="none"
        stroke="var(--pa-meter)"
        strokeWidth="1.5"
        strokeLinejoin="round"
      />
    </svg>
  );
}

export function renderSparkline(
  values: readonly (number | null)[],
  { width, height, max }: { width: number; height: number; max: number },
): string {
  const stepX = width / Math.max(1, values.length - 1);
  let broken = true;
  return values
    .flatMap((value, index) => {
      if (value === null) {
        broken = true;
        return [];
      }
      const y = 1 + (height - 2) * (1 - Math.min(1, Math.max(0, value / max)));
      const point = `${broken ? "M" : "L"}${(index * stepX).toFixed(1)} ${y.toFixed(1)}`;
      broken = false;
      return [point];
    })
    .join("");
}
