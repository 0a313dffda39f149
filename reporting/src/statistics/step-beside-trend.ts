// Analysis of covariance with two groups: R's lm(y ~ x + behind).

/** By how much a series jumps at a point, beside a slope that both sides of it share. */
export interface Step {
  /** In units of y. */
  size: number;
  /** Its standard error, of points that are independent; of series whose neighbours resemble one another it is too small. */
  error: number;
}

interface Side {
  count: number;
  meanX: number;
  meanY: number;
  /** Σ(x − mean)², Σ(x − mean)(y − mean) and Σ(y − mean)². */
  xx: number;
  xy: number;
  yy: number;
}

/**
 * Least squares of y = a + slope·x + size·(x ≥ at): of a straight line the size is nothing, however steep it is; of two levels it is the distance
 * between them. Points with a gap are left out. The size is NaN where a side has no point, or none has two values of x; the error, too,
 * and below four points.
 *
 * Throws a RangeError for sides of unequal length.
 */
export function stepBesideTrend(x: Float64Array, y: Float64Array, at: number): Step {
  if (x.length !== y.length) {
    throw new RangeError(`Cannot measure a step: ${x.length} × ${y.length} points`);
  }
  const isMeasured = (row: number): boolean => !Number.isNaN((x[row] ?? NaN) + (y[row] ?? NaN));
  const rows = Array.from(x.keys()).filter(isMeasured);
  const [before, behind] = [false, true].map((isBehind) => {
    const own = rows.filter((row) => (x[row] ?? NaN) >= at === isBehind);
    const of = (values: Float64Array): Float64Array =>
      Float64Array.from(own, (row) => values[row] ?? NaN);
    return measure(of(x), of(y));
  });
  if (before === undefined || behind === undefined) return { size: NaN, error: NaN };
  const xx = before.xx + behind.xx;
  const xy = before.xy + behind.xy;
  const run = behind.meanX - before.meanX;
  const freedom = before.count + behind.count - 3;
  const variance = Math.max(0, before.yy + behind.yy - xy ** 2 / xx) / freedom;
  return {
    size: behind.meanY - before.meanY - (xy / xx) * run,
    error:
      freedom > 0
        ? Math.sqrt(variance * (1 / before.count + 1 / behind.count + run ** 2 / xx))
        : NaN,
  };
}

function measure(x: Float64Array, y: Float64Array): Side {
  const mean = (values: Float64Array): number =>
    values.reduce((sum, value) => sum + value, 0) / values.length;
  const [meanX, meanY] = [mean(x), mean(y)];
  const side = { count: x.length, meanX, meanY, xx: 0, xy: 0, yy: 0 };
  for (const [row, value] of x.entries()) {
    const [fromX, fromY] = [value - meanX, (y[row] ?? NaN) - meanY];
    side.xx += fromX ** 2;
    side.xy += fromX * fromY;
    side.yy += fromY ** 2;
  }
  return side;
}
