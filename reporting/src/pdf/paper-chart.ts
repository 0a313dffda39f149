// Charts for paper: the page's own SVG, made to suit a renderer without style sheets. Colours and width are settled here, and
// so is what a browser does to the lines of stretched marks (`vector-effect`).
import { plotPadding, type Chart } from "../charts/frame.ts";

/** In pixels: as wide as the text of a page. On A4 a text of 12 pixels then has 8 points. */
export const fullWidth = 700;
/** Narrower charts have only every other or third tick, as on a narrow screen. */
const roomForAllTicks = 540;
const [, right = 0, , left = 0] = plotPadding.split(" ").map((side) => Number.parseFloat(side));
/** Whole steps of a path in a pixel: enough that rounding does not show. */
const stepsPerPixel = 4;

const stretchedMarks =
  /<svg class="marks" y="(\d+)" width="100%" height="(\d+)" viewBox="([-.\d ]+)" preserveAspectRatio="none"[^>]*>([^]*?)<\/svg>/g;
const minorTick = /<g class="minor"[^>]*>.*?<\/g>/gs;
const halo = 'paint-order="stroke" stroke="#fff" stroke-width="4" stroke-linejoin="round"';

/**
 * The chart as an SVG that stands alone, its texts in `fontFamily`. All that is replaced stands in double quotes, which a text
 * from the data never holds (markup.ts). Throws a RangeError where the chart does not say its height.
 */
export function toPaper(
  { svg }: Pick<Chart, "svg">,
  { fontFamily, width = fullWidth }: { fontFamily: string; width?: number },
): string {
  const chart = svg.toString();
  const plotWidth = width - left - right;
  const height = /^<svg [^>]*?\bheight="(\d+)"/.exec(chart)?.[1];
  if (height === undefined) throw new RangeError(`Cannot print a chart: it has no height`);
  const drawn = chart
    .replaceAll(/="var\(--[a-z0-9]+,(#[0-9a-f]{3,8})\)"/g, '="$1"')
    .replaceAll('font-family="system-ui,sans-serif"', () => `font-family="${fontFamily}"`)
    .replaceAll('class="halo"', halo)
    .replaceAll(
      stretchedMarks,
      (_, top: string, plotHeight: string, viewBox: string, marks: string) =>
        unstretch({ top, plotWidth, plotHeight: Number(plotHeight), viewBox }, marks),
    )
    .replaceAll(minorTick, (tick) => (width < roomForAllTicks ? "" : tick));
  return `<svg xmlns="http://www.w3.org/2000/svg" width="${width}" height="${height}"><svg x="${left}" width="${plotWidth}" height="${height}" overflow="visible">${drawn.replace("<svg ", '<svg overflow="visible" ')}</svg></svg>`;
}

function unstretch(
  {
    top,
    plotWidth,
    plotHeight,
    viewBox,
  }: { top: string; plotWidth: number; plotHeight: number; viewBox: string },
  marks: string,
): string {
  const [x0 = 0, y0 = 0, unitsX = NaN, unitsY = NaN] = viewBox.split(" ").map(Number);
  const [stepsX, stepsY] = [stepsPerPixel * plotWidth, stepsPerPixel * plotHeight];
  const toX = (x: number): number => Math.round(((x - x0) * stepsX) / unitsX);
  const toY = (y: number): number => Math.round(((y - y0) * stepsY) / unitsY);
  const inSteps = (pixels: string): number => Number(pixels) * stepsPerPixel;
  const scaled = marks
    .replaceAll(/ stroke="#fff" vector-effect/g, ' stroke="#fff" stroke-width="1" vector-effect')
    .replaceAll(/ stroke-(width|dasharray)="([. \d]+)"/g, (_, name: string, lengths: string) => {
      return ` stroke-${name}="${lengths.split(" ").map(inSteps).join(" ")}"`;
    })
    .replaceAll(/ d="([^"]*)"/g, (_, path: string) => ` d="${movePoints(path, toX, toY)}"`);
  return `<svg y="${top}" width="${plotWidth}" height="${plotHeight}" viewBox="0 0 ${stepsX} ${stepsY}">${scaled}</svg>`;
}

type Place = (position: number) => number;

/**
 * A path of straight lines with its points where `toX` and `toY` say. Places are rounded first and differences taken after, so
 * that errors do not add up along the path. Throws a RangeError for commands of curves.
 */
function movePoints(path: string, toX: Place, toY: Place): string {
  let moved = "";
  let command = "";
  let isRelative = false;
  let isAcross = true;
  let [x, y, placedX, placedY] = [0, 0, 0, 0];
  let index = 0;
  while (index < path.length) {
    const code = path.charCodeAt(index);
    if (code === blank) {
      index++;
    } else if (code > nine) {
      command = path.charAt(index++);
      if (!/[mlhvz]/i.test(command))
        throw new RangeError(`Cannot print a path with the command "${command}"`);
      moved += command;
      isRelative = command === command.toLowerCase();
      isAcross = command !== "v" && command !== "V";
    } else {
      let end = index + 1;
      while (end < path.length && isInNumber(path.charCodeAt(end))) end++;
      const value = Number(path.slice(index, end));
      const before = isAcross ? placedX : placedY;
      if (isAcross) placedX = toX((x = isRelative ? x + value : value));
      else placedY = toY((y = isRelative ? y + value : value));
      const step = (isAcross ? placedX : placedY) - (isRelative ? before : 0);
      // A minus sign parts numbers as well as a blank does.
      moved += index > 0 && path.charCodeAt(index - 1) <= nine && step >= 0 ? ` ${step}` : step;
      if (/[ml]/i.test(command)) isAcross = !isAcross;
      index = end;
    }
  }
  return moved;
}

const [blank, point, zero, nine] = [0x20, 0x2e, 0x30, 0x39];

function isInNumber(code: number): boolean {
  return (code >= zero && code <= nine) || code === point;
}
