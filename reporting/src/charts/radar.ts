import { svg, trusted, type Markup } from "../markup.ts";
import { dashArrays, picture, type Chart, type ChartText } from "./frame.ts";
import { lookOf } from "./overlay.ts";
import { paint } from "./palette.ts";

export interface RadarOptions extends ChartText {
  /** Three or more, clockwise from the top. */
  axes: readonly string[];
  /** Percent of what the axis ends at (0–100), by axis; NaN where it was not measured. */
  series: readonly { label: string; percents: readonly number[] }[];
}

const radius = 108;
const centerY = 150;
const height = 300;
const rings = [25, 50, 75, 100];

/**
 * How hard several resources of one or more machines are used: the further out, the harder. What was not measured breaks the
 * line. Throws a RangeError for fewer than three axes.
 */
export function radarChart(options: RadarOptions): Chart {
  const { axes, series } = options;
  if (axes.length < 3) throw new RangeError(`Cannot draw a radar of ${axes.length} axes`);
  const count = axes.length;
  const web = rings.map((ring) => {
    const corners = axes.map((_, index) => point(index, count, ring).join(" "));
    return svg`<path d="M${corners.join("L")}z"/>`;
  });
  const spokes = axes.map((_, index) => {
    const [x, y] = point(index, count, 100);
    return svg`<line x2="${x}" y2="${y}"/>`;
  });
  const drawn = series.map(({ label, percents }, index) =>
    renderSeries(percents, { label, index, count }),
  );
  const scale = rings.map((ring) => {
    const [, y] = point(0, count, ring);
    return svg`<text x="4" y="${y + 11}" class="halo">${ring} %</text>`;
  });
  const names = axes.map((name, index) => renderName(name, index, count));
  const content = svg`<svg x="50%" y="${centerY}" overflow="visible"><g fill="none" stroke="${paint("grid")}">${web}${spokes}</g>${drawn.toReversed()}<g fill="${paint("label")}" font-size="10">${scale}</g><g fill="${paint("label")}">${names}</g></svg>`;
  return {
    svg: picture(options, { height, content }),
    legend: series.map(({ label }, index) => ({
      label,
      ...lookOf(index),
      shape: "line",
      marks: label,
    })),
  };
}

/** Whole pixels from the centre; values beyond 100 lie on the edge. */
function point(index: number, count: number, percents: number): [x: number, y: number] {
  const angle = (2 * Math.PI * index) / count - Math.PI / 2;
  const length = (radius * Math.min(100, Math.max(0, percents))) / 100;
  const round = (value: number): number => Math.round(10 * value) / 10;
  return [round(length * Math.cos(angle)), round(length * Math.sin(angle))];
}

function renderSeries(
  percents: readonly number[],
  { label, index, count }: { label: string; index: number; count: number },
): Markup {
  const { color, dash } = lookOf(index);
  const isWhole = percents.every((value) => !Number.isNaN(value));
  let path = "";
  const dots: Markup[] = [];
  for (const [axis, value] of percents.entries()) {
    if (Number.isNaN(value)) continue;
    const [x, y] = point(axis, count, value);
    const follows = axis > 0 && !Number.isNaN(percents[axis - 1]);
    path += `${follows ? "L" : "M"}${x} ${y}`;
    dots.push(svg`<circle cx="${x}" cy="${y}" r="3" fill="${paint(color)}"/>`);
  }
  // The last joins the first where both are there.
  const [first = NaN, last = NaN] = [percents[0], percents[count - 1]];
  if (isWhole) path += "z";
  else if (!Number.isNaN(first) && !Number.isNaN(last)) {
    const [end, start] = [point(count - 1, count, last), point(0, count, first)];
    path += `M${end.join(" ")}L${start.join(" ")}`;
  }
  const dashes = dashArrays[dash];
  // Made of digits above.
  return svg`<g data-shape="line" data-label="${label}"><path d="${trusted(path)}" fill="${isWhole ? paint(color) : "none"}" fill-opacity="0.1" stroke="${paint(color)}" stroke-width="2" stroke-linejoin="round"${dashes === null ? null : svg` stroke-dasharray="${dashes}"`}/>${dots}</g>`;
}

/** Beside the outer end of the axis, in as many lines as the name has words. */
function renderName(name: string, index: number, count: number): Markup {
  const [x, y] = point(index, count, 100);
  const anchor = Math.abs(x) < 8 ? "middle" : x > 0 ? "start" : "end";
  const lines = name.split(" ");
  const lineHeight = 14;
  const first =
    y < -radius + 8
      ? y - 8 - lineHeight * (lines.length - 1)
      : y > radius - 8
        ? y + 16
        : y + 4 - (lineHeight * (lines.length - 1)) / 2;
  const at = x + Math.sign(Math.round(x / 8)) * 8;
  return svg`<text text-anchor="${anchor}">${lines.map((line, number) => svg`<tspan x="${at}" y="${first + lineHeight * number}">${line}</tspan>`)}</text>`;
}
