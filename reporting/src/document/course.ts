// When a resource is used: its busiest hour, and the hours of its days.
import { heatMapChart } from "../charts/heat-map.ts";
import { formatLocalRange, formatRange, formatValue, lowerFirst } from "../format.ts";
import type { Measure } from "../statistics/dataset.ts";
import { busiestHour, hoursOf, toDays } from "../statistics/hours.ts";
import { utc } from "../time-zone.ts";
import { figure, type Context } from "./context.ts";
import type { Block } from "./model.ts";
import { texts } from "../texts/english.ts";

const hourS = 3600;
/** Of fewer hours than two, none is the busiest; the load profile says so. */
const leastForBusiestS = 2 * hourS;
/** Of less than a day, a row of hours says nothing that the chart over time does not. */
const leastForHeatMapS = 24 * hourS;

export interface CourseOptions {
  measure: Measure;
  /** For the title, such as "CPU busy". */
  title: string;
  /** Part of the chart's id. */
  id: string;
  /** Value of the last colour; 100 for shares of a whole. */
  high?: number;
}

/** A sentence on the busiest hour, from two hours on, and, where the data carries the daily course, a heat map of hours by days. */
export function courseBlocks(context: Context, options: CourseOptions): Block[] {
  const { dataset, grade, zone } = context;
  const { measure, title } = options;
  const { lengthS } = dataset.timing;
  if (lengthS < leastForBusiestS) return [];
  const hours = hoursOf(dataset.minutes(measure), { timing: dataset.timing, zone });
  const hour = busiestHour(hours);
  if (hour === null) {
    return [paragraph(texts.course.noHour(title))];
  }
  const endS = hour.startS + hourS;
  const local = zone === utc ? "" : ` (${formatLocalRange(hour.startS, endS, zone)})`;
  const when = `${formatRange(hour.startS, endS)}${local}`;
  const sentence = texts.course.busiest(
    when,
    lowerFirst(title),
    formatValue(hour.mean, measure.unit),
  );
  // Why there is no heat map stands once, under what the data does not support.
  if (lengthS < leastForHeatMapS || grade.forbids.dailyProfile !== null) {
    return [paragraph(sentence)];
  }
  return [paragraph(sentence), heatMap(context, options, toDays(hours, zone))];
}

function heatMap(
  context: Context,
  { measure, title, id, high }: CourseOptions,
  days: ReturnType<typeof toDays>,
): Block {
  const { zone } = context;
  return {
    ...figure(context, {
      id: `chart-hours-${id}`,
      title: texts.course.title(title),
      measures: [measure],
      draw: (text) =>
        heatMapChart({
          ...text,
          unit: measure.unit,
          days,
          zoneText: zone.name,
          ...(high === undefined ? {} : { high }),
        }),
    }),
    note: texts.course.note(zone.name),
  };
}

function paragraph(text: string): Block {
  return { kind: "paragraph", text };
}
