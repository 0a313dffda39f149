import { useComputedColorScheme } from "@mantine/core";
import { useElementSize } from "@mantine/hooks";
import {
  useEffect,
  useEffectEvent,
  useId,
  useLayoutEffect,
  useRef,
  useState,
  type KeyboardEvent,
} from "react";
import type UPlot from "uplot";
import { useTimes } from "../ui/time-text.tsx";
import { nearestIndex } from "./chart-data.ts";
import classes from "./chart.module.css";
import { useCursor, useCursorTime } from "./cursor.ts";
import type { Drawing } from "./drawing.ts";
import { palettes } from "./palette.ts";
import { loadPlot, plotHeight, plotStructure, pointAt, toPlotData, toPlotOptions } from "./plot.ts";
import { zoomIn, type Span } from "./time-range.ts";

interface ChartProps {
  /** What is measured, for those who do not see it. */
  label: string;
  drawing: Drawing;
  span: Span;
  /** The values at the cursor, in words. */
  reading: string;
  onZoom: (span: Span) => void;
  onUndoZoom: () => void;
}

/** A chart that is read by mouse, touch or keyboard: a slider over time. */
export function Chart({ label, drawing, span, reading, onZoom, onUndoZoom }: ChartProps) {
  const cursor = useCursor();
  const cursorTimeS = useCursorTime();
  const onKeyDown = (event: KeyboardEvent) => {
    const action = keyAction(event.key, { drawing, cursorTimeS, span });
    if (action === null) return;
    event.preventDefault();
    if ("moveToS" in action) cursor.moveTo(action.moveToS);
    else if ("zoomTo" in action) onZoom(action.zoomTo);
    else onUndoZoom();
  };
  const { ref, width } = useElementSize<HTMLDivElement>();
  const hintId = useId();
  return (
    <>
      <div
        ref={ref}
        className={classes.frame}
        role="slider"
        tabIndex={0}
        aria-label={label}
        aria-describedby={hintId}
        aria-valuemin={span.fromS}
        aria-valuemax={span.toS}
        aria-valuenow={cursorTimeS ?? span.toS}
        aria-valuetext={reading}
        onKeyDown={onKeyDown}
        onBlur={() => cursor.moveTo(null)}
        onMouseLeave={() => cursor.moveTo(null)}
      >
        {width > 0 && (
          <Plot
            key={plotStructure(drawing)}
            drawing={drawing}
            span={span}
            width={width}
            onZoom={onZoom}
          />
        )}
      </div>
      <span id={hintId} hidden>
        Arrow keys move through time, plus zooms in, minus undoes it, Escape leaves the place.
      </span>
    </>
  );
}

type KeyAction = { moveToS: number | null } | { zoomTo: Span } | { undo: true };

const steps = new Map([
  ["ArrowLeft", -1],
  ["ArrowRight", 1],
  ["PageUp", 10],
  ["PageDown", -10],
  ["Home", -Infinity],
  ["End", Infinity],
]);

function keyAction(
  key: string,
  { drawing, cursorTimeS, span }: { drawing: Drawing; cursorTimeS: number | null; span: Span },
): KeyAction | null {
  const { timesS } = drawing;
  const lastIndex = timesS.length - 1;
  const step = steps.get(key);
  if (step !== undefined) {
    const current = cursorTimeS === null ? null : nearestIndex(timesS, cursorTimeS);
    const index = Math.min(
      lastIndex,
      Math.max(0, (current ?? lastIndex + (step < 0 ? 1 : 0)) + step),
    );
    return { moveToS: timesS[index] ?? null };
  }
  if (key === "+" || key === "=") {
    return { zoomTo: zoomIn(span, cursorTimeS ?? (span.fromS + span.toS) / 2) };
  }
  if (key === "-") return { undo: true };
  return key === "Escape" ? { moveToS: null } : null;
}

interface PlotProps extends Pick<ChartProps, "drawing" | "span" | "onZoom"> {
  width: number;
}

/** The canvas; made anew for another structure of lines, else given the new data. */
function Plot({ drawing, span, width, onZoom }: PlotProps) {
  const times = useTimes();
  const cursor = useCursor();
  const scheme = useComputedColorScheme("light");
  const frame = useRef<HTMLDivElement>(null);
  const [plot, setPlot] = useState<UPlot | null>(null);
  const latest = useRef({ drawing, span, width });
  useLayoutEffect(() => {
    latest.current = { drawing, span, width };
  }, [drawing, span, width]);
  const zoom = useEffectEvent(onZoom);

  useEffect(() => {
    const target = frame.current;
    if (target === null) return undefined;
    const leaving = new AbortController();
    const make = async () => {
      const PlotClass = await loadPlot();
      if (leaving.signal.aborted) return;
      const options = toPlotOptions({
        drawing: latest.current.drawing,
        palette: palettes[scheme],
        times,
        width: latest.current.width,
        view: () => latest.current,
        onCursor: (timeS) => cursor.moveTo(timeS),
        onZoom: zoom,
      });
      const made = new PlotClass(options, toPlotData(latest.current.drawing), target);
      leaving.signal.addEventListener("abort", () => made.destroy());
      setPlot(made);
    };
    void make();
    return () => {
      leaving.abort();
      setPlot(null);
    };
  }, [scheme, times, cursor]);

  useEffect(() => plot?.setSize({ width, height: plotHeight }), [plot, width]);

  const { fromS, toS } = span;
  useEffect(() => {
    if (plot === null) return;
    plot.batch(() => {
      plot.setData(toPlotData(drawing), false);
      plot.setScale("x", { min: fromS, max: toS });
    });
    pointAt(plot, cursor.timeS);
  }, [plot, drawing, fromS, toS, cursor]);

  useEffect(
    () => (plot === null ? undefined : cursor.onMove(() => pointAt(plot, cursor.timeS))),
    [plot, cursor],
  );
  return <div ref={frame} />;
}
