import classes from "./meter.module.css";

/** A bar for the eye; the figure stands beside it in words. Empty where nothing was measured. */
export function Meter({ percent }: { percent: number | null }) {
  return (
    <div className={classes.track} aria-hidden="true">
      {percent !== null && (
        <div
          className={classes.fill}
          data-level={percent >= 95 ? "serious" : percent >= 80 ? "warning" : "normal"}
          style={{ width: `${Math.min(100, Math.max(0, percent))}%` }}
        />
      )}
    </div>
  );
}
